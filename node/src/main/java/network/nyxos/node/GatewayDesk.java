package network.nyxos.node;

import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.seal.ReplySealer;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.GenerationRequest;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.job.Asked;
import network.nyxos.node.job.RevealMemory;
import network.nyxos.node.link.Introduction;
import network.nyxos.node.link.Peer;
import network.nyxos.node.link.PeerLink;
import network.nyxos.node.outbox.ReceiptOutbox;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves one gateway: takes assignments, streams replies, hands receipts to the outbox. */
final class GatewayDesk implements PeerLink.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayDesk.class);
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Why a running job was ended from outside; {@code NONE} while nobody has. */
    private enum Ending { NONE, CLIENT, LINK, DEADLINE }

    private static final class Job {
        final SignedAssignment signed;
        final Asked asked;
        final Optional<PaymentRecord.ByVoucher> voucher;
        final Cancellation cancellation = new Cancellation();
        private Ending ending = Ending.NONE;

        Job(WireMessage.Assign assign, Asked asked) {
            this.signed = assign.assignment();
            this.asked = asked;
            this.voucher = assign.voucher();
        }

        Assignment order() {
            return signed.assignment();
        }

        /** The first reason stays: a client's cancellation is paid for, a lost link's is not. */
        void end(Ending reason) {
            synchronized (this) {
                if (ending == Ending.NONE) {
                    ending = reason;
                }
            }
            cancellation.cancel();
        }

        synchronized Ending ending() {
            return ending;
        }
    }

    /** Carries a lost link out of an engine's sink. */
    private static final class SinkDown extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SinkDown(PeerLink.LinkDown cause) {
            super(cause);
        }
    }

    private final NodeRuntime node;
    private final EvidenceDesk evidence;
    private final RelayerDesk relayer;
    private final Peer peer;
    private final Map<Hash, Job> running = new ConcurrentHashMap<>();
    private final PeerLink link;

    GatewayDesk(NodeRuntime node, RelayerDesk relayer, Peer peer, Introduction introduction, HttpClient http) {
        this.node = node;
        this.relayer = relayer;
        this.peer = peer;
        this.evidence = new EvidenceDesk(node);
        this.link = new PeerLink(peer, introduction, node.config().timing(), http, this);
    }

    PeerLink link() {
        return link;
    }

    @Override
    public void linked() {
        node.events().linked(peer);
    }

    @Override
    public void lost(String reason) {
        running.values().forEach(job -> job.end(Ending.LINK));
        node.events().lost(peer, reason);
    }

    @Override
    public void received(WireMessage message) {
        switch (message) {
            case WireMessage.Assign assign -> assign(assign);
            case WireMessage.Cancel cancel -> {
                Job job = running.get(cancel.job());
                if (job != null) {
                    job.end(Ending.CLIENT);
                }
            }
            case WireMessage.Attest attest -> evidence.answer(attest.nonce(), link, _ -> { });
            default -> LOG.warn("{} sent a message that is not a gateway's: {}", peer, message.getClass().getSimpleName());
        }
    }

    private void assign(WireMessage.Assign assign) {
        Hash id = assign.job();
        try {
            Job job = new Job(assign, Asked.of(assign, node.keys()));
            node.rules().check(job.signed, peer.key(), job.asked, node.clock().millis());
            if (job.order().payment() == Payment.VOUCHER && job.voucher.isEmpty()) {
                throw new ProtocolException("voucher_missing", "the payer's voucher and request signature come with the job, so that this node can settle it when nobody else does");
            }
            if (job.order().tier() == Tier.CONFIDENTIAL && node.quoteHash().get().isZero()) {
                throw new ProtocolException("evidence_missing", "the relayer has no evidence of this node yet");
            }
            if (running.putIfAbsent(id, job) != null) {
                throw new ProtocolException("job_running", "this node is at work on this job");
            }
            if (!node.slots().tryAcquire()) {
                running.remove(id);
                throw new ProtocolException("busy", "all of this node's " + node.config().capacity() + " slots are taken");
            }
            Thread.ofVirtual().name("job-" + id.hex().substring(0, 8)).start(() -> {
                try {
                    serve(id, job);
                } finally {
                    running.remove(id);
                    node.slots().release();
                }
            });
        } catch (ProtocolException e) {
            LOG.info("rejected job {}: {}: {}", id, e.code(), e.getMessage());
            node.events().rejected(id, e.code());
            tell(new WireMessage.Rejected(id, e.code(), e.getMessage()));
        }
    }

    private void serve(Hash id, Job job) {
        Assignment order = job.order();
        Engine engine = node.engines().get(order.modelId());
        long startMs = node.clock().millis();
        Future<?> deadline = node.timer().schedule(() -> job.end(Ending.DEADLINE), order.deadlineMs() - startMs, TimeUnit.MILLISECONDS);
        try {
            link.send(new WireMessage.Accepted(id));
            var deltas = new Deltas(id, job.asked.reply());
            Completion completion = engine.generate(new GenerationRequest(job.asked.messages(), Sampling.of(order.sampler()), order.seed(), job.asked.request().maxTokens(),
                    job.asked.request().constraints().stop(), job.asked.request().constraints().format()), deltas::send, job.cancellation);
            deltas.end(completion.tokensOut());
            switch (job.ending()) {
                case LINK -> fail(id, "link_lost", "the gateway went away");
                case DEADLINE -> fail(id, "deadline_exceeded", "the reply was not done by its deadline");
                case NONE, CLIENT -> done(id, job, completion, engine.model().engine(), startMs);
            }
        } catch (EngineException e) {
            LOG.warn("job {} failed: {}: {}", id, e.code().wire(), e.getMessage());
            fail(id, e.code().wire(), e.getMessage());
        } catch (ProtocolException e) {
            fail(id, e.code(), e.getMessage());
        } catch (SinkDown | PeerLink.LinkDown e) {
            fail(id, "link_lost", "the gateway went away");
        } catch (RuntimeException e) {
            LOG.error("job {} failed", id, e);
            fail(id, "internal_error", "the node failed");
        } finally {
            deadline.cancel(false);
        }
    }

    /** A reply on its way to the gateway. */
    private final class Deltas {
        private final Hash id;
        private final Optional<ReplySealer> seal;
        private int index;

        Deltas(Hash id, Optional<ReplySealer> seal) {
            this.id = id;
            this.seal = seal;
        }

        void send(String text, int tokens) {
            tell(seal.map(sealer -> (index == 0 ? line(sealer.head()) : "") + line(sealer.next(text.getBytes(StandardCharsets.UTF_8)))).orElse(text), tokens);
        }

        /** A sealed reply says where it ends. */
        void end(int tokens) {
            seal.ifPresent(sealer -> tell((index == 0 ? line(sealer.head()) : "") + line(sealer.last(new byte[0])), tokens));
        }

        private static String line(byte[] frame) {
            return Base64.getEncoder().encodeToString(frame) + "\n";
        }

        private void tell(String text, int tokens) {
            try {
                link.send(new WireMessage.Delta(id, index++, text, tokens));
            } catch (PeerLink.LinkDown e) {
                throw new SinkDown(e);
            }
        }
    }

    private void done(Hash id, Job job, Completion completion, String engine, long startMs) {
        Hash salt = Hash.random(RANDOM);
        Hash quoteHash = job.order().tier() == Tier.CONFIDENTIAL ? node.quoteHash().get() : Hash.ZERO;
        SignedReceipt receipt = node.receipts().write(job.order(), completion, engine, salt, quoteHash, startMs, node.clock().millis());
        // On disk before anybody hears of it: from here on it is money.
        ReceiptOutbox.Entry entry = new ReceiptOutbox.Entry(job.signed, receipt);
        job.voucher.ifPresent(voucher -> node.unsettled().add(voucher, job.signed, receipt));
        node.outbox().add(entry);
        // What was sealed to this node is revealed to nobody, so there is nothing to remember.
        if (job.asked.reply().isEmpty()) {
            node.memory().put(id, new RevealMemory.Opening(salt, completion.promptIds(), completion.outputIds(), job.asked.request().constraints()));
        }
        node.events().served(receipt.receipt());
        tell(new WireMessage.Done(id, Finish.ofCode(completion.finish().wire()), completion.tokensIn(), completion.tokensOut(), receipt));
        relayer.submit(entry);
    }

    private void fail(Hash id, String code, String message) {
        node.events().failed(id, code);
        tell(new WireMessage.Failed(id, code, message));
    }

    private void tell(WireMessage message) {
        try {
            link.send(message);
        } catch (PeerLink.LinkDown e) {
            LOG.debug("{} not told: {}", peer, e.getMessage());
        }
    }
}
