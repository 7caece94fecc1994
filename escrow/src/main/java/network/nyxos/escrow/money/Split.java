package network.nyxos.escrow.money;

import network.nyxos.escrow.ProtocolException;

/// How a charge is divided. The three shares together are the charge, to the unit.
///
/// @param fee     the market's fee, to (treasury, kind treasury)
/// @param royalty the model author's, to (the model's payee, kind royalty)
/// @param net     the node's share, to (node key, kind node); the rounding remainders are the node's
public record Split(long fee, long royalty, long net) {
    /// The most a market may take, in hundredths of a percent.
    public static final int MAX_FEE_BPS = 2_000;
    /// The most a model's author may take, in hundredths of a percent.
    public static final int MAX_ROYALTY_BPS = 3_000;
    private static final int WHOLE = 10_000;

    /// Divides a charge: `fee = floor(charge · feeBps / 10 000)`, `royalty = floor(charge · royaltyBps / 10 000)`. Exact for every charge up to 2^63 − 1.
    ///
    /// @param charge     base units, 0 or more
    /// @param feeBps     hundredths of a percent, 0 to 2 000
    /// @param royaltyBps hundredths of a percent, 0 to 3 000
    /// @throws ProtocolException `charge_negative`, `fee_range` or `royalty_range`
    public static Split of(long charge, int feeBps, int royaltyBps) {
        if (charge < 0) {
            throw new ProtocolException("charge_negative", "a charge must be 0 or more, is " + charge);
        }
        if (feeBps < 0 || feeBps > MAX_FEE_BPS) {
            throw new ProtocolException("fee_range", "a fee must be 0 to " + MAX_FEE_BPS + " bps, is " + feeBps);
        }
        if (royaltyBps < 0 || royaltyBps > MAX_ROYALTY_BPS) {
            throw new ProtocolException("royalty_range", "a royalty must be 0 to " + MAX_ROYALTY_BPS + " bps, is " + royaltyBps);
        }
        long fee = share(charge, feeBps);
        long royalty = share(charge, royaltyBps);
        return new Split(fee, royalty, charge - fee - royalty);
    }

    /// Divided first, so that no product can overflow; the two floors add up to the floor of the whole because the first one is exact.
    private static long share(long charge, int bps) {
        return charge / WHOLE * bps + charge % WHOLE * bps / WHOLE;
    }
}
