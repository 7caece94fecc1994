package network.nyxos.node;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpClient;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.ReplayRequest;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.link.Frame;
import network.nyxos.node.link.Hello;
import network.nyxos.node.link.Peer;
import network.nyxos.node.link.PeerLink;
import network.nyxos.node.outbox.ReceiptOutbox;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the relayer: sends receipts until they are recorded, opens them, replays others' jobs, gives evidence. */
final class RelayerDesk implements PeerLink.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(RelayerDesk.class);
    /** States in which nobody will ask for an opening any more. */
    private static final Set<String> SETTLED = Set.of("batched", "final", "claimed", "refunded", "released", "slashed");

    private final NodeRuntime node;
    private final Peer peer;
    private final EvidenceDesk evidence;
    private final PeerLink link;
    private final Semaphore replays = new Semaphore(1);
    private final Map<Hash, Long> lastSent = new ConcurrentHashMap<>();
    private volatile Cancellation replaying = new Cancellation();

    RelayerDesk(NodeRuntime node, Peer peer, Hello hello, HttpClient http) {
        this.node = node;
        this.peer = peer;
        this.evidence = new EvidenceDesk(node);
        this.link = new PeerLink(peer, hello, node.config().timing(), http, this);
    }

    PeerLink link() {
        return link;
    }

    void start() {
        link.start();
        long period = Math.max(1, node.config().resend().toMillis() / 2);
        node.timer().scheduleWithFixedDelay(this::resend, period, period, TimeUnit.MILLISECONDS);
    }

    @Override
    public void linked() {
        lastSent.clear();
        node.events().linked(peer);
        Thread.startVirtualThread(this::resend);
    }

    @Override
    public void lost(String reason) {
        replaying.cancel();
        // The next relayer process may not have the evidence; it asks again.
        node.quoteHash().set(Hash.ZERO);
        node.events().lost(peer, reason);
    }

    /** Sends a receipt now; it stays in the outbox until it is recorded. */
    void submit(ReceiptOutbox.Entry entry) {
        lastSent.put(entry.job(), System.nanoTime());
        try {
            link.send(ReceiptOutbox.fill(Frame.of("receipt"), entry));
        } catch (PeerLink.LinkDown e) {
            lastSent.remove(entry.job());
            LOG.debug("receipt of job {} waits: {}", entry.job(), e.getMessage());
        }
    }

    private void resend() {
        for (ReceiptOutbox.Entry entry : node.outbox().waiting()) {
            if (!link.up()) {
                return;
            }
            Long sent = lastSent.get(entry.job());
            if (sent == null || System.nanoTime() - sent > node.config().resend().toNanos()) {
                submit(entry);
            }
        }
    }

    @Override
    public void received(Frame frame) {
        switch (frame.type()) {
            case "recorded" -> recorded(frame);
            case "state" -> state(frame);
            case "reveal" -> reveal(frame.hash("job"));
            case "replay" -> replay(frame);
            case "attest" -> evidence.answer(frame, link, node.quoteHash()::set);
            default -> LOG.debug("{} sent a frame of the unknown type {}", peer, frame.type());
        }
    }

    private void recorded(Frame frame) {
        Hash job = frame.hash("job");
        String state = frame.text("state");
        if (state.equals("rejected")) {
            LOG.warn("the relayer will not take the receipt of job {}: {}: {}", job, frame.textOrEmpty("code"), frame.textOrEmpty("message"));
            node.outbox().rejected(job);
            node.memory().forget(job);
        } else {
            node.outbox().recorded(job);
        }
        lastSent.remove(job);
        node.events().recorded(job, state);
    }

    private void state(Frame frame) {
        Hash job = frame.hash("job");
        String state = frame.text("state");
        if (SETTLED.contains(state)) {
            node.memory().forget(job);
        }
        node.events().state(job, state, frame.textOrEmpty("reason"));
    }

    private void reveal(Hash job) {
        answer(job, reply -> node.memory().get(job).ifPresentOrElse(
                opening -> {
                    ObjectNode revealed = Frame.of("revealed").put("job", job.hex()).put("salt", opening.salt().hex());
                    revealed.set("promptIds", Frame.ids(opening.promptIds()));
                    revealed.set("outputIds", Frame.ids(opening.outputIds()));
                    revealed.put("maxTokens", opening.maxTokens()).set("stop", Frame.texts(opening.stop()));
                    reply.accept(revealed);
                }, () -> reply.accept(failed(job, "not_revealable", "this node no longer has the tokens of the job in memory"))));
    }

    private void replay(Frame frame) {
        Hash id = frame.hash("id");
        answer(id, reply -> {
            if (!replays.tryAcquire()) {
                reply.accept(failed(id, "busy", "this node is replaying another job"));
                return;
            }
            try {
                reply.accept(replayed(id, frame));
            } catch (ProtocolException e) {
                reply.accept(failed(id, e.code(), e.getMessage()));
            } catch (EngineException e) {
                reply.accept(failed(id, e.code().wire(), e.getMessage()));
            } finally {
                replays.release();
            }
        });
    }

    private ObjectNode replayed(Hash id, Frame frame) {
        Engine engine = node.engines().get(frame.hash("model"));
        if (engine == null || !engine.model().engine().equals(frame.text("engine")) || !engine.model().deterministic()) {
            throw new ProtocolException("replay_unsupported", "this node does not run that model on that engine, bit for bit");
        }
        Frame sampler = frame.object("sampler");
        ReplayRequest request = new ReplayRequest(frame.tokenIds("promptIds"),
                new Sampling(sampler.integer("temperatureMicro"), sampler.integer("topPMicro"), sampler.integer("topK")),
                frame.unsigned("seed"), frame.integer("maxTokens"), frame.texts("stop"));
        Cancellation cancellation = new Cancellation();
        replaying = cancellation;
        Completion completion = engine.replay(request, cancellation);
        if (completion.finish() == Completion.Finish.CANCELLED) {
            throw new ProtocolException("link_lost", "the relayer went away while this node replayed");
        }
        Hash statement = Hash.domain("nyxos:replay:v1", id.bytes(), TokenHash.output(completion.outputIds()).bytes());
        ObjectNode replayed = Frame.of("replayed").put("id", id.hex());
        replayed.set("outputIds", Frame.ids(completion.outputIds()));
        return replayed.put("finish", completion.finish().word()).put("signature", node.keys().receipt().sign(statement).base64());
    }

    private static ObjectNode failed(Hash job, String code, String message) {
        return Frame.of("failed").put("job", job.hex()).put("code", code).put("message", message);
    }

    /** Works on a thread of its own, so that the link's thread goes on reading. */
    private void answer(Hash job, Consumer<Consumer<ObjectNode>> work) {
        Thread.startVirtualThread(() -> work.accept(reply -> {
            try {
                link.send(reply);
            } catch (PeerLink.LinkDown e) {
                LOG.debug("answer about job {} not sent: {}", job, e.getMessage());
            }
        }));
    }
}
