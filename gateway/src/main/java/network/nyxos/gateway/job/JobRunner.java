package network.nyxos.gateway.job;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.format.Format;
import network.nyxos.escrow.format.Grammar;
import network.nyxos.escrow.format.Recogniser;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.escrow.wire.WireMessage.ModelOffer;
import network.nyxos.gateway.link.ConnectedNode;
import network.nyxos.gateway.link.NodeEvent;
import network.nyxos.gateway.link.NodePool;
import network.nyxos.gateway.offer.Work;
import network.nyxos.gateway.openai.ChatRequest;
import network.nyxos.gateway.openai.EmbeddingRequest;
import network.nyxos.gateway.openai.Prompt;
import network.nyxos.gateway.openai.ServiceRequest;
import network.nyxos.gateway.route.Reputation;
import network.nyxos.gateway.route.Routing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Gets a paid job served: assigns it to a node, passes the text on, checks the receipt. When a node fails, the next one does the job again with the same
/// seed; what the client has already is compared and not sent twice, and where it differs the job fails. Runs on the caller's (virtual) thread.
public final class JobRunner {
    private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    // What nodes say of a request that would fail everywhere, and the code by which clients know it.
    private static final Map<String, String> REQUEST_FAULTS = Map.of("context_exceeded", "context_length_exceeded", "context_length_exceeded", "context_length_exceeded", "invalid_request",
        "request_invalid", "request_invalid", "request_invalid", "seal_broken", "seal_broken", "sealed_to_another_key", "sealed_to_another_key", "service_refused", "service_refused");

    /// How long things may take.
    ///
    /// @param job        the whole job, all attempts together
    /// @param firstToken from the assignment to the first token
    /// @param stall      between two deltas
    /// @param cancel     for a node to say what it did, after it was told to stop
    /// @param attempts   nodes tried for one job, 1 to 256
    public record Limits(Duration job, Duration firstToken, Duration stall, Duration cancel, int attempts) {
        /// Five minutes for a job, a minute to the first token, half a minute between two, three nodes.
        public static final Limits DEFAULT = new Limits(Duration.ofMinutes(5), Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofSeconds(10), 3);
    }

    private final Keypair gateway;
    private final NodePool nodes;
    private final Reputation reputation;
    private final JobLedger ledger;
    private final Limits limits;
    private final InstantSource clock;

    /// @param gateway signs assignments
    public JobRunner(Keypair gateway, NodePool nodes, Reputation reputation, JobLedger ledger, Limits limits, InstantSource clock) {
        this.gateway = gateway;
        this.nodes = nodes;
        this.reputation = reputation;
        this.ledger = ledger;
        this.limits = limits;
        this.clock = clock;
    }

    private sealed interface Attempt {
        record Done(SignedAssignment assignment, WireMessage.Done message, Delivered delivered) implements Attempt {
        }

        record NodeFault(String code, String message) implements Attempt {
        }

        record Over(String code, String message, boolean clientsFault) implements Attempt {
        }
    }

    /// Runs a job to its end. The result has been stored when this returns.
    ///
    /// @param job   its id
    /// @param order what to do
    /// @param first a node's place, taken before the payment was
    /// @param sink  where the text goes
    /// @param routing takes note of the nodes that it is given to
    /// @throws JobLostException when the job was taken from this gateway meanwhile
    public JobResult run(Hash job, Order order, ConnectedNode.Place first, ReplySink sink, Routing routing) {
        try {
            return new Run(job, order, sink, routing).through(first);
        } catch (ProtocolException e) {
            // The request does not fit into a frame of the node link.
            ledger.failed(job, e.code(), e.getMessage());
            return new JobResult.Failed(e.code(), e.getMessage(), true);
        }
    }

    /// What the client has of one choice.
    private static final class Told {
        private final StringBuilder text = new StringBuilder();
        // How many had their probabilities told.
        private int tokens;

        void add(String more, List<TokenLogprob> likely) {
            text.append(more);
            tokens += likely.size();
        }

        void forget() {
            text.setLength(0);
            tokens = 0;
        }
    }

    /// One job on its way.
    private final class Run {
        private final Hash job;
        private final Order order;
        private final ReplySink sink;
        private final Routing routing;
        private final long startMs = clock.millis();
        // What the client has of each choice.
        private final List<Told> told;
        private final Set<PublicKey> tried = new HashSet<>();
        private final WireMessage.Ask ask;
        private final Optional<Recogniser> forms;
        private boolean clientGone;

