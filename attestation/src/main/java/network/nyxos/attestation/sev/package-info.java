/** The terms of AMD's platform: products, TCB versions, bits of the guest policy and of the platform. Used by reports and by policies. */
package network.nyxos.attestation.sev;
