package network.nyxos.attestation.pki;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@DisplayName("ECDSA on P-256")
class P256Test {
    /** RFC 6979, A.2.5: key, and the signature of "sample" with SHA-256. */
    private static final Bytes KEY = Bytes.fromHex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
            + "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299");
    private static final Bytes SIGNATURE = Bytes.fromHex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
            + "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
    private static final byte[] SAMPLE = "sample".getBytes(StandardCharsets.US_ASCII);

    @Test
    @DisplayName("verifies the example of RFC 6979 and nothing near it")
    void knownSignature() {
        assertThat(P256.verify(P256.publicKey(KEY), SAMPLE, SIGNATURE)).isTrue();
        assertThat(P256.verify(P256.publicKey(KEY), "Sample".getBytes(StandardCharsets.US_ASCII), SIGNATURE)).isFalse();
        assertThat(P256.verify(P256.publicKey(KEY), SAMPLE, Bytes.zeros(64))).isFalse();
        assertThat(P256.verify(P256.publicKey(KEY), SAMPLE, Bytes.fromHex("ff".repeat(64)))).isFalse();
        assertThat(P256.verify(P256.publicKey(KEY), SAMPLE, SIGNATURE.slice(0, 63))).isFalse();
        assertThat(P256.verify(P256.publicKey(KEY), SAMPLE, SIGNATURE.concat(Bytes.zeros(1)))).isFalse();
    }

    @Test
    @DisplayName("takes points of the curve only")
    void points() {
        assertThat(P256.isP256(P256.publicKey(KEY))).isTrue();
        for (Bytes bad : new Bytes[] {Bytes.zeros(64), Bytes.fromHex("ff".repeat(64)), KEY.slice(0, 63), KEY.slice(32, 32).concat(KEY.slice(0, 32))}) {
            assertThatThrownBy(() -> P256.publicKey(bad)).isInstanceOf(AttestationException.class);
        }
    }
}
