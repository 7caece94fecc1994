/** What a maker publishes about its platforms: TCB levels, enclave identities, revocation; signed, dated, numbered. */
package network.nyxos.attestation.collateral;
