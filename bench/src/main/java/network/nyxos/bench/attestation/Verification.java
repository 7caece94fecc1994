package network.nyxos.bench.attestation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.bench.measure.Figure;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/** Verifications of evidence by JMH, one thread, each case in a process of its own; what each allocates by JMH's gc profiler, and the processor time that each takes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class Verification {

    private static final String ALLOCATED = "gc.alloc.rate.norm";

    /** What is verified. */
    @Param
    public Case work;

    private Supplier<Verdict> verification;

    /**
     * How long to measure.
     *
     * @param forks   processes for each case; 0: in this one
     * @param warmups turns that do not count
     * @param turns   that count
     * @param turn    length of one, milliseconds
     */
    public record Plan(int forks, int warmups, int turns, long turn) {

        /** In words, for a figure's method. */
        @Override
        public String toString() {
            return "JMH, " + turns + " × " + turn + " ms after " + warmups + " to warm up";
        }
    }

    /** Makes the evidence; what is not accepted is not measured. */
    @Setup
    public void prepare() {
        verification = work.prepare();
        accepted(verification.get());
    }

    /** Verifies once. */
    @Benchmark
    public Verdict verify() {
        return accepted(verification.get());
    }

    private static Verdict accepted(Verdict verdict) {
        if (!verdict.accepted()) {
            throw new IllegalStateException("the evidence was not accepted: " + verdict.summary());
        }
        return verdict;
    }

    /**
     * Measures cases.
     *
     * @throws IllegalStateException when one cannot be measured
     */
    static List<Figure> measure(Plan plan, List<Case> cases) {
        TimeValue turn = TimeValue.milliseconds(plan.turn);
        var options = new OptionsBuilder().include(Verification.class.getName().replace(".", "\\.") + "\\.verify$").param("work", cases.stream().map(Case::name).toArray(String[]::new))
                .forks(plan.forks).threads(1).warmupIterations(plan.warmups).warmupTime(turn).measurementIterations(plan.turns).measurementTime(turn)
                .addProfiler(GCProfiler.class).addProfiler(ProcessorTime.class).verbosity(VerboseMode.SILENT).shouldFailOnError(true).build();
        Collection<RunResult> results;
        try {
            results = new Runner(options).run();
        } catch (RunnerException e) {
            throw new IllegalStateException("verification could not be measured: " + e.getMessage(), e);
        }
        var figures = new ArrayList<Figure>();
        for (Case each : cases) {
            RunResult result = results.stream().filter(found -> found.getParams().getParam("work").equals(each.name())).findFirst()
                    .orElseThrow(() -> new IllegalStateException("JMH gave no result of " + each));
            Statistics times = result.getPrimaryResult().getStatistics();
            double allocated = result.getSecondaryResults().get(ALLOCATED).getScore();
            double processor = result.getSecondaryResults().get(ProcessorTime.RESULT).getScore();
            figures.add(new Figure(each.label(), List.of(new Figure.Value("processor", processor, "ms"), new Figure.Value("p50", times.getPercentile(50), "ms"), new Figure.Value("p99", times.getPercentile(99), "ms"),
                    new Figure.Value("allocated", allocated / 1024, "KiB")), each.method() + " (" + plan + ")"));
        }
        return List.copyOf(figures);
    }

    /** Measures evidence made for the run: its layouts, chains and signatures are those of real one. */
    public static List<Figure> development(Plan plan) {
        return measure(plan, Stream.of(Case.values()).filter(each -> !each.recorded()).toList());
    }

    /**
     * Measures evidence of real machines.
     *
     * @throws IllegalStateException when there is none here
     */
    public static List<Figure> recorded(Plan plan) {
        RecordedEvidence.find();
        return measure(plan, Stream.of(Case.values()).filter(Case::recorded).toList());
    }
}
