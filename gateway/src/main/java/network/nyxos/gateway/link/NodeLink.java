package network.nyxos.gateway.link;

import io.helidon.common.buffers.BufferData;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.escrow.wire.WireMessage.Challenge;
import network.nyxos.escrow.wire.WireMessage.Hello;
import network.nyxos.escrow.wire.WireMessage.Refused;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// One node's connection to `/v1/node`: challenge, hello, welcome, evidence where the tier needs it, then jobs. A connection that is silent for half a
/// minute, or says what the protocol does not allow, is closed.
public final class NodeLink implements WsListener, NodeSocket {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLink.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NORMAL = 1000;
    private static final int POLICY = 1008;
    private static final int TOO_BIG = 1009;
    private static final int MAX_REASON = 100;

    /// What every connection needs.
    ///
    /// @param peer     the gateway's key, as the challenge names it
    /// @param registry what the chain says of nodes
    /// @param pool     where nodes join
    /// @param evidence judges evidence
    /// @param mostJobs that a node is given at once, whatever it says of itself
    /// @param ping     how often the node is pinged
    /// @param silence  after how long a silent node is cut off
    /// @param clock    what tells the time
    public record Terms(PublicKey peer, Registry registry, NodePool pool, EvidenceGate evidence, int mostJobs, Duration ping, Duration silence, InstantSource clock) {
    }

    private final Terms terms;
    private final ReentrantLock writing = new ReentrantLock();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final StringBuilder parts = new StringBuilder();
    private volatile WsSession session;
    private volatile long heardNanos = System.nanoTime();
    private volatile Optional<Challenge> challenge = Optional.empty();
    private volatile Optional<ConnectedNode> node = Optional.empty();
    private volatile Optional<Hash> attestNonce = Optional.empty();

    /// @param terms what every connection needs
    public NodeLink(Terms terms) {
        this.terms = terms;
    }

    @Override
    public void onOpen(WsSession opened) {
        session = opened;
        var first = new Challenge(Hash.random(RANDOM), terms.peer);
        challenge = Optional.of(first);
        send(first);
        Thread.ofVirtual().name("node-link-keeper").start(this::keep);
    }

