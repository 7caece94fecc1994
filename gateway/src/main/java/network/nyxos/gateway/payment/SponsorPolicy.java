package network.nyxos.gateway.payment;

/// What the sponsor of `exact` transactions is ready to pay for each.
///
/// @param maxLamports     all fees of one transaction; two signatures cost 10 000
/// @param maxComputeUnits the highest compute unit limit, at most 400 000 as x402's specification has it
public record SponsorPolicy(long maxLamports, int maxComputeUnits) {
    /// What one signature costs.
    public static final long LAMPORTS_PER_SIGNATURE = 5_000;
    /// The highest compute unit price in millionths of a lamport, as x402's specification has it.
    public static final long MAX_MICRO_LAMPORTS = 5_000_000;
    /// Signatures of a payment: the payer's and the sponsor's.
    public static final int SIGNATURES = 2;
    /// Two signatures, and a tenth of that for priority.
    public static final SponsorPolicy DEFAULT = new SponsorPolicy(11_000, 400_000);
    private static final long MICRO = 1_000_000;

    /// Checks the ranges.
    public SponsorPolicy {
        if (maxLamports < SIGNATURES * LAMPORTS_PER_SIGNATURE) {
            throw new IllegalArgumentException("the sponsor's budget is " + maxLamports + " lamports; two signatures alone cost 10000");
        }
        if (maxComputeUnits < 1 || maxComputeUnits > 400_000) {
            throw new IllegalArgumentException("the compute unit limit must be 1 to 400000, is " + maxComputeUnits);
        }
    }

    /// What a transaction with these settings costs the sponsor.
    ///
    /// @param units         its compute unit limit, at most 400 000
    /// @param microLamports its price a unit, at most {@value #MAX_MICRO_LAMPORTS}
    public static long lamports(long units, long microLamports) {
        return SIGNATURES * LAMPORTS_PER_SIGNATURE + Math.ceilDiv(Math.multiplyExact(units, microLamports), MICRO);
    }

    /// What is left for priority.
    public long maxPriorityLamports() {
        return maxLamports - SIGNATURES * LAMPORTS_PER_SIGNATURE;
    }
}
