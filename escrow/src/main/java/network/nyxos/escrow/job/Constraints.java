package network.nyxos.escrow.job;

import java.util.List;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;

/// What a reply has to keep to: texts that end it, and a form. The gateway's assignment commits to its {@link #hash}, so that neither the node that serves nor
/// whoever accuses it can say later that something else was asked for.
///
/// @param stop   the reply ends before any of these
/// @param format the form of the reply, as JSON with sorted members and no spaces; empty: any
/// @param salt   keeps the hash from confirming a guess, since assignments become public; zero where there is nothing to keep to, and in a sealed prompt,
///               of which no assignment speaks
public record Constraints(List<String> stop, String format, Hash salt) {
    /// Nothing to keep to.
    public static final Constraints NONE = new Constraints(List.of(), "", Hash.ZERO);

    /// Copies. Where there is nothing to keep to, the salt is dropped: that has one form only.
    public Constraints {
        stop = List.copyOf(stop);
        salt = stop.isEmpty() && format.isEmpty() ? Hash.ZERO : salt;
    }

    /// What an assignment commits to: `H("nyxos:constraints:v1" ‖ salt 32 ‖ stop vec<string> ‖ format string)`, zero for {@link #NONE}.
    public Hash hash() {
        return equals(NONE) ? Hash.ZERO
            : Hash.domain("nyxos:constraints:v1", encode());
    }

    /// What opens that hash: `salt 32 ‖ stop vec<string> ‖ format string`.
    public byte[] encode() {
        return new BorshWriter(128).bytes(salt.bytes(), Hash.LENGTH).vec(stop, BorshWriter::string).string(format).toByteArray();
    }

    /// Shows no text.
    @Override
    public String toString() {
        return "Constraints[" + stop.size() + " stop texts, " + (format.isEmpty() ? "no form" : "a form") + "]";
    }
}
