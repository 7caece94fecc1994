package network.nyxos.cli.governance;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import network.nyxos.escrow.crypto.Keypair;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/**
 * Something that is to be changed.
 *
 * @param what         in a few words
 * @param holds        what will hold, and from when
 * @param signer       who must sign; empty: anybody
 * @param also         who signs besides
 * @param instructions given who pays rent
 * @param size         bytes of the account that it makes; 0: none
 */
public record Change(String what, List<String> holds, Optional<PublicKey> signer, List<Keypair> also, Function<PublicKey, List<Instruction>> instructions, int size) {

    /** Of a signer, without an account of its own. */
    public static Change by(PublicKey signer, String what, List<String> holds, Instruction instruction) {
        return new Change(what, holds, Optional.of(signer), List.of(), _ -> List.of(instruction), 0);
    }

    /** Of anybody. */
    public static Change byAnybody(String what, List<String> holds, Instruction instruction) {
        return new Change(what, holds, Optional.empty(), List.of(), _ -> List.of(instruction), 0);
    }
}
