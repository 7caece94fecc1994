package network.nyxos.gateway.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.voucher.RequestBinding;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

class MemoBindingTest {
    private final MemoBinding binding = new MemoBinding(new byte[32]);
    private final PublicKey mint = Keypair.generate().publicKey();
    private final PublicKey pool = Keypair.generate().publicKey();
    private final Hash request = RequestBinding.requestHash("POST", "/v1/chat/completions", "{\"a\":1}".getBytes());

    @Test
    void bindsToRequestMintReceiverAndAmount() {
        String memo = binding.create(request, mint, pool, 100);

        assertThat(memo).hasSizeLessThanOrEqualTo(64);
        assertThat(MemoBinding.looksOurs(memo)).isTrue();
        assertThat(binding.binds(memo, request, mint, pool, 100)).isTrue();
        assertThat(binding.binds(memo, RequestBinding.requestHash("POST", "/v1/chat/completions", "{\"a\":2}".getBytes()), mint, pool, 100)).isFalse();
        assertThat(binding.binds(memo, RequestBinding.requestHash("POST", "/v1/completions", "{\"a\":1}".getBytes()), mint, pool, 100)).isFalse();
        assertThat(binding.binds(memo, request, pool, pool, 100)).isFalse();
        assertThat(binding.binds(memo, request, mint, mint, 100)).isFalse();
        assertThat(binding.binds(memo, request, mint, pool, 99)).isFalse();
    }

    @Test
    void likeRequestsGetDifferentMemos() {
        assertThat(binding.create(request, mint, pool, 100)).isNotEqualTo(binding.create(request, mint, pool, 100));
    }

    @Test
    void anotherKeyBindsNothing() {
        byte[] other = new byte[32];
        other[0] = 1;
        assertThat(new MemoBinding(other).binds(binding.create(request, mint, pool, 100), request, mint, pool, 100)).isFalse();
    }

    @Test
    void whatIsNotAMemoBindsNothing() {
        String memo = binding.create(request, mint, pool, 100);
        for (String text : new String[] {"", "nyx1.", "nyx1..", memo + "A", memo.substring(0, memo.length() - 1), memo.replace("nyx1.", "nyx2."), "nyx1.!!!!.AAAA", memo + "."}) {
            assertThat(binding.binds(text, request, mint, pool, 100)).as(text).isFalse();
        }
    }

    @Test
    void aShortKeyIsRefused() {
        assertThatThrownBy(() -> new MemoBinding(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    }
}