        Run(Hash job, Order order, ReplySink sink, Routing routing) {
            this.job = job;
            this.order = order;
            this.sink = sink;
            this.routing = routing;
            this.ask = ask(order);
            this.told = order.work() instanceof Work.Completion asked ? Stream.generate(Told::new).limit(asked.choices()).toList() : List.of();
            this.forms = order.request() instanceof ChatRequest chat ? chat.format().map(format -> new Recogniser(Grammar.of(format))) : Optional.empty();
        }

        JobResult through(ConnectedNode.Place first) {
            ConnectedNode.Place place = first;
            Attempt.NodeFault last = new Attempt.NodeFault("no_node", "no node took the job");
            for (int attempt = 0; attempt < limits.attempts; attempt++) {
                PublicKey node = place.node().hello().node();
                String why = routing.chosen(place.choice());
                try (ConnectedNode.Place held = place) {
                    switch (attempt(held.node(), held, attempt, Digests.routing(why))) {
                        case Attempt.Done done -> {
                            return new JobResult.Served(done.assignment, done.message.receipt(), ledger.executed(job, done.message.receipt()), done.delivered);
                        }
                        case Attempt.Over over -> {
                            return fail(over.code, over.message, over.clientsFault);
                        }
                        case Attempt.NodeFault fault -> last = fault;
                    }
                }
                LOG.warn("job {} failed on node {}: {} ({})", job, node, last.code, last.message);
                routing.failed(last.code);
                reputation.failed(node, order.work());
                tried.add(node);
                Optional<ConnectedNode.Place> next = attempt + 1 < limits.attempts && order.request().preferences().mayFailOver() && timeLeft() > 0 ? nodes.take(need()) : Optional.empty();
                if (next.isEmpty()) {
                    break;
                }
                place = next.get();
                if (sink.restart()) {
                    told.forEach(Told::forget);
                }
            }
            return fail(last.code, "the job failed on " + tried.size() + (tried.size() == 1 ? " node" : " nodes") + ", the last one said: " + last.message, false);
        }

        private NodePool.Need need() {
            return NodePool.Need.of(order.request(), order.modelId(), order.work()).without(tried);
        }

        private JobResult fail(String code, String message, boolean clientsFault) {
            ledger.failed(job, code, message);
            return new JobResult.Failed(code, message, clientsFault);
        }

        private long timeLeft() {
            return startMs + limits.job.toMillis() - clock.millis();
        }

        private Attempt attempt(ConnectedNode node, ConnectedNode.Place place, int number, Hash why) {
            ModelOffer model = node.model(order.request().model()).orElseThrow();
            SignedAssignment signed = assignment(node.hello().node(), model, number, why).sign(gateway);
            ledger.assigned(job, signed);
            long assignedMs = clock.millis();
            try (ConnectedNode.Conversation talk = place.assign(new WireMessage.Assign(job, signed, order.voucher(), ask), order.work().parts())) {
                return converse(talk, node, model, signed, assignedMs);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Attempt.Over("gateway_stopping", "the gateway is shutting down", false);
            }
        }

        private Assignment assignment(PublicKey node, ModelOffer model, int number, Hash why) {
            return new Assignment(job, gateway.publicKey(), node, model.id(), order.request().tier(), number, order.work().maxOutput(), order.mint(), order.price(),
                order.ceiling(), order.payment(), order.requestHash(), order.seed(), sampler(), constraints().hash(), why, clock.millis(),
                startMs + limits.job.toMillis());
        }

        /// Vectors and what services say are not drawn: as if always the likeliest were taken.
        private Sampler sampler() {
            return order.request() instanceof ChatRequest chat ? chat.sampler() : Sampler.GREEDY;
        }

        /// What the assignment commits to; of a sealed prompt this gateway knows nothing.
        private Constraints constraints() {
            return switch (ask) {
                case WireMessage.Ask.Clear clear -> clear.constraints();
                case WireMessage.Ask.Sealed _, WireMessage.Ask.Embed _, WireMessage.Ask.Call _ -> Constraints.NONE;
            };
        }

        private static WireMessage.Ask ask(Order order) {
            return switch (order.request()) {
                case ChatRequest chat when order.work() instanceof Work.Completion asked -> ask(chat, asked);
                case ChatRequest _ -> throw new IllegalArgumentException("the work of a chat is a completion");
                case EmbeddingRequest embedding -> new WireMessage.Ask.Embed(new WireMessage.EmbeddingRequest(embedding.inputs()));
                case ServiceRequest call -> new WireMessage.Ask.Call(call.body());
            };
        }

