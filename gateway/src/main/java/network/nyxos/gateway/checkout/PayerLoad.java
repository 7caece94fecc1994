package network.nyxos.gateway.checkout;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import software.sava.core.accounts.PublicKey;

/// How many jobs each payer has under way, so that no payer takes every place. Counted by each gateway for itself: the nodes that the places belong to are its own.
/// Thread-safe.
public final class PayerLoad {
    private final int most;
    private final ConcurrentMap<PublicKey, Integer> underWay = new ConcurrentHashMap<>();

    /// @param most jobs of one payer, at least 1
    public PayerLoad(int most) {
        this.most = most;
    }

    /// The most jobs that a payer may have under way.
    public int most() {
        return most;
    }

    /// Payers that have something under way.
    public int payers() {
        return underWay.size();
    }

    /// Takes one more job on.
    ///
    /// @param payer the wallet that pays
    /// @return empty when it has as many as it may have
    public Optional<Share> take(PublicKey payer) {
        var taken = new AtomicBoolean();
        underWay.compute(payer, (_, count) -> {
            int before = count == null ? 0 : count;
            taken.set(before < most);
            return taken.get() ? before + 1 : before;
        });
        return taken.get() ? Optional.of(new Share(payer)) : Optional.empty();
    }

    /// One job of a payer. Given back by closing it, once, however often that is done.
    public final class Share implements AutoCloseable {
        private final PublicKey payer;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Share(PublicKey payer) {
            this.payer = payer;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                underWay.computeIfPresent(payer, (_, count) -> count == 1 ? null : count - 1);
            }
        }
    }
}
