package network.nyxos.relayer.chain;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import network.nyxos.chain.ClaimTables;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.TransactionPlan;
import network.nyxos.chain.TransactionSender;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Quorum;
import network.nyxos.escrow.program.Settlement;
import network.nyxos.escrow.program.escrow.Direct;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditNode;
import network.nyxos.relayer.attest.Panel;
import network.nyxos.relayer.attest.RecordChain;
import network.nyxos.relayer.attest.RecordDraft;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.PoolChain;
import network.nyxos.relayer.batch.PoolFacts;
import network.nyxos.relayer.batch.PostedBatch;
import network.nyxos.relayer.batch.Rulers;
import network.nyxos.relayer.batch.Sent;
import network.nyxos.relayer.batch.VerifierSignature;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.dispute.Bonded;
import network.nyxos.relayer.dispute.DisputeRules;
import network.nyxos.relayer.dispute.SlashChain;
import network.nyxos.relayer.dispute.SlashDraft;
import network.nyxos.relayer.dispute.SlashFacts;
import network.nyxos.relayer.gate.EscrowFacts;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.gate.NodeFacts;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.payout.ClaimChain;
import network.nyxos.relayer.settle.DirectChain;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// What the market's operator sends, all of it through the one transaction sender.
public final class MarketWriter implements PoolChain, ClaimChain, RecordChain, DirectChain, SlashChain {
    private final MarketFacts facts;
    private final TransactionSender sender;
    private final Keypair operator;
    private final Duration wait;
    private final ClaimTables tables;

    /// @param operator the market's operator, who pays the fees
    /// @param wait     how long a call waits for its transaction's end
    public MarketWriter(MarketFacts facts, TransactionSender sender, Keypair operator, Duration wait) {
        this.facts = facts;
        this.sender = sender;
        this.operator = operator;
        this.wait = wait;
        this.tables = facts.claimTables(operator.publicKey());
    }

    @Override
    public PoolFacts pool(PublicKey mint) {
        return facts.pool(mint);
    }

    @Override
    public Optional<PostedBatch> batch(PublicKey mint, long seq) {
        return facts.batch(mint, seq);
    }

    @Override
    public Optional<EscrowFacts> escrow(PublicKey escrow) {
        return facts.escrow(escrow);
    }

    @Override
    public long slot() {
        return facts.slot();
    }

    @Override
    public long claimed(PublicKey mint, PublicKey payee, CreditKind kind) {
        return facts.claimed(mint, payee, kind);
    }

    @Override
    public Sent settle(String intent, PublicKey mint, List<Settlement> entries) {
        return send(intent, facts.terms().pool(mint).settle(operator.publicKey(), entries));
    }

    @Override
    public PublicKey operator() {
        return operator.publicKey();
    }

    @Override
    public Rulers rulers() {
        return facts.rulers();
    }

    @Override
    public CreditRules credits(Set<Hash> models) {
        return facts.credits(facts.slot(), models);
    }

    @Override
    public Optional<Map<PublicKey, Long>> settlement(String transaction) {
        return facts.settlement(Signature.fromBase58(transaction));
    }

    @Override
    public Sent refresh(String intent, List<PublicKey> escrows) {
        MarketTerms terms = facts.terms();
        return send(intent, List.of(new MarketCalls(terms.programs(), terms.address(), terms.market().registryConfig()).refreshOperator(escrows)));
    }

    @Override
    public Sent collect(String intent, PublicKey mint, List<PublicKey> escrows) {
        return send(intent, List.of(facts.terms().pool(mint).collect(escrows)));
    }

    @Override
    public boolean mayLand(String intent) {
        return sender.find(free(intent)).map(Outcome::state).filter(state -> switch (state) {
            case SIGNED, SENT, UNKNOWN -> true;
            case CONFIRMED, FAILED, REJECTED, EXPIRED -> false;
        }).isPresent();
    }

    @Override
    public Sent post(String intent, PublicKey mint, BatchDocument.Header header, List<VerifierSignature> signatures) {
        long bond = facts.posterBond(operator.publicKey());
        long least = facts.market().minPosterBond();
        if (bond < least) {
            return new Sent.Failed(new Reason("poster_unbonded", "operator " + operator.publicKey() + " has a bond of " + bond + " base units and needs " + least
                + " to post: pay it with './nyxos poster bond'"));
        }
        PoolCalls pool = facts.terms().pool(mint);
        Quorum quorum = quorum(header.digest(facts.terms().programs().escrow()), signatures);
        return send(intent, pool.post(operator.publicKey(), operator.publicKey(), header.seq(), header.receiptsRoot(), header.receiptsCount(), header.credits(),
            header.payeeCount(), quorum));
    }

    private static Quorum quorum(Hash digest, List<VerifierSignature> signatures) {
        return new Quorum(digest, signatures.stream().collect(Collectors.toMap(VerifierSignature::verifier, VerifierSignature::signature)));
    }

