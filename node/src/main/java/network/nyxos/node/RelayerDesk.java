package network.nyxos.node;

import java.net.http.HttpClient;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import network.nyxos.chain.RpcException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.node.dispute.Accusations;
import network.nyxos.node.dispute.DoubtedReceipt;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.ReplayRequest;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.job.Asked;
import network.nyxos.node.link.Introduction;
import network.nyxos.node.link.Peer;
import network.nyxos.node.link.PeerLink;
import network.nyxos.node.outbox.ReceiptOutbox;
import network.nyxos.node.outbox.UnsettledJobs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the relayer: sends receipts until they are recorded, opens them, replays others' jobs and disputes their receipts, gives evidence. */
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

    RelayerDesk(NodeRuntime node, Peer peer, Introduction introduction, HttpClient http) {
        this.node = node;
        this.peer = peer;
        this.evidence = new EvidenceDesk(node);
        this.link = new PeerLink(peer, introduction, node.config().timing(), http, this);
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
        Thread.startVirtualThread(this::ask);
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
            link.send(new WireMessage.OfferReceipt(entry.assignment(), entry.receipt()));
        } catch (PeerLink.LinkDown e) {
            lastSent.remove(entry.job());
            LOG.debug("receipt of job {} waits: {}", entry.job(), e.getMessage());
        }
    }

    /**
     * What became of jobs while the link was down is told to nobody; a receipt that is offered again is answered with its job's state. Those in the outbox are
     * offered anyway.
     */
    private void ask() {
        Set<Hash> waiting = node.outbox().waiting().stream().map(ReceiptOutbox.Entry::job).collect(Collectors.toSet());
        for (UnsettledJobs.Entry entry : node.unsettled().all()) {
            if (waiting.contains(entry.job())) {
                continue;
            }
            try {
                link.send(new WireMessage.OfferReceipt(entry.assignment(), entry.receipt()));
            } catch (PeerLink.LinkDown e) {
                LOG.debug("the states of unsettled jobs are asked for later: {}", e.getMessage());
                return;
            }
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
    public void received(WireMessage message) {
        switch (message) {
            case WireMessage.Recorded recorded -> recorded(recorded);
            case WireMessage.State state -> {
                if (SETTLED.contains(state.state())) {
                    node.memory().forget(state.job());
                }
                node.unsettled().state(state.job(), state.state());
                node.events().state(state.job(), state.state(), state.reason());
            }
            case WireMessage.Reveal reveal -> answer(() -> reveal(reveal.job()));
            case WireMessage.Replay replay -> answer(() -> replay(replay));
            case WireMessage.Accuse accuse -> answer(() -> accuse(accuse));
            case WireMessage.Attest attest -> evidence.answer(attest.nonce(), link, node.quoteHash()::set);
            default -> LOG.warn("{} sent a message that is not a relayer's: {}", peer, message.getClass().getSimpleName());
        }
    }

    private void recorded(WireMessage.Recorded recorded) {
        Hash job = recorded.job();
        if (recorded.state().equals("rejected")) {
            LOG.warn("the relayer will not take the receipt of job {}: {}: {}", job, recorded.code().orElse(""), recorded.message().orElse(""));
            node.outbox().rejected(job);
            node.memory().forget(job);
        } else {
            node.outbox().recorded(job);
            node.unsettled().state(job, recorded.state());
        }
        lastSent.remove(job);
        node.events().recorded(job, recorded.state());
    }

    private WireMessage reveal(Hash job) {
        return node.memory().get(job)
                .<WireMessage>map(opening -> new WireMessage.Revealed(job, opening.salt(), boxed(opening.promptIds()), boxed(opening.outputIds()), opening.constraints(), opening.text()))
                .orElseGet(() -> new WireMessage.Failed(job, "not_revealable", "this node no longer has the tokens of the job in memory"));
    }

    private WireMessage replay(WireMessage.Replay order) {
        if (!replays.tryAcquire()) {
            return new WireMessage.Failed(order.id(), "busy", "this node is replaying another job");
        }
        try {
            return replayed(order);
        } catch (ProtocolException e) {
            return new WireMessage.Failed(order.id(), e.code(), e.getMessage());
        } catch (EngineException e) {
            return new WireMessage.Failed(order.id(), e.code().wire(), e.getMessage());
        } finally {
            replays.release();
        }
    }

    private WireMessage replayed(WireMessage.Replay order) {
        if (!(node.runners().get(order.model()) instanceof Engine engine) || !engine.model().engine().equals(order.engine()) || !engine.model().deterministic()) {
            throw new ProtocolException("replay_unsupported", "this node does not run that model on that engine, bit for bit");
        }
        int[] prompt = order.promptIds().stream().mapToInt(Integer::intValue).toArray();
        ReplayRequest request = new ReplayRequest(Asked.replayed(engine, order.text(), prompt), Sampling.of(order.sampler()), order.seed(), order.maxTokens(), order.constraints().stop(),
                order.constraints().format());
        Cancellation cancellation = new Cancellation();
        replaying = cancellation;
        Completion completion = engine.replay(request, cancellation);
        if (completion.finish() == Completion.Finish.CANCELLED) {
            throw new ProtocolException("link_lost", "the relayer went away while this node replayed");
        }
        Finish finish = Finish.ofCode(completion.finish().wire());
        Hash traceRoot = completion.traceRoot(order.salt());
        Hash given = Digests.replayOrder(order.salt(), order.model(), order.engine(), prompt, order.seed(), order.sampler(), order.maxTokens(),
                order.constraints());
        Hash statement = Digests.replay(order.id(), given, TokenHash.output(completion.outputIds()), traceRoot, finish);
        return new WireMessage.Replayed(order.id(), boxed(completion.outputIds()), finish, traceRoot, node.keys().receipt().sign(statement));
    }

    private WireMessage accuse(WireMessage.Accuse order) {
        Optional<Accusations> accusations = node.accusations().get();
        if (accusations.isEmpty()) {
            return new WireMessage.Failed(order.job(), "accuse_off", "this node opens no disputes");
        }
        try {
            return new WireMessage.Accused(order.job(), accusations.get().accuse(DoubtedReceipt.of(order)));
        } catch (ProtocolException e) {
            return new WireMessage.Failed(order.job(), e.code(), e.getMessage());
        } catch (EngineException e) {
            return new WireMessage.Failed(order.job(), e.code().wire(), e.getMessage());
        } catch (RpcException e) {
            return new WireMessage.Failed(order.job(), Accusations.LATER, "the chain cannot be asked: " + e.getMessage());
        }
    }

    private static List<Integer> boxed(int[] ids) {
        return Arrays.stream(ids).boxed().toList();
    }

    /** Works on a thread of its own, so that the link's thread goes on reading. */
    private void answer(Supplier<WireMessage> work) {
        Thread.startVirtualThread(() -> {
            try {
                link.send(work.get());
            } catch (PeerLink.LinkDown e) {
                LOG.debug("answer not sent: {}", e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("an answer to {} failed", peer, e);
            }
        });
    }
}
