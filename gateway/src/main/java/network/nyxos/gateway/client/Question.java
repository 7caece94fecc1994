package network.nyxos.gateway.client;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.seal.PromptSeal;
import network.nyxos.escrow.seal.PromptTerms;
import network.nyxos.escrow.seal.ReplyOpener;
import network.nyxos.escrow.seal.ReplySecret;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;

/// What is sent for a call, and how its reply is read. Made once a call: what is paid for is this very body.
sealed interface Question {
    /// The call.
    ChatCall call();

    /// The request's body.
    byte[] body();

    /// The most tokens that the prompt can have.
    long promptBound();

    /// The node that alone can read it.
    Optional<TrustedNode> sealedTo();

    /// Reads one reply.
    ///
    /// @param text gets it as it comes
    ReplyText reply(Consumer<String> text);

    /// A reply as it comes in.
    interface ReplyText {
        /// Takes the next part of what the gateway says that the node said.
        ///
        /// @throws AgentException `reply_seal_broken`
        void take(String part);

        /// The whole text.
        ///
        /// @throws AgentException `reply_seal_broken` when it was cut off
        String end();
    }

    /// A call in the clear: the gateway reads it.
    static Question clear(ChatCall call, boolean stream) {
        return new Clear(call, call.body(stream));
    }

    /// A call that only a node can read.
    static Question sealed(ChatCall call, boolean stream, TrustedNode node) {
        try {
            List<WireMessage.ChatMessage> messages = call.turns().stream().map(turn -> new WireMessage.ChatMessage(turn.role(), turn.content())).toList();
            byte[] request = WireCodec.encodeRequest(new WireMessage.ChatRequest(messages, call.maxTokens(), Constraints.NONE));
            PromptSeal.Sealed sealed = PromptSeal.seal(node.sealing(), new PromptTerms(node.node(), node.model(), call.maxTokens(), call.sampler()), request);
            return new Sealed(call, call.body(stream, node.node(), sealed.prompt()), sealed.prompt().plaintextLength(), node, sealed.reply());
        } catch (ProtocolException e) {
            throw new AgentException(0, e.code(), e.getMessage() + "; nothing was sent or paid", Optional.empty());
        }
    }

    /// In the clear.
    record Clear(ChatCall call, byte[] body) implements Question {
        @Override
        public long promptBound() {
            return Price.promptBound(call.turns().stream().map(ChatCall.Turn::content).toList());
        }

        @Override
        public Optional<TrustedNode> sealedTo() {
            return Optional.empty();
        }

        @Override
        public ReplyText reply(Consumer<String> text) {
            var whole = new StringBuilder();
            return new ReplyText() {
                @Override
                public void take(String part) {
                    whole.append(part);
                    text.accept(part);
                }

                @Override
                public String end() {
                    return whole.toString();
                }
            };
        }
    }

    /// Sealed.
    ///
    /// @param length bytes of the prompt, its padding included
    record Sealed(ChatCall call, byte[] body, int length, TrustedNode node, ReplySecret secret) implements Question {
        @Override
        public long promptBound() {
            return Price.sealedPromptBound(length);
        }

        @Override
        public Optional<TrustedNode> sealedTo() {
            return Optional.of(node);
        }

        @Override
        public ReplyText reply(Consumer<String> text) {
            return new SealedText(secret.opener(), text);
        }
    }

    /// A sealed reply: lines of base64, each a frame, cut into parts anywhere.
    final class SealedText implements ReplyText {
        private final ReplyOpener opener;
        private final Consumer<String> text;
        private final StringBuilder line = new StringBuilder();
        private final StringBuilder whole = new StringBuilder();

        SealedText(ReplyOpener opener, Consumer<String> text) {
            this.opener = opener;
            this.text = text;
        }

        @Override
        public void take(String part) {
            line.append(part);
            for (int end = line.indexOf("\n"); end >= 0; end = line.indexOf("\n")) {
                open(line.substring(0, end));
                line.delete(0, end + 1);
            }
        }

        private void open(String frame) {
            String piece;
            try {
                // Nodes seal whole characters, so that a piece can be shown when it comes.
                piece = new String(opener.open(Base64.getDecoder().decode(frame)), StandardCharsets.UTF_8);
            } catch (ProtocolException e) {
                throw broken(e.getMessage());
            } catch (IllegalArgumentException e) {
                throw broken("a frame of the sealed reply is not base64");
            }
            if (!piece.isEmpty()) {
                whole.append(piece);
                text.accept(piece);
            }
        }

        @Override
        public String end() {
            if (!line.isEmpty() || !opener.isWhole()) {
                throw broken("the sealed reply was cut off before its end");
            }
            return whole.toString();
        }

        private static AgentException broken(String why) {
            return new AgentException(0, "reply_seal_broken", why + "; somebody on the way changed it, use another gateway", Optional.empty());
        }
    }
}
