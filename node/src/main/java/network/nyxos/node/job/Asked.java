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
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.escrow.wire.WireMessage.ChatRequest;
import network.nyxos.escrow.wire.WireMessage.EmbeddingRequest;
import network.nyxos.node.NodeKeys;
import network.nyxos.node.engine.ChatMessage;

/** What the node was asked, readable; {@code toString} shows no content. */
public sealed interface Asked {

    /**
     * Reads an assignment's request, opening it where it is sealed.
     *
     * @throws ProtocolException {@code sealing_unsupported} when this node has no sealing key, or the code of {@link PromptSeal#open}
     */
    static Asked of(WireMessage.Assign assign, NodeKeys keys) {
        return switch (assign.ask()) {
            case WireMessage.Ask.Clear clear -> new Chat(clear.request(), Optional.empty());
            case WireMessage.Ask.Embed embed -> new Embeddings(embed.request());
            case WireMessage.Ask.Call call -> new Call(call.request());
            case WireMessage.Ask.Sealed sealed -> {
                SealingKey key = keys.sealing().orElseThrow(() -> new ProtocolException("sealing_unsupported", "this node takes no sealed prompts"));
                PromptSeal.Opened opened = PromptSeal.open(key, PromptTerms.of(assign.assignment().assignment()), sealed.prompt());
                yield new Chat(WireCodec.decodeRequest(opened.request()), Optional.of(opened.reply().sealer()));
            }
        };
    }

    /** What the assignment has to commit to. */
    Constraints committed();

    /** What opens that commitment later. */
    Constraints constraints();

    /**
     * A chat to be continued.
     *
     * @param request what is asked
     * @param reply   seals the reply, where the prompt was sealed
     */
    record Chat(ChatRequest request, Optional<ReplySealer> reply) implements Asked {

        /** Of a sealed prompt nothing, for its gateway cannot read it. */
        @Override
        public Constraints committed() {
            return sealed() ? Constraints.NONE : request.constraints();
        }

        @Override
        public Constraints constraints() {
            return request.constraints();
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
            return request.messages().stream().map(message -> new ChatMessage(message.role(), message.content())).toList();
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
