package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Split;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchMachine;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.gate.Gatekeeper;
import network.nyxos.relayer.job.GatewayRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.sava.core.accounts.PublicKey;

/// Whatever order records and receipts come in, however often, and whichever batches are voided: every job is paid at most once, credits are what the jobs
/// brought in, and both are exactly what a plain model says.
class InvariantsTest {
    private static Workshop workshop;

    @BeforeAll
    static void start() {
        workshop = new Workshop();
    }

    @AfterAll
    static void stop() {
        workshop.close();
    }

    private record Payee(PublicKey key, CreditKind kind) {
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void credits_are_what_a_plain_model_says(long seed) {
        var random = new Random(seed);
        var papers = new Papers(Keypair.generate().publicKey(), workshop.gateway);
        var chain = new ModelChain(papers.mint());
        Gatekeeper gate = workshop.gatekeeper(chain);
        BatchMachine machine = workshop.machine(chain, workshop.batches);
        int royaltyBps = random.nextInt(Split.MAX_ROYALTY_BPS + 1);
        PublicKey author = Keypair.generate().publicKey();
        chain.models.put(Papers.MODEL, new RegisteredModel(Papers.MODEL, author, author, false, royaltyBps, 0, 0, List.of()));
        List<Papers.NodeKeys> nodes = IntStream.range(0, 4).mapToObj(i -> Workshop.node(chain)).toList();
        List<Papers.Session> sessions = IntStream.range(0, 5).mapToObj(i -> Workshop.escrow(chain, 1_000_000)).toList();
        List<PublicKey> payers = IntStream.range(0, 5).mapToObj(i -> Keypair.generate().publicKey()).toList();
        Map<PublicKey, Long> signedFor = new HashMap<>();
        Map<Payee, Long> expected = new HashMap<>();
        Map<PublicKey, Long> expectedDebits = new HashMap<>();
        var events = new ArrayList<Runnable>();

        for (int i = 0; i < 40; i++) {
            Papers.NodeKeys node = nodes.get(random.nextInt(nodes.size()));
            long ceiling = 200 + random.nextInt(800);
            PaymentRecord payment;
            if (random.nextBoolean()) {
                PaymentRecord.Exact exact = Workshop.exact(payers.get(random.nextInt(payers.size())), papers.mint(), ceiling + random.nextInt(3), random);
                chain.land(exact);
                payment = exact;
            } else {
                Papers.Session session = sessions.get(random.nextInt(sessions.size()));
                payment = papers.voucher(session, signedFor.merge(session.escrow(), ceiling, Math::addExact), Papers.REQUEST);
            }
            SignedAssignment assignment = papers.assign(payment, node, Tier.OPEN, ceiling, workshop.nowMs);
            Papers.Work work = papers.work(assignment, node, Hash.ZERO, 1 + random.nextInt(9), 2, 3);
            boolean failed = random.nextInt(4) == 0;
            var reserved = GatewayRecord.accept(workshop.gateway.publicKey(), papers.reserved(payment, Optional.of(assignment)));
            var outcome = GatewayRecord.accept(workshop.gateway.publicKey(), failed ? papers.failed(payment, Optional.of(assignment)) : papers.completed(payment, work));
            for (int copies = random.nextInt(3); copies >= 0; copies--) {
                events.add(() -> workshop.jobs.record(outcome, workshop.nowMs));
            }
            events.add(() -> workshop.jobs.record(reserved, workshop.nowMs));
            for (int copies = random.nextInt(3); copies >= (failed ? 1 : 0); copies--) {
                events.add(() -> workshop.jobs.receipt(work.receipt(), assignment, chain.slot, workshop.nowMs));
            }
            if (!failed) {
                long charge = work.receipt().receipt().charge();
                Split split = Split.of(charge, ModelChain.FEE_BPS, royaltyBps);
                Workshop.add(expected, new Payee(work.receipt().receipt().node(), CreditKind.NODE), split.net());
                Workshop.add(expected, new Payee(chain.treasury, CreditKind.TREASURY), split.fee());
                Workshop.add(expected, new Payee(author, CreditKind.ROYALTY), split.royalty());
            }
            expect(expected, expectedDebits, payment, work, failed);
        }
        Collections.shuffle(events, random);
        for (Runnable event : events) {
            event.run();
            if (random.nextInt(3) == 0) {
                workshop.jobs.due(workshop.nowMs, 20).forEach(gate::examine);
            }
            if (random.nextInt(3) == 0) {
                machine.step(papers.mint());
                chain.slot += random.nextInt(3);
            }
            if (random.nextInt(20) == 0) {
                chain.voidPending();
            }
            workshop.nowMs++;
        }
        for (int round = 0; round < 60; round++) {
            workshop.nowMs += 10;
            workshop.jobs.due(workshop.nowMs, 100).forEach(gate::examine);
            machine.run(papers.mint());
            chain.slot += ModelChain.WINDOW;
        }

        Map<Payee, Long> credited = workshop.batches.finalCredits(papers.mint()).credits().stream()
            .collect(Collectors.toMap(credit -> new Payee(credit.payee(), credit.kind()), Credit::cumulative));
        assertThat(credited).isEqualTo(expected);
        assertThat(chain.credited).isEqualTo(expected.values().stream().mapToLong(Long::longValue).sum()).isLessThanOrEqualTo(chain.inflow);
        expectedDebits.forEach((escrow, debit) -> assertThat(chain.escrows.get(escrow).settled()).isEqualTo(debit).isLessThanOrEqualTo(signedFor.get(escrow)));

        var paid = new HashSet<Hash>();
        for (long seq = 1; seq < chain.nextSeq; seq++) {
            if (chain.batches.get(seq).state() == BatchState.FINAL) {
                BatchDocument document = workshop.document(papers.mint(), seq).orElseThrow();
                document.served().forEach(job -> assertThat(paid.add(job.job())).as("job %s is paid once", job.job()).isTrue());
                document.failed().forEach(job -> assertThat(paid.add(job.job())).as("job %s is refunded once", job.job()).isTrue());
            }
        }
    }

    private static void expect(Map<Payee, Long> expected, Map<PublicKey, Long> debits, PaymentRecord payment, Papers.Work work, boolean failed) {
        long charge = work.receipt().receipt().charge();
        switch (payment) {
            case PaymentRecord.Exact exact -> Workshop.add(expected, new Payee(exact.payer(), CreditKind.REFUND), exact.amount() - (failed ? 0 : charge));
            case PaymentRecord.ByVoucher by -> Workshop.add(debits, by.voucher().escrow(), failed ? 0 : charge);
        }
    }
}
