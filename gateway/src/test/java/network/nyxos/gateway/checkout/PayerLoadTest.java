package network.nyxos.gateway.checkout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import network.nyxos.escrow.crypto.Keypair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.sava.core.accounts.PublicKey;

class PayerLoadTest {
    private static final PublicKey ONE = Keypair.generate().publicKey();
    private static final PublicKey OTHER = Keypair.generate().publicKey();

    @Test
    void aPayerHasItsBoundAndAnotherHasItsOwn() {
        var load = new PayerLoad(1);

        PayerLoad.Share share = load.take(ONE).orElseThrow();

        assertThat(load.take(ONE)).isEmpty();
        assertThat(load.take(OTHER)).isPresent();
        share.close();
        assertThat(load.take(ONE)).isPresent();
    }

    @Test
    void aShareIsGivenBackOnceHoweverOftenItIsClosed() {
        var load = new PayerLoad(2);
        PayerLoad.Share first = load.take(ONE).orElseThrow();
        load.take(ONE).orElseThrow();

        first.close();
        first.close();

        assertThat(load.take(ONE)).isPresent();
        assertThat(load.take(ONE)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whateverIsTakenAndGivenBackTheCountIsTheModels(long seed) {
        var random = new Random(seed);
        var load = new PayerLoad(3);
        List<Deque<PayerLoad.Share>> held = List.of(new ArrayDeque<>(), new ArrayDeque<>());
        for (int step = 0; step < 2_000; step++) {
            int who = random.nextInt(2);
            if (random.nextBoolean()) {
                Optional<PayerLoad.Share> share = load.take(who == 0 ? ONE : OTHER);
                assertThat(share.isPresent()).isEqualTo(held.get(who).size() < 3);
                share.ifPresent(held.get(who)::add);
            } else if (!held.get(who).isEmpty()) {
                held.get(who).poll().close();
            }
            assertThat(load.payers()).isEqualTo((int) held.stream().filter(shares -> !shares.isEmpty()).count());
        }
    }

    @Test
    void manyAtOnceNeverHaveMoreThanTheBound() throws Exception {
        var load = new PayerLoad(4);
        var now = new AtomicInteger();
        var peaks = Collections.synchronizedList(new ArrayList<Integer>());
        Callable<Boolean> work = () -> {
            for (int i = 0; i < 2_000; i++) {
                load.take(ONE).ifPresent(share -> {
                    peaks.add(now.incrementAndGet());
                    now.decrementAndGet();
                    share.close();
                });
            }
            return true;
        };
        try (ExecutorService side = Executors.newFixedThreadPool(8)) {
            assertThat(side.invokeAll(Collections.nCopies(8, work))).allMatch(done -> done.resultNow());
        }

        assertThat(peaks).isNotEmpty().allMatch(peak -> peak <= 4);
        assertThat(load.payers()).isZero();
    }
}