    @Override
    public Optional<NodeFacts> node(PublicKey node) {
        return facts.node(node);
    }

    @Override
    public Panel panel() {
        return facts.panel();
    }

    @Override
    public Sent record(String intent, RecordDraft draft, List<VerifierSignature> signatures) {
        Evidence evidence = draft.evidence();
        Quorum quorum = quorum(draft.digest(facts.terms().programs(), facts.terms().market().registryConfig()), signatures);
        return send(intent, facts.registryCalls().recordAttestation(evidence.node(), draft.kind().code(), evidence.measurement().bytes(), evidence.hash(),
            evidence.receiptKey(), evidence.sealingKey(), draft.expirySlot(), quorum));
    }

    @Override
    public SlashFacts facts() {
        return facts;
    }

    @Override
    public Sent slash(String intent, SlashDraft draft, List<VerifierSignature> signatures) {
        if (draft.slash().reward().isPresent()) {
            Optional<PublicKey> wallet = facts.bonded(DisputeRules.opponent(draft.papers(), draft.accused())).map(Bonded::payout);
            if (wallet.map(facts::rewardToken).filter(draft.slash().reward().get().token()::equals).isEmpty()) {
                return new Sent.Failed(new Reason("payout_changed", "the node to be rewarded is paid elsewhere since the verifiers signed"));
            }
            // Named by the account: where the node is paid elsewhere by the next attempt, that is another one.
            Sent opened = send(intent + ":" + draft.slash().reward().get().token(), List.of(facts.openRewardToken(operator.publicKey(), wallet.get())));
            if (!(opened instanceof Sent.Confirmed)) {
                return opened;
            }
        }
        Quorum quorum = quorum(draft.digest(facts.terms().programs(), facts.terms().market().registryConfig()), signatures);
        return send(intent, facts.registryCalls().slashNode(draft.accused(), draft.slash(), quorum));
    }

    @Override
    public Sent finish(String intent, PublicKey mint, long seq) {
        return send(intent, List.of(facts.terms().pool(mint).finalizeBatch(seq)));
    }

    @Override
    public Sent claim(String intent, PublicKey mint, long seq, Credit credit, int index, List<CreditNode> proof) {
        PoolCalls pool = facts.terms().pool(mint);
        List<TransactionBuilder> transactions;
        try {
            transactions = tables.claims(pool).of(operator.publicKey(), credit.payee(), seq, credit, index, proof);
        } catch (ProtocolException e) {
            return new Sent.Failed(new Reason(e.code(), e.getMessage()));
        }
        for (TransactionBuilder before : transactions.subList(0, transactions.size() - 1)) {
            Sent sent = send(intent + ":account", before);
            if (!(sent instanceof Sent.Confirmed)) {
                return sent;
            }
        }
        return send(intent, transactions.getLast());
    }

    @Override
    public List<Direct> directRecords(PublicKey mint) {
        return facts.directRecords(mint);
    }

    @Override
    public Sent disprove(String intent, PublicKey mint, Direct record, long seq, BatchDocument.Proven paid) {
        PoolCalls pool = facts.terms().pool(mint);
        return send(intent, List.of(pool.disproveDirect(pool.direct(record.escrow(), record.job()), seq, paid.receipt().encode(), paid.index(), paid.proof())));
    }

    @Override
    public Sent giveBack(String intent, PublicKey mint, Direct record) {
        return send(intent, facts.terms().pool(mint).giveBack(operator.publicKey(), record, facts.isOpen(record.escrow())));
    }

    private Sent send(String intent, List<Instruction> instructions) {
        return send(intent, TransactionBuilder.legacy(operator.publicKey()).addAll(instructions));
    }

    private Sent send(String intent, TransactionBuilder transaction) {
        TransactionPlan plan = blockhash -> transaction.compile(blockhash).sign(operator);
        Outcome outcome = sender.execute(free(intent), plan, wait);
        String what = outcome.describe();
        return switch (outcome.state()) {
            case CONFIRMED -> new Sent.Confirmed(outcome.signature().base58());
            case FAILED, REJECTED -> new Sent.Failed(new Reason("transaction_" + outcome.state().name().toLowerCase(java.util.Locale.ROOT), what));
            case EXPIRED -> new Sent.Failed(new Reason("transaction_expired", what));
            case SIGNED, SENT, UNKNOWN -> new Sent.Unknown(new Reason("transaction_pending", what));
        };
    }

    /// The first name of this intent under which nothing has failed on chain. A failed transaction changed nothing and never will, so another one may be
    /// tried; one whose fate is open keeps its name.
    private String free(String intent) {
        String name = intent;
        for (int attempt = 2; sender.find(name).map(Outcome::state).filter(state -> state == Outcome.State.FAILED).isPresent(); attempt++) {
            name = intent + "#" + attempt;
        }
        return name;
    }
}
