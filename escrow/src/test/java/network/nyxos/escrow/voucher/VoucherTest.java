package network.nyxos.escrow.voucher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.Samples;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

class VoucherTest {
    @Test
    void its_50_bytes_are_those_of_the_channel_schemes() {
        var voucher = new Voucher(PublicKey.createPubKey(HexFormat.of().parseHex("11".repeat(32))), 0x0102030405060708L, 0x090A0B0C0D0E0F10L);
        assertThat(HexFormat.of().formatHex(voucher.encode())).isEqualTo("5601" + "11".repeat(32) + "0807060504030201" + "100f0e0d0c0b0a09");
    }

    @Test
    void it_reads_back_and_verifies_under_its_session_key_only() {
        for (int seed = 0; seed < 200; seed++) {
            var samples = new Samples(seed);
            Keypair key = samples.keypair();
            var voucher = new Voucher(samples.key(), samples.amount(), samples.amount());
            assertThat(Voucher.decode(voucher.encode())).isEqualTo(voucher);
            assertThat(voucher.verify(key.publicKey(), voucher.sign(key))).isTrue();
            assertThat(voucher.verify(samples.keypair().publicKey(), voucher.sign(key))).isFalse();
            assertThat(new Voucher(voucher.escrow(), voucher.cumulative() ^ 1, voucher.expires()).verify(key.publicKey(), voucher.sign(key))).isFalse();
        }
    }

    @Test
    void what_is_no_voucher_is_refused() {
        byte[] good = new Voucher(new Samples(1).key(), 5, 0).encode();
        for (int length : new int[] {0, 49, 51}) {
            assertThatThrownBy(() -> Voucher.decode(Arrays.copyOf(good, length))).isInstanceOfSatisfying(ProtocolException.class,
                e -> assertThat(e.code()).isEqualTo("voucher_malformed"));
        }
        for (int i = 0; i < 2; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 1;
            assertThatThrownBy(() -> Voucher.decode(bad)).hasMessageContaining("56 01");
        }
        byte[] negative = good.clone();
        negative[41] = (byte) 0x80;
        assertThatThrownBy(() -> Voucher.decode(negative)).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("voucher_amount"));
        byte[] past = good.clone();
        past[49] = (byte) 0x80;
        assertThatThrownBy(() -> Voucher.decode(past)).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("voucher_expiry"));
    }

    @Test
    void it_is_in_force_up_to_and_in_its_last_second() {
        var voucher = new Voucher(new Samples(1).key(), 5, 100);
        assertThat(voucher.isExpired(100)).isFalse();
        assertThat(voucher.isExpired(101)).isTrue();
        assertThat(new Voucher(voucher.escrow(), 5, 0).isExpired(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void a_binding_holds_one_request_of_one_voucher() {
        var samples = new Samples(7);
        Keypair key = samples.keypair();
        Hash request = RequestBinding.requestHash("POST", "/v1/chat/completions", "{}".getBytes(StandardCharsets.UTF_8));
        assertThat(request).isEqualTo(Hash.sha256("POST /v1/chat/completions\n{}".getBytes(StandardCharsets.UTF_8)));
        var binding = new RequestBinding(samples.key(), 10, samples.hash(), request);
        var signature = binding.sign(key);
        assertThat(binding.verify(key.publicKey(), signature)).isTrue();
        assertThat(new RequestBinding(binding.escrow(), 11, binding.nonce(), request).verify(key.publicKey(), signature)).isFalse();
        assertThat(new RequestBinding(binding.escrow(), 10, samples.hash(), request).verify(key.publicKey(), signature)).isFalse();
        assertThat(new RequestBinding(binding.escrow(), 10, binding.nonce(), samples.hash()).verify(key.publicKey(), signature)).isFalse();
        assertThat(new RequestBinding(samples.key(), 10, binding.nonce(), request).verify(key.publicKey(), signature)).isFalse();
    }
}
