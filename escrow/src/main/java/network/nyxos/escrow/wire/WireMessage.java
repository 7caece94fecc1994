package network.nyxos.escrow.wire;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.seal.SealedPrompt;
import network.nyxos.escrow.seal.SealingPublicKey;
import software.sava.core.accounts.PublicKey;

/// A message of the node link (protocol §7). "Peer" is the gateway or relayer that the node dialled.
public sealed interface WireMessage {
    /// The version of the link that these messages are of.
    int VERSION = 1;

    /// Peer → node, first: prove who you are.
    ///
    /// @param nonce 32 random bytes, never used twice
    /// @param peer  the peer's key
    record Challenge(Hash nonce, PublicKey peer) implements WireMessage {
    }

    /// Node → peer: who it is and what it offers.
    ///
    /// @param node       the node's key, which signs
    /// @param receiptKey signs its receipts
    /// @param sealing    prompts of the confidential tier are sealed to it
    /// @param tiers      at least one
    /// @param models     at least one
    /// @param capacity   jobs at once, 1 to 10 000
    /// @param signature  over {@link Digests#hello}
    record Hello(PublicKey node, PublicKey receiptKey, Optional<SealingPublicKey> sealing, Set<Tier> tiers, List<ModelOffer> models, int capacity,
                 Signature signature) implements WireMessage {
        /// @throws ProtocolException `hello_invalid` for an empty list or a capacity outside its range
        public Hello {
            if (tiers.isEmpty() || models.isEmpty() || capacity < 1 || capacity > 10_000) {
                throw new ProtocolException("hello_invalid", "a node offers at least one tier, one model and a capacity of 1 to 10000");
            }
            tiers = Collections.unmodifiableSet(EnumSet.copyOf(tiers));
            models = List.copyOf(models);
        }

        /// Answers a challenge.
        public static Hello answer(Challenge challenge, Keypair node, PublicKey receiptKey, Optional<SealingPublicKey> sealing, Set<Tier> tiers,
                                   List<ModelOffer> models, int capacity) {
            Hash digest = Digests.hello(challenge.nonce, challenge.peer, node.publicKey(), receiptKey, sealing.map(SealingPublicKey::id).orElse(PublicKey.NONE));
            return new Hello(node.publicKey(), receiptKey, sealing, tiers, models, capacity, node.sign(digest));
        }

        /// {@link SealingPublicKey#id} of {@link #sealing}: what registry and evidence have.
        public Optional<PublicKey> sealingKey() {
            return sealing.map(SealingPublicKey::id);
        }

        /// Whether the node's key signed it for this challenge.
        public boolean verify(Challenge challenge) {
            Hash digest = Digests.hello(challenge.nonce, challenge.peer, node, receiptKey, sealingKey().orElse(PublicKey.NONE));
            return Ed25519.fastest().verify(node, digest.bytes(), signature);
        }
    }

    /// A model that a node runs.
    ///
    /// @param id            {@link network.nyxos.escrow.job.ModelId}
    /// @param name          what clients ask for
    /// @param engine        the engine's specification string
    /// @param context       the most tokens of prompt and output together, of an embedding model those of one input, of a service the most bytes of a request; more than 0
    /// @param deterministic whether the engine gives the same tokens everywhere
    /// @param kind          what it does
    record ModelOffer(Hash id, String name, String engine, int context, boolean deterministic, ModelKind kind) {
        /// Of a model that continues chats.
        ///
        /// @param formats whether it can hold replies to a {@link network.nyxos.escrow.format.Format}
        public ModelOffer(Hash id, String name, String engine, int context, boolean deterministic, boolean formats) {
            this(id, name, engine, context, deterministic, new ModelKind.Chat(formats, false));
        }

        /// Whether it continues chats and can hold replies to a form.
        public boolean formats() {
            return kind instanceof ModelKind.Chat chat && chat.formats();
        }
    }

    /// Peer → node: the hello was accepted.
    record Welcome() implements WireMessage {
    }

    /// Peer → node: the hello was not accepted; the peer closes.
    record Refused(String code, String message) implements WireMessage {
    }

    /// Peer → node: show evidence of the enclave for this nonce.
    record Attest(Hash nonce) implements WireMessage {
    }

