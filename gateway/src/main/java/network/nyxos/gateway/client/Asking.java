package network.nyxos.gateway.client;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.wire.JobProof;
import software.sava.core.accounts.PublicKey;

/// What a client does by its {@link Trust}: decides how a call is sent, and whether the reply's receipt holds. Thread-safe.
final class Asking {
    private final GatewayCalls calls;
    private final Trust trust;
    // Keys that the registry had for nodes. A node that changes its key is looked up again, for its receipts do not fit the old one.
    private final Map<PublicKey, PublicKey> registered = new ConcurrentHashMap<>();

    Asking(GatewayCalls calls, Trust trust) {
        this.calls = calls;
        this.trust = trust;
    }

    /// What is sent for a call: sealed in the confidential tier when there is a policy to judge nodes by.
    ///
    /// @throws AgentException `choices_sealed`, `no_trusted_node`, `registry_unreachable`, or what the gateway says
    Question question(ChatCall call, boolean stream) {
        if (call.tier() != Tier.CONFIDENTIAL || trust.evidence().isEmpty()) {
            return Question.clear(call, stream);
        }
        if (call.choices() > 1) {
            throw new AgentException(0, "choices_sealed", "a sealed prompt has one reply; ask as often as you want choices; nothing was sent or paid", Optional.empty());
        }
        return Question.sealed(call, stream, new NodeEvidence(trust.evidence().get(), trust).choose(calls.get("/v1/nodes"), call.model()));
    }

    /// Checks a reply's receipt against what was asked.
    ///
    /// @param payment what was sent for it; empty when it was served for nothing
    /// @return the reply, with what is known of the receipt's signer
    /// @throws AgentException `receipt_invalid`
    ChatReply check(ChatReply reply, Question question, Hash job, PublicKey mint, Optional<JobProof.Payment> payment) {
        Receipt receipt = reply.receipt().receipt();
        answers(receipt, reply.job(), reply.charge(), question.call().tier(), job, mint);
        if (receipt.tokensOut() > question.call().maxTokensOfAll() || receipt.tokensIn() > question.promptBound()) {
            throw invalid(job, receipt.tokensIn() + " prompt and " + receipt.tokensOut() + " output tokens are more than this request can have");
        }
        if (question.call().choices() > 1) {
            counted(reply, question.call(), job);
        }
        question.sealedTo().ifPresent(node -> sealed(reply, node, question, job));
        ReceiptSigner signer = question.sealedTo().<ReceiptSigner>map(node -> node.registered() ? new ReceiptSigner.Registered() : new ReceiptSigner.Attested())
            .orElseGet(() -> signer(reply.receipt(), job));
        return reply.asked(question.sealedTo(), signer, question.sealedTo().map(node -> new JobProof(node.judgedMs(), node.node(), node.receiptKey(),
            node.sealing().id(), Optional.of(node.sealing()), node.evidence(), node.model(), question.call().maxTokens(), question.call().sampler(), reply.receipt(), payment)));
    }

    /// Checks the receipt of embeddings against what was asked, and that it is of these vectors.
    ///
    /// @return the reply, with what is known of the receipt's signer
    /// @throws AgentException `receipt_invalid`
    EmbeddingReply check(EmbeddingReply reply, EmbeddingCall call, Hash job, PublicKey mint) {
        Receipt receipt = reply.receipt().receipt();
        answers(receipt, reply.job(), reply.charge(), call.tier(), job, mint);
        if (reply.vectors().size() != call.inputs().size() || !receipt.outputHash().equals(Embedding.hash(reply.vectors()))) {
            throw invalid(job, "it is of other vectors than came");
        }
        if (receipt.tokensOut() != 0 || receipt.tokensIn() > Price.promptBound(call.inputs())) {
            throw invalid(job, receipt.tokensIn() + " tokens are more than these inputs can have");
        }
        return reply.signedBy(signer(reply.receipt(), job));
    }

