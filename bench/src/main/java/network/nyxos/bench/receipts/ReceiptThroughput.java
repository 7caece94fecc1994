package network.nyxos.bench.receipts;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Rate;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.credit.CreditLedger;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.gate.NodeRules;
import network.nyxos.relayer.gate.PaperRules;
import network.nyxos.relayer.gate.PaymentRules;
import network.nyxos.relayer.gate.Ruling;
import software.sava.core.accounts.PublicKey;

/** How many receipts one core checks and batches, by the relayer's own rules, without its database and the chain. */
public final class ReceiptThroughput {

    private static final String JDK_PROVIDER = "SunEC";
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final int FEE_BPS = 200;
    private static final long SEED = 42;
    /** Receipts checked between two looks at the clock. */
    private static final int STRIDE = 16;

    private final SignedJobs ground = new SignedJobs(SEED);
    private final List<SignedJobs.Job> jobs;
    private final Map<PublicKey, java.security.PublicKey> jdkKeys = new HashMap<>();
    private final CreditRules rules = new CreditRules(1, FEE_BPS, ground.treasury, List.of());

    private ReceiptThroughput(int receipts) {
        jobs = ground.sign(receipts);
        jobs.forEach(job -> jdkKeys.computeIfAbsent(job.node().receiptKey(), ReceiptThroughput::jdkKey));
    }

    /**
     * Measures.
     *
     * @param receipts in the batch, 1 to 10 000
     * @param plan     how long each contender runs
     * @throws IllegalStateException when a receipt that was signed properly is refused
     */
    public static List<Figure> measure(int receipts, Rate.Plan plan) {
        var bench = new ReceiptThroughput(receipts);
        List<Double> rates = Rate.perSecond(plan, List.of(bench.each(bench::signature), bench.each(bench::signatureByJdk), bench.each(bench::gate), bench::batch));
        double ours = rates.get(0);
        double jdk = rates.get(1);
        double gate = rates.get(2);
        double batch = rates.get(3);
        String of = receipts + " receipts of " + SignedJobs.NODES + " nodes; " + plan;
        return List.of(
                Figure.of("receipt signatures verified", ours, "/s", "SignedReceipt.verify (hash and Ed25519 by " + Ed25519.fastest().name() + "), " + of),
                Figure.of("the same by the JDK's own Ed25519", jdk, "/s", "provider " + JDK_PROVIDER + ", keys parsed before, same hashes, same rounds"),
                Figure.of("ours / JDK", ours / jdk, "×", "ratio of the two lines above"),
                Figure.of("receipts through the gate's rules", gate, "/s",
                        "papers, registration and payment: four Ed25519 signatures each (assignment, receipt, voucher, request); no database, no RPC"),
                Figure.of("receipts batched", batch, "/s", "a batch of " + receipts + ": credits divided and summed, both trees built, header digest made"),
                Figure.of("receipts verified and batched", 1 / (1 / gate + 1 / batch), "/s", "one after the other on one core, from the two lines above"));
    }

    private Rate.Work each(Consumer<SignedJobs.Job> check) {
        return new Rate.Work() {
            private int next;

            @Override
            public long run() {
                for (int i = 0; i < STRIDE; i++) {
                    check.accept(jobs.get(next));
                    next = (next + 1) % jobs.size();
                }
                return STRIDE;
            }
        };
    }

    private void signature(SignedJobs.Job job) {
        require(job.served().receipt().verify(job.node().receiptKey()), "a receipt's signature does not verify");
    }

    private void signatureByJdk(SignedJobs.Job job) {
        try {
            Signature engine = Signature.getInstance("Ed25519", JDK_PROVIDER);
            engine.initVerify(jdkKeys.get(job.node().receiptKey()));
            engine.update(job.served().receipt().receipt().hash().bytes());
            require(engine.verify(job.served().receipt().signature().bytes()), "the JDK refuses a receipt's signature");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK's Ed25519 could not verify", e);
        }
    }

    private void gate(SignedJobs.Job job) {
        BatchDocument.Served served = job.served();
        require(served.assignment().verify(), "an assignment's signature does not verify");
        pass(PaperRules.judge(served.assignment().assignment(), served.receipt().receipt()));
        pass(NodeRules.judge(served.receipt(), Optional.of(job.node())));
        var payment = (PaymentRecord.ByVoucher) served.payment();
        pass(PaymentRules.signedByPayer(payment, served.assignment().assignment().requestHash(), Optional.of(job.escrow()), ground.market));
        long charge = served.receipt().receipt().charge();
        pass(PaymentRules.debit(job.escrow(), charge, payment.voucher().cumulative(), served.receipt().receipt().endMs() / 1000, 1));
    }

    private long batch() {
        List<BatchDocument.Served> served = new ArrayList<>(jobs.size());
        jobs.forEach(job -> served.add(job.served()));
        BatchDocument batch = BatchDocument.build(ground.pool, ground.mint, 1, 0, CreditLedger.EMPTY, served, List.of(), List.of(), List.of(), rules);
        require(!batch.header().digest(Programs.LOCAL.escrow()).isZero() && batch.served().size() == jobs.size(), "a batch lost receipts");
        return jobs.size();
    }

    private static void pass(Ruling ruling) {
        require(ruling.equals(Ruling.PASS), "the gate does not pass a proper job: " + ruling);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    private static java.security.PublicKey jdkKey(PublicKey key) {
        byte[] encoded = Arrays.copyOf(X509_PREFIX, X509_PREFIX.length + PublicKey.PUBLIC_KEY_LENGTH);
        key.write(encoded, X509_PREFIX.length);
        try {
            return KeyFactory.getInstance("Ed25519", JDK_PROVIDER).generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no Ed25519", e);
        }
    }
}
