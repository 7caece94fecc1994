/// The attestation records of confidential nodes: what evidence the relayer took is put before the verifiers, and their word is written into the registry
/// (docs/protocol.md §2, `record_attestation`), where everybody sees it and where it lapses by itself.
package network.nyxos.relayer.attest;
