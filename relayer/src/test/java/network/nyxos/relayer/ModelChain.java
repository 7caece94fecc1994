package network.nyxos.relayer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.program.Settlement;
import network.nyxos.escrow.program.escrow.EscrowError;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.batch.PoolChain;
import network.nyxos.relayer.batch.PoolFacts;
import network.nyxos.relayer.batch.PostedBatch;
import network.nyxos.relayer.batch.Rulers;
import network.nyxos.relayer.batch.Sent;
import network.nyxos.relayer.batch.VerifierSignature;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.gate.AttestationRecord;
import network.nyxos.relayer.gate.ChainFacts;
import network.nyxos.relayer.gate.DirectJobs;
import network.nyxos.relayer.gate.EscrowFacts;
import network.nyxos.relayer.gate.NodeFacts;
import network.nyxos.relayer.gate.PastKey;
import network.nyxos.relayer.gate.PaymentFacts;
import network.nyxos.relayer.gate.SlotHash;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// The plain model of one pool: the rules of the programs as docs/protocol.md §3 states them, in a few maps. For tests of what the relayer does with a chain;
/// what the programs do is tested on the programs.
public final class ModelChain implements ChainFacts, PoolChain {
    static final long WINDOW = 3;
    static final int FEE_BPS = 200;
    final PublicKey treasury = Keypair.generate().publicKey();
    final PublicKey market = Keypair.generate().publicKey();
    final PublicKey pool = Keypair.generate().publicKey();
    final PublicKey operator = Keypair.generate().publicKey();
    final PublicKey mint;
    final Map<Hash, RegisteredModel> models = new HashMap<>();
    final Map<PublicKey, NodeFacts> nodes = new HashMap<>();
    final Map<PublicKey, EscrowFacts> escrows = new HashMap<>();
    final Map<Signature, PaymentFacts> payments = new HashMap<>();
    final Map<Long, PostedBatch> batches = new HashMap<>();
    /// What was executed under each intent: an intent is one transaction.
    private final Map<String, Sent> executed = new HashMap<>();
    /// What each settlement's event says.
    private final Map<String, Map<PublicKey, Long>> told = new HashMap<>();
    long slot = 10;
    long inflow;
    long credited;
    long settled;
    long uncollected;
    long nextSeq = 1;
    long pendingSeq;
    long finalSeq;

    ModelChain(PublicKey mint) {
        this.mint = mint;
    }

    void land(PaymentRecord.Exact payment) {
        payments.put(payment.transaction(), new PaymentFacts.Landed(payment.messageHash(),
            List.of(new PaymentFacts.Transfer(payment.payer(), payment.mint(), payment.amount()))));
        inflow += payment.amount();
    }

    void open(Papers.Session session, long deposit) {
        escrows.put(session.escrow(), new EscrowFacts(market, session.payer().publicKey(), mint, session.key().publicKey(), operator,
            EscrowFacts.State.OPEN, deposit, 0, 0, 0, 0, 0));
    }

    void register(Papers.NodeKeys node, int tiers) {
        nodes.put(node.key(), new NodeFacts(node.key(), node.key(), NodeFacts.State.ACTIVE, tiers, node.receipt().publicKey(), node.sealing().id(), new AttestationRecord(Hash.sha256(new byte[0]), Long.MAX_VALUE, 0, Hash.ZERO), slot, 0));
    }

    void voidPending() {
        if (pendingSeq != 0) {
            PostedBatch batch = batches.get(pendingSeq);
            batches.put(pendingSeq, new PostedBatch(batch.header(), BatchState.VOID, batch.postedSlot(), batch.finalSlot()));
            pendingSeq = 0;
        }
    }

    private Sent once(String intent, java.util.function.Supplier<Optional<String>> work) {
        Sent known = executed.get(intent);
        if (known instanceof Sent.Confirmed) {
            return known;
        }
        Optional<String> error = work.get();
        Sent sent = error.<Sent>map(message -> new Sent.Failed(new Reason("model", message))).orElseGet(() -> new Sent.Confirmed(intent));
        executed.put(intent, sent);
        return sent;
    }

    @Override
    public Sent settle(String intent, PublicKey of, List<Settlement> entries) {
        return once(intent, () -> {
            for (Settlement entry : entries) {
                EscrowFacts escrow = escrows.get(entry.voucher().escrow());
                boolean taken = escrow != null && escrow.state() != EscrowFacts.State.CLOSED && entry.voucher().verify(escrow.sessionKey(), entry.signature())
                    && entry.cumulative() > escrow.counted(escrow.settled()) && entry.cumulative() <= entry.voucher().cumulative() && entry.cumulative() <= escrow.deposited();
                if (taken) {
                    escrows.put(entry.voucher().escrow(), with(escrow, escrow.state(), entry.cumulative() - escrow.direct().charged(), escrow.collected()));
                }
                told.computeIfAbsent(intent, ignored -> new HashMap<>()).put(entry.voucher().escrow(), taken ? 0 : EscrowError.NOTHING_TO_SETTLE.code());
            }
            return Optional.empty();
        });
    }

    private static EscrowFacts with(EscrowFacts escrow, EscrowFacts.State state, long settled, long collected) {
        return new EscrowFacts(escrow.market(), escrow.payer(), escrow.mint(), escrow.sessionKey(), escrow.operator(), state, escrow.deposited(), settled, collected,
            escrow.exitSlot(), escrow.sessionExpires(), escrow.sessionLimit(), escrow.direct());
    }

