/** What evidence must be to be accepted. */
package network.nyxos.attestation.policy;
