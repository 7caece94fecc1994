package network.nyxos.gateway.chain;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.LatestBlockhash;
import network.nyxos.chain.SolanaRpc;

/// A recent blockhash for challenges, so that a client need not ask for one and a challenge costs no question to the chain.
public final class BlockhashCache {
    /// Older than this it is left out, and clients ask for their own.
    private static final Duration FRESH = Duration.ofSeconds(20);

    private record Seen(LatestBlockhash blockhash, Instant at) {
    }

    private final SolanaRpc rpc;
    private final InstantSource clock;
    private volatile Optional<Seen> seen = Optional.empty();

    /// @param rpc   what is asked
    /// @param clock what tells the time
    public BlockhashCache(SolanaRpc rpc, InstantSource clock) {
        this.rpc = rpc;
        this.clock = clock;
    }

    /// Asks for a new one.
    public void refresh() {
        seen = Optional.of(new Seen(rpc.latestBlockhash(Commitment.CONFIRMED), clock.instant()));
    }

    /// The last one, while it is fresh.
    public Optional<LatestBlockhash> latest() {
        return seen.filter(each -> each.at.plus(FRESH).isAfter(clock.instant())).map(Seen::blockhash);
    }
}
