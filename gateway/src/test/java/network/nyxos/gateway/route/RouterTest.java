package network.nyxos.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Keypair;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

class RouterTest {
    private static final long NOW = 1_000_000_000L;

    private final List<PublicKey> keys = Stream.generate(() -> Keypair.generate().publicKey()).limit(3).sorted().toList();

    private Candidate candidate(int key, int inFlight, Observations observed) {
        return new Candidate(keys.get(key), inFlight, 10, observed);
    }

    private static PublicKey best(Candidate... candidates) {
        return Router.rank(List.of(candidates), Preferences.NONE, 100, NOW).getFirst().node();
    }

    private static Observations seen(double success, double firstTokenMs, double rate) {
        return new Observations(success, firstTokenMs, rate, NOW, 0);
    }

    @Test
    void fasterGoesFirst() {
        assertThat(best(candidate(0, 0, seen(1, 500, 10)), candidate(1, 0, seen(1, 500, 20)))).isEqualTo(keys.get(1));
        assertThat(best(candidate(0, 0, seen(1, 9_000, 20)), candidate(1, 0, seen(1, 500, 20)))).isEqualTo(keys.get(1));
    }

    @Test
    void aNodeThatKeepsItsWordGoesBeforeAFasterOneThatDoesNot() {
        assertThat(best(candidate(0, 0, seen(0.5, 500, 20)), candidate(1, 0, seen(1, 500, 15)))).isEqualTo(keys.get(1));
    }

    @Test
    void aFullerNodeWaits() {
        assertThat(best(candidate(0, 9, seen(1, 500, 20)), candidate(1, 0, seen(1, 500, 20)))).isEqualTo(keys.get(1));
    }

    @Test
    void equalsAreTakenInTheOrderOfTheirKeys() {
        var shuffled = new ArrayList<>(List.of(candidate(2, 0, Observations.NONE), candidate(0, 0, Observations.NONE), candidate(1, 0, Observations.NONE)));
        var random = new Random(1);
        for (int i = 0; i < 20; i++) {
            Collections.shuffle(shuffled, random);
            assertThat(Router.rank(shuffled, Preferences.NONE, 100, NOW)).extracting(Candidate::node).containsExactlyElementsOf(keys);
        }
    }

    @Test
    void failuresAreForgottenInTime() {
        Observations failed = Observations.NONE.failed(NOW).failed(NOW).failed(NOW);

        assertThat(failed.successAt(NOW)).isLessThan(0.5);
        assertThat(failed.successAt(NOW + 600_000)).isBetween(0.6, 0.9);
        assertThat(failed.successAt(NOW + 36_000_000)).isCloseTo(Observations.NONE.success(), org.assertj.core.data.Offset.offset(0.001));
    }

    @Test
    void theFirstObservationTakesThePlaceOfTheGuess() {
        Observations done = Observations.NONE.done(200, 40, NOW);

        assertThat(done.firstTokenMs()).isEqualTo(200);
        assertThat(done.tokensPerSec()).isEqualTo(40);
        assertThat(done.done(400, 20, NOW).tokensPerSec()).isEqualTo(36);
    }

    @Test
    void aChoiceSaysWhatWasKnownAndHowTheNextBestWasRated() {
        List<Candidate> ranked = Router.rank(List.of(candidate(0, 3, seen(1, 500, 20)), candidate(1, 0, seen(0.5, 500, 20))), Preferences.NONE, 100, NOW);

        var routing = new Routing();
        assertThat(routing.header()).isEmpty();
        routing.chosen(Choice.of(ranked, 1, Preferences.NONE, 4, 100, NOW));
        routing.failed("node_timeout");
        routing.chosen(Choice.of(ranked, 0, Preferences.NONE, 4, 100, NOW));

        // (0.5 s + 100 tokens at 20 a second) · 1.3 for 3 of 10 places; · 4 for every second job failed.
        assertThat(routing.header()).contains("node=\"" + keys.get(0).toBase58() + "\", attempt=2, by=rating, able=4, free=2, cost_ms=7150, next_ms=22000, seen=?1, first_token_ms=500, "
            + "tokens_per_second=20.0, success=1.000, in_flight=3, capacity=10");
        assertThat(routing.steps()).extracting(step -> step.failed().orElse("")).containsExactly("node_timeout", "");
        assertThat(routing.steps().getFirst().choice().next()).isEmpty();
    }

