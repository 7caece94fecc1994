package network.nyxos.node.dispute;

import java.util.Optional;
import network.nyxos.chain.ChainInstruction;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.ConfirmedTransaction;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.registry.Dispute;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.escrow.program.registry.RegistryInstruction;
import network.nyxos.node.engine.dispute.DisputeState;
import software.sava.core.accounts.PublicKey;

/** What has happened in a dispute, read from the transactions that touched its account: its account alone has forgotten what was answered before. */
final class DisputeCourse {
    /** Who follows it. */
    interface Follower {
        /** It began; what was told of an earlier one about the same receipt is over. */
        void opened();

        /** The node answered. @param before where the dispute stood then */
        void answered(DisputeState before, byte[] answer);

        /** It is over. */
        void ended(RegistryEvent.DisputeEnded end);
    }

    private final SolanaRpc rpc;
    private final Programs programs;
    private final PublicKey dispute;
    private Optional<Signature> read = Optional.empty();
    private Optional<DisputeState> standing = Optional.empty();
    private long deadlineSlot;

    DisputeCourse(SolanaRpc rpc, Programs programs, PublicKey dispute) {
        this.rpc = rpc;
        this.programs = programs;
        this.dispute = dispute;
    }

    /** Tells what has happened since the last call. */
    void read(Follower follower) {
        for (Signature signature : History.of(rpc, dispute, read)) {
            // What is named must be there: a node that is behind is asked again later.
            Optional<ConfirmedTransaction> transaction = rpc.transaction(signature, Commitment.CONFIRMED);
            if (transaction.isEmpty()) {
                return;
            }
            if (transaction.get().error().isEmpty()) {
                History.ran(transaction.get(), programs.registry()).forEach(instruction -> tell(instruction, follower));
            }
            read = Optional.of(signature);
        }
    }

    /** Whether what was told leads up to how the account stands: the chain's node may give accounts sooner than transactions. */
    boolean leadsTo(Dispute account) {
        DisputeState now = DisputeState.of(account);
        return deadlineSlot == account.deadlineSlot() && standing.map(state -> state.phase() == now.phase() && state.first() == now.first() && state.count() == now.count())
                .orElse(now.phase() == DisputeState.Phase.MODEL);
    }

    private void tell(ChainInstruction instruction, Follower follower) {
        Optional<RegistryEvent> event = RegistryEvent.decode(instruction.data());
        if (event.isPresent()) {
            switch (event.get()) {
                case RegistryEvent.DisputeOpened opened when opened.dispute().equals(dispute) -> {
                    standing = Optional.empty();
                    deadlineSlot = opened.deadlineSlot();
                    follower.opened();
                }
                case RegistryEvent.DisputeMoved moved when moved.dispute().equals(dispute) -> {
                    standing = Optional.of(DisputeState.of(moved));
                    deadlineSlot = moved.deadlineSlot();
                }
                case RegistryEvent.DisputeEnded ended when ended.dispute().equals(dispute) -> follower.ended(ended);
                default -> { }
            }
        } else if (instruction.accounts().contains(dispute) && RegistryInstruction.decode(instruction.data()) instanceof RegistryInstruction.Answer answer) {
            follower.answered(standing.orElseThrow(() -> new IllegalStateException("the course of dispute " + dispute + " has no beginning")), answer.bytes());
        }
    }
}
