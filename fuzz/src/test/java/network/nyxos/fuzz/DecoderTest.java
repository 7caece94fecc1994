package network.nyxos.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecoderTest {
    private static final long SEED = 20_261_121;

    @ParameterizedTest
    @EnumSource(Decoder.class)
    void right_inputs_changed_ones_and_noise_are_read_or_refused(Decoder decoder) {
        var random = new Random(SEED);
        for (byte[] seed : decoder.seeds()) {
            assertThatCode(() -> decoder.check(seed)).as("a seed of " + decoder.title()).doesNotThrowAnyException();
            for (int round = 0; round < 50; round++) {
                byte[] changed = seed.clone();
                changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
                byte[] cut = java.util.Arrays.copyOf(seed, random.nextInt(seed.length));
                assertThatCode(() -> decoder.check(changed)).as("%s, seed %d, round %d", decoder.title(), SEED, round).doesNotThrowAnyException();
                assertThatCode(() -> decoder.check(cut)).as("%s cut, seed %d, round %d", decoder.title(), SEED, round).doesNotThrowAnyException();
            }
        }
        for (int round = 0; round < 50; round++) {
            byte[] noise = new byte[random.nextInt(600)];
            random.nextBytes(noise);
            assertThatCode(() -> decoder.check(noise)).as("%s noise, seed %d, round %d", decoder.title(), SEED, round).doesNotThrowAnyException();
        }
    }

    @Test
    void every_decoder_has_a_name_of_its_own() {
        assertThat(List.of(Decoder.values())).extracting(Decoder::title).doesNotHaveDuplicates().allSatisfy(title -> assertThat(Decoder.of(title).title()).isEqualTo(title));
        assertThatThrownBy(() -> Decoder.of("nothing")).hasMessageContaining("nothing");
    }
}
