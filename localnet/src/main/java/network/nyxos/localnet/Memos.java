package network.nyxos.localnet;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import software.sava.core.accounts.PublicKey;

/** The memos of a transaction. */
final class Memos {

    private static final Set<PublicKey> PROGRAMS = Set.of(
            PublicKey.fromBase58Encoded("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"),
            PublicKey.fromBase58Encoded("Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo"));

    private Memos() {
    }

    static boolean isMemoProgram(PublicKey program) {
        return PROGRAMS.contains(program);
    }

    /** As getSignaturesForAddress lists them: {@code [length] text}, several joined by {@code "; "}. */
    static Optional<String> of(ExecutedTransaction executed) {
        WireTransaction tx = executed.parsed();
        List<PublicKey> keys = tx.accountKeys();
        String memos = tx.instructions().stream()
                .filter(instruction -> instruction.program() < keys.size() && isMemoProgram(keys.get(instruction.program())))
                .map(instruction -> "[" + instruction.data().length + "] " + new String(instruction.data(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("; "));
        return memos.isEmpty() ? Optional.empty() : Optional.of(memos);
    }
}
