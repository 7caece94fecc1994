/**
 * Tokens of NVIDIA's Remote Attestation Service: the second way in for GPU evidence, where the service and not this library compared the
 * measurements. What a token meets, in order: {@link network.nyxos.attestation.nras.DetachedToken} takes the bundle apart,
 * {@link network.nyxos.attestation.nras.JsonWebToken} each token, {@link network.nyxos.attestation.nras.JsonWebKeys} has the keys that the
 * caller trusts, {@link network.nyxos.attestation.nras.GpuClaims} judges what is said of one GPU, and
 * {@link network.nyxos.attestation.nras.NrasVerifier} all of it under an {@link network.nyxos.attestation.nras.NrasPolicy}.
 */
package network.nyxos.attestation.nras;
