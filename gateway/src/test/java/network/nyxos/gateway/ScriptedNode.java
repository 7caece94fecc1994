package network.nyxos.gateway;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.seal.PromptSeal;
import network.nyxos.escrow.seal.PromptTerms;
import network.nyxos.escrow.seal.ReplySealer;
import network.nyxos.escrow.seal.SealedPrompt;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;
import software.sava.core.accounts.PublicKey;

/// A node that speaks the node link for real; only what its model says is written down beforehand.
public final class ScriptedNode implements AutoCloseable {
    public static final String ENGINE = "scripted";
    private static final int PROMPT_TOKENS = 5;

    /// A node's keys.
    public record Keys(Keypair node, Keypair receipt, Optional<SealingKey> sealing) {
        public Keys(Keypair node, Keypair receipt) {
            this(node, receipt, Optional.empty());
        }

        PublicKey sealingKey() {
            return sealing.map(SealingKey::id).orElse(PublicKey.NONE);
        }
    }

    /// What it does with a job.
    ///
    /// @param pieces     of the reply, a token each
    /// @param dieAfter   pieces after which the connection breaks; negative: it does not
    /// @param hold       waits until it is released
    /// @param holdAt     before the piece of this number, from 0
    /// @param reject     refuses every job with this code
    /// @param falsify    changes receipts before they are signed
    /// @param formed     what it says in place of its pieces, for each type of form
    /// @param vectors    what it makes of texts
    /// @param likely     changes the probabilities that it gives with each piece; empty: it gives none, and says so
    /// @param counted    changes what it tells of several choices, after its receipt was made of what is true
    /// @param formats    says that it holds replies to forms; what it says is what is written down all the same
    public record Script(List<String> pieces, int dieAfter, Optional<CountDownLatch> hold, int holdAt, Optional<String> reject, UnaryOperator<Receipt> falsify, boolean formats,
                         Map<String, List<String>> formed, Function<List<String>, List<Embedding>> vectors, Optional<UnaryOperator<List<TokenLogprob>>> likely,
                         UnaryOperator<List<ReplyChoice>> counted) {
        public static Script saying(String... pieces) {
            return new Script(List.of(pieces), -1, Optional.empty(), 0, Optional.empty(), UnaryOperator.identity(), true, Map.of(), ScriptedNode::vectors, Optional.of(UnaryOperator.identity()), UnaryOperator.identity());
        }

        public Script dyingAfter(int count) {
            return new Script(pieces, count, hold, holdAt, reject, falsify, formats, formed, vectors, likely, counted);
        }

        public Script heldBy(CountDownLatch latch) {
            return heldBy(latch, 0);
        }

        public Script heldBy(CountDownLatch latch, int at) {
            return new Script(pieces, dieAfter, Optional.of(latch), at, reject, falsify, formats, formed, vectors, likely, counted);
        }

        public Script rejecting(String code) {
            return new Script(pieces, dieAfter, hold, holdAt, Optional.of(code), falsify, formats, formed, vectors, likely, counted);
        }

        public Script formless() {
            return new Script(pieces, dieAfter, hold, holdAt, reject, falsify, false, formed, vectors, likely, counted);
        }

        /// Says something else where a form of this type is asked for.
        public Script formed(String type, String... said) {
            var more = new HashMap<>(formed);
            more.put(type, List.of(said));
            return new Script(pieces, dieAfter, hold, holdAt, reject, falsify, formats, more, vectors, likely, counted);
        }

        /// Tells something else of several choices than its receipt is over.
        public Script counting(UnaryOperator<List<ReplyChoice>> change) {
            return new Script(pieces, dieAfter, hold, holdAt, reject, falsify, formats, formed, vectors, likely, change);
        }

        /// What it says for a choice: every one but the first has its number at the end, where no form is asked for.
        private List<String> pieces(WireMessage.ChatRequest request, int choice) {
            List<String> said = pieces(request);
            return choice == 0 || !request.constraints().format().isEmpty() ? said : Stream.concat(said.stream(), Stream.of(" #" + choice)).toList();
        }

        /// Who was told a tool's result does not call it again.
        private List<String> pieces(WireMessage.ChatRequest request) {
            String format = request.constraints().format();
            boolean told = request.messages().getLast().role().equals("tool");
            return formed.entrySet().stream().filter(each -> !told && format.endsWith("\"type\":\"" + each.getKey() + "\"}")).map(Map.Entry::getValue).findFirst().orElse(pieces);
        }

        /// Makes other vectors than it should.
        public Script embedding(UnaryOperator<List<Embedding>> change) {
            return new Script(pieces, dieAfter, hold, holdAt, reject, falsify, formats, formed, inputs -> change.apply(ScriptedNode.vectors(inputs)), likely, counted);
        }

        public Script likely(UnaryOperator<List<TokenLogprob>> change) {
            return new Script(pieces, dieAfter, hold, holdAt, reject, falsify, formats, formed, vectors, Optional.of(change), counted);
        }

        public Script saysNothingOfProbabilities() {
            return new Script(pieces, dieAfter, hold, holdAt, reject, falsify, formats, formed, vectors, Optional.empty(), counted);
        }

        /// Of a piece, which is a token: a tenth less for each one before it, and as likely as it the last token of the alphabet.
        private List<TokenLogprob> likely(WireMessage.Ask ask, String piece, int at) {
            if (!(ask instanceof WireMessage.Ask.Clear(WireMessage.ChatRequest request, Hash _)) || request.topLogprobs().isEmpty() || likely.isEmpty()) {
                return List.of();
            }
            var token = TokenLogprob.Likely.of(piece.getBytes(StandardCharsets.UTF_8), -100_000 * (at + 1));
            var other = TokenLogprob.Likely.of(new byte[] {'z', (byte) 0xC3}, -2_500_000);
            return likely.get().apply(List.of(new TokenLogprob(token, List.of(token, other).subList(0, Math.min(2, request.topLogprobs().getAsInt())))));
        }

        public Script lying(UnaryOperator<Receipt> change) {
            return new Script(pieces, dieAfter, hold, holdAt, reject, change, formats, formed, vectors, likely, counted);
        }
    }

