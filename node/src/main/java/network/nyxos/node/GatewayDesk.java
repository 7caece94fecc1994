package network.nyxos.node;

import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.escrow.seal.ReplySealer;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.escrow.wire.PromptText;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.EmbeddingEngine;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.GenerationRequest;
import network.nyxos.node.engine.ModelRunner;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.ServiceEngine;
import network.nyxos.node.engine.TokenSink;
import network.nyxos.node.job.Asked;
import network.nyxos.node.job.Outcome;
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
        long startMs = node.clock().millis();
        Future<?> deadline = node.timer().schedule(() -> job.end(Ending.DEADLINE), job.order().deadlineMs() - startMs, TimeUnit.MILLISECONDS);
        try {
            link.send(new WireMessage.Accepted(id));
            Work work = work(id, job);
            switch (job.ending()) {
                case LINK -> fail(id, "link_lost", "the gateway went away");
                case DEADLINE -> late(id);
                case NONE, CLIENT -> done(id, job, work, startMs);
            }
        } catch (CancellationException e) {
            switch (job.ending()) {
                case DEADLINE -> late(id);
                case NONE, CLIENT, LINK -> fail(id, "cancelled", e.getMessage());
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

    private void late(Hash id) {
        fail(id, "deadline_exceeded", "the reply was not done by its deadline");
    }

    /**
     * Work that was done.
     *
     * @param outcome for its receipt
     * @param engine  the engine's spec
     * @param opening of the receipt's commitments; empty where nobody may ask for one: what was sealed to this node is revealed to nobody, several choices
     *                are not replayed, and those of a service are over what both sides have
     */
    private record Work(Outcome outcome, String engine, Optional<RevealMemory.Opening> opening) {
    }

    private Work work(Hash id, Job job) {
        Hash salt = Hash.random(RANDOM);
        ModelRunner runner = node.runners().get(job.order().modelId());
        return switch (runner) {
            case Engine engine when job.asked instanceof Asked.Chat chat -> {
                List<Completion> done = replies(id, job, chat, engine);
                Completion first = done.getFirst();
                yield chat.request().choices() > 1 ? new Work(Outcome.of(done, chat.request().choices(), salt), engine.model().engine(), Optional.empty())
                        : new Work(Outcome.of(first, salt), engine.model().engine(),
                                chat.sealed() ? Optional.empty() : Optional.of(new RevealMemory.Opening(salt, first.promptIds(), first.outputIds(), chat.constraints(), chat.text())));
            }
            case EmbeddingEngine engine when job.asked instanceof Asked.Embeddings asked -> {
                var count = new AtomicInteger();
                EmbeddingEngine.Embedded embedded = engine.embed(asked.request().inputs(), vector -> onward(new WireMessage.Vector(id, count.getAndIncrement(), vector)), job.cancellation);
                yield new Work(Outcome.of(embedded, salt), engine.model().engine(),
                        Optional.of(new RevealMemory.Opening(salt, embedded.promptIds(), new int[0], asked.constraints(), PromptText.NONE)));
            }
            case ServiceEngine service when job.asked instanceof Asked.Call call -> {
                ServiceBody reply = service.call(id, call.request(), job.cancellation);
                onward(new WireMessage.Output(id, reply));
                yield new Work(Outcome.of(call.request(), reply), service.model().engine(), Optional.empty());
            }
            case Engine _, EmbeddingEngine _, ServiceEngine _ -> throw new IllegalStateException("the rules let through a job of another kind than its model's");
        };
    }

    /** A job's choices, one after another in the one place that the job has: all, or those that were begun before it was given up. */
    private List<Completion> replies(Hash id, Job job, Asked.Chat chat, Engine engine) {
        var index = new AtomicInteger();
        List<Completion> done = new ArrayList<>();
        while (done.size() < chat.request().choices() && (done.isEmpty() || !job.cancellation.cancelled())) {
            var deltas = new Deltas(id, done.size(), index, chat.reply());
            Completion completion = engine.generate(new GenerationRequest(chat.messages(), Sampling.of(job.order().sampler()), ReplyChoice.seed(job.order().seed(), done.size()),
                    chat.request().maxTokens(), chat.request().constraints().stop(), chat.request().constraints().format(), chat.request().topLogprobs()), deltas, job.cancellation);
            deltas.end(completion.tokensOut());
            done.add(completion);
        }
        return done;
    }

    /** Sends a part of a reply; without a link there is nobody to work for. */
    private void onward(WireMessage part) {
        try {
            link.send(part);
        } catch (PeerLink.LinkDown e) {
            throw new SinkDown(e);
        }
    }

    /** One choice of a reply on its way to the gateway. */
    private final class Deltas implements TokenSink {
        private final Hash id;
        private final int choice;
        private final AtomicInteger index;
        private final Optional<ReplySealer> seal;

        /**
         * @param index of the next delta of the job
         * @param seal  of a job of one choice
         */
        Deltas(Hash id, int choice, AtomicInteger index, Optional<ReplySealer> seal) {
            this.id = id;
            this.choice = choice;
            this.index = index;
            this.seal = seal;
        }

        @Override
        public void accept(String text, int tokens) {
            accept(text, tokens, List.of());
        }

        @Override
        public void accept(String text, int tokens, List<TokenLogprob> logprobs) {
            tell(seal.map(sealer -> head(sealer) + line(sealer.next(text.getBytes(StandardCharsets.UTF_8)))).orElse(text), tokens, logprobs);
        }

        /** A sealed reply says where it ends. */
        void end(int tokens) {
            seal.ifPresent(sealer -> tell(head(sealer) + line(sealer.last(new byte[0])), tokens, List.of()));
        }

        private String head(ReplySealer sealer) {
            return index.get() == 0 ? line(sealer.head()) : "";
        }

        private static String line(byte[] frame) {
            return Base64.getEncoder().encodeToString(frame) + "\n";
        }

        private void tell(String text, int tokens, List<TokenLogprob> logprobs) {
            onward(new WireMessage.Delta(id, choice, index.getAndIncrement(), text, tokens, logprobs));
        }
    }

    private void done(Hash id, Job job, Work work, long startMs) {
        Hash quoteHash = job.order().tier() == Tier.CONFIDENTIAL ? node.quoteHash().get() : Hash.ZERO;
        SignedReceipt receipt = node.receipts().write(job.order(), work.outcome, work.engine, quoteHash, startMs, node.clock().millis());
        // On disk before anybody hears of it: from here on it is money.
        ReceiptOutbox.Entry entry = new ReceiptOutbox.Entry(job.signed, receipt);
        job.voucher.ifPresent(voucher -> node.unsettled().add(voucher, job.signed, receipt));
        node.outbox().add(entry);
        work.opening.ifPresent(opening -> node.memory().put(id, opening));
        node.events().served(receipt.receipt());
        tell(new WireMessage.Done(id, work.outcome.finish(), work.outcome.tokensIn(), work.outcome.tokensOut(), work.outcome.choices(), receipt));
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
