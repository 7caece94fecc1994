package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchMachine;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.batch.PoolChain;
import network.nyxos.relayer.gate.Gatekeeper;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.JobState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.sava.core.accounts.PublicKey;

/// The batch machine is killed before or after each thing that it asks of the database or of the chain, and started again from what the database holds.
class CrashTest {
    private static Workshop workshop;

    @BeforeAll
    static void start() {
        workshop = new Workshop();
    }

    @AfterAll
    static void stop() {
        workshop.close();
    }

    /// The process is gone.
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /// Counts calls on all ports together and kills at one of them.
    private static final class Fuse {
        private final boolean after;
        private int left;

        Fuse(int call, boolean after) {
            this.left = call;
            this.after = after;
        }

        <T> T wrap(Class<T> port, T real) {
            return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, (proxy, method, arguments) -> {
                boolean now = --left == 0;
                if (now && !after) {
                    throw new Killed();
                }
                Object answer;
                try {
                    answer = method.invoke(real, arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
                if (now) {
                    throw new Killed();
                }
                return answer;
            }));
        }

        boolean burnt() {
            return left <= 0;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void no_batch_is_posted_twice_and_none_is_lost(boolean after) {
        int calls = 0;
        boolean reached = true;
        while (reached) {
            reached = crash(++calls, after);
        }
        assertThat(calls).as("calls on the way of a batch").isGreaterThan(20);
    }

    /// One batch of two voucher jobs, an exact job and a refund, with a crash at one call.
    ///
    /// @return whether the call was reached
    private static boolean crash(int call, boolean after) {
        var random = new Random(2L * call + (after ? 1 : 0));
        var papers = new Papers(Keypair.generate().publicKey(), workshop.gateway);
        var chain = new ModelChain(papers.mint());
        Papers.NodeKeys node = Workshop.node(chain);
        PublicKey payer = Keypair.generate().publicKey();
        PaymentRecord.Exact exact = Workshop.exact(payer, papers.mint(), 500, random);
        PaymentRecord.Exact back = Workshop.exact(payer, papers.mint(), 300, random);
        chain.land(exact);
        chain.land(back);
        List<PaymentRecord> served = List.of(exact, papers.voucher(Workshop.escrow(chain, 1_000), 1_000, Papers.REQUEST),
            papers.voucher(Workshop.escrow(chain, 1_000), 1_000, Papers.REQUEST));
        Gatekeeper gate = workshop.gatekeeper(chain);
        for (PaymentRecord payment : served) {
            SignedAssignment assignment = papers.assign(payment, node, Tier.OPEN, 500, workshop.nowMs);
            Papers.Work work = papers.work(assignment, node, Hash.ZERO, 1, 2, 3);
            workshop.jobs.record(GatewayRecord.accept(workshop.gateway.publicKey(), papers.completed(payment, work)), workshop.nowMs);
            workshop.jobs.receipt(work.receipt(), assignment, chain.slot, workshop.nowMs);
            gate.examine(payment.jobId());
        }
        workshop.jobs.record(GatewayRecord.accept(workshop.gateway.publicKey(), papers.failed(back, Optional.empty())), workshop.nowMs);
        gate.examine(back.jobId());

        var fuse = new Fuse(call, after);
        try {
            run(workshop.machine(fuse.wrap(PoolChain.class, chain), fuse.wrap(BatchStore.class, workshop.batches)), chain);
        } catch (Killed e) {
            assertThat(fuse.burnt()).isTrue();
        }
        run(workshop.machine(chain, workshop.batches), chain);

        String where = "killed " + (after ? "after" : "before") + " call " + call;
        assertThat(chain.nextSeq).as(where).isEqualTo(2);
        assertThat(chain.finalSeq).as(where).isEqualTo(1);
        assertThat(chain.credited).as(where).isEqualTo(chain.inflow);
        assertThat(workshop.batches.finalCredits(papers.mint()).sum()).as(where).isEqualTo(chain.credited);
        assertThat(workshop.document(papers.mint(), 1).orElseThrow().header()).as(where).isEqualTo(chain.batches.get(1L).header());
        for (PaymentRecord payment : served) {
            assertThat(workshop.jobs.find(payment.jobId()).orElseThrow().state()).as(where).isEqualTo(JobState.FINAL);
        }
        return fuse.burnt();
    }

    private static void run(BatchMachine machine, ModelChain chain) {
        for (int round = 0; round < 4; round++) {
            machine.run(chain.mint);
            chain.slot += ModelChain.WINDOW;
        }
    }
}
