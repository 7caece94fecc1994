package network.nyxos.cli.attach;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.transaction.TransactionBuilder;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/**
 * What somebody else is asked to sign, for example the members of a multisig.
 *
 * @param signer       whose signature is asked for
 * @param instructions in order, in one transaction
 */
public record SigningRequest(PublicKey signer, List<Instruction> instructions) {

    /** The request, a line each: every instruction in parts, and all of them as an unsigned message with the signer as fee payer. */
    public List<String> lines(SolanaRpc rpc) {
        var lines = new ArrayList<String>();
        lines.add(signer + " signs, in one transaction and with nothing else in it:");
        instructions.stream().flatMap(instruction -> instruction.accounts().stream()).filter(account -> account.signer() && !account.publicKey().equals(signer))
                .map(AccountMeta::publicKey).distinct().forEach(other -> lines.add("  " + other + " signs the same transaction"));
        for (Instruction instruction : instructions) {
            lines.add("  program   " + instruction.programId().publicKey());
            instruction.accounts().forEach(account -> lines.add(line(account)));
            lines.add("  data      " + HexFormat.of().formatHex(instruction.data()) + " (hex)");
        }
        byte[] message = TransactionBuilder.legacy(signer).addAll(instructions).compile(rpc.latestBlockhash(Commitment.CONFIRMED).blockhash()).message();
        lines.add("  the same as an unsigned message in base64, for tools that import one (they set a fresh blockhash):");
        lines.add("  " + Base64.getEncoder().encodeToString(message));
        return lines;
    }

    private static String line(AccountMeta account) {
        return "  account   " + account.publicKey() + (account.write() ? " writable" : "") + (account.signer() ? " signer" : "");
    }
}
