package network.nyxos.attestation.tdx;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.RecordedEvidence;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.eventlog.EventLog;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.RevocationList;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

import static network.nyxos.attestation.Mutation.mutated;
import static org.assertj.core.api.Assertions.assertThat;

@DisplayName("Whatever bytes come in, the answer is a verdict or the library's own refusal, and never an acceptance")
class HostileInputTest {
    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final DevelopmentTee TEE = DevelopmentTee.create(NOW);
    private static final Measurement MEASUREMENT = DevelopmentTee.measurementOf("node");
    private static final Policy POLICY = Policy.development(TEE.trustAnchor());
    private static final Collateral COLLATERAL = TEE.collateral(NOW);
    private static final long SEED = 20_260_501;

    @Test
    @DisplayName("random and mutated quotes")
    void quotes() {
        Random random = new Random(SEED);
        CollateralSet set = CollateralSet.of(COLLATERAL);
        byte[] quote = TEE.quote(Bytes.zeros(64), MEASUREMENT);
        assertThat(TdxVerifier.verify(quote, set, POLICY, NOW).accepted()).isTrue();
        for (int round = 0; round < 400; round++) {
            byte[] mutant = mutated(quote, random);
            Verdict verdict = TdxVerifier.verify(mutant, set, POLICY, NOW);
            assertThat(verdict.accepted()).as("round %d of seed %d", round, SEED).isEqualTo(Arrays.equals(mutant, quote));
            byte[] noise = new byte[random.nextInt(2000)];
            random.nextBytes(noise);
            assertThat(TdxVerifier.verify(noise, set, POLICY, NOW).accepted()).isFalse();
        }
    }

    @Test
    @DisplayName("mutated collateral")
    void collateral() {
        Random random = new Random(SEED);
        byte[] quote = TEE.quote(Bytes.zeros(64), MEASUREMENT);
        List<UnaryOperator<Collateral>> mutations = List.of(
                c -> new Collateral(Bytes.of(mutated(c.rootCrl().toArray(), random)), c.pckCrl(), c.tcbInfoIssuerChain(), c.tcbInfo(), c.tcbInfoSignature(),
                        c.qeIdentityIssuerChain(), c.qeIdentity(), c.qeIdentitySignature()),
                c -> new Collateral(c.rootCrl(), Bytes.of(mutated(c.pckCrl().toArray(), random)), c.tcbInfoIssuerChain(), c.tcbInfo(), c.tcbInfoSignature(),
                        c.qeIdentityIssuerChain(), c.qeIdentity(), c.qeIdentitySignature()),
                c -> new Collateral(c.rootCrl(), c.pckCrl(), mutated(c.tcbInfoIssuerChain(), random), c.tcbInfo(), c.tcbInfoSignature(),
                        c.qeIdentityIssuerChain(), c.qeIdentity(), c.qeIdentitySignature()),
                c -> new Collateral(c.rootCrl(), c.pckCrl(), c.tcbInfoIssuerChain(), mutated(c.tcbInfo(), random), c.tcbInfoSignature(),
                        c.qeIdentityIssuerChain(), c.qeIdentity(), c.qeIdentitySignature()),
                c -> new Collateral(c.rootCrl(), c.pckCrl(), c.tcbInfoIssuerChain(), c.tcbInfo(), mutated(c.tcbInfoSignature(), random),
                        c.qeIdentityIssuerChain(), mutated(c.qeIdentity(), random), c.qeIdentitySignature()));
        for (int round = 0; round < 200; round++) {
            Collateral mutant = mutations.get(round % mutations.size()).apply(COLLATERAL);
            Verdict verdict = TdxVerifier.verify(quote, mutant, POLICY, NOW);
            assertThat(verdict.accepted()).as("round %d of seed %d: %s", round, SEED, verdict).isEqualTo(mutant.equals(COLLATERAL));
        }
    }

    @Test
    @DisplayName("readers of documents refuse with the library's own exception")
    void readers() {
        Random random = new Random(SEED);
        String json = COLLATERAL.toJson();
        for (int round = 0; round < 300; round++) {
            onlyOwnRefusal(() -> Collateral.fromJson(mutated(json, random)));
            onlyOwnRefusal(() -> Policy.fromJson(mutated("{\"roots\":[\"intel-sgx-root\"],\"measurements\":[{\"mrtd\":\"00\"}],\"minimumEvaluationNumber\":1}", random)));
            onlyOwnRefusal(() -> CertificateChain.parsePem(mutated(TEE.rootPem(), random)));
            onlyOwnRefusal(() -> RevocationList.parse(Bytes.of(mutated(COLLATERAL.pckCrl().toArray(), random))));
            onlyOwnRefusal(() -> DevelopmentTee.fromBytes(mutated(TEE.toBytes(), random)));
            onlyOwnRefusal(() -> EventLog.parseDstack(mutated("[{\"imr\":0,\"event_type\":1,\"digest\":\"" + "00".repeat(48) + "\"}]", random)));
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            onlyOwnRefusal(() -> EventLog.parseCcel(Bytes.of(noise)));
        }
    }

    private static void onlyOwnRefusal(Runnable reader) {
        try {
            reader.run();
        } catch (AttestationException refusal) {
            assertThat(refusal.code()).isNotBlank();
            assertThat(refusal.getMessage()).isNotBlank();
        }
    }

    @Test
    @DisplayName("a real quote with one bit flipped anywhere, cut anywhere, or under another machine's chain")
    void realQuote() {
        JsonNode vector = RecordedEvidence.vector("tdx4-b0c06f-phala-uptodate@2025-07-04");
        JsonNode other = RecordedEvidence.vector("tdx4-20a06f-near-uptodate@2025-09-17");
        CollateralSet set = CollateralSet.of(RecordedQuotesTest.collateral(vector));
        Instant then = Instant.ofEpochSecond(vector.path("now").asLong());
        byte[] quote = RecordedEvidence.read(vector.path("quote").asText());
        int length = vector.path("quoteLength").asInt();
        assertThat(TdxVerifier.verify(quote, set, Policy.strict(), then).accepted()).isTrue();
        for (int at = 0; at < length; at += at < 1300 ? 3 : 17) {
            byte[] flipped = quote.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            assertThat(TdxVerifier.verify(flipped, set, Policy.strict(), then).accepted()).as("byte %d", at).isFalse();
        }
        for (int cut = 0; cut < length; cut += 7) {
            assertThat(TdxVerifier.verify(Arrays.copyOf(quote, cut), set, Policy.strict(), then).failures()).extracting(Check::id)
                    .containsExactly("tdx.quote.layout");
        }
        byte[] swapped = Quote.parse(Bytes.of(RecordedEvidence.read(other.path("quote").asText()))).signature().certification().toArray();
        int own = Quote.parse(Bytes.of(quote)).signature().certification().size();
        assertThat(TdxVerifier.verify(withChain(quote, length - own, swapped), set, Policy.strict(), then).failures()).extracting(Check::id)
                .contains("tdx.qe.signature", "tdx.collateral.platform");
    }

    /** The quote up to {@code at} with another chain behind it and the three lengths that speak of it. */
    private static byte[] withChain(byte[] quote, int at, byte[] chain) {
        byte[] other = Arrays.copyOf(quote, at + chain.length);
        System.arraycopy(chain, 0, other, at, chain.length);
        java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(other).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(at - 4, chain.length);
        buffer.putInt(632, other.length - 636);
        buffer.putInt(636 + 130, other.length - 636 - 134);
        return other;
    }
}
