/** What verifying evidence costs. */
package network.nyxos.bench.attestation;
