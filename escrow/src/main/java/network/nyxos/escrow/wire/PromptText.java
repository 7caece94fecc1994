package network.nyxos.escrow.wire;

import java.util.List;
import network.nyxos.escrow.borsh.BorshReader;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;

/// What a chat's model is to continue, as the gateway sent it. The gateway's assignment commits to its {@link #hash}, so that a node which was paid for one question
/// cannot answer another one, honestly computed and already at hand: who replays the job begins at this text and not at the ids that the node shows.
///
/// @param nonce    drawn by the gateway for each job; it keeps the hash from confirming a guess, since assignments become public
/// @param messages the chat; none in {@link #NONE}
public record PromptText(Hash nonce, List<WireMessage.ChatMessage> messages) {
    /// Of a job whose gateway cannot read the prompt, or that has none.
    public static final PromptText NONE = new PromptText(Hash.ZERO, List.of());

    /// Copies.
    public PromptText {
        messages = List.copyOf(messages);
    }

    /// What {@link network.nyxos.escrow.job.Constraints} hold of it: `H("nyxos:prompt-text:v1" ‖ nonce 32 ‖ messages vec<(role string, content string)>)`, zero for {@link #NONE}.
    public Hash hash() {
        return equals(NONE) ? Hash.ZERO : Hash.domain("nyxos:prompt-text:v1", encode());
    }

    /// What is hashed: `nonce 32 ‖ messages vec<(role string, content string)>`.
    public byte[] encode() {
        return new BorshWriter(256).bytes(nonce.bytes(), Hash.LENGTH).vec(messages, (each, message) -> each.string(message.role()).string(message.content())).toByteArray();
    }

    /// Reads what {@link #encode} gives; more may stand behind it.
    ///
    /// @throws network.nyxos.escrow.borsh.BorshException when it is something else
    public static PromptText read(BorshReader reader) {
        return new PromptText(Hash.of(reader.bytes(Hash.LENGTH)), reader.vec(each -> new WireMessage.ChatMessage(each.string(), each.string())));
    }

    /// Characters of all contents together.
    public long length() {
        return messages.stream().mapToLong(message -> message.content().length()).sum();
    }

    /// Shows no content.
    @Override
    public String toString() {
        return "PromptText[" + messages.size() + " messages]";
    }
}
