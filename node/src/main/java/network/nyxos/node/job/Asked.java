package network.nyxos.node.job;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.seal.PromptSeal;
import network.nyxos.escrow.seal.PromptTerms;
import network.nyxos.escrow.seal.ReplySealer;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.escrow.wire.WireMessage.ChatRequest;
import network.nyxos.node.NodeKeys;
import network.nyxos.node.engine.ChatMessage;

/**
 * What the node was asked, readable.
 *
 * @param request what is asked; {@code toString} shows no content
 * @param reply   seals the reply, where the prompt was sealed
 */
public record Asked(ChatRequest request, Optional<ReplySealer> reply) {

    /**
     * Reads an assignment's request, opening it where it is sealed.
     *
     * @throws ProtocolException {@code sealing_unsupported} when this node has no sealing key, or the code of {@link PromptSeal#open}
     */
    public static Asked of(WireMessage.Assign assign, NodeKeys keys) {
        return switch (assign.ask()) {
            case WireMessage.Ask.Clear clear -> new Asked(clear.request(), Optional.empty());
            case WireMessage.Ask.Sealed sealed -> {
                SealingKey key = keys.sealing().orElseThrow(() -> new ProtocolException("sealing_unsupported", "this node takes no sealed prompts"));
                PromptSeal.Opened opened = PromptSeal.open(key, PromptTerms.of(assign.assignment().assignment()), sealed.prompt());
                yield new Asked(WireCodec.decodeRequest(opened.request()), Optional.of(opened.reply().sealer()));
            }
        };
    }

    /** What the assignment has to commit to: of a sealed prompt nothing, for its gateway cannot read it. */
    public Constraints committed() {
        return reply.isPresent() ? Constraints.NONE : request.constraints();
    }

    /** The messages' contents, which the price's ceiling is made of. */
    public List<String> contents() {
        return request.messages().stream().map(WireMessage.ChatMessage::content).toList();
    }

    /** The messages, as an engine takes them. */
    public List<ChatMessage> messages() {
        return request.messages().stream().map(message -> new ChatMessage(message.role(), message.content())).toList();
    }
}