        private static WireMessage.Ask ask(ChatRequest chat, Work.Completion asked) {
            return switch (chat.prompt()) {
                case Prompt.Clear clear -> new WireMessage.Ask.Clear(new WireMessage.ChatRequest(
                    clear.messages().stream().map(message -> new WireMessage.ChatMessage(message.role(), message.content())).toList(), asked.maxEach(), asked.choices(),
                    new Constraints(chat.stop(), chat.format().map(Format::text).orElse(""), Hash.ZERO), chat.topLogprobs()), Hash.random(RANDOM));
                case Prompt.Sealed sealed -> new WireMessage.Ask.Sealed(sealed.prompt());
            };
        }

        private Attempt converse(ConnectedNode.Conversation talk, ConnectedNode node, ModelOffer model, SignedAssignment assignment, long assignedMs) throws InterruptedException {
            Reply reply = switch (order.work()) {
                case Work.Completion asked -> new TextReply(asked);
                case Work.Vectors vectors -> new VectorReply(vectors);
                case Work.Call _ -> new OutputReply();
            };
            Duration untilFirst = order.work() instanceof Work.Call call ? call.patience() : limits.firstToken;
            long firstMs = 0;
            boolean cancelled = false;
            while (true) {
                Duration patience = cancelled ? limits.cancel : reply.awaited() ? untilFirst : limits.stall;
                Optional<NodeEvent> event = talk.next(Duration.ofMillis(Math.clamp(timeLeft(), 1, patience.toMillis())));
                if (event.isEmpty()) {
                    talk.cancel();
                    return new Attempt.NodeFault("node_timeout", "it said nothing for too long");
                }
                switch (event.get()) {
                    case NodeEvent.Accepted _ -> LOG.debug("job {} is accepted by {}", job, node.hello().node());
                    case NodeEvent.Rejected rejected when REQUEST_FAULTS.containsKey(rejected.code()) -> {
                        return new Attempt.Over(REQUEST_FAULTS.get(rejected.code()), rejected.message(), true);
                    }
                    case NodeEvent.Rejected rejected -> {
                        return new Attempt.NodeFault(rejected.code(), rejected.message());
                    }
                    case NodeEvent.Failed failed when REQUEST_FAULTS.containsKey(failed.code()) -> {
                        return new Attempt.Over(REQUEST_FAULTS.get(failed.code()), failed.message(), true);
                    }
                    case NodeEvent.Failed failed -> {
                        return new Attempt.NodeFault(failed.code(), failed.message());
                    }
                    case NodeEvent.Lost _ -> {
                        return new Attempt.NodeFault("node_lost", "its connection broke");
                    }
                    case NodeEvent.Part part -> {
                        Optional<Attempt> wrong = reply.take(part);
                        if (wrong.isPresent()) {
                            talk.cancel();
                            return wrong.get();
                        }
                        firstMs = firstMs == 0 ? clock.millis() : firstMs;
                        if (clientGone && !cancelled) {
                            cancelled = true;
                            talk.cancel();
                        }
                    }
                    case NodeEvent.Done(WireMessage.Done done) -> {
                        Optional<Attempt> wrong = reply.end(done, cancelled);
                        return wrong.isPresent() ? wrong.get() : finish(done, node, model, assignment, reply, assignedMs, firstMs);
                    }
                }
            }
        }

        /// What a node says of one reply.
        private sealed interface Reply {
            /// Takes a part.
            ///
            /// @return how the attempt ends, where it cannot go on
            Optional<Attempt> take(NodeEvent.Part part);

            /// The node says that it is done.
            ///
            /// @param cancelled whether it was told to stop
            /// @return how the attempt ends, where that is wrong
            Optional<Attempt> end(WireMessage.Done done, boolean cancelled);

            /// What contradicts an earlier node, where the receipt is good.
            Optional<Attempt> contradiction();

            /// Whether something is still to begin, before which a node has the prompt to read.
            boolean awaited();

            /// How many tokens, vectors or replies of a service there are.
            int parts(WireMessage.Done done);

            /// What it gave, of which the receipt is.
            Delivered delivered(WireMessage.Done done);
        }

        /// Text of one choice or several, passed on as it comes, be it one after another or side by side.
        private final class TextReply implements Reply {
            private final Work.Completion asked;
            private final List<TextChoice> choices;
            private int expected;

            TextReply(Work.Completion asked) {
                this.asked = asked;
                this.choices = IntStream.range(0, asked.choices()).mapToObj(TextChoice::new).toList();
            }

