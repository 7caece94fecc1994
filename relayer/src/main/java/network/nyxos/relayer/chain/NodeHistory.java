package network.nyxos.relayer.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.relayer.gate.NodeFacts;
import network.nyxos.relayer.gate.PastKey;
import software.sava.core.accounts.PublicKey;

/// Which receipt keys nodes had, from the events of their accounts. Read once for each key that a node gets: what was before it does not change any more.
final class NodeHistory {
    private static final int MAX_REMEMBERED = 1_000;
    private static final long MS = 1_000;

    private final ProgramEvents<RegistryEvent> events;
    private final Map<PublicKey, Known> known = new ConcurrentHashMap<>();

    private record Known(PublicKey now, List<PastKey> past) {
    }

    /// @param program the registry program
    NodeHistory(SolanaRpc rpc, PublicKey program) {
        this.events = new ProgramEvents<>(rpc, program, RegistryEvent::decode);
    }

    /// The keys that a node had before the one it has, the newest first. Those of an earlier registration, which was closed, are not among them.
    ///
    /// @param account the node's account
    /// @throws IllegalStateException when the node's events do not lead to what its account says
    List<PastKey> before(NodeFacts node, PublicKey account) {
        Known found = known.get(account);
        if (found != null && found.now().equals(node.receiptKey())) {
            return found.past();
        }
        var past = new ArrayList<PastKey>();
        PublicKey now = PublicKey.NONE;
        for (ProgramEvents.At<RegistryEvent> told : events.of(account)) {
            switch (told.event()) {
                case RegistryEvent.NodeRegistered it when it.node().equals(account) -> {
                    past.clear();
                    now = it.receiptKey();
                }
                case RegistryEvent.NodeUpdated it when it.node().equals(account) -> {
                    if (!it.receiptKey().equals(now)) {
                        past.addFirst(new PastKey(now, ended(told.time())));
                        now = it.receiptKey();
                    }
                }
                default -> { }
            }
        }
        if (!now.equals(node.receiptKey())) {
            throw new IllegalStateException("the events of node " + node.node() + " lead to receipt key " + now + ", its account has " + node.receiptKey());
        }
        if (known.size() >= MAX_REMEMBERED) {
            known.clear();
        }
        known.put(account, new Known(now, List.copyOf(past)));
        return List.copyOf(past);
    }

    /// A key whose end the chain's node cannot tell counts for nothing.
    private static long ended(OptionalLong time) {
        return time.isPresent() ? Math.multiplyExact(time.getAsLong(), MS) : Long.MIN_VALUE / 2;
    }
}
