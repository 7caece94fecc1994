package network.nyxos.relayer;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.wire.PromptText;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;

/// A node's end of the link, as small as it can be: it says hello, gives evidence, offers receipts, reveals its work and replays others'.
public final class TestNode implements WebSocket.Listener, AutoCloseable {
    private final World world;
    private final Papers.NodeKeys keys;
    private final Map<Hash, Papers.Work> works = new ConcurrentHashMap<>();
    public final Map<Hash, WireMessage.Recorded> recorded = new ConcurrentHashMap<>();
    public final Queue<WireMessage.State> states = new ConcurrentLinkedQueue<>();
    public final CompletableFuture<WireMessage> greeting = new CompletableFuture<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final ExecutorService sending = Executors.newSingleThreadExecutor();
    private final StringBuilder frame = new StringBuilder();
    private final CompletableFuture<WebSocket> socket = new CompletableFuture<>();
    /// Whether replays come out other than the engine's.
    public volatile boolean lies;
    /// What it says when it is asked to accuse; it is called once a question.
    public volatile Function<WireMessage.Accuse, WireMessage> accuses = accuse -> new WireMessage.Failed(accuse.job(), "accuse_off", "this node opens no disputes");
    /// The evidence that was given last.
    public volatile Hash quoteHash = Hash.ZERO;

    private TestNode(World world, Papers.NodeKeys keys) {
        this.world = world;
        this.keys = keys;
    }

    public static TestNode dial(World world, Relayer relayer, Papers.NodeKeys keys) {
        var node = new TestNode(world, keys);
        node.http.newWebSocketBuilder().buildAsync(URI.create("ws://127.0.0.1:" + relayer.port() + "/v1/node"), node).join();
        return node;
    }

    public void offer(Papers.Work work) {
        works.put(work.receipt().receipt().jobId(), work);
        send(new WireMessage.OfferReceipt(work.assignment(), work.receipt()));
    }

    /// Forgets what it did, as a node does that was restarted.
    public void forget() {
        works.clear();
    }

    private void send(WireMessage message) {
        sending.execute(() -> socket.join().sendText(WireCodec.encode(message), true).join());
    }

    @Override
    public void onOpen(WebSocket opened) {
        socket.complete(opened);
        opened.request(1);
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
        frame.append(text);
        if (last) {
            String whole = frame.toString();
            frame.setLength(0);
            receive(WireCodec.decode(whole));
        }
        from.request(1);
        return null;
    }

    private void receive(WireMessage message) {
        switch (message) {
            case WireMessage.Challenge challenge -> send(WireMessage.Hello.answer(challenge, keys.node(), keys.receipt().publicKey(),
                Optional.of(keys.sealing().publicKey()), keys.tiers(), List.of(new WireMessage.ModelOffer(Papers.MODEL, "test", Papers.ENGINE, 2048, true, false)), 4));
            case WireMessage.Welcome welcome -> greeting.complete(welcome);
            case WireMessage.Refused refused -> greeting.complete(refused);
            case WireMessage.Attest attest -> attest(attest.nonce());
            case WireMessage.Recorded done -> recorded.put(done.job(), done);
            case WireMessage.State state -> states.add(state);
            case WireMessage.Reveal reveal -> reveal(reveal.job());
            case WireMessage.Replay replay -> replay(replay);
            case WireMessage.Accuse accuse -> send(accuses.apply(accuse));
            default -> throw new IllegalStateException("unexpected " + message);
        }
    }

    private void attest(Hash nonce) {
        Bytes bound = ReportData.bind(keys.key().toByteArray(), keys.receipt().publicKey().toByteArray(), keys.sealing().id().toByteArray(), nonce.bytes());
        byte[] quote = world.tee.quote(bound, DevelopmentTee.measurementOf("test"));
        send(new WireMessage.Evidence(nonce, "tdx", quote, Optional.of(world.tee.collateral(Instant.now()).toJson().getBytes(StandardCharsets.UTF_8)), true));
        quoteHash = Hash.sha256(quote);
    }

    private void reveal(Hash job) {
        Papers.Work work = works.get(job);
        send(work == null ? new WireMessage.Failed(job, "job_forgotten", "this node was restarted")
            : new WireMessage.Revealed(job, work.salt(), ids(work.prompt()), ids(work.output()), Constraints.NONE, PromptText.NONE));
    }

    private void replay(WireMessage.Replay order) {
        int[] prompt = order.promptIds().stream().mapToInt(Integer::intValue).toArray();
        int[] output = Papers.run(prompt, 20);
        if (lies) {
            output[0]++;
        }
        send(new WireMessage.Replayed(order.id(), ids(output), Finish.STOP, Hash.ZERO, keys.receipt().sign(Digests.replay(order.id(), Digests.replayOrder(order.salt(), order.model(),
            order.engine(), prompt, order.seed(), order.sampler(), order.maxTokens(), order.constraints()), TokenHash.output(output), Hash.ZERO,
            Finish.STOP))));
    }

    private static List<Integer> ids(int[] ids) {
        return Arrays.stream(ids).boxed().toList();
    }

    @Override
    public void close() {
        socket.join().abort();
        sending.shutdownNow();
        http.close();
    }
}
