package network.nyxos.relayer.chain;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.escrow.program.escrow.SettledEntry;
import network.nyxos.relayer.gate.DirectJobs;
import network.nyxos.relayer.gate.EscrowFacts;
import software.sava.core.accounts.PublicKey;

/// Escrows that were left: their accounts are gone, what they were at the end is in the events of their lives.
final class ClosedEscrows {
    private static final int MAX_REMEMBERED = 10_000;

    private final ProgramEvents<EscrowEvent> events;
    private final DirectRecords records;
    // An address has one life, so what is closed stays as it is, once no record of a direct settlement can be voided any more.
    private final ConcurrentMap<PublicKey, EscrowFacts> closed = new ConcurrentHashMap<>();

    /// @param program the escrow program
    ClosedEscrows(SolanaRpc rpc, PublicKey program, DirectRecords records) {
        this.records = records;
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
        found.filter(facts -> facts.direct().jobs().isEmpty()).ifPresent(facts -> {
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
        Map<PublicKey, EscrowEvent.DirectSettled> direct = new HashMap<>();
        List<EscrowEvent> life = events.of(escrow).stream().map(ProgramEvents.At::event).toList();
        for (EscrowEvent event : life) {
            switch (event) {
                case EscrowEvent.EscrowOpened it when it.escrow().equals(escrow) -> {
                    opened = it;
                    deposited = Math.addExact(deposited, it.amount());
                    told = true;
                }
                case EscrowEvent.PrepaidOpened it when it.escrow().equals(escrow) -> {
                    opened = new EscrowEvent.EscrowOpened(it.escrow(), it.market(), it.payer(), it.mint(), it.sessionKey(), 0, 0, it.openSlot(), it.rentPayer(), 0, it.operator());
                    told = true;
                }
                case EscrowEvent.Deposited it when it.escrow().equals(escrow) -> {
                    deposited = Math.addExact(deposited, it.amount());
                    told = true;
                }
                case EscrowEvent.TransfersCounted it when it.escrow().equals(escrow) -> {
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
                // Records are closed when the escrow is gone; what they were is in its history for ever, and so is what came back. One that was voided and waits
                // to be returned stands itself.
                case EscrowEvent.DirectSettled it when it.escrow().equals(escrow) -> direct.put(it.direct(), it);
                case EscrowEvent.DirectReturned it when it.escrow().equals(escrow) -> direct.remove(it.direct());
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
            settled, settled, 0, opened.sessionExpires(), opened.sessionLimit(), directJobs(direct)));
    }

    private DirectJobs directJobs(Map<PublicKey, EscrowEvent.DirectSettled> kept) {
        long charged = kept.values().stream().mapToLong(EscrowEvent.DirectSettled::charge).reduce(0, Math::addExact);
        return new DirectJobs(charged, kept.values().stream().filter(it -> records.pays(it.direct()).orElse(true)).map(EscrowEvent.DirectSettled::job)
            .collect(Collectors.toUnmodifiableSet()));
    }
}
