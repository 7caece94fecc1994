package network.nyxos.node.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.Devices.Device;
import network.nyxos.attestation.nvidia.GpuChallenge;
import network.nyxos.attestation.nvidia.GpuEvidence;
import network.nyxos.attestation.nvidia.GpuNodeVerdict;
import network.nyxos.attestation.nvidia.GpuNodeVerifier;
import network.nyxos.attestation.nvidia.GpuPolicy;
import network.nyxos.node.evidence.EvidenceSource.EvidenceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** NVIDIA's management library is imitated by one that is built here: real functions and structures, recorded evidence behind them. */
class NvidiaGpusTest {
    private static final int GPUS = 4;
    /** What the recorded reports answer. */
    private static final Bytes NONCE = Bytes.fromHex("deadbeef00000000000000000000000000000000000000000000000000000001");

    @TempDir
    private Path folder;

    /** What goes wrong; the imitation knows them by their order. */
    private enum Fault { NONE, NO_DRIVER, NO_GPU, NOT_CONFIDENTIAL, LYING_SIZE }

    private String library(Fault fault) throws IOException, InterruptedException {
        Path source = folder.resolve("imitation_nvml.c");
        try (InputStream text = Objects.requireNonNull(NvidiaGpusTest.class.getResourceAsStream("imitation_nvml.c"))) {
            Files.write(source, text.readAllBytes());
        }
        Path built = folder.resolve("libimitation-" + fault + ".so");
        Process compiler;
        try {
            compiler = new ProcessBuilder("cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-DFOLDER=\"" + folder + "\"", "-DFAULT=" + fault.ordinal(), "-o", built.toString(),
                    source.toString()).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue("true".equals(System.getenv("CI")), "cc is not there to build an imitation of NVIDIA's library");
            throw e;
        }
        String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(compiler.waitFor()).as(said).isZero();
        Files.write(folder.resolve("nonce-0.bin"), NONCE.toArray());
        return built.toString();
    }

    private void serveRecorded() throws IOException {
        Path recorded = Recorded.folder().resolve("nvgpu");
        for (int i = 0; i < GPUS; i++) {
            Files.copy(recorded.resolve("h200-570.172.08-nearai-" + i + ".report.bin"), folder.resolve("gpu-" + i + ".report"));
            Files.copy(recorded.resolve("h200-570.172.08-nearai-" + i + ".chain.pem"), folder.resolve("gpu-" + i + ".chain"));
        }
    }

    private void serveOne() throws IOException {
        Files.writeString(folder.resolve("gpu-0.report"), "report");
        Files.writeString(folder.resolve("gpu-0.chain"), "chain");
    }

    private static int number(String library, String function) {
        try {
            return (int) Linker.nativeLinker().downcallHandle(SymbolLookup.libraryLookup(library, Arena.global()).find(function).orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT)).invokeExact();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void the_structures_have_the_sizes_that_the_compiler_gives_them() throws Exception {
        String library = library(Fault.NONE);
        assertThat(number(library, "imitation_report_bytes")).isEqualTo((int) NvidiaGpus.REPORT_BYTES);
        assertThat(number(library, "imitation_certificate_bytes")).isEqualTo((int) NvidiaGpus.CERTIFICATE_BYTES);
    }

    @Test
    void evidence_of_real_gpus_comes_out_as_it_was_recorded_and_holds() throws Exception {
        serveRecorded();
        String library = library(Fault.NONE);
        List<Device> shown = NvidiaGpus.open(library).show(NONCE);
        assertThat(shown).hasSize(GPUS);
        for (int i = 0; i < GPUS; i++) {
            assertThat(shown.get(i).report().toArray()).isEqualTo(Files.readAllBytes(folder.resolve("gpu-" + i + ".report")));
            assertThat(shown.get(i).certificates()).isEqualTo(Files.readString(folder.resolve("gpu-" + i + ".chain")));
        }
        List<GpuEvidence> evidence = shown.stream().map(gpu -> GpuEvidence.of(gpu.report(), gpu.certificates(), List.of())).toList();
        GpuPolicy policy = GpuPolicy.strict().withManifests(GpuPolicy.Manifests.WHEN_GIVEN).withUnattestedSwitches();
        GpuNodeVerdict verdict = GpuNodeVerifier.verify(evidence, GPUS, new GpuChallenge.Fresh(NONCE), policy, Instant.ofEpochSecond(1740787200));
        assertThat(verdict.accepted()).as("%s", verdict).isTrue();
        assertThat(number(library, "imitation_opened")).as("every opening is closed again").isZero();
    }

    @Test
    void the_gpus_are_asked_with_the_nonce_of_the_cpus_report_data() throws Exception {
        Bytes reportData = Bytes.of(new byte[] {3}).concat(Bytes.zeros(63));
        var asked = new ArrayList<Bytes>();
        Device gpu = new Device(Bytes.of(new byte[] {1}), "chain");
        EvidenceSource source = new BoundGpuEvidence(data -> new EvidenceSource.Quoted("snp", data, Optional.of("{}"), true), nonce -> {
            asked.add(nonce);
            return List.of(gpu);
        });
        assertThat(source.quote(reportData)).isEqualTo(new EvidenceSource.Quoted("snp", reportData, Optional.of("{}"), true, List.of(gpu)));
        assertThat(asked).containsExactlyElementsOf(new GpuChallenge.BoundTo(reportData).nonce().stream().toList());
    }

    @Test
    void another_nonce_than_asked_for_is_no_evidence() throws Exception {
        serveOne();
        NvidiaGpus gpus = NvidiaGpus.open(library(Fault.NONE));
        assertThatThrownBy(() -> gpus.show(Bytes.zeros(32))).isInstanceOf(EvidenceException.class)
                .hasMessage("nvmlDeviceGetConfComputeGpuAttestationReport of GPU 0 answered 2 (Invalid Argument)");
        assertThatThrownBy(() -> gpus.show(Bytes.zeros(31))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void what_goes_wrong_is_named() throws Exception {
        serveOne();
        List<String> words = List.of("answered 9 (Driver Not Loaded)", "names 0 GPUs", "answered 3 (Not Supported); is the GPU in confidential computing mode?", "has 8193 bytes");
        List<Fault> faults = List.of(Fault.NO_DRIVER, Fault.NO_GPU, Fault.NOT_CONFIDENTIAL, Fault.LYING_SIZE);
        for (int i : IntStream.range(0, faults.size()).toArray()) {
            String library = library(faults.get(i));
            NvidiaGpus gpus = NvidiaGpus.open(library);
            assertThatThrownBy(() -> gpus.show(NONCE)).isInstanceOf(EvidenceException.class).hasMessageContaining(words.get(i));
            assertThat(number(library, "imitation_opened")).isZero();
        }
    }

    @Test
    void a_library_that_is_not_there_or_too_old_is_named() {
        assertThatThrownBy(() -> NvidiaGpus.open(folder.resolve("absent.so").toString())).isInstanceOf(EvidenceException.class).hasMessageContaining("no NVIDIA driver");
        assertThatThrownBy(() -> NvidiaGpus.open("libc.so.6")).isInstanceOf(EvidenceException.class).hasMessageContaining("too old");
    }
}
