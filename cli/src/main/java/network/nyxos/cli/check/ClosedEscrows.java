package network.nyxos.cli.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.ChainInstruction;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SignatureInfo;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.escrow.EscrowInstruction;
import network.nyxos.relayer.gate.EscrowFacts;
import software.sava.core.accounts.PublicKey;

/** Escrows that were left: their account is gone, but the transaction that opened them is on chain for ever. */
final class ClosedEscrows {

    private static final int PAGE = 1_000;
    private static final int PAYER = 1;
    private static final int MARKET = 2;
    private static final int ESCROW = 4;
    private static final int MINT = 6;

    private final SolanaRpc rpc;
    private final PublicKey program;

    /** @param program the escrow program */
    ClosedEscrows(SolanaRpc rpc, PublicKey program) {
        this.rpc = rpc;
        this.program = program;
    }

    /** The escrow as its opening says; empty when the node knows of none. What was deposited and settled since is not told. */
    Optional<EscrowFacts> find(PublicKey escrow) {
        List<SignatureInfo> touched = signatures(escrow);
        // The opening is the oldest that succeeded.
        return touched.reversed().stream().filter(info -> info.error().isEmpty()).map(info -> rpc.transaction(info.signature(), Commitment.CONFIRMED))
                .flatMap(Optional::stream).flatMap(transaction -> transaction.instructions().stream()).map(instruction -> opening(instruction, escrow))
                .flatMap(Optional::stream).findFirst();
    }

    private List<SignatureInfo> signatures(PublicKey escrow) {
        var all = new ArrayList<SignatureInfo>();
        Optional<Signature> before = Optional.empty();
        while (true) {
            List<SignatureInfo> page = rpc.signaturesFor(escrow, before, Optional.empty(), PAGE, Commitment.CONFIRMED);
            all.addAll(page);
            if (page.size() < PAGE) {
                return all;
            }
            before = Optional.of(page.getLast().signature());
        }
    }

    private Optional<EscrowFacts> opening(ChainInstruction instruction, PublicKey escrow) {
        if (!instruction.program().equals(program) || instruction.accounts().size() <= MINT || !instruction.accounts().get(ESCROW).equals(escrow)) {
            return Optional.empty();
        }
        try {
            return EscrowInstruction.decode(instruction.data()) instanceof EscrowInstruction.OpenEscrow open
                    ? Optional.of(new EscrowFacts(instruction.accounts().get(MARKET), instruction.accounts().get(PAYER), instruction.accounts().get(MINT),
                            open.sessionKey(), true, open.amount(), 0, 0, 0, open.sessionExpires(), open.sessionLimit())) : Optional.empty();
        } catch (BorshException e) {
            return Optional.empty();
        }
    }
}
