package network.nyxos.relayer.gate;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.RegisteredModel;
import software.sava.core.accounts.PublicKey;

/// Facts that may be a moment old: many jobs ask for the same node and the same escrow, and the chain is asked once. Whoever needs the newest state, as
/// settling does, asks the chain itself.
public final class BriefFacts implements ChainFacts {
    private static final int MAX_REMEMBERED = 10_000;

    private final ChainFacts chain;
    private final long lifetimeMs;
    private final InstantSource clock;
    private final ConcurrentMap<PublicKey, Remembered<Optional<NodeFacts>>> nodes = new ConcurrentHashMap<>();
    private final ConcurrentMap<PublicKey, Remembered<Optional<EscrowFacts>>> escrows = new ConcurrentHashMap<>();
    private final ConcurrentMap<Hash, Remembered<Optional<RegisteredModel>>> models = new ConcurrentHashMap<>();
    private volatile Remembered<Long> slot = new Remembered<>(0L, Long.MIN_VALUE);

    private record Remembered<T>(T value, long untilMs) {
    }

    /// @param lifetime how old a fact may be
    public BriefFacts(ChainFacts chain, Duration lifetime, InstantSource clock) {
        this.chain = chain;
        this.lifetimeMs = lifetime.toMillis();
        this.clock = clock;
    }

    private <K, T> T remember(ConcurrentMap<K, Remembered<T>> memory, K key, Function<K, T> ask) {
        Remembered<T> known = memory.get(key);
        if (known != null && clock.millis() < known.untilMs) {
            return known.value;
        }
        T value = ask.apply(key);
        if (memory.size() >= MAX_REMEMBERED) {
            memory.clear();
        }
        memory.put(key, new Remembered<>(value, clock.millis() + lifetimeMs));
        return value;
    }

    @Override
    public Optional<NodeFacts> node(PublicKey node) {
        return remember(nodes, node, chain::node);
    }

    @Override
    public List<PastKey> pastReceiptKeys(NodeFacts node) {
        return chain.pastReceiptKeys(node);
    }

    @Override
    public Optional<RegisteredModel> model(Hash model) {
        return remember(models, model, chain::model);
    }

    @Override
    public PaymentFacts payment(Signature transaction, PublicKey mint) {
        return chain.payment(transaction, mint);
    }

    @Override
    public Optional<EscrowFacts> escrow(PublicKey escrow) {
        return remember(escrows, escrow, chain::escrow);
    }

    @Override
    public long slot() {
        Remembered<Long> known = slot;
        if (clock.millis() < known.untilMs) {
            return known.value;
        }
        long now = chain.slot();
        slot = new Remembered<>(now, clock.millis() + lifetimeMs);
        return now;
    }

    @Override
    public long tip() {
        return chain.tip();
    }

    @Override
    public Optional<SlotHash> firstBlock(long fromSlot) {
        return chain.firstBlock(fromSlot);
    }
}
