package network.nyxos.gateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import network.nyxos.escrow.job.Payment;
import org.junit.jupiter.api.Test;

class JobMachineTest {
    private static final List<JobEvent> EVENTS = List.of(new JobEvent.Settled(), new JobEvent.SettlementFailed(), new JobEvent.Started(), new JobEvent.Served(), new JobEvent.Failed());

    /// The books of one payment, kept in the plainest way: facts that add up, no states.
    private static final class Books {
        private final Payment payment;
        private boolean onChain;
        private boolean never;
        private boolean running;
        private boolean served;
        private boolean givenBack;

        Books(Payment payment) {
            this.payment = payment;
            this.running = payment == Payment.VOUCHER;
        }

        boolean allows(JobEvent event) {
            boolean exact = payment == Payment.EXACT;
            return switch (event) {
                case JobEvent.Settled _ -> exact && !never;
                case JobEvent.SettlementFailed _ -> exact && !onChain;
                case JobEvent.Started _ -> onChain && !running && !served && !givenBack;
                case JobEvent.Served _ -> running && !givenBack || served;
                case JobEvent.Failed _ -> !served && !never && (onChain || !exact);
            };
        }

        void note(JobEvent event) {
            switch (event) {
                case JobEvent.Settled _ -> onChain = true;
                case JobEvent.SettlementFailed _ -> never = true;
                case JobEvent.Started _ -> running = true;
                case JobEvent.Served _ -> {
                    served = true;
                    running = false;
                }
                case JobEvent.Failed _ -> {
                    givenBack = true;
                    running = false;
                }
            }
        }

        JobState state() {
            if (payment == Payment.VOUCHER) {
                return served ? JobState.EXECUTED : givenBack ? JobState.RELEASED : JobState.RUNNING;
            }
            return never ? JobState.REFUSED : served ? JobState.EXECUTED : givenBack ? JobState.REFUNDING : running ? JobState.RUNNING : onChain ? JobState.PAID : JobState.PENDING;
        }
    }

    @Test
    void agreesWithTheBooksWhateverHappens() {
        for (long seed = 0; seed < 2_000; seed++) {
            var random = new Random(seed);
            Payment payment = random.nextBoolean() ? Payment.EXACT : Payment.VOUCHER;
            var books = new Books(payment);
            JobState state = JobMachine.first(payment);
            for (int step = 0; step < 12; step++) {
                JobEvent event = EVENTS.get(random.nextInt(EVENTS.size()));
                Optional<JobState> next = JobMachine.next(payment, state, event);
                assertThat(next.isPresent()).as("seed %d step %d: %s in %s", seed, step, event, state).isEqualTo(books.allows(event));
                if (next.isPresent()) {
                    books.note(event);
                    state = next.get();
                }
                assertThat(state).as("seed %d step %d after %s", seed, step, event).isEqualTo(books.state());
            }
        }
    }

    @Test
    void everyEventButTheTakingIsIdempotent() {
        for (Payment payment : Payment.values()) {
            for (JobState state : JobState.values()) {
                for (JobEvent event : EVENTS) {
                    JobMachine.next(payment, state, event).filter(_ -> !(event instanceof JobEvent.Started))
                        .ifPresent(next -> assertThat(JobMachine.next(payment, next, event)).contains(next));
                }
            }
        }
    }

    @Test
    void whatIsOverStaysOver() {
        for (JobState state : EnumSet.allOf(JobState.class)) {
            if (state.over()) {
                for (Payment payment : Payment.values()) {
                    EVENTS.forEach(event -> assertThat(JobMachine.next(payment, state, event).orElse(state)).isEqualTo(state));
                }
            }
        }
    }
}
