/// What verifiers need beside the evidence itself, fetched from the makers' services and kept: {@link network.nyxos.collateral.CollateralCache}.
/// The attestation library judges and fetches nothing; this fetches and judges nothing. In the order that a question meets them: {@link CollateralCache},
/// {@link network.nyxos.collateral.Platform}, {@link network.nyxos.collateral.CollateralStore}, {@link network.nyxos.collateral.CollateralOrigin} with
/// {@link network.nyxos.collateral.PccsOrigin} and {@link network.nyxos.collateral.KdsOrigin}.
package network.nyxos.collateral;
