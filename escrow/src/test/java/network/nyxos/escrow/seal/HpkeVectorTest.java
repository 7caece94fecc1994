package network.nyxos.escrow.seal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.junit.jupiter.api.Test;

/// The suites that we use are those of RFC 9180, appendix A.2.1 (DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, base mode), and of draft-ietf-hpke-pq-05,
/// appendix A.5 (MLKEM768-X25519, which is X-Wing, HKDF-SHA256, ChaCha20-Poly1305, base mode).
class HpkeVectorTest {
    private static final byte[] INFO = hex("4f6465206f6e2061204772656369616e2055726e");
    private static final byte[] PLAINTEXT = hex("4265617574792069732074727574682c20747275746820626561757479");

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    @Test
    void the_senders_side_gives_the_vectors_bytes() throws Exception {
        HPKE suite = SealingSuite.X25519.hpke();
        AsymmetricCipherKeyPair ephemeral = suite.deserializePrivateKey(hex("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600"),
            hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"));
        HPKEContextWithEncapsulation context = suite.setupBaseS(
            suite.deserializePublicKey(hex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a")), INFO, ephemeral);
        assertThat(context.getEncapsulation()).isEqualTo(hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"));
        assertThat(context.seal(hex("436f756e742d30"), PLAINTEXT))
            .isEqualTo(hex("1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"));
        assertThat(context.seal(hex("436f756e742d31"), PLAINTEXT))
            .isEqualTo(hex("6b53c051e4199c518de79594e1c4ab18b96f081549d45ce015be002090bb119e85285337cc95ba5f59992dc98c"));
        assertThat(context.export(hex("54657374436f6e74657874"), 32)).isEqualTo(hex("5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53"));
    }

    @Test
    void the_receivers_side_reads_them_with_a_sealing_key() throws Exception {
        SealingKey key = SealingKey.of(SealingSuite.X25519, hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"));
        assertThat(key.publicKey().bytes()).isEqualTo(hex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"));
        HPKEContext context = SealingSuite.X25519.hpke().setupBaseR(hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"), key.pair(), INFO);
        assertThat(context.open(hex("436f756e742d30"), hex("1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28")))
            .isEqualTo(PLAINTEXT);
        assertThat(context.export(new byte[0], 32)).isEqualTo(hex("4bbd6243b8bb54cec311fac9df81841b6fd61f56538a775e7c80a9f40160606e"));
    }

    private static byte[] hex(JsonNode vector, String name) {
        return hex(vector.get(name).asText());
    }

    private static JsonNode hybrid() throws IOException {
        try (InputStream in = HpkeVectorTest.class.getResourceAsStream("x-wing.json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static byte[] encapsulation(JsonNode vector) {
        return hex(StreamSupport.stream(vector.get("enc").spliterator(), false).map(JsonNode::asText).collect(Collectors.joining()));
    }

    @Test
    void the_hybrid_senders_side_gives_the_drafts_bytes() throws Exception {
        JsonNode vector = hybrid();
        SealingPublicKey key = SealingKey.of(SealingSuite.X_WING, hex(vector, "skRm")).publicKey();
        HPKE suite = SealingSuite.X_WING.hpke();
        HPKEContextWithEncapsulation context = suite.setupBaseS(suite.deserializePublicKey(key.bytes()), hex(vector, "info"), hex(vector, "ikmE"));
        assertThat(context.getEncapsulation()).isEqualTo(encapsulation(vector));
        for (JsonNode each : vector.get("encryptions")) {
            assertThat(context.seal(hex(each, "aad"), hex(vector, "pt"))).isEqualTo(hex(each, "ct"));
        }
        assertThat(context.export(hex(vector, "exporter_context"), 32)).isEqualTo(hex(vector, "exported_value"));
    }

    @Test
    void the_hybrid_receivers_side_reads_them_with_a_sealing_key() throws Exception {
        JsonNode vector = hybrid();
        SealingKey key = SealingKey.of(SealingSuite.X_WING, hex(vector, "skRm"));
        HPKEContext context = SealingSuite.X_WING.hpke().setupBaseR(encapsulation(vector), key.pair(), hex(vector, "info"));
        for (JsonNode each : vector.get("encryptions")) {
            assertThat(context.open(hex(each, "aad"), hex(each, "ct"))).isEqualTo(hex(vector, "pt"));
        }
        assertThat(context.export(hex(vector, "exporter_context"), 32)).isEqualTo(hex(vector, "exported_value"));
    }
}
