/** Nyxos attestation. */
package network.nyxos.attestation;
