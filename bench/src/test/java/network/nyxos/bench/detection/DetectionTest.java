package network.nyxos.bench.detection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Random jobs, done on one machine's settings and judged on another's: who worked is never accused, who lied in any way always is. */
class DetectionTest {

    @Test
    void nobody_who_worked_is_accused_and_every_kind_of_lie_is_found() {
        Detection.Outcome outcome = Detection.run(120, 12 * Lie.values().length);
        assertThat(outcome.accused()).isZero();
        assertThat(outcome.cut()).as("some clients hung up").isPositive();
        assertThat(outcome.framed()).isEqualTo(12).isEqualTo(outcome.cleared());
        assertThat(outcome.told()).hasSize(Lie.values().length).allSatisfy((kind, count) -> assertThat(count).isEqualTo(12));
        assertThat(outcome.found()).isEqualTo(outcome.told());
        assertThat(Arrays.stream(Lie.values()).map(Lie::title)).doesNotHaveDuplicates();
    }
}
