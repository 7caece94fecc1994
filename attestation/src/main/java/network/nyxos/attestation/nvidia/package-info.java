/**
 * NVIDIA GPU evidence of the Hopper and Blackwell generations. What a report meets, in order:
 * <ol>
 *   <li>{@link network.nyxos.attestation.nvidia.GpuEvidence}: the report, its certificates, the reference manifests and revocation lists;</li>
 *   <li>{@link network.nyxos.attestation.nvidia.GpuReport}: the strict parser of the SPDM exchange, {@link network.nyxos.attestation.nvidia.OpaqueData} of its opaque part;</li>
 *   <li>{@link network.nyxos.attestation.nvidia.DeviceIdentity}: which chip and which firmware the certificates speak of;</li>
 *   <li>{@link network.nyxos.attestation.nvidia.ReferenceManifest}: what NVIDIA says that driver and VBIOS must measure;</li>
 *   <li>{@link network.nyxos.attestation.nvidia.GpuVerifier}: all checks of one GPU, under a {@link network.nyxos.attestation.nvidia.GpuPolicy};</li>
 *   <li>{@link network.nyxos.attestation.nvidia.GpuNodeVerifier}: all GPUs of a node together, and their switches.</li>
 * </ol>
 */
package network.nyxos.attestation.nvidia;
