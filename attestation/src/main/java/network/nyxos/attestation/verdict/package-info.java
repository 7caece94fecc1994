/** The answer of a verification, as a value that prints and serialises. */
package network.nyxos.attestation.verdict;
