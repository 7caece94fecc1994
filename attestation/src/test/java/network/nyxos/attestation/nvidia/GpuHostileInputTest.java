package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

import static network.nyxos.attestation.Mutation.mutated;
import static org.assertj.core.api.Assertions.assertThat;

@DisplayName("Whatever bytes come in for a GPU, the answer is a verdict or the library's own refusal, and never an acceptance")
class GpuHostileInputTest {
    private static final DevelopmentGpu GPU = DevelopmentGpu.hopper(DevelopmentGpu.newRoot());
    private static final long SEED = 20_261_121;

    private static Bytes noise(Random random, int most) {
        byte[] noise = new byte[random.nextInt(most)];
        random.nextBytes(noise);
        return Bytes.of(noise);
    }

    private static void onlyOwnRefusal(Runnable reader) {
        try {
            reader.run();
        } catch (AttestationException refusal) {
            assertThat(refusal.code()).matches("(nvidia|pki|policy|bytes)\\..+");
            assertThat(refusal.getMessage()).isNotBlank();
        }
    }

    @Test
    @DisplayName("random and mutated reports and chains")
    void evidence() {
        Random random = new Random(SEED);
        Bytes report = GPU.report();
        byte[] chain = GPU.chain().getBytes(StandardCharsets.US_ASCII);
        for (int round = 0; round < 200; round++) {
            Bytes mutant = Bytes.of(mutated(report.toArray(), random));
            assertThat(GPU.identity(mutant).accepted()).as("round %d of seed %d", round, SEED).isEqualTo(mutant.equals(report));
            assertThat(GPU.identity(noise(random, 5000)).accepted()).isFalse();
            byte[] other = mutated(chain, random);
            assertThat(GpuVerifier.verify(GpuEvidence.of(report, new String(other, StandardCharsets.ISO_8859_1), List.of(noise(random, 300))),
                    DevelopmentGpu.CHALLENGE, GPU.policy(), DevelopmentGpuPki.NOW).accepted()).isFalse();
        }
    }

    @Test
    @DisplayName("the parsers by themselves, on noise behind right beginnings too")
    void parsers() {
        Random random = new Random(SEED);
        Bytes report = GPU.report();
        for (int round = 0; round < 5000; round++) {
            onlyOwnRefusal(() -> GpuReport.parse(report.slice(0, random.nextInt(report.size())).concat(noise(random, 400))));
            onlyOwnRefusal(() -> GpuReport.parse(Bytes.of(mutated(report.toArray(), random))));
            onlyOwnRefusal(() -> OpaqueData.parse(noise(random, 60)));
            onlyOwnRefusal(() -> GpuPolicy.fromJson(new String(mutated("{\"manifests\":\"required\",\"roots\":[\"\"]}".getBytes(StandardCharsets.UTF_8), random),
                    StandardCharsets.UTF_8)));
        }
    }

    @Test
    @DisplayName("mutated manifests are never accepted, unless what changed is outside of what is signed and read")
    void manifests() {
        Random random = new Random(SEED);
        Bytes manifest = DevelopmentGpu.driverRim();
        ReferenceManifest original = ReferenceManifest.parse(manifest);
        for (int round = 0; round < 400; round++) {
            Bytes mutant = Bytes.of(mutated(manifest.toArray(), random));
            if (RimVerifier.verify(mutant, GPU.policy(), DevelopmentGpuPki.NOW).accepted()) {
                ReferenceManifest read = ReferenceManifest.parse(mutant);
                assertThat(read.active()).as("round %d of seed %d", round, SEED).isEqualTo(original.active());
                assertThat(read.version()).isEqualTo(original.version());
                assertThat(read.product()).isEqualTo(original.product());
            }
            onlyOwnRefusal(() -> ReferenceManifest.parse(noise(random, 500)));
        }
    }
}