    /// A node settles a job by itself.
    void settleDirectly(PublicKey address, Hash job, long charge) {
        EscrowFacts escrow = escrows.get(address);
        Set<Hash> jobs = Stream.concat(escrow.direct().jobs().stream(), Stream.of(job)).collect(Collectors.toSet());
        escrows.put(address, new EscrowFacts(escrow.market(), escrow.payer(), escrow.mint(), escrow.sessionKey(), escrow.operator(), escrow.state(), escrow.deposited(),
            escrow.settled(), escrow.collected(), escrow.exitSlot(), escrow.sessionExpires(), escrow.sessionLimit(),
            new DirectJobs(escrow.direct().charged() + charge, jobs)));
    }

    /// Closes an escrow; what it had settled waits for the next collection.
    void close(PublicKey address) {
        EscrowFacts escrow = escrows.get(address);
        uncollected += escrow.settled() - escrow.collected();
        escrows.put(address, with(escrow, EscrowFacts.State.CLOSED, escrow.settled(), escrow.settled()));
    }

    @Override
    public CreditRules credits(Set<Hash> of) {
        return new CreditRules(slot, FEE_BPS, treasury, of.stream().sorted().map(this::model).flatMap(Optional::stream).map(model -> CreditRules.Royalty.of(model, slot))
            .flatMap(Optional::stream).toList());
    }

    @Override
    public Optional<RegisteredModel> model(Hash model) {
        return Optional.ofNullable(models.get(model));
    }

    @Override
    public PublicKey operator() {
        return operator;
    }

    @Override
    public Rulers rulers() {
        return new Rulers(operator, 1, List.of(Workshop.VERIFIER.publicKey()));
    }

    @Override
    public Optional<Map<PublicKey, Long>> settlement(String transaction) {
        return Optional.ofNullable(told.get(transaction)).map(Map::copyOf);
    }

    @Override
    public Sent refresh(String intent, List<PublicKey> of) {
        return new Sent.Confirmed(intent);
    }

    @Override
    public Sent collect(String intent, PublicKey of, List<PublicKey> from) {
        return once(intent, () -> {
            long moved = uncollected;
            uncollected = 0;
            for (PublicKey address : from) {
                EscrowFacts escrow = escrows.get(address);
                if (escrow != null) {
                    moved += escrow.settled() - escrow.collected();
                    escrows.put(address, with(escrow, escrow.state(), escrow.settled(), escrow.settled()));
                }
            }
            settled += moved;
            inflow += moved;
            return Optional.empty();
        });
    }

    @Override
    public boolean mayLand(String intent) {
        return false;
    }

    @Override
    public Sent post(String intent, PublicKey of, BatchDocument.Header header, List<VerifierSignature> signatures) {
        return once(intent, () -> {
            if (header.seq() != nextSeq || pendingSeq != 0) {
                return Optional.of("sequence " + header.seq() + ", next is " + nextSeq + ", pending " + pendingSeq);
            }
            if (header.credits().sum() < credited || header.credits().sum() > inflow) {
                return Optional.of("sum " + header.credits().sum() + " is not within " + credited + " and " + inflow);
            }
            batches.put(nextSeq, new PostedBatch(header, BatchState.POSTED, slot, slot + WINDOW));
            pendingSeq = nextSeq++;
            return Optional.empty();
        });
    }

    @Override
    public Sent finish(String intent, PublicKey of, long seq) {
        return once(intent, () -> {
            PostedBatch batch = batches.get(seq);
            if (pendingSeq != seq || slot < batch.finalSlot()) {
                return Optional.of("not pending, or in its window");
            }
            batches.put(seq, new PostedBatch(batch.header(), BatchState.FINAL, batch.postedSlot(), batch.finalSlot()));
            credited = batch.header().credits().sum();
            finalSeq = seq;
            pendingSeq = 0;
            return Optional.empty();
        });
    }

    @Override
    public PoolFacts pool(PublicKey of) {
        return new PoolFacts(pool, nextSeq, pendingSeq, finalSeq, credited, settled, uncollected);
    }

    @Override
    public Optional<PostedBatch> batch(PublicKey of, long seq) {
        return Optional.ofNullable(batches.get(seq));
    }

    @Override
    public List<PastKey> pastReceiptKeys(NodeFacts node) {
        return List.of();
    }

    @Override
    public Optional<NodeFacts> node(PublicKey node) {
        return Optional.ofNullable(nodes.get(node));
    }

    @Override
    public PaymentFacts payment(Signature transaction, PublicKey of) {
        return payments.getOrDefault(transaction, new PaymentFacts.Absent());
    }

    @Override
    public Optional<EscrowFacts> escrow(PublicKey escrow) {
        return Optional.ofNullable(escrows.get(escrow));
    }

    @Override
    public long slot() {
        return slot;
    }

    @Override
    public long tip() {
        return slot;
    }

    @Override
    public Optional<SlotHash> firstBlock(long fromSlot) {
        return slot < fromSlot ? Optional.empty() : Optional.of(new SlotHash(fromSlot, Hash.sha256(Long.toString(fromSlot).getBytes())));
    }
}
