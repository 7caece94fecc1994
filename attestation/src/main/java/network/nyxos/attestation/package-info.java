/**
 * TEE evidence: parse it, verify it, judge it under a policy, and say every step of the judgement.
 *
 * <p>Pure: nothing here opens a file or a socket or reads the clock. Time and collateral are arguments.
 *
 * <p>What a piece of evidence meets, in order:
 * <ol>
 *   <li>{@link network.nyxos.attestation.Evidence}: what kind of evidence it is, and with which collateral it came;</li>
 *   <li>{@link network.nyxos.attestation.tdx.Quote}: the strict parser;</li>
 *   <li>{@link network.nyxos.attestation.pki.CertificateChain}, {@link network.nyxos.attestation.pki.TrustAnchor}: who signed;</li>
 *   <li>{@link network.nyxos.attestation.collateral.CollateralSet}: what the maker says about that platform today;</li>
 *   <li>{@link network.nyxos.attestation.tdx.TdxVerifier}: all checks, under a {@link network.nyxos.attestation.policy.Policy};</li>
 *   <li>{@link network.nyxos.attestation.verdict.Verdict}: the answer, as a value.</li>
 * </ol>
 */
package network.nyxos.attestation;
