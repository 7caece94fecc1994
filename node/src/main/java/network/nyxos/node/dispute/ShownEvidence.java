package network.nyxos.node.dispute;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.ConfirmedTransaction;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.registry.Evidence;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.escrow.program.registry.RegistryInstruction;
import software.sava.core.accounts.PublicKey;

/** What an accuser has written down, also when it took that away at once: then it is what its transactions wrote. */
final class ShownEvidence {
    private final SolanaRpc rpc;
    private final Programs programs;

    ShownEvidence(SolanaRpc rpc, Programs programs) {
        this.rpc = rpc;
        this.programs = programs;
    }

    /** What the account holds now; empty where there is none. */
    Optional<byte[]> standing(PublicKey evidence) {
        return rpc.account(evidence, Commitment.CONFIRMED).filter(account -> account.owner().equals(programs.registry())).map(account -> Evidence.decode(account.data()).bytes());
    }

    /** What the account held when ids were shown; empty where the chain's node has not kept the transactions. */
    Optional<byte[]> whenIdsWereShown(PublicKey evidence) {
        byte[] held = new byte[0];
        Optional<byte[]> shown = Optional.empty();
        for (Signature signature : History.of(rpc, evidence, Optional.empty())) {
            Optional<ConfirmedTransaction> transaction = rpc.transaction(signature, Commitment.CONFIRMED);
            if (transaction.isEmpty() || transaction.get().error().isPresent()) {
                continue;
            }
            for (RegistryInstruction instruction : calls(transaction.get(), evidence)) {
                switch (instruction) {
                    case RegistryInstruction.WriteEvidence written -> {
                        int end = Math.toIntExact(written.offset() + written.bytes().length);
                        held = Arrays.copyOf(held, Math.max(held.length, end));
                        System.arraycopy(written.bytes(), 0, held, (int) written.offset(), written.bytes().length);
                    }
                    case RegistryInstruction.CloseEvidence _ -> held = new byte[0];
                    case RegistryInstruction.ShowIds _ -> shown = Optional.of(held);
                    default -> { }
                }
            }
        }
        return shown;
    }

    /** The registry's instructions about this evidence, in the order in which they ran. */
    private List<RegistryInstruction> calls(ConfirmedTransaction transaction, PublicKey evidence) {
        // An event that the program told itself is no instruction.
        return History.ran(transaction, programs.registry()).stream().filter(instruction -> instruction.accounts().contains(evidence))
                .filter(instruction -> RegistryEvent.decode(instruction.data()).isEmpty()).map(instruction -> RegistryInstruction.decode(instruction.data())).toList();
    }
}
