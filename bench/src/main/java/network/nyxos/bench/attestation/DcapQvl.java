package network.nyxos.bench.attestation;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.tdx.TdxVerifier;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Rate;
import network.nyxos.bench.measure.Repository;

/** The crate {@code dcap-qvl} on the same real quotes, in turn with our verifier. {@code bench/dcap-qvl} is the little program around it; cargo builds it at the first run. */
public final class DcapQvl implements AutoCloseable {

    private static final int AT_ONCE = 17;

    private final Process process;
    private final BufferedReader said;
    private final PrintWriter orders;

    private DcapQvl(Process process) {
        this.process = process;
        this.said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.orders = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /**
     * Measures.
     *
     * @throws IllegalStateException when there is no recorded evidence, no cargo, or a quote is refused
     */
    public static List<Figure> measure(Rate.Plan plan) {
        RecordedEvidence recorded = RecordedEvidence.find();
        List<JsonNode> vectors = recorded.accepted("tdx-quote");
        try (DcapQvl other = start(recorded, vectors)) {
            List<Double> rates = Rate.perSecond(plan, List.of(work(Case.RECORDED_TDX_COLD.prepare()), work(Case.RECORDED_TDX_WARM.prepare()), work(parsed(recorded, vectors)), other::verify));
            String how = "the same " + vectors.size() + " recorded quotes, collateral given as its parts; " + plan;
            return List.of(
                    Figure.of("ours, cold", rates.get(0), "/s", "collateral read from its JSON, too; " + plan),
                    Figure.of("ours, collateral's JSON read before", rates.get(2), "/s", how),
                    Figure.of("dcap-qvl 0.7.0 (Rust, ring)", rates.get(3), "/s", how),
                    Figure.of("ours, collateral kept", rates.get(1), "/s", "dcap-qvl has no such mode; " + plan),
                    Figure.of("ours / dcap-qvl, the same work", rates.get(2) / rates.get(3), "×", "above 1: ours does more a second"),
                    Figure.of("ours with collateral kept / dcap-qvl", rates.get(1) / rates.get(3), "×", "what a service does with the second quote under one collateral"));
        }
    }

    private static Supplier<Verdict> parsed(RecordedEvidence recorded, List<JsonNode> vectors) {
        List<Supplier<Verdict>> all = vectors.stream().<Supplier<Verdict>>map(vector -> {
            byte[] quote = recorded.bytes(vector, "quote").toArray();
            Collateral read = Collateral.fromJson(recorded.text(vector, "collateral"));
            return () -> TdxVerifier.verify(quote, CollateralSet.of(read), Policy.strict(), RecordedEvidence.now(vector));
        }).toList();
        var next = new int[1];
        return () -> all.get(next[0]++ % all.size()).get();
    }

    private static Rate.Work work(Supplier<Verdict> verification) {
        return () -> {
            for (int i = 0; i < AT_ONCE; i++) {
                Verdict verdict = verification.get();
                if (!verdict.accepted()) {
                    throw new IllegalStateException("a quote was not accepted: " + verdict.summary());
                }
            }
            return AT_ONCE;
        };
    }

    private static DcapQvl start(RecordedEvidence recorded, List<JsonNode> vectors) {
        var command = new ArrayList<>(List.of(build().toString()));
        for (JsonNode vector : vectors) {
            command.addAll(List.of(recorded.path(vector, "quote").toString(), recorded.path(vector, "collateral").toString(), vector.path("now").asText()));
        }
        try {
            var started = new DcapQvl(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
            started.expect("ready");
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path build() {
        Path sources = Repository.folder("bench/dcap-qvl");
        Path target = Optional.ofNullable(System.getenv("NYXOS_CACHE")).map(cache -> Path.of(cache, "dcap-qvl")).orElse(sources.resolve("target"));
        System.err.println("  building dcap-qvl with cargo (minutes the first time) ...");
        try {
            Process cargo = new ProcessBuilder("cargo", "build", "--release", "--locked", "--quiet", "--target-dir", target.toString()).directory(sources.toFile()).inheritIO().start();
            if (cargo.waitFor() != 0) {
                throw new IllegalStateException("cargo could not build bench/dcap-qvl (see above)");
            }
        } catch (IOException e) {
            throw new IllegalStateException("dcap-qvl cannot be built: " + e.getMessage() + "; is cargo on the PATH?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return target.resolve("release/nyxos-bench-dcap-qvl");
    }

    private long verify() {
        orders.println(AT_ONCE);
        expect("done");
        return AT_ONCE;
    }

    private void expect(String word) {
        try {
            if (!word.equals(said.readLine())) {
                throw new IllegalStateException("dcap-qvl did not verify the quotes (see above)");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        orders.close();
        process.destroy();
    }
}
