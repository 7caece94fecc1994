package network.nyxos.bench.receipts;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.gate.AttestationRecord;
import network.nyxos.relayer.gate.EscrowFacts;
import network.nyxos.relayer.gate.NodeFacts;
import software.sava.core.accounts.PublicKey;

/** Jobs paid by voucher whose every signature is real: what a relayer has in hand when all papers of a job have come in. */
final class SignedJobs {

    static final int NODES = 20;
    static final int ESCROWS = 100;
    private static final Price PRICE = new Price(500_000, 2_000_000);
    private static final long DEPOSIT = 1_000_000_000_000L;
    private static final int MAX_OUTPUT = 256;
    private static final long START_MS = 1_800_000_000_000L;
    private static final long SERVING_MS = 900;
    private static final long DEADLINE_MS = 300_000;

    /**
     * A job with what the chain says of its node and its escrow.
     *
     * @param served  its papers
     * @param node    facts of the registry
     * @param escrow  facts of the escrow
     */
    record Job(BatchDocument.Served served, NodeFacts node, EscrowFacts escrow) {
    }

    /** A node's keys. */
    private record Node(PublicKey key, Keypair receipt, NodeFacts facts) {
    }

    /** A payer's escrow. */
    private record Deposit(PublicKey address, Keypair session, EscrowFacts facts) {
    }

    final PublicKey market;
    final PublicKey mint;
    final PublicKey pool;
    final PublicKey treasury;
    private final Random random;
    private final Keypair gateway;

    SignedJobs(long seed) {
        random = new Random(seed);
        gateway = keypair();
        market = keypair().publicKey();
        mint = keypair().publicKey();
        pool = keypair().publicKey();
        treasury = keypair().publicKey();
    }

    /** Signs {@code count} jobs, spread evenly over the nodes and escrows. */
    List<Job> sign(int count) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            PublicKey key = keypair().publicKey();
            Keypair receipt = keypair();
            nodes.add(new Node(key, receipt, new NodeFacts(key, key, NodeFacts.State.ACTIVE, Tier.OPEN.code(), receipt.publicKey(), PublicKey.NONE, AttestationRecord.NONE, 1, 0)));
        }
        List<Deposit> deposits = new ArrayList<>();
        for (int i = 0; i < ESCROWS; i++) {
            Keypair session = keypair();
            var facts = new EscrowFacts(market, keypair().publicKey(), mint, session.publicKey(), market, EscrowFacts.State.OPEN, DEPOSIT, 0, 0, 0, 0, 0);
            deposits.add(new Deposit(keypair().publicKey(), session, facts));
        }
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            jobs.add(job(i, nodes.get(i % NODES), deposits.get(i % ESCROWS)));
        }
        return List.copyOf(jobs);
    }

    private Job job(int number, Node node, Deposit deposit) {
        Hash nonce = hash();
        Hash requestHash = hash();
        int tokensIn = 10 + random.nextInt(500);
        int tokensOut = 1 + random.nextInt(MAX_OUTPUT);
        long ceiling = PRICE.charge(tokensIn, MAX_OUTPUT);
        long issued = START_MS + number;
        // Each request's voucher stands above all earlier ones of its escrow.
        var voucher = new Voucher(deposit.address(), Math.multiplyExact(1L + number / ESCROWS, ceiling), 0);
        var binding = new RequestBinding(voucher.escrow(), voucher.cumulative(), nonce, requestHash);
        var payment = new PaymentRecord.ByVoucher(voucher, voucher.sign(deposit.session()), nonce, binding.sign(deposit.session()), mint);
        var order = new Assignment(JobId.voucher(voucher.escrow(), nonce), gateway.publicKey(), node.key(), hash(), Tier.OPEN, 0, MAX_OUTPUT, mint, PRICE, ceiling,
                Payment.VOUCHER, requestHash, random.nextLong(), Sampler.GREEDY, Hash.ZERO, Hash.ZERO, issued, issued + DEADLINE_MS);
        var receipt = new Receipt(order.jobId(), order.node(), order.modelId(), "nyx-int8-v1", order.tier(), order.seed(), order.sampler(), hash(), hash(), tokensIn,
                tokensOut, mint, PRICE.charge(tokensIn, tokensOut), Finish.STOP, Hash.ZERO, Hash.ZERO, order.digest(), issued, issued + SERVING_MS);
        return new Job(new BatchDocument.Served(receipt.sign(node.receipt()), order.sign(gateway), payment, Optional.empty(), Optional.empty()), node.facts(),
                deposit.facts());
    }

    private Keypair keypair() {
        return Keypair.fromSeed(hash().bytes());
    }

    private Hash hash() {
        return Hash.random(random);
    }
}
