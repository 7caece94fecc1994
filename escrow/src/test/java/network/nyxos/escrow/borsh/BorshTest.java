package network.nyxos.escrow.borsh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.Samples;
import org.junit.jupiter.api.Test;

class BorshTest {
    @Test
    void every_type_reads_back_what_was_written() {
        for (int seed = 0; seed < 300; seed++) {
            var samples = new Samples(seed);
            int small = samples.below(256);
            long bits = samples.bits();
            byte[] some = samples.bytes(samples.below(300));
            var key = samples.key();
            var wide = new BigInteger(1, samples.bytes(16));
            var signed = new BigInteger(samples.bytes(16));
            List<Long> numbers = List.of(bits, 0L, -1L);
            byte[] bytes = new BorshWriter(1).u8(small).i8(-small / 2).u16(small * 257).i16(-small * 128).u32(bits & 0xFFFF_FFFFL).i32((int) bits).u64(bits).i64(bits)
                .u128(wide).i128(signed).f32(1.5f).f64(-0.25).bool(small % 2 == 0).publicKey(key).byteString(some).string("naïve " + seed)
                .vec(numbers, BorshWriter::u64).array(numbers, 3, BorshWriter::u64).option(Optional.of(bits), BorshWriter::u64)
                .option(Optional.<Long>empty(), BorshWriter::u64).zeros(5).toByteArray();
            var reader = new BorshReader(bytes);
            assertThat(reader.u8()).isEqualTo(small);
            assertThat(reader.i8()).isEqualTo(-small / 2);
            assertThat(reader.u16()).isEqualTo(small * 257);
            assertThat(reader.i16()).isEqualTo(-small * 128);
            assertThat(reader.u32()).isEqualTo(bits & 0xFFFF_FFFFL);
            assertThat(reader.i32()).isEqualTo((int) bits);
            assertThat(reader.u64()).isEqualTo(bits);
            assertThat(reader.i64()).isEqualTo(bits);
            assertThat(reader.u128()).isEqualTo(wide);
            assertThat(reader.i128()).isEqualTo(signed);
            assertThat(reader.f32()).isEqualTo(1.5f);
            assertThat(reader.f64()).isEqualTo(-0.25);
            assertThat(reader.bool()).isEqualTo(small % 2 == 0);
            assertThat(reader.publicKey()).isEqualTo(key);
            assertThat(reader.byteString()).isEqualTo(some);
            assertThat(reader.string()).isEqualTo("naïve " + seed);
            assertThat(reader.vec(BorshReader::u64)).isEqualTo(numbers);
            assertThat(reader.array(3, BorshReader::u64)).isEqualTo(numbers);
            assertThat(reader.option(BorshReader::u64)).contains(bits);
            assertThat(reader.option(BorshReader::u64)).isEmpty();
            reader.zeros(5);
            reader.end();
        }
    }

    @Test
    void integers_are_little_endian() {
        assertThat(new BorshWriter(8).u16(0x0102).u32(0x03040506).toByteArray()).containsExactly(2, 1, 6, 5, 4, 3);
        assertThat(new BorshWriter(16).u128(BigInteger.ONE).toByteArray()).startsWith(1, 0).hasSize(16);
    }

    @Test
    void what_is_not_canonical_is_refused() {
        assertThatThrownBy(() -> new BorshReader(new byte[] {2}).bool()).isInstanceOf(BorshException.class).hasMessageContaining("boolean");
        assertThatThrownBy(() -> new BorshReader(new byte[] {0, 1}).zeros(2)).hasMessageContaining("offset 1");
        assertThatThrownBy(() -> new BorshReader(new byte[] {1, 0, 0, 0, (byte) 0xFF}).string()).hasMessageContaining("UTF-8");
        assertThatThrownBy(() -> new BorshReader(new byte[] {0, 0, (byte) 0xC0, 0x7F}).f32()).hasMessageContaining("NaN");
        var reader = new BorshReader(new byte[3]);
        reader.u16();
        assertThatThrownBy(reader::end).hasMessageContaining("1 trailing");
    }

    @Test
    void a_length_that_cannot_be_true_allocates_nothing() {
        byte[] huge = {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0};
        assertThatThrownBy(() -> new BorshReader(huge).byteString()).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> new BorshReader(huge).vec(BorshReader::u64)).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> new BorshReader(huge).string()).isInstanceOf(BorshException.class);
    }

    @Test
    void values_outside_their_range_are_refused() {
        assertThatThrownBy(() -> new BorshWriter(1).u8(256)).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> new BorshWriter(1).u8(-1)).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> new BorshWriter(1).i8(128)).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> new BorshWriter(1).u16(65_536)).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> new BorshWriter(1).u32(1L << 32)).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> new BorshWriter(1).u128(BigInteger.TWO.pow(128))).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> new BorshWriter(1).bytes(new byte[3], 4)).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> new BorshWriter(1).array(List.of(1L), 2, BorshWriter::u64)).isInstanceOf(BorshException.class);
    }

    @Test
    void a_range_of_an_array_is_read_and_nothing_beside_it() {
        var reader = new BorshReader(new byte[] {9, 1, 2, 9}, 1, 2);
        assertThat(reader.u16()).isEqualTo(0x0201);
        assertThatThrownBy(reader::u8).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> new BorshReader(new byte[4], 3, 2)).isInstanceOf(BorshException.class);
        assertThatThrownBy(() -> new BorshReader(new byte[4], -1, 2)).isInstanceOf(BorshException.class);
    }
}
