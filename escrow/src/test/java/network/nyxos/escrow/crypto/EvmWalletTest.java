package network.nyxos.escrow.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.HexFormat;
import network.nyxos.escrow.ProtocolException;
import org.junit.jupiter.api.Test;

/// The Solana wallet of an EVM wallet. `clients/ts/test/evm.test.mjs` holds the same key to the same address.
class EvmWalletTest {
    private static final BigInteger ORDER = new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    private static final String R = "11".repeat(32);
    private static final String S = "22".repeat(32);

    @Test
    void isTheSameForTheSameSignature() {
        assertThat(EvmWallet.of(signature(R, S, "1b"), signature(R, S, "1b")).publicKey()).isEqualTo(EvmWallet.of(signature(R, S, "00"), signature(R, S, "1c")).publicKey());
        assertThat(EvmWallet.of(signature(R, S, "1b"), signature(R, S, "1b")).publicKey()).isNotEqualTo(EvmWallet.of(signature(S, R, "1b"), signature(S, R, "1b")).publicKey());
    }

    @Test
    void isTheSameWhicheverOfTheTwoFormsOfASignatureAWalletGives() {
        String high = ORDER.subtract(new BigInteger(S, 16)).toString(16);
        assertThat(EvmWallet.of(signature(R, S, "1b"), signature(R, high, "1c")).publicKey()).isEqualTo(EvmWallet.of(signature(R, S, "1b"), signature(R, S, "1b")).publicKey());
    }

    @Test
    void isNotMadeOfAWalletThatSignsDifferentlyEachTime() {
        assertThatThrownBy(() -> EvmWallet.of(signature(R, S, "1b"), signature(R, R, "1b")))
            .isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("signature_varies"));
    }

    @Test
    void isNotMadeOfWhatIsNoSignature() {
        for (byte[] wrong : new byte[][] {new byte[0], HexFormat.of().parseHex(R + S), signature("00".repeat(32), S, "1b"), signature(R, "00".repeat(32), "1b"),
            signature(ORDER.toString(16), S, "1b"), signature(R, ORDER.toString(16), "1b")}) {
            assertThatThrownBy(() -> EvmWallet.of(wrong, wrong)).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("signature_invalid"));
        }
    }

    @Test
    void isOneOfMany() {
        assertThat(EvmWallet.typedData(0)).contains("\"account\":0").isNotEqualTo(EvmWallet.typedData(1));
        assertThatThrownBy(() -> EvmWallet.typedData(-1)).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("account_invalid"));
    }

    private static byte[] signature(String r, String s, String v) {
        return HexFormat.of().parseHex(r + s + v);
    }
}