            @Override
            public Optional<Attempt> take(NodeEvent.Part part) {
                if (!(part instanceof NodeEvent.Delta(WireMessage.Delta delta)) || delta.index() != expected++ || delta.choice() >= choices.size() || delta.tokens() > asked.maxEach()) {
                    return Optional.of(new Attempt.NodeFault("delta_invalid", "a delta was out of order, of no choice that was asked for, or past the output's limit"));
                }
                return choices.get(delta.choice()).take(delta);
            }

            @Override
            public Optional<Attempt> end(WireMessage.Done done, boolean cancelled) {
                boolean several = choices.size() > 1;
                if (done.choices().size() != (several ? choices.size() : 0) || done.choices().stream().anyMatch(each -> each.tokens() > asked.maxEach())) {
                    return Optional.of(new Attempt.NodeFault("choices_invalid", "it gave " + done.choices().size() + " choices in place of " + choices.size() + ", or one with too many tokens"));
                }
                List<Finish> finishes = several ? done.choices().stream().map(ReplyChoice::finish).toList() : List.of(done.finish());
                if (!cancelled && finishes.contains(Finish.CANCELLED)) {
                    return Optional.of(new Attempt.NodeFault("cancelled_unasked", "it gave a reply up that nobody had told it to"));
                }
                return IntStream.range(0, choices.size()).mapToObj(i -> choices.get(i).end(finishes.get(i))).flatMap(Optional::stream).findFirst();
            }

            @Override
            public Optional<Attempt> contradiction() {
                return choices.stream().allMatch(each -> each.again.caughtUp()) ? Optional.empty()
                    : Optional.of(new Attempt.Over("failover_mismatch", "another node ended the reply before the point that the first one had reached", false));
            }

            @Override
            public boolean awaited() {
                return !choices.stream().allMatch(each -> each.begun);
            }

            @Override
            public int parts(WireMessage.Done done) {
                return done.tokensOut();
            }

            @Override
            public Delivered delivered(WireMessage.Done done) {
                return new Delivered.Text(choices.size() > 1 ? done.choices() : List.of(new ReplyChoice(done.receipt().receipt().outputHash(), done.finish(), done.tokensOut())));
            }
        }

        /// What a node says of one choice, lined up with what the client has of it.
        private final class TextChoice {
            private final int at;
            private final Regeneration again;
            private final FormCheck form = new FormCheck(forms);
            private final OptionalInt top = order.request() instanceof ChatRequest chat ? chat.topLogprobs() : OptionalInt.empty();
            private final int toldBefore;
            private boolean begun;
            private int tokens;

            TextChoice(int at) {
                this.at = at;
                this.again = new Regeneration(told.get(at).text);
                this.toldBefore = told.get(at).tokens;
            }

            Optional<Attempt> take(WireMessage.Delta delta) {
                begun = true;
                tokens += delta.logprobs().size();
                if (tokens > delta.tokens() || delta.logprobs().stream().anyMatch(each -> each.top().size() > top.orElse(-1))) {
                    return Optional.of(unlikely());
                }
                if (!form.holds(delta.text())) {
                    return Optional.of(broken());
                }
                Optional<String> fresh = again.accept(delta.text());
                if (fresh.isEmpty()) {
                    return Optional.of(new Attempt.Over("failover_mismatch", "another node continued the reply differently after the first one failed", false));
                }
                pass(at, fresh.get(), delta.logprobs().stream().skip(Math.clamp((long) toldBefore - (tokens - delta.logprobs().size()), 0, delta.logprobs().size())).toList());
                return Optional.empty();
            }

            /// The node says that it is done.
            ///
            /// @param finish why this choice ended
            Optional<Attempt> end(Finish finish) {
                if (finish == Finish.STOP && !form.whole()) {
                    return Optional.of(broken());
                }
                return top.isPresent() && tokens == 0 && begun ? Optional.of(unlikely()) : Optional.empty();
            }
        }

        /// Vectors, kept until all are there: a client that has some of them has nothing.
        private static final class VectorReply implements Reply {
            private final Work.Vectors asked;
            private final List<Embedding> vectors = new ArrayList<>();

            VectorReply(Work.Vectors asked) {
                this.asked = asked;
            }

            @Override
            public Optional<Attempt> take(NodeEvent.Part part) {
                if (!(part instanceof NodeEvent.Vector(WireMessage.Vector vector)) || vector.index() != vectors.size() || vectors.size() == asked.inputs()) {
                    return wrong("a vector was out of order, or one too many");
                }
                if (vector.embedding().dimensions() != asked.dimensions() || !vector.embedding().finite()) {
                    return wrong("a vector has not " + asked.dimensions() + " numbers");
                }
                vectors.add(vector.embedding());
                return Optional.empty();
            }

