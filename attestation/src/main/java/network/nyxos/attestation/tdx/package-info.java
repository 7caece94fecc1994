/** Intel TDX quotes: layout, and the verification of them. */
package network.nyxos.attestation.tdx;