    /// Node → peer: evidence.
    ///
    /// @param nonce       the peer's
    /// @param kind        `tdx`
    /// @param quote       as the hardware gave it
    /// @param collateral  what it takes to verify it, where the node has it
    /// @param development whether it is signed under a development root
    /// @param gpus        evidence of the machine's GPUs, which answer a nonce of the quote's report data; none where it has or shows none
    /// @param switches    likewise of the switches that join them
    record Evidence(Hash nonce, String kind, byte[] quote, Optional<byte[]> collateral, boolean development, List<Device> gpus, List<Device> switches) implements WireMessage {
        /// Copies the bytes.
        public Evidence {
            quote = quote.clone();
            collateral = collateral.map(byte[]::clone);
            gpus = List.copyOf(gpus);
            switches = List.copyOf(switches);
        }

        /// Evidence of a CPU alone.
        public Evidence(Hash nonce, String kind, byte[] quote, Optional<byte[]> collateral, boolean development) {
            this(nonce, kind, quote, collateral, development, List.of(), List.of());
        }

        /// What an NVIDIA device shows.
        ///
        /// @param report       SPDM request and response
        /// @param certificates PEM, leaf first
        public record Device(byte[] report, byte[] certificates) {
            /// Copies.
            public Device {
                report = report.clone();
                certificates = certificates.clone();
            }

            @Override
            public byte[] report() {
                return report.clone();
            }

            @Override
            public byte[] certificates() {
                return certificates.clone();
            }

            @Override
            public boolean equals(Object other) {
                return other instanceof Device that && Arrays.equals(report, that.report) && Arrays.equals(certificates, that.certificates);
            }

            @Override
            public int hashCode() {
                return Arrays.hashCode(report);
            }

            @Override
            public String toString() {
                return "Device[report=" + report.length + " bytes, certificates=" + certificates.length + " bytes]";
            }
        }

        @Override
        public byte[] quote() {
            return quote.clone();
        }

        @Override
        public Optional<byte[]> collateral() {
            return collateral.map(byte[]::clone);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Evidence that && nonce.equals(that.nonce) && kind.equals(that.kind) && Arrays.equals(quote, that.quote)
                && Arrays.equals(collateral.orElse(null), that.collateral.orElse(null)) && development == that.development && gpus.equals(that.gpus)
                && switches.equals(that.switches);
        }

        @Override
        public int hashCode() {
            return Objects.hash(nonce, kind, Arrays.hashCode(quote), development);
        }

        @Override
        public String toString() {
            return "Evidence[nonce=" + nonce + ", kind=" + kind + ", quote=" + quote.length + " bytes, development=" + development + ", gpus=" + gpus.size() + ", switches=" + switches.size() + "]";
        }
    }

    /// What the model is asked. `toString` shows no content.
    ///
    /// @param messages    at least one
    /// @param maxTokens   the most output tokens of each choice, more than 0
    /// @param choices     how many replies to it are wanted, 1 to {@value ReplyChoice#MAX}
    /// @param constraints what each reply has to keep to besides the messages: their hash stands in no request
    /// @param topLogprobs how many of the likeliest tokens are told with each one, 0 to 20; empty: no probabilities. It changes nothing of the reply, so no
    ///                    assignment commits to it
    record ChatRequest(List<ChatMessage> messages, int maxTokens, int choices, Constraints constraints, OptionalInt topLogprobs) {
        /// Copies the list.
        public ChatRequest {
            messages = List.copyOf(messages);
        }

        /// Of one choice.
        public ChatRequest(List<ChatMessage> messages, int maxTokens, Constraints constraints, OptionalInt topLogprobs) {
            this(messages, maxTokens, 1, constraints, topLogprobs);
        }

        /// Of one choice, without probabilities.
        public ChatRequest(List<ChatMessage> messages, int maxTokens, Constraints constraints) {
            this(messages, maxTokens, constraints, OptionalInt.empty());
        }

        /// The most output tokens of all choices together.
        public long maxTokensOfAll() {
            return Math.multiplyFull(choices, maxTokens);
        }

        @Override
        public String toString() {
            return "ChatRequest[" + messages.size() + " messages, maxTokens=" + maxTokens + ", choices=" + choices + "]";
        }
    }

    /// One message of a chat. `toString` shows no content.
    ///
    /// @param role    `system`, `user` or `assistant`
    /// @param content the text
    record ChatMessage(String role, String content) {
        @Override
        public String toString() {
            return "ChatMessage[role=" + role + "]";
        }
    }