    /// Pings, watches for silence, and asks for new evidence before the old one ends.
    private void keep() {
        try {
            while (!ended.await(terms.ping.toMillis(), TimeUnit.MILLISECONDS)) {
                if (System.nanoTime() - heardNanos > terms.silence.toNanos()) {
                    close("silent for " + terms.silence.toSeconds() + " seconds");
                    return;
                }
                locked(() -> session.ping(BufferData.empty()));
                node.filter(this::attestationEnds).ifPresent(this::askForEvidence);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // The socket is gone under us; onError or onClose tells the rest as well, and ending twice does no harm.
            LOG.debug("node link ended: {}", e.getMessage());
            end();
        }
    }

    private boolean attestationEnds(ConnectedNode connected) {
        return connected.attested().map(ConnectedNode.Attested::until).filter(until -> until.minus(terms.ping.multipliedBy(3)).isBefore(terms.clock.instant())).isPresent();
    }

    private void askForEvidence(ConnectedNode connected) {
        if (terms.evidence.open() && connected.hello().tiers().contains(Tier.CONFIDENTIAL)) {
            Hash fresh = Hash.random(RANDOM);
            attestNonce = Optional.of(fresh);
            send(new WireMessage.Attest(fresh));
        }
    }

    @Override
    public void onMessage(WsSession from, String text, boolean last) {
        heardNanos = System.nanoTime();
        if (parts.length() + text.length() > WireCodec.MAX_FRAME) {
            finish(TOO_BIG, "a frame has at most " + WireCodec.MAX_FRAME + " bytes");
            return;
        }
        parts.append(text);
        if (last) {
            String frame = parts.toString();
            parts.setLength(0);
            receive(frame);
        }
    }

    private void receive(String frame) {
        try {
            WireMessage message = WireCodec.decode(frame);
            if (node.isPresent()) {
                fromNode(node.get(), message);
            } else if (message instanceof Hello hello) {
                introduce(hello);
            } else {
                refuse(new Refused("hello_expected", "the first message is a hello"));
            }
        } catch (ProtocolException e) {
            refuse(new Refused(e.code(), e.getMessage()));
        }
    }

    private void introduce(Hello hello) {
        Optional<Refused> refusal = HelloRules.judge(challenge.orElseThrow(), hello, terms.registry);
        if (refusal.isPresent()) {
            LOG.info("node {} is refused: {}", hello.node(), refusal.get().code());
            refuse(refusal.get());
            return;
        }
        var connected = new ConnectedNode(hello, this, terms.mostJobs);
        node = Optional.of(connected);
        send(new WireMessage.Welcome());
        terms.pool.join(connected);
        LOG.info("node {} has joined: tiers {}, capacity {}", hello.node(), hello.tiers(), connected.capacity());
        askForEvidence(connected);
    }

    private void fromNode(ConnectedNode connected, WireMessage message) {
        switch (message) {
            case WireMessage.Accepted m -> deliver(connected, m.job(), new NodeEvent.Accepted());
            case WireMessage.Rejected m -> deliver(connected, m.job(), new NodeEvent.Rejected(m.code(), m.message()));
            case WireMessage.Delta m -> deliver(connected, m.job(), new NodeEvent.Delta(m));
            case WireMessage.Vector m -> deliver(connected, m.job(), new NodeEvent.Vector(m));
            case WireMessage.Output m -> deliver(connected, m.job(), new NodeEvent.Output(m));
            case WireMessage.Done m -> deliver(connected, m.job(), new NodeEvent.Done(m));
            case WireMessage.Failed m -> deliver(connected, m.job(), new NodeEvent.Failed(m.code(), m.message()));
            case WireMessage.Evidence m -> evidence(connected, m);
            default -> refuse(new Refused("message_unexpected", "a node does not send this to a gateway"));
        }
    }

    private void deliver(ConnectedNode connected, Hash job, NodeEvent event) {
        if (!connected.deliver(job, event)) {
            refuse(new Refused("too_many_deltas", "more was sent about job " + job + " than its output can be long"));
        }
    }

    private void evidence(ConnectedNode connected, WireMessage.Evidence evidence) {
        Optional<Hash> asked = attestNonce;
        attestNonce = Optional.empty();
        if (asked.isPresent()) {
            // Collateral may have to be fetched: not while this thread must hear the node.
            Thread.startVirtualThread(() -> connected.attested(terms.evidence.judge(connected.hello(), asked.get(), evidence)));
        } else {
            LOG.warn("node {} sent evidence that nobody asked for; it is not looked at", connected.hello().node());
        }
    }

    private void refuse(Refused refused) {
        try {
            send(refused);
        } catch (IllegalStateException e) {
            LOG.debug("the node is gone before it could be refused: {}", e.getMessage());
        }
        finish(POLICY, refused.code());
    }

    @Override
    public void onMessage(WsSession from, BufferData bytes, boolean last) {
        refuse(new Refused("message_malformed", "frames are text"));
    }

    @Override
    public void onPing(WsSession from, BufferData payload) {
        heardNanos = System.nanoTime();
        locked(() -> from.pong(payload));
    }

    @Override
    public void onPong(WsSession from, BufferData payload) {
        heardNanos = System.nanoTime();
    }

    @Override
    public void onClose(WsSession from, int status, String reason) {
        end();
    }

    @Override
    public void onError(WsSession from, Throwable error) {
        LOG.debug("node link failed: {}", error.getMessage());
        end();
    }

    @Override
    public void send(WireMessage message) {
        String frame = WireCodec.encode(message);
        locked(() -> session.send(frame, true));
    }

    /// The session is not for several threads at once.
    private void locked(Runnable write) {
        writing.lock();
        try {
            if (ended.getCount() == 0) {
                throw new IllegalStateException("the node is gone");
            }
            write.run();
        } catch (IllegalStateException e) {
            throw e;
        } catch (RuntimeException e) {
            // Whatever the socket says: the node cannot be reached on it any more.
            throw new IllegalStateException("the node is gone", e);
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void close(String reason) {
        finish(NORMAL, reason);
    }

    private void finish(int status, String reason) {
        String brief = reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason;
        try {
            locked(() -> session.close(status, brief));
        } catch (IllegalStateException e) {
            LOG.debug("closing a node link: {}", e.getMessage());
        }
        end();
    }

    private void end() {
        ended.countDown();
        node.ifPresent(connected -> {
            terms.pool.leave(connected);
            LOG.debug("node {} has left", connected.hello().node());
        });
    }
}