            @Override
            public Optional<Attempt> end(WireMessage.Done done, boolean cancelled) {
                return vectors.size() == asked.inputs() && done.finish() == Finish.STOP ? Optional.empty() : wrong("it gave " + vectors.size() + " vectors for " + asked.inputs() + " inputs");
            }

            private static Optional<Attempt> wrong(String message) {
                return Optional.of(new Attempt.NodeFault("vector_invalid", message));
            }

            @Override
            public Optional<Attempt> contradiction() {
                return Optional.empty();
            }

            @Override
            public boolean awaited() {
                return vectors.isEmpty();
            }

            @Override
            public int parts(WireMessage.Done done) {
                return vectors.size();
            }

            @Override
            public Delivered delivered(WireMessage.Done done) {
                return new Delivered.Vectors(vectors);
            }
        }

        /// What a service said, which comes once and whole.
        private static final class OutputReply implements Reply {
            private Optional<ServiceBody> output = Optional.empty();

            @Override
            public Optional<Attempt> take(NodeEvent.Part part) {
                if (!(part instanceof NodeEvent.Output(WireMessage.Output said)) || output.isPresent()) {
                    return wrong("it gave something else than one reply of the service");
                }
                output = Optional.of(said.reply());
                return Optional.empty();
            }

            @Override
            public Optional<Attempt> end(WireMessage.Done done, boolean cancelled) {
                return output.isPresent() && done.finish() == Finish.STOP ? Optional.empty() : wrong("it gave no reply of the service");
            }

            private static Optional<Attempt> wrong(String message) {
                return Optional.of(new Attempt.NodeFault("output_invalid", message));
            }

            @Override
            public boolean awaited() {
                return output.isEmpty();
            }

            @Override
            public Optional<Attempt> contradiction() {
                return Optional.empty();
            }

            @Override
            public int parts(WireMessage.Done done) {
                return 1;
            }

            @Override
            public Delivered delivered(WireMessage.Done done) {
                return new Delivered.Output(output.orElseThrow());
            }
        }

        private static Attempt broken() {
            return new Attempt.NodeFault("format_broken", "its reply has not the form that was asked for");
        }

        private static Attempt unlikely() {
            return new Attempt.NodeFault("logprobs_invalid", "the probabilities that came with its tokens are not those that were asked for");
        }

        /// @param choice which it is of
        /// @param tokens that the client has not been told of
        private void pass(int choice, String text, List<TokenLogprob> tokens) {
            told.get(choice).add(text, tokens);
            if (clientGone || text.isEmpty()) {
                return;
            }
            try {
                sink.text(choice, text, tokens);
            } catch (ReplySink.ClientGoneException e) {
                clientGone = true;
            }
        }

        private Attempt finish(WireMessage.Done done, ConnectedNode node, ModelOffer model, SignedAssignment assignment, Reply reply, long assignedMs, long firstMs) {
            Optional<String> problem = ReceiptCheck.problem(assignment.assignment(), model.engine(), order.work(), reply.delivered(done), done, node.hello().receiptKey());
            if (problem.isPresent()) {
                reputation.failed(node.hello().node(), order.work());
                return new Attempt.Over("receipt_invalid", "the node's receipt is not good: " + problem.get(), false);
            }
            Optional<Attempt> contradiction = reply.contradiction();
            if (contradiction.isPresent()) {
                return contradiction.get();
            }
            long now = clock.millis();
            long first = firstMs == 0 ? now : firstMs;
            reputation.done(node.hello().node(), order.work(), first - assignedMs, reply.parts(done), now - first);
            return new Attempt.Done(assignment, done, reply.delivered(done));
        }

        /// Lines what a node says up with what the client has from the nodes before it.
        private static final class Regeneration {
            private final StringBuilder sent;
            private final int ahead;
            private int position;

            /// @param sent what the client has, to which more is added
            Regeneration(StringBuilder sent) {
                this.sent = sent;
                this.ahead = sent.length();
            }

            /// The part of the text that is new to the client; empty when the text contradicts what the client has.
            Optional<String> accept(String text) {
                int known = Math.min(text.length(), ahead - position);
                if (known <= 0) {
                    return Optional.of(text);
                }
                for (int i = 0; i < known; i++) {
                    if (sent.charAt(position + i) != text.charAt(i)) {
                        return Optional.empty();
                    }
                }
                position += known;
                return Optional.of(text.substring(known));
            }

            boolean caughtUp() {
                return position >= ahead;
            }
        }
    }
}