    /// The vector that such a node makes of a text: its length, its first letter, a third and 1.
    public static Embedding vector(String input) {
        return Embedding.of(new float[] {input.length(), input.charAt(0), 1 / 3f, 1});
    }

    private static List<Embedding> vectors(List<String> inputs) {
        return inputs.stream().map(ScriptedNode::vector).toList();
    }

    private final Keys keys;
    private final Set<Tier> tiers;
    private final Script script;
    private final Optional<DevelopmentTee> tee;
    private final int capacity;
    private final List<WireMessage.Assign> assigned = new CopyOnWriteArrayList<>();
    private final List<WireMessage.ChatRequest> read = new CopyOnWriteArrayList<>();
    private final List<WireMessage.Refused> refused = new CopyOnWriteArrayList<>();
    private final CountDownLatch welcomed = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService work = Executors.newVirtualThreadPerTaskExecutor();
    private final StringBuilder parts = new StringBuilder();
    private final HttpClient http = HttpClient.newHttpClient();
    private volatile WebSocket socket;
    private volatile boolean cancelled;
    private volatile Function<byte[], List<String>> service = said -> List.of(echo(new String(said, StandardCharsets.UTF_8)));
    private volatile boolean closed;

    private ScriptedNode(Gateway gateway, Keys keys, Set<Tier> tiers, Script script, int capacity, Optional<DevelopmentTee> tee) {
        this.keys = keys;
        this.tiers = tiers;
        this.script = script;
        this.capacity = capacity;
        this.tee = tee;
        http.newWebSocketBuilder().buildAsync(URI.create("ws://127.0.0.1:" + gateway.port() + "/v1/node"), new Listener()).join();
    }

