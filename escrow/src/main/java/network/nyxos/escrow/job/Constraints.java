package network.nyxos.escrow.job;

import java.util.List;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;

/// What a reply has to keep to: the prompt that it continues, texts that end it, and a form. The gateway's assignment commits to its {@link #hash}, so that neither the
/// node that serves nor whoever accuses it can say later that something else was asked for.
///
/// @param stop   the reply ends before any of these
/// @param format the form of the reply, as JSON with sorted members and no spaces; empty: any
/// @param prompt {@link network.nyxos.escrow.wire.PromptText#hash}, which also keeps this hash from confirming a guess, since assignments become public; zero for vectors,
///               and in a sealed prompt, of which no assignment speaks
public record Constraints(List<String> stop, String format, Hash prompt) {
    /// Nothing to keep to.
    public static final Constraints NONE = new Constraints(List.of(), "", Hash.ZERO);

    /// Copies.
    public Constraints {
        stop = List.copyOf(stop);
    }

    /// What an assignment commits to: `H("nyxos:constraints:v1" ‖ prompt 32 ‖ stop vec<string> ‖ format string)`, zero for {@link #NONE}.
    public Hash hash() {
        return equals(NONE) ? Hash.ZERO
            : Hash.domain("nyxos:constraints:v1", encode());
    }

    /// What opens that hash: `prompt 32 ‖ stop vec<string> ‖ format string`.
    public byte[] encode() {
        return new BorshWriter(128).bytes(prompt.bytes(), Hash.LENGTH).vec(stop, BorshWriter::string).string(format).toByteArray();
    }

    /// Shows no text.
    @Override
    public String toString() {
        return "Constraints[" + stop.size() + " stop texts, " + (format.isEmpty() ? "no form" : "a form") + "]";
    }
}
