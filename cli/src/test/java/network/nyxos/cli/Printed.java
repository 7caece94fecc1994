package network.nyxos.cli;

import java.util.HexFormat;
import java.util.List;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/** Reads back what a command printed for a multisig, as its members' tools would. */
final class Printed {

    private Printed() {
    }

    /** The one instruction. */
    static Instruction instruction(String out) {
        List<String> lines = out.lines().map(String::strip).toList();
        String program = lines.stream().filter(line -> line.startsWith("program ")).findFirst().orElseThrow().split(" +")[1];
        List<AccountMeta> accounts = lines.stream().filter(line -> line.startsWith("account ")).map(line -> {
            PublicKey key = PublicKey.fromBase58Encoded(line.split(" +")[1]);
            boolean signer = line.contains(" signer");
            return line.contains(" writable") ? signer ? AccountMeta.createWritableSigner(key) : AccountMeta.createWrite(key)
                    : signer ? AccountMeta.createReadOnlySigner(key) : AccountMeta.createRead(key);
        }).toList();
        String data = lines.stream().filter(line -> line.startsWith("data ")).findFirst().orElseThrow().split(" +")[1];
        return Instruction.createInstruction(PublicKey.fromBase58Encoded(program), accounts, HexFormat.of().parseHex(data));
    }
}