    /// Connects and waits until it is let in.
    public static ScriptedNode join(Gateway gateway, Keys keys, Script script, Tier... tiers) throws InterruptedException {
        ScriptedNode node = dial(gateway, keys, script, 16, Optional.empty(), tiers);
        if (!node.welcomed.await(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("not let in: " + node.refused);
        }
        return node;
    }

    /// Connects and waits until it is let in. The gateway hears of a registration a moment later; a node that comes too early is refused and comes again.
    public static ScriptedNode joined(Gateway gateway, Keys keys, Script script, Tier... tiers) {
        var tries = new ArrayList<ScriptedNode>();
        await().atMost(Duration.ofSeconds(15)).until(() -> {
            ScriptedNode node = dial(gateway, keys, script, 16, Optional.empty(), tiers);
            tries.add(node);
            await().atMost(Duration.ofSeconds(15)).until(() -> node.welcomed() || !node.refused().isEmpty());
            return node.welcomed();
        });
        tries.subList(0, tries.size() - 1).forEach(ScriptedNode::close);
        return tries.getLast();
    }

    /// Connects.
    public static ScriptedNode dial(Gateway gateway, Keys keys, Script script, int capacity, Optional<DevelopmentTee> tee, Tier... tiers) {
        return new ScriptedNode(gateway, keys, Set.of(tiers), script, capacity, tee);
    }

    /// The jobs it was given.
    public List<WireMessage.Assign> assigned() {
        return assigned;
    }

    /// Why it was not let in.
    public List<WireMessage.Refused> refused() {
        return refused;
    }

    /// Whether it was let in.
    public boolean welcomed() {
        return welcomed.getCount() == 0;
    }

    public PublicKey key() {
        return keys.node.publicKey();
    }

    private final class Listener implements WebSocket.Listener {
        @Override
        public void onOpen(WebSocket opened) {
            socket = opened;
            opened.request(1);
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            parts.append(data);
            if (last) {
                WireMessage message = WireCodec.decode(parts.toString());
                parts.setLength(0);
                work.execute(() -> answer(message));
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            over.countDown();
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            over.countDown();
        }
    }

    private synchronized void send(WireMessage message) {
        if (!closed) {
            socket.sendText(WireCodec.encode(message), true).exceptionally(_ -> socket).join();
        }
    }

    private void answer(WireMessage message) {
        switch (message) {
            case WireMessage.Challenge challenge -> send(WireMessage.Hello.answer(challenge, keys.node, keys.receipt.publicKey(), keys.sealing.map(SealingKey::publicKey), tiers,
                List.of(new WireMessage.ModelOffer(Ground.MODEL_ID, Ground.MODEL, ENGINE, Ground.CONTEXT, true, new ModelKind.Chat(script.formats, script.likely.isPresent())),
                    new WireMessage.ModelOffer(Ground.VECTORS_ID, Ground.VECTORS, ENGINE, Ground.VECTORS_CONTEXT, false, new ModelKind.Embedding(Ground.DIMENSIONS)),
                    new WireMessage.ModelOffer(Ground.SERVICE_ID, Ground.SERVICE, ENGINE, ServiceBody.MAX_REQUEST, false, new ModelKind.Service())), capacity));
            case WireMessage.Welcome _ -> welcomed.countDown();
            case WireMessage.Refused why -> refused.add(why);
            case WireMessage.Attest attest -> tee.ifPresent(each -> attest(each, attest.nonce()));
            case WireMessage.Assign assign -> work(assign);
            case WireMessage.Cancel _ -> cancelled = true;
            default -> throw new IllegalStateException("a gateway does not send " + message);
        }
    }

    private void attest(DevelopmentTee hardware, Hash nonce) {
        Bytes bound = ReportData.bind(key().toByteArray(), keys.receipt.publicKey().toByteArray(), keys.sealingKey().toByteArray(), nonce.bytes());
        send(new WireMessage.Evidence(nonce, "tdx", hardware.quote(bound, DevelopmentTee.measurementOf("test")),
            Optional.of(hardware.collateral(Instant.now()).toJson().getBytes(StandardCharsets.UTF_8)), true));
    }

    private void work(WireMessage.Assign assign) {
        assigned.add(assign);
        if (assign.ask() instanceof WireMessage.Ask.Embed(WireMessage.EmbeddingRequest request)) {
            embed(assign, request.inputs());
            return;
        }
        if (assign.ask() instanceof WireMessage.Ask.Call(ServiceBody request)) {
            call(assign, request);
            return;
        }
        List<List<String>> choices;
        try {
            choices = switch (assign.ask()) {
                case WireMessage.Ask.Sealed(SealedPrompt prompt) -> List.of(sealed(assign, prompt));
                case WireMessage.Ask.Clear(WireMessage.ChatRequest request, Hash _) -> IntStream.range(0, request.choices()).mapToObj(choice -> script.pieces(request, choice)).toList();
                case WireMessage.Ask.Embed _, WireMessage.Ask.Call _ -> throw new IllegalStateException("done above");
            };
        } catch (ProtocolException e) {
            send(new WireMessage.Rejected(assign.job(), e.code(), e.getMessage()));
            return;
        }
        if (script.reject.isPresent()) {
            send(new WireMessage.Rejected(assign.job(), script.reject.get(), "scripted to refuse"));
            return;
        }
        long start = System.currentTimeMillis();
        send(new WireMessage.Accepted(assign.job()));
        int told = 0;
        var counts = new ArrayList<Integer>();
        for (int choice = 0; choice < choices.size(); choice++) {
            int tokens = 0;
            for (String piece : choices.get(choice)) {
                if (told == script.holdAt) {
                    hold(script.hold);
                }
                if (told == script.dieAfter) {
                    socket.abort();
                    return;
                }
                if (cancelled) {
                    break;
                }
                List<TokenLogprob> likely = script.likely(assign.ask(), piece, tokens);
                send(new WireMessage.Delta(assign.job(), choice, told++, piece, ++tokens, likely));
            }
            counts.add(tokens);
        }
        if (told == script.dieAfter) {
            socket.abort();
            return;
        }
        finish(assign, counts, start);
    }

    private void embed(WireMessage.Assign assign, List<String> inputs) {
        long start = System.currentTimeMillis();
        send(new WireMessage.Accepted(assign.job()));
        List<Embedding> vectors = script.vectors.apply(inputs);
        for (int i = 0; i < vectors.size(); i++) {
            if (i == script.dieAfter) {
                socket.abort();
                return;
            }
            send(new WireMessage.Vector(assign.job(), i, vectors.get(i)));
        }
        int tokens = inputs.stream().mapToInt(input -> Ground.TOKENIZER.encode(input).length).sum();
        finish(assign, tokens, 0, Embedding.hash(vectors), Finish.STOP, List.of(), start);
    }

    /// Changes what its service says: of a request, replies in the order in which they are sent. What is thrown is what it fails with.
    public ScriptedNode saying(Function<byte[], List<String>> replies) {
        service = replies;
        return this;
    }

    private void call(WireMessage.Assign assign, ServiceBody request) {
        long start = System.currentTimeMillis();
        send(new WireMessage.Accepted(assign.job()));
        hold(script.hold);
        if (script.dieAfter == 0) {
            socket.abort();
            return;
        }
        List<ServiceBody> replies;
        try {
            replies = service.apply(request.bytes()).stream().map(reply -> ServiceBody.reply(reply.getBytes(StandardCharsets.UTF_8))).toList();
        } catch (ProtocolException e) {
            send(new WireMessage.Failed(assign.job(), e.code(), e.getMessage()));
            return;
        }
        replies.forEach(reply -> send(new WireMessage.Output(assign.job(), reply)));
        finish(assign, request.hash(), 0, 1, replies.isEmpty() ? Hash.ZERO : replies.getLast().hash(), Finish.STOP, List.of(), start);
    }

    /// What such a node's service says by itself: what it was told.
    public static String echo(String said) {
        return "{\"echo\": " + said + " }\n";
    }

    /// The script's pieces in a sealed reply; the last piece ends it.
    private List<String> sealed(WireMessage.Assign assign, SealedPrompt prompt) {
        PromptSeal.Opened opened = PromptSeal.open(keys.sealing.orElseThrow(), PromptTerms.of(assign.assignment().assignment()), prompt);
        read.add(WireCodec.decodeRequest(opened.request()));
        ReplySealer sealer = opened.reply().sealer();
        var frames = new ArrayList<>(List.of(sealer.head()));
        script.pieces.forEach(piece -> frames.add(sealer.next(piece.getBytes(StandardCharsets.UTF_8))));
        frames.add(sealer.last(new byte[0]));
        return frames.stream().map(frame -> Base64.getEncoder().encodeToString(frame) + "\n").toList();
    }

    /// What it read in sealed prompts.
    public List<WireMessage.ChatRequest> read() {
        return read;
    }

    private void hold(Optional<CountDownLatch> latch) {
        try {
            if (latch.isPresent()) {
                latch.get().await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @param counts tokens of each choice
    private void finish(WireMessage.Assign assign, List<Integer> counts, long start) {
        Finish finish = cancelled ? Finish.CANCELLED : Finish.STOP;
        List<ReplyChoice> choices = counts.stream().map(tokens -> new ReplyChoice(TokenHash.output(new int[tokens]), finish, tokens)).toList();
        boolean several = choices.size() > 1;
        finish(assign, PROMPT_TOKENS, (int) ReplyChoice.tokens(choices), several ? ReplyChoice.hash(choices) : choices.getFirst().output(), finish, several ? choices : List.of(), start);
    }

    private void finish(WireMessage.Assign assign, int tokensIn, int tokensOut, Hash output, Finish finish, List<ReplyChoice> choices, long start) {
        finish(assign, TokenHash.prompt(Hash.ZERO, new int[] {1, 2, 3, 4, 5}), tokensIn, tokensOut, output, finish, choices, start);
    }

    private void finish(WireMessage.Assign assign, Hash prompt, int tokensIn, int tokensOut, Hash output, Finish finish, List<ReplyChoice> choices, long start) {
        Assignment order = assign.assignment().assignment();
        long counted = order.price().charge(tokensIn, tokensOut);
        var receipt = script.falsify.apply(new Receipt(assign.job(), key(), order.modelId(), ENGINE, order.tier(), order.seed(), order.sampler(),
            prompt, output, tokensIn, tokensOut, order.mint(),
            order.payment() == Payment.EXACT ? order.ceiling() : counted, finish, Hash.ZERO, order.tier() == Tier.CONFIDENTIAL ? Hash.sha256(new byte[] {7}) : Hash.ZERO,
            order.digest(), start, System.currentTimeMillis()));
        send(new WireMessage.Done(assign.job(), receipt.finish(), receipt.tokensIn(), receipt.tokensOut(), choices.isEmpty() ? choices : script.counted.apply(choices),
            receipt.sign(keys.receipt)));
    }

    @Override
    public void close() {
        closed = true;
        socket.abort();
        work.shutdownNow();
        http.shutdownNow();
    }
}
