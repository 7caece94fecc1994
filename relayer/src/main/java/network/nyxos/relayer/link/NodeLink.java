package network.nyxos.relayer.link;

import io.helidon.common.buffers.BufferData;
import io.helidon.websocket.WsCloseCodes;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.Devices;
import network.nyxos.collateral.CollateralException;
import network.nyxos.collateral.ShownDevices;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.gate.EvidenceVerifier;
import network.nyxos.relayer.gate.JobStore;
import network.nyxos.relayer.gate.NodeFacts;
import network.nyxos.relayer.job.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// One node's connection: challenge, hello, welcome; then receipts and evidence come in and calls go out.
public final class NodeLink implements WsListener {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLink.class);

    private final NodeLinks links;
    private final WireMessage.Challenge challenge;
    private final StringBuilder frame = new StringBuilder();
    private final Map<Call, CompletableFuture<WireMessage>> calls = new ConcurrentHashMap<>();
    private final ReentrantLock sending = new ReentrantLock();
    private volatile Optional<WsSession> session = Optional.empty();
    private volatile Optional<WireMessage.Hello> hello = Optional.empty();
    private volatile Hash attestNonce = Hash.ZERO;
    private volatile long attestAgainMs;
    private volatile long heardMs;
    private volatile boolean open = true;

    NodeLink(NodeLinks links) {
        this.links = links;
        this.challenge = new WireMessage.Challenge(LinkTerms.nonce(), links.terms().peer());
        this.heardMs = links.clock().millis();
    }

    /// Something a node was asked for. Two askers of the same thing share the answer.
    ///
    /// @param kind `reveal`, `replay` or `accuse`
    /// @param job  of which job
    record Call(String kind, Hash job) {
    }

    @Override
    public void onOpen(WsSession opened) {
        session = Optional.of(opened);
        tell(challenge);
        Thread.ofVirtual().name("link-keeper").start(this::keep);
    }

    /// Pings, notices silence, and asks for evidence before the last one runs out.
    private void keep() {
        try {
            while (open) {
                long now = links.clock().millis();
                if (now - heardMs > links.terms().silence().toMillis()) {
                    close("silent for too long");
                    return;
                }
                write(opened -> opened.ping(BufferData.empty()));
                if (hello.filter(node -> node.tiers().contains(Tier.CONFIDENTIAL)).isPresent() && now >= attestAgainMs) {
                    attest();
                }
                Thread.sleep(links.terms().ping());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void onMessage(WsSession from, String text, boolean last) {
        heardMs = links.clock().millis();
        if (frame.length() + text.length() > WireCodec.MAX_FRAME) {
            refuse(new Reason("frame_too_long", "a frame has at most " + WireCodec.MAX_FRAME + " bytes"));
            return;
        }
        frame.append(text);
        if (!last) {
            return;
        }
        String whole = frame.toString();
        frame.setLength(0);
        try {
            receive(WireCodec.decode(whole));
        } catch (ProtocolException e) {
            refuse(new Reason(e.code(), e.getMessage()));
        } catch (RuntimeException e) {
            // The chain or the database cannot be asked. Nothing was acknowledged, so the node will say it again.
            LOG.warn("link of node {}: {}", name(), e.toString());
            close("not available now, dial in again");
        }
    }

    private void receive(WireMessage message) {
        if (hello.isEmpty()) {
            if (message instanceof WireMessage.Hello said) {
                welcome(said);
            } else {
                refuse(new Reason("hello_expected", "the first message must be a hello"));
            }
            return;
        }
        PublicKey node = hello.get().node();
        switch (message) {
            case WireMessage.OfferReceipt offer -> recorded(node, offer);
            case WireMessage.Evidence evidence -> judge(hello.get(), evidence);
            case WireMessage.Revealed revealed -> answer(new Call("reveal", revealed.job()), revealed);
            case WireMessage.Replayed replayed -> answer(new Call("replay", replayed.id()), replayed);
            case WireMessage.Accused accused -> answer(new Call("accuse", accused.job()), accused);
            case WireMessage.Failed failed -> {
                answer(new Call("accuse", failed.job()), failed);
                answer(new Call("reveal", failed.job()), failed);
                answer(new Call("replay", failed.job()), failed);
            }
            default -> refuse(new Reason("message_unexpected", "a node does not send this to a relayer"));
        }
    }

    private void welcome(WireMessage.Hello said) {
        if (!said.verify(challenge)) {
            refuse(new Reason("hello_signature", "the hello is not signed by node key " + said.node() + " for this challenge"));
            return;
        }
        Optional<NodeFacts> known = links.chain().node(said.node());
        if (known.isEmpty() || known.get().state() == NodeFacts.State.SLASHED || known.get().state() == NodeFacts.State.WITHDRAWN) {
            refuse(new Reason("node_unregistered", "the registry has no active node " + said.node() + ": register it first"));
            return;
        }
        if (!known.get().receiptKey().equals(said.receiptKey()) || !known.get().sealingKey().equals(said.sealingKey().orElse(PublicKey.NONE))) {
            refuse(new Reason("node_keys", "the registry holds other keys for this node: update its registration"));
            return;
        }
        hello = Optional.of(said);
        links.join(said.node(), this);
        tell(new WireMessage.Welcome());
        LOG.info("node {} dialled in", said.node());
        if (said.tiers().contains(Tier.CONFIDENTIAL)) {
            attest();
        }
    }

    private void attest() {
        attestNonce = LinkTerms.nonce();
        // Asked again soon when no evidence comes, and in good time before it runs out when it does.
        attestAgainMs = links.clock().millis() + links.terms().silence().toMillis();
        tell(new WireMessage.Attest(attestNonce));
    }

    private void judge(WireMessage.Hello node, WireMessage.Evidence given) {
        if (!given.nonce().equals(attestNonce)) {
            LOG.warn("node {} gave evidence for another nonce; it does not count", node.node());
            return;
        }
        // A nonce is good for one piece of evidence.
        attestNonce = Hash.ZERO;
        // Collateral may have to be fetched: not while this thread must hear the node.
        Thread.startVirtualThread(() -> {
            try {
                collateral(given).ifPresentOrElse(collateral -> judge(node, given, collateral,
                    ShownDevices.judgedBy(given.gpus(), given.switches(), WireMessage.Evidence.Device::report, WireMessage.Evidence.Device::certificates,
                        links.evidence().demandsGpus(), links.terms().collateral()).map(Devices::toJson)),
                    () -> LOG.warn("node {} gave evidence without collateral, and this relayer fetches none; it does not count", node.node()));
            } catch (CollateralException e) {
                LOG.warn("evidence of node {} cannot be judged: {} [{}]", node.node(), e.getMessage(), e.code());
            } catch (AttestationException e) {
                LOG.warn("evidence of node {} refused: {} [{}]", node.node(), e.getMessage(), e.code());
            } catch (RuntimeException e) {
                LOG.error("evidence of node {} could not be taken", node.node(), e);
            }
        });
    }

    /// Where this relayer has a source of its own, the node's does not count: it could bring older collateral that hides what has come out since.
    private Optional<String> collateral(WireMessage.Evidence given) {
        Optional<String> brought = given.collateral().map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        return links.terms().collateral().map(source -> source.collateral(given.kind(), Bytes.of(given.quote()), brought)).or(() -> brought);
    }

    private void judge(WireMessage.Hello node, WireMessage.Evidence given, String collateral, Optional<String> devices) {
        long now = links.clock().millis();
        var subject = new EvidenceVerifier.Subject(node.node(), node.receiptKey(), node.sealingKey().orElse(PublicKey.NONE), given.nonce());
        switch (links.evidence().judge(subject, given.kind(), given.quote(), collateral, devices, now)) {
            case EvidenceVerifier.Outcome.Refused(Reason reason) -> LOG.warn("evidence of node {} refused: {}", node.node(), reason);
            case EvidenceVerifier.Outcome.Accepted accepted -> {
                long lifetime = links.terms().evidenceLifetime().toMillis();
                links.store().keep(new Evidence(accepted.hash(), node.node(), subject.receiptKey(), subject.sealingKey(), given.kind(), given.nonce().bytes(),
                    given.quote(), collateral, now, now + lifetime, accepted.verdict().development(), accepted.measurement(),
                    accepted.verdict().toJson(), devices));
                attestAgainMs = now + lifetime / 2;
                if (accepted.verdict().development()) {
                    LOG.warn("node {}: DEVELOPMENT evidence {}, no hardware behind it", node.node(), accepted.hash());
                } else {
                    LOG.info("node {}: evidence {} accepted", node.node(), accepted.hash());
                }
            }
        }
    }

    private void recorded(PublicKey node, WireMessage.OfferReceipt offer) {
        Hash job = offer.receipt().receipt().jobId();
        tell(switch (links.intake().receipt(node, offer)) {
            case JobStore.Intake.Stored stored -> new WireMessage.Recorded(job, stored.state().wireName(), Optional.empty(), Optional.empty());
            case JobStore.Intake.Conflict(Reason reason) -> new WireMessage.Recorded(job, "rejected", Optional.of(reason.code()), Optional.of(reason.message()));
        });
    }

    private void answer(Call call, WireMessage message) {
        CompletableFuture<WireMessage> waiting = calls.remove(call);
        if (waiting != null) {
            waiting.complete(message);
        }
    }

    /// Asks the node and waits for its answer; a `Failed` when there is none.
    WireMessage ask(Call call, WireMessage question) {
        CompletableFuture<WireMessage> answer = calls.computeIfAbsent(call, key -> new CompletableFuture<>());
        tell(question);
        try {
            return answer.get(links.terms().callTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new WireMessage.Failed(call.job(), "timeout", "no answer in " + links.terms().callTimeout());
        } catch (ExecutionException e) {
            return new WireMessage.Failed(call.job(), "link_closed", "the node's link was closed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new WireMessage.Failed(call.job(), "interrupted", "the relayer is stopping");
        } finally {
            calls.remove(call, answer);
        }
    }

    boolean replays(Hash modelId, String engine) {
        return hello.filter(NodeLinks::verified).map(node -> node.models().stream()
            .anyMatch(model -> model.deterministic() && model.id().equals(modelId) && model.engine().equals(engine))).orElse(false);
    }

    int calls() {
        return calls.size();
    }

    void tell(WireMessage message) {
        write(opened -> opened.send(WireCodec.encode(message), true));
    }

    private void write(java.util.function.Consumer<WsSession> action) {
        Optional<WsSession> to = session;
        if (to.isEmpty() || !open) {
            return;
        }
        sending.lock();
        try {
            action.accept(to.get());
        } catch (RuntimeException e) {
            LOG.debug("link of node {} cannot be written to: {}", name(), e.toString());
            closed();
        } finally {
            sending.unlock();
        }
    }

    private void refuse(Reason reason) {
        // The message may quote what came in, which may be a prompt: it goes back to the sender and into no log.
        LOG.info("link of node {} refused: {}", name(), reason.code());
        tell(new WireMessage.Refused(reason.code(), reason.message()));
        close(reason.code());
    }

    void close(String why) {
        write(opened -> opened.close(WsCloseCodes.NORMAL_CLOSE, why));
        closed();
    }

    private void closed() {
        open = false;
        hello.ifPresent(node -> links.leave(node.node(), this));
        calls.values().forEach(waiting -> waiting.completeExceptionally(new IllegalStateException("link closed")));
        calls.clear();
    }

    private String name() {
        return hello.map(node -> node.node().toBase58()).orElse("that has not said hello");
    }

    @Override
    public void onPong(WsSession from, BufferData payload) {
        heardMs = links.clock().millis();
    }

    @Override
    public void onPing(WsSession from, BufferData payload) {
        heardMs = links.clock().millis();
        write(opened -> opened.pong(payload));
    }

    @Override
    public void onClose(WsSession from, int status, String reason) {
        closed();
    }

    @Override
    public void onError(WsSession from, Throwable failure) {
        LOG.debug("link of node {}: {}", name(), failure.toString());
        closed();
    }
}