    /// Texts to be turned into vectors. `toString` shows none.
    ///
    /// @param inputs 1 to {@value #MAX_INPUTS}, none of them empty
    record EmbeddingRequest(List<String> inputs) {
        /// The most inputs of a job.
        public static final int MAX_INPUTS = 2_048;

        /// Copies the list.
        ///
        /// @throws ProtocolException `inputs_range`
        public EmbeddingRequest {
            inputs = List.copyOf(inputs);
            if (inputs.isEmpty() || inputs.size() > MAX_INPUTS || inputs.stream().anyMatch(String::isEmpty)) {
                throw new ProtocolException("inputs_range", "a job of embeddings has 1 to " + MAX_INPUTS + " inputs, none of them empty");
            }
        }

        @Override
        public String toString() {
            return "EmbeddingRequest[" + inputs.size() + " inputs]";
        }
    }

    /// What a node is asked: in the clear, or readable for it alone.
    sealed interface Ask {
        /// Everybody on the way can read it.
        ///
        /// @param nonce of the {@link PromptText}
        record Clear(ChatRequest request, Hash nonce) implements Ask {
            /// What is to be continued.
            public PromptText text() {
                return new PromptText(nonce, request.messages());
            }

            /// What the assignment commits to.
            public Constraints constraints() {
                return new Constraints(request.constraints().stop(), request.constraints().format(), text().hash());
            }
        }

        /// Only the node can read it; the text of its deltas is then base64 of a sealed reply's frames ({@link network.nyxos.escrow.seal.ReplySecret}), one each.
        ///
        /// @param prompt a {@link ChatRequest} as JSON
        record Sealed(SealedPrompt prompt) implements Ask {
        }

        /// Not a chat but vectors of texts, which everybody on the way can read.
        record Embed(EmbeddingRequest request) implements Ask {
        }

        /// A call of a service, which everybody on the way can read.
        ///
        /// @param request as the client sent it
        record Call(ServiceBody request) implements Ask {
        }
    }

    /// Gateway → node: do this job.
    ///
    /// @param voucher the payer's words for it, of a job that a voucher pays: with them and the assignment the node can settle it by itself when nobody else does
    record Assign(Hash job, SignedAssignment assignment, Optional<PaymentRecord.ByVoucher> voucher, Ask ask) implements WireMessage {
    }

    /// Node → gateway: it does the job.
    record Accepted(Hash job) implements WireMessage {
    }

    /// Node → gateway: it does not do the job; another may.
    record Rejected(Hash job, String code, String message) implements WireMessage {
    }

    /// Node → gateway: more of the reply. `toString` shows no text.
    ///
    /// @param choice which of the choices it is of, from 0
    /// @param index  counts the job's deltas from 0, those of all choices together
    /// @param text   complete characters only; of a sealed job base64 of a frame
    /// @param tokens output tokens of this choice so far, this delta's included
    /// @param logprobs of the tokens that this text begins or goes on with, where they were asked for: all that were not told yet
    record Delta(Hash job, int choice, int index, String text, int tokens, List<TokenLogprob> logprobs) implements WireMessage {
        /// Copies the list.
        public Delta {
            logprobs = List.copyOf(logprobs);
        }

        /// Of the one choice.
        public Delta(Hash job, int index, String text, int tokens, List<TokenLogprob> logprobs) {
            this(job, 0, index, text, tokens, logprobs);
        }

        /// Of the one choice, without probabilities.
        public Delta(Hash job, int index, String text, int tokens) {
            this(job, index, text, tokens, List.of());
        }

        @Override
        public String toString() {
            return "Delta[job=" + job + ", choice=" + choice + ", index=" + index + ", tokens=" + tokens + "]";
        }
    }

    /// Node → gateway: the vector of an input, of a job of embeddings.
    ///
    /// @param index the input's, from 0; each comes once, in order
    record Vector(Hash job, int index, Embedding embedding) implements WireMessage {
    }

    /// Node → gateway: what a service said. Comes once.
    ///
    /// @param reply as the service sent it
    record Output(Hash job, ServiceBody reply) implements WireMessage {
    }

    /// Node → gateway: the job is done.
    ///
    /// @param choices where there are several: each, in order, which the receipt's output hash is over; else none
    record Done(Hash job, Finish finish, int tokensIn, int tokensOut, List<ReplyChoice> choices, SignedReceipt receipt) implements WireMessage {
        /// Copies the list.
        public Done {
            choices = List.copyOf(choices);
        }