    /// Checks the receipt of a service's call against what was asked, and that it is of this reply.
    ///
    /// @return the reply, with what is known of the receipt's signer
    /// @throws AgentException `receipt_invalid`
    ServiceReply check(ServiceReply reply, ServiceCall call, Hash job, PublicKey mint) {
        Receipt receipt = reply.receipt().receipt();
        answers(receipt, reply.job(), reply.charge(), Tier.OPEN, job, mint);
        if (!receipt.promptCommitment().equals(call.request().hash()) || !receipt.outputHash().equals(reply.body().hash())) {
            throw invalid(job, "it is of another request or reply than went and came");
        }
        if (receipt.tokensIn() != 0 || receipt.tokensOut() != 1) {
            throw invalid(job, receipt.tokensIn() + " tokens in and " + receipt.tokensOut() + " out are not one call");
        }
        return reply.signedBy(signer(reply.receipt(), job));
    }

    private static void answers(Receipt receipt, String told, long charge, Tier tier, Hash job, PublicKey mint) {
        if (!receipt.jobId().equals(job) || !told.equals(job.hex())) {
            throw invalid(job, "it is of job " + receipt.jobId().hex() + ", the reply of " + told);
        }
        if (!receipt.mint().equals(mint)) {
            throw invalid(job, "it is in mint " + receipt.mint() + ", paid was in " + mint);
        }
        if (receipt.charge() != charge) {
            throw invalid(job, "it charges " + receipt.charge() + " base units, the reply says " + charge);
        }
        if (receipt.tier() != tier) {
            throw invalid(job, "it is of tier " + receipt.tier().wireName() + ", asked for was " + tier.wireName());
        }
    }

    /// That the receipt is over as many choices as were asked for, none longer than it may be.
    private static void counted(ChatReply reply, ChatCall call, Hash job) {
        Receipt receipt = reply.receipt().receipt();
        List<ReplyChoice> counted = reply.counted();
        if (reply.choices().size() != call.choices() || counted.size() != call.choices() || !receipt.outputHash().equals(ReplyChoice.hash(counted))) {
            throw invalid(job, "it is of other choices than came");
        }
        if (receipt.tokensOut() != ReplyChoice.tokens(counted) || receipt.finish() != ReplyChoice.finish(counted) || counted.stream().anyMatch(each -> each.tokens() > call.maxTokens())) {
            throw invalid(job, "its counts are not those of its choices, or one has more tokens than it can have");
        }
    }

    private static void sealed(ChatReply reply, TrustedNode node, Question question, Hash job) {
        Receipt receipt = reply.receipt().receipt();
        if (!receipt.node().equals(node.node()) || !receipt.modelId().equals(node.model()) || !receipt.sampler().equals(question.call().sampler())) {
            throw invalid(job, "it is of another node, model or sampler than the prompt was sealed for");
        }
        if (!reply.receipt().verify(node.receiptKey())) {
            throw invalid(job, "it is not signed by the receipt key that the evidence of node " + node.node() + " binds");
        }
    }

    private ReceiptSigner signer(SignedReceipt signed, Hash job) {
        if (trust.registry().isEmpty()) {
            return new ReceiptSigner.Unknown("no chain is known that tells the node's key");
        }
        PublicKey node = signed.receipt().node();
        PublicKey before = registered.get(node);
        if (before != null && signed.verify(before)) {
            return new ReceiptSigner.Registered();
        }
        NodeRegistry.Entry entry;
        try {
            entry = trust.registry().get().find(node).orElseThrow(() -> invalid(job, "node " + node + " is not in the registry"));
        } catch (NodeRegistry.UnreachableException e) {
            // The reply is there and paid for: it is given, and what is not known of it is said.
            return new ReceiptSigner.Unknown("the chain could not be asked: " + e.getMessage());
        }
        if (!signed.verify(entry.receiptKey())) {
            throw invalid(job, "it is not signed by the receipt key " + entry.receiptKey() + " that the registry has for node " + node);
        }
        registered.put(node, entry.receiptKey());
        return new ReceiptSigner.Registered();
    }

    static AgentException invalid(Hash job, String why) {
        return new AgentException(0, "receipt_invalid", "the reply's receipt does not hold: " + why + "; use another gateway", Optional.of(job.hex()));
    }
}
