/** How keys are bound to a TEE: what its report data must be. */
package network.nyxos.attestation.binding;
