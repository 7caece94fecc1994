/** Certificates, revocation lists and signatures: P-256 throughout, chains of a known length to a pinned root. */
package network.nyxos.attestation.pki;
