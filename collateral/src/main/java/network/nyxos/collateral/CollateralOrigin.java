package network.nyxos.collateral;

import java.time.Instant;

/// A maker's service.
interface CollateralOrigin<P extends Platform> {
    /// Fetches what is current.
    ///
    /// @throws CollateralException `collateral_unknown`, `collateral_unavailable`
    Fetched fetch(P platform, Instant now);
}
