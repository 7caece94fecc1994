package network.nyxos.node.job;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.seal.PromptSeal;
import network.nyxos.escrow.seal.PromptTerms;
import network.nyxos.escrow.seal.ReplySealer;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.wire.PromptText;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.escrow.wire.WireMessage.ChatRequest;
import network.nyxos.escrow.wire.WireMessage.EmbeddingRequest;
import network.nyxos.node.NodeKeys;
import network.nyxos.node.engine.ChatMessage;
import network.nyxos.node.engine.Engine;

/** What the node was asked, readable; {@code toString} shows no content. */
public sealed interface Asked {

    /**
     * Reads an assignment's request, opening it where it is sealed.
     *
     * @throws ProtocolException {@code sealing_unsupported} when this node has no sealing key, or the code of {@link PromptSeal#open}
     */
    static Asked of(WireMessage.Assign assign, NodeKeys keys) {
        return switch (assign.ask()) {
            case WireMessage.Ask.Clear clear -> new Chat(clear.request(), clear.constraints(), clear.text(), Optional.empty());
            case WireMessage.Ask.Embed embed -> new Embeddings(embed.request());
            case WireMessage.Ask.Call call -> new Call(call.request());
            case WireMessage.Ask.Sealed sealed -> {
                SealingKey key = keys.sealing().orElseThrow(() -> new ProtocolException("sealing_unsupported", "this node takes no sealed prompts"));
                PromptSeal.Opened opened = PromptSeal.open(key, PromptTerms.of(assign.assignment().assignment()), sealed.prompt());
                ChatRequest request = WireCodec.decodeRequest(opened.request());
                yield new Chat(request, request.constraints(), PromptText.NONE, Optional.of(opened.reply().sealer()));
            }
        };
    }

    /**
     * The prompt of a job that is run again: what the gateway's assignment commits to, whatever the node that served it says that it ran.
     *
     * @param ids what it says; they count where there is no text
     * @throws network.nyxos.node.engine.EngineException as {@link Engine#promptIds}
     */
    static int[] replayed(Engine engine, PromptText text, int[] ids) {
        return text.equals(PromptText.NONE) ? ids : engine.promptIds(messages(text.messages()));
    }

    private static List<ChatMessage> messages(List<WireMessage.ChatMessage> messages) {
        return messages.stream().map(message -> new ChatMessage(message.role(), message.content())).toList();
    }

    /** What the assignment has to commit to. */
    Constraints committed();

    /** What opens that commitment later. */
    Constraints constraints();

    /**
     * A chat to be continued.
     *
     * @param request     what is asked
     * @param constraints of the reply
     * @param text        the prompt that the gateway's assignment commits to; none of a sealed one
     * @param reply       seals the reply, where the prompt was sealed
     */
    record Chat(ChatRequest request, Constraints constraints, PromptText text, Optional<ReplySealer> reply) implements Asked {

        /** Of a sealed prompt nothing, for its gateway cannot read it. */
        @Override
        public Constraints committed() {
            return sealed() ? Constraints.NONE : constraints;
        }

        /** Whether nobody but this node and the client can read it. */
        public boolean sealed() {
            return reply.isPresent();
        }

        /** The messages' contents, which the price's ceiling is made of. */
        public List<String> contents() {
            return request.messages().stream().map(WireMessage.ChatMessage::content).toList();
        }

        /** The messages, as an engine takes them. */
        public List<ChatMessage> messages() {
            return Asked.messages(request.messages());
        }
    }

    /**
     * Texts to be turned into vectors.
     *
     * @param request what is asked
     */
    record Embeddings(EmbeddingRequest request) implements InTheClear {
    }

    /**
     * A service to be called.
     *
     * @param request what is said to it
     */
    record Call(ServiceBody request) implements InTheClear {
    }

    /** What everybody on the way can read, and whose answer has nothing to keep to. */
    sealed interface InTheClear extends Asked {
        @Override
        default Constraints committed() {
            return Constraints.NONE;
        }

        @Override
        default Constraints constraints() {
            return Constraints.NONE;
        }
    }
}
