package network.nyxos.gateway.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.escrow.transaction.WireTransaction.WireInstruction;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.EscrowPayload;
import network.nyxos.escrow.wire.JobProof;
import software.sava.core.accounts.PublicKey;

/// Follows what a client kept of a job from quote to key to receipt to payment. Believes the policy's roots and signatures, and nothing that a gateway says.
/// Needs no network; where the registry on chain can be asked, it is.
public final class ProofAudit {
    private static final int TRANSFER_CHECKED = 12;

    private final Policy policy;
    private final Optional<NodeRegistry> registry;

    /// @param policy   what evidence must be
    /// @param registry tells which keys are a node's and how its model may be measured; empty: it is not asked
    public ProofAudit(Policy policy, Optional<NodeRegistry> registry) {
        this.policy = policy;
        this.registry = registry;
    }

    /// One link of a proof.
    ///
    /// @param check  `evidence`, `sealing`, `registry`, `receipt signature`, `receipt`, `job` or `payment`
    /// @param passed whether it holds
    /// @param why    what was found
    public record Link(String check, boolean passed, String why) {
    }

    /// A link that does not hold.
    private static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken(String message) {
            super(message);
        }
    }

    private static void require(boolean holds, String why) {
        if (!holds) {
            throw new Broken(why);
        }
    }

    /// Makes every check, also behind one that failed.
    public List<Link> check(JobProof proof) {
        var links = new ArrayList<Link>();
        Receipt receipt = proof.receipt().receipt();
        links.add(link("evidence", () -> evidence(proof)));
        proof.sealing().ifPresent(key -> links.add(link("sealing", () -> {
            require(key.id().equals(proof.sealingKey()), "the " + key.suite().wireName() + " key has id " + key.id() + ", the evidence has to bind " + proof.sealingKey());
            return "by " + key.suite().wireName() + " to key " + key.id() + ", which the evidence has to bind";
        })));
        registry.ifPresent(known -> links.add(link("registry", () -> registered(proof, known))));
        links.add(link("receipt signature", () -> {
            require(proof.receipt().verify(proof.receiptKey()), "receipt key " + proof.receiptKey() + " of the evidence has not signed it");
            return "by receipt key " + proof.receiptKey() + ", which the evidence has to bind";
        }));
        links.add(link("receipt", () -> {
            require(receipt.node().equals(proof.node()) && receipt.modelId().equals(proof.model()) && receipt.tier() == Tier.CONFIDENTIAL
                && receipt.tokensOut() <= proof.maxOutput() && receipt.sampler().equals(proof.sampler()), "it is of another node, model, tier, length or sampler than the prompt was sealed for");
            return "it answers what was asked of node " + proof.node();
        }));
        links.add(link("job", () -> {
            Hash due = paid(proof).jobId();
            require(receipt.jobId().equals(due), "the receipt is of job " + receipt.jobId() + ", the payment is for " + due);
            return due + " is what the payment is for, and nothing else can be";
        }));
        links.add(link("payment", () -> covers(paid(proof), receipt) + ", the receipt charges " + receipt.charge()));
        return List.copyOf(links);
    }

    private static Link link(String check, Supplier<String> holds) {
        try {
            return new Link(check, true, holds.get());
        } catch (Broken | ProtocolException | AttestationException e) {
            return new Link(check, false, e.getMessage());
        } catch (NodeRegistry.UnreachableException e) {
            return new Link(check, false, "the chain could not be asked: " + e.getMessage());
        }
    }

    private Verdict verdict(JobProof proof) {
        return NodeEvidence.verdict(proof.evidence(), proof.node(), proof.receiptKey(), proof.sealingKey(), policy, Instant.ofEpochMilli(proof.judgedMs()));
    }

    private String evidence(JobProof proof) {
        Verdict verdict = verdict(proof);
        require(verdict.accepted(), verdict.summary());
        return verdict.summary() + ", and binds the node's keys; judged as of " + verdict.judgedAt();
    }

    private String registered(JobProof proof, NodeRegistry known) {
        NodeEvidence.unregistered(known.find(proof.node()), proof.receiptKey(), proof.sealingKey()).ifPresent(why -> {
            throw new Broken(why + " (a node that changed its keys since fails here, too)");
        });
        NodeEvidence.notAllowed(known.model(proof.model()), verdict(proof)).ifPresent(why -> {
            throw new Broken(why);
        });
        return "the registry has these keys for node " + proof.node() + ", and its model may be measured as it is";
    }

    private static JobProof.Payment paid(JobProof proof) {
        return proof.payment().orElseThrow(() -> new Broken("nothing shows what was paid"));
    }

    private static String covers(JobProof.Payment payment, Receipt receipt) {
        return switch (payment) {
            case JobProof.Payment.Exact(WireTransaction transaction) -> transferred(transaction, receipt);
            case JobProof.Payment.ByVoucher by -> promised(by, receipt);
        };
    }

    private static String transferred(WireTransaction transaction, Receipt receipt) {
        List<WireInstruction> calls = transaction.instructions().stream()
            .filter(each -> each.program().equals(WellKnown.TOKEN) || each.program().equals(WellKnown.TOKEN_2022)).toList();
        require(calls.size() == 1, "the transaction is not one TransferChecked");
        WireInstruction transfer = calls.getFirst();
        byte[] data = transfer.data();
        require(data.length == 10 && data[0] == TRANSFER_CHECKED && transfer.accounts().size() == 4, "the transaction is not one TransferChecked");
        PublicKey mint = transfer.accounts().get(1);
        PublicKey owner = transfer.accounts().get(3);
        long amount = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).getLong(1);
        require(mint.equals(receipt.mint()), "paid was in mint " + mint + ", charged in " + receipt.mint());
        require(Long.compareUnsigned(amount, receipt.charge()) >= 0, "paid were " + Long.toUnsignedString(amount) + " base units, charged are " + receipt.charge());
        require(transaction.signers().contains(owner) && !transaction.unverifiedSigners().contains(owner), "its owner " + owner + " has not signed the transfer");
        return owner + " signed a transfer of " + Long.toUnsignedString(amount) + " base units to token account " + transfer.accounts().get(2);
    }

    private static String promised(JobProof.Payment.ByVoucher by, Receipt receipt) {
        EscrowPayload paid = by.payload();
        Voucher voucher = paid.voucher();
        require(receipt.charge() <= by.ceiling() && receipt.charge() <= voucher.cumulative(), "charged are " + receipt.charge() + " base units, agreed were at most " + by.ceiling()
            + ", signed for " + voucher.cumulative() + " in all");
        PublicKey session = by.session().orElseThrow(() -> new Broken("a voucher of escrow " + voucher.escrow() + " up to " + voucher.cumulative()
            + " base units; whose it is was not noted: the proof names no session key"));
        require(paid.verify(session, by.requestHash()), "session key " + session + " has not signed the voucher for this request");
        return "session key " + session + " signed a voucher of escrow " + voucher.escrow() + " up to " + voucher.cumulative() + " base units, " + by.ceiling() + " of them for this request";
    }
}
