package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.wire.JobProof;
import software.sava.core.accounts.PublicKey;

/// What is asked of a gateway and paid for, however it is paid.
///
/// @param <R> its reply
sealed interface Errand<R> {
    /// Where it is sent.
    String path();

    /// What is sent, and paid for.
    byte[] body();

    /// The model's name.
    String model();

    /// The tier asked for.
    Tier tier();

    /// The most that it can cost.
    long most(Price price);

    /// Whether exactly the most is what a gateway asks for; else its offer says how much less.
    boolean offeredAtMost();

    /// Sends it.
    GatewayCalls.Answer<R> send(Optional<ObjectNode> payment);

    /// The receipt of a reply.
    Receipt receipt(R reply);

    /// Checks a reply's receipt, as {@link Asking#check}.
    R check(R reply, Hash job, PublicKey mint, Optional<JobProof.Payment> payment);

    /// The reply with what is used of the escrow.
    R withUsed(R reply, OptionalLong used);

    /// A chat.
    record Chat(GatewayCalls calls, Asking asking, Question question, boolean stream, Consumer<String> text) implements Errand<ChatReply> {
        @Override
        public String path() {
            return GatewayCalls.CHAT;
        }

        @Override
        public byte[] body() {
            return question.body();
        }

        @Override
        public String model() {
            return question.call().model();
        }

        @Override
        public Tier tier() {
            return question.call().tier();
        }

        @Override
        public long most(Price price) {
            return price.charge(question.promptBound(), question.call().maxTokensOfAll());
        }

        @Override
        public boolean offeredAtMost() {
            return true;
        }

        @Override
        public GatewayCalls.Answer<ChatReply> send(Optional<ObjectNode> payment) {
            return calls.chat(question, stream, payment, text);
        }

        @Override
        public Receipt receipt(ChatReply reply) {
            return reply.receipt().receipt();
        }

        @Override
        public ChatReply check(ChatReply reply, Hash job, PublicKey mint, Optional<JobProof.Payment> payment) {
            return asking.check(reply, question, job, mint, payment);
        }

        @Override
        public ChatReply withUsed(ChatReply reply, OptionalLong used) {
            return reply.withUsed(used);
        }
    }

    /// A call of a service, whose price is exact.
    record Service(GatewayCalls calls, Asking asking, ServiceCall call) implements Errand<ServiceReply> {
        @Override
        public String path() {
            return call.path();
        }

        @Override
        public byte[] body() {
            return call.request().bytes();
        }

        @Override
        public String model() {
            return call.service();
        }

        @Override
        public Tier tier() {
            return Tier.OPEN;
        }

        @Override
        public long most(Price price) {
            return price.charge(0, 1);
        }

        @Override
        public boolean offeredAtMost() {
            return true;
        }

        @Override
        public GatewayCalls.Answer<ServiceReply> send(Optional<ObjectNode> payment) {
            return calls.service(call, payment);
        }

        @Override
        public Receipt receipt(ServiceReply reply) {
            return reply.receipt().receipt();
        }

        @Override
        public ServiceReply check(ServiceReply reply, Hash job, PublicKey mint, Optional<JobProof.Payment> payment) {
            return asking.check(reply, call, job, mint);
        }

        @Override
        public ServiceReply withUsed(ServiceReply reply, OptionalLong used) {
            return reply.withUsed(used);
        }
    }

    /// Embeddings. How many tokens they have is for the gateway to say, no more than their bytes allow.
    record Embeddings(GatewayCalls calls, Asking asking, EmbeddingCall call, byte[] body) implements Errand<EmbeddingReply> {
        @Override
        public String path() {
            return GatewayCalls.EMBEDDINGS;
        }

        @Override
        public String model() {
            return call.model();
        }

        @Override
        public Tier tier() {
            return call.tier();
        }

        @Override
        public long most(Price price) {
            return price.charge(Price.promptBound(call.inputs()), 0);
        }

        @Override
        public boolean offeredAtMost() {
            return false;
        }

        @Override
        public GatewayCalls.Answer<EmbeddingReply> send(Optional<ObjectNode> payment) {
            return calls.embeddings(body, payment);
        }

        @Override
        public Receipt receipt(EmbeddingReply reply) {
            return reply.receipt().receipt();
        }

        @Override
        public EmbeddingReply check(EmbeddingReply reply, Hash job, PublicKey mint, Optional<JobProof.Payment> payment) {
            return asking.check(reply, call, job, mint);
        }

        @Override
        public EmbeddingReply withUsed(EmbeddingReply reply, OptionalLong used) {
            return reply.withUsed(used);
        }
    }
}
