package network.nyxos.node.dispute;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.ChainInstruction;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.ConfirmedTransaction;
import network.nyxos.chain.SignatureInfo;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Signature;
import software.sava.core.accounts.PublicKey;

/** Transactions of an address. */
final class History {
    private static final int PAGE = 1_000;

    private History() {
    }

    /** Those after one, the oldest first. */
    static List<Signature> of(SolanaRpc rpc, PublicKey address, Optional<Signature> after) {
        List<Signature> all = new ArrayList<>();
        Optional<Signature> before = Optional.empty();
        while (true) {
            List<SignatureInfo> page = rpc.signaturesFor(address, before, after, PAGE, Commitment.CONFIRMED);
            page.forEach(info -> all.add(info.signature()));
            if (page.size() < PAGE) {
                return all.reversed();
            }
            before = Optional.of(page.getLast().signature());
        }
    }

    /** A program's instructions in the order in which they ran; another program may have called them. */
    static List<ChainInstruction> ran(ConfirmedTransaction transaction, PublicKey program) {
        List<ChainInstruction> ran = new ArrayList<>();
        for (int i = 0; i < transaction.instructions().size(); i++) {
            ran.add(transaction.instructions().get(i));
            if (i < transaction.inner().size()) {
                ran.addAll(transaction.inner().get(i));
            }
        }
        ran.removeIf(instruction -> !instruction.program().equals(program));
        return ran;
    }
}
