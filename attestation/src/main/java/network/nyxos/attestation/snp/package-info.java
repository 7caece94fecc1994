/**
 * AMD SEV-SNP. Evidence meets, in this order: {@link network.nyxos.attestation.snp.AttestationReport} (layout),
 * {@link network.nyxos.attestation.snp.Endorsements} (certificates), {@link network.nyxos.attestation.snp.EndorsementKey} (what the key's
 * certificate says), {@link network.nyxos.attestation.snp.SnpVerifier} (every {@link network.nyxos.attestation.snp.SnpCheck}).
 */
package network.nyxos.attestation.snp;