        /// Of one choice, or of vectors.
        public Done(Hash job, Finish finish, int tokensIn, int tokensOut, SignedReceipt receipt) {
            this(job, finish, tokensIn, tokensOut, List.of(), receipt);
        }
    }

    /// Node → gateway or relayer: the job, reveal, replay or accusation could not be done.
    record Failed(Hash job, String code, String message) implements WireMessage {
    }

    /// Gateway → node: stop the job.
    record Cancel(Hash job) implements WireMessage {
    }

    /// Node → relayer: pay me for this (`receipt`). Sent again until {@link Recorded}.
    record OfferReceipt(SignedAssignment assignment, SignedReceipt receipt) implements WireMessage {
    }

    /// Relayer → node: the receipt is stored, or (`rejected`) will never be taken.
    ///
    /// @param state   the job's state
    /// @param code    why it was rejected
    /// @param message the same for a person
    record Recorded(Hash job, String state, Optional<String> code, Optional<String> message) implements WireMessage {
    }

    /// Relayer → node: show the tokens behind the receipt's hashes.
    record Reveal(Hash job) implements WireMessage {
    }

    /// Node → relayer: the tokens, which the receipt commits to, and what the assignment does. `toString` shows none.
    record Revealed(Hash job, Hash salt, List<Integer> promptIds, List<Integer> outputIds, Constraints constraints, PromptText text) implements WireMessage {
        /// Copies the lists.
        public Revealed {
            promptIds = List.copyOf(promptIds);
            outputIds = List.copyOf(outputIds);
        }

        @Override
        public String toString() {
            return "Revealed[job=" + job + "]";
        }
    }

    /// Relayer → another node: run this again. `toString` shows no tokens.
    ///
    /// @param id        the job id
    /// @param model     the model's id
    /// @param engine    the engine's specification string
    /// @param promptIds the prompt's tokens, as the serving node committed to them
    /// @param seed      any 64 bits
    /// @param maxTokens the most output tokens
    /// @param constraints as the assignment commits to them
    /// @param text      the prompt, which is what is run; where there is none, the ids are
    /// @param salt      of the job's commitments; the trace root goes back under it, so that it gives no guess of the prompt away
    record Replay(Hash id, Hash model, String engine, List<Integer> promptIds, long seed, Sampler sampler, int maxTokens, Constraints constraints, PromptText text, Hash salt)
        implements WireMessage {
        /// Copies the list.
        public Replay {
            promptIds = List.copyOf(promptIds);
        }

        @Override
        public String toString() {
            return "Replay[id=" + id + ", model=" + model + "]";
        }
    }

    /// Node → relayer: what the replay gave. `toString` shows no tokens.
    ///
    /// @param traceRoot salted as a receipt's; zero where no token came out
    /// @param signature the replaying node's receipt key's over {@link Digests#replay}
    record Replayed(Hash id, List<Integer> outputIds, Finish finish, Hash traceRoot, Signature signature) implements WireMessage {
        /// Copies the list.
        public Replayed {
            outputIds = List.copyOf(outputIds);
        }

        @Override
        public String toString() {
            return "Replayed[id=" + id + "]";
        }
    }

    /// Relayer → the node that replayed a job: its receipt is not what you computed; take it to the registry's program (docs/disputes.md). `toString` shows no tokens.
    ///
    /// @param assignment  that the receipt answers
    /// @param receipt     in doubt
    /// @param salt        of the prompt's commitment
    /// @param promptIds   the prompt's tokens
    /// @param outputIds   the reply's, as the receipt commits to them
    /// @param constraints as the assignment commits to them
    record Accuse(Hash job, SignedAssignment assignment, SignedReceipt receipt, Hash salt, List<Integer> promptIds, List<Integer> outputIds, Constraints constraints)
        implements WireMessage {
        /// Copies the lists.
        public Accuse {
            promptIds = List.copyOf(promptIds);
            outputIds = List.copyOf(outputIds);
        }

        @Override
        public String toString() {
            return "Accuse[job=" + job + "]";
        }
    }

    /// Node → relayer: the receipt is disputed.
    ///
    /// @param accuser the wallet that put up the stake
    record Accused(Hash job, PublicKey accuser) implements WireMessage {
    }

    /// Relayer → node: a job has come into another state.
    record State(Hash job, String state, String reason) implements WireMessage {
    }
}
