package network.nyxos.relayer.chain;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.escrow.program.escrow.SettledEntry;
import network.nyxos.relayer.gate.EscrowFacts;
import software.sava.core.accounts.PublicKey;

/// Escrows that were left: their accounts are gone, what they were at the end is in the events of their lives.
final class ClosedEscrows {
    private static final int MAX_REMEMBERED = 10_000;

    private final ProgramEvents<EscrowEvent> events;
    // An address has one life, so what is closed stays as it is.
    private final ConcurrentMap<PublicKey, EscrowFacts> closed = new ConcurrentHashMap<>();

    /// @param program the escrow program
    ClosedEscrows(SolanaRpc rpc, PublicKey program) {
        this.events = new ProgramEvents<>(rpc, program, EscrowEvent::decode);
    }

    /// An escrow as it was left; empty when the node knows no transaction that told of it.
    ///
    /// @throws IllegalStateException when the node knows a part of its life only
    Optional<EscrowFacts> find(PublicKey escrow) {
        EscrowFacts known = closed.get(escrow);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<EscrowFacts> found = read(escrow);
        found.ifPresent(facts -> {
            if (closed.size() >= MAX_REMEMBERED) {
                closed.clear();
            }
            closed.put(escrow, facts);
        });
        return found;
    }

    private Optional<EscrowFacts> read(PublicKey escrow) {
        EscrowEvent.EscrowOpened opened = null;
        EscrowEvent.EscrowExited exited = null;
        long deposited = 0;
        long settled = 0;
        boolean told = false;
        List<EscrowEvent> life = events.of(escrow).stream().map(ProgramEvents.At::event).toList();
        for (EscrowEvent event : life) {
            switch (event) {
                case EscrowEvent.EscrowOpened it when it.escrow().equals(escrow) -> {
                    opened = it;
                    deposited = Math.addExact(deposited, it.amount());
                    told = true;
                }
                case EscrowEvent.Deposited it when it.escrow().equals(escrow) -> {
                    deposited = Math.addExact(deposited, it.amount());
                    told = true;
                }
                case EscrowEvent.EscrowExited it when it.escrow().equals(escrow) -> {
                    exited = it;
                    told = true;
                }
                case EscrowEvent.VouchersSettled it -> {
                    for (SettledEntry entry : it.entries()) {
                        // Of an entry that was skipped the amount is 0.
                        settled = Math.addExact(settled, entry.escrow().equals(escrow) ? entry.amount() : 0);
                    }
                }
                default -> { }
            }
        }
        if (!told) {
            return Optional.empty();
        }
        if (opened == null || exited == null) {
            throw new IllegalStateException("the node knows a part of what happened to escrow " + escrow + " only; ask one that keeps all transactions");
        }
        return Optional.of(new EscrowFacts(opened.market(), opened.payer(), opened.mint(), opened.sessionKey(), opened.operator(), EscrowFacts.State.CLOSED, deposited,
            settled, settled, 0, opened.sessionExpires(), opened.sessionLimit()));
    }
}