    private List<PublicKey> ranked(Preferences wanted, Candidate... candidates) {
        return Router.rank(List.of(candidates), wanted, 100, NOW).stream().map(Candidate::node).toList();
    }

    @Test
    void whatTheClientSortsByGoesBeforeTheRating() {
        Candidate prompt = candidate(0, 0, seen(1, 100, 5));
        Candidate fast = candidate(1, 0, seen(1, 3_000, 50));
        Candidate steady = candidate(2, 0, seen(1, 300, 40));

        assertThat(ranked(Preferences.NONE, prompt, fast, steady)).containsExactly(keys.get(2), keys.get(1), keys.get(0));
        assertThat(ranked(new Preferences(Set.of(), Set.of(), List.of(), Preferences.Sort.LATENCY, true), prompt, fast, steady))
            .containsExactly(keys.get(0), keys.get(2), keys.get(1));
        assertThat(ranked(new Preferences(Set.of(), Set.of(), List.of(), Preferences.Sort.THROUGHPUT, true), prompt, fast, steady))
            .containsExactly(keys.get(1), keys.get(2), keys.get(0));
    }

    @Test
    void theClientsOrderGoesBeforeEverything() {
        Candidate slow = candidate(0, 9, seen(0.5, 9_000, 1));
        Candidate fast = candidate(1, 0, seen(1, 300, 50));
        var wanted = new Preferences(Set.of(), Set.of(), List.of(keys.get(2), keys.get(0)), Preferences.Sort.RATING, true);

        assertThat(ranked(wanted, fast, slow)).containsExactly(keys.get(0), keys.get(1));
        assertThat(Choice.of(Router.rank(List.of(fast, slow), wanted, 100, NOW), 0, wanted, 2, 100, NOW).by()).isEqualTo("order");
    }

    @Test
    void whoIsAllowedFollowsFromAllThreeLists() {
        PublicKey a = keys.get(0);
        PublicKey b = keys.get(1);
        PublicKey c = keys.get(2);
        var only = new Preferences(Set.of(a, b), Set.of(b), List.of(), Preferences.Sort.RATING, true);
        var order = new Preferences(Set.of(), Set.of(), List.of(a, b), Preferences.Sort.RATING, true);
        var noOther = new Preferences(Set.of(), Set.of(b), List.of(a, b), Preferences.Sort.RATING, false);
        var once = new Preferences(Set.of(), Set.of(), List.of(), Preferences.Sort.RATING, false);

        assertThat(keys.stream().filter(only::allows)).containsExactly(a);
        assertThat(keys.stream().filter(order::allows)).containsExactly(a, b, c);
        assertThat(keys.stream().filter(noOther::allows)).containsExactly(a);
        assertThat(keys.stream().filter(once::allows)).containsExactly(a, b, c);
        assertThat(List.of(only.mayFailOver(), order.mayFailOver(), noOther.mayFailOver(), once.mayFailOver())).containsExactly(true, true, true, false);
    }

    @Test
    void aNodeThatFailsThreeTimesInARowRestsAndThenHasOneJobUntilItDoesOne() {
        Observations twice = Observations.NONE.failed(NOW).failed(NOW);
        Observations thrice = twice.failed(NOW);

        assertThat(twice.places(10, NOW)).isEqualTo(10);
        assertThat(thrice.places(10, NOW)).isZero();
        assertThat(thrice.restMs(NOW)).isEqualTo(5_000);
        assertThat(thrice.places(10, NOW + 4_999)).isZero();
        assertThat(thrice.places(10, NOW + 5_000)).isEqualTo(1);
        assertThat(thrice.failed(NOW + 5_000).restMs(NOW + 5_000)).as("twice as long after a failed trial").isEqualTo(10_000);
        assertThat(thrice.done(200, 40, NOW + 5_000).places(10, NOW + 5_000)).isEqualTo(10);
    }

    @Test
    void noNodeRestsLongerThanSixDoublings() {
        Observations hopeless = Observations.NONE;
        for (int i = 0; i < 100; i++) {
            hopeless = hopeless.failed(NOW);
        }
        assertThat(hopeless.restMs(NOW)).isEqualTo(320_000);
    }
}
