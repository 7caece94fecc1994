/** What verifying a TDX quote costs. */
package network.nyxos.bench.attestation;
