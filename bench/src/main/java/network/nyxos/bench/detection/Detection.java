package network.nyxos.bench.detection;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.TemporaryFolder;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.TinyModel;
import network.nyxos.node.engine.int8.Decoder;
import network.nyxos.relayer.dispute.DisputeRules;
import network.nyxos.relayer.gate.Rerun;

/**
 * Jobs that were done rightly and jobs that were lied about, all of them drawn: each is revealed, replayed by a second node and, where the two differ, run by a verifier. The three have other settings,
 * by turns: one thread or three, vector kernels or none.
 */
public final class Detection {

    private static final long SEED = 20_261_122;
    private static final Keypair GATEWAY = Keypair.generate();
    private static final Keypair NODE = Keypair.generate();
    private static final Keypair SECOND = Keypair.generate();

    /**
     * What came of it.
     *
     * @param honest  jobs done rightly
     * @param cut     of those, whose client hung up before the end
     * @param accused of those, whose replay differed or whose opening did not hold
     * @param framed  jobs done rightly of which a second node said that they were not
     * @param cleared of those, where the rule names that node and nobody else
     * @param told    lies, by kind
     * @param found   of those, where it was the liar whom the verifiers' rule names, and nobody else
     * @param serving nanoseconds of the honest nodes
     * @param checking nanoseconds of the replays of their jobs
     */
    public record Outcome(int honest, int cut, int accused, int framed, int cleared, Map<String, Integer> told, Map<String, Integer> found, long serving, long checking) {
    }

    private Detection() {
    }

    /**
     * Measures.
     *
     * @param honest jobs
     * @param lies   spread evenly over the kinds, at least one of each
     * @throws IllegalStateException when somebody honest is accused or a lie is not found: then no figure is worth printing
     */
    public static List<Figure> measure(int honest, int lies) {
        Outcome outcome = run(honest, lies);
        if (outcome.accused() != 0 || outcome.cleared() != outcome.framed() || !outcome.told().equals(outcome.found())) {
            throw new IllegalStateException("the check is wrong: " + outcome);
        }
        String how = "model of " + TinyModel.LAYERS + " layers, real engine, receipts and rules; serving, replaying and judging engines differ in threads (1, 3) and in SIMD by turns; seed " + SEED;
        List<Figure> figures = new ArrayList<>();
        figures.add(new Figure("honest jobs accused", List.of(new Figure.Value("accused", outcome.accused(), "jobs"), new Figure.Value("of", outcome.honest(), "jobs")), "all replayed; " + how));
        figures.add(new Figure("false replay found", List.of(new Figure.Value("found", outcome.cleared(), "jobs"), new Figure.Value("of", outcome.framed(), "jobs")),
                "a second node that calls an honest job a lie is named, and the first one is not; " + how));
        outcome.told().forEach((kind, told) -> figures.add(new Figure("cheat found: " + kind,
                List.of(new Figure.Value("found", outcome.found().get(kind), "jobs"), new Figure.Value("of", told, "jobs")), "all replayed, the liar named by the verifiers' rule; " + how)));
        figures.add(Figure.of("a replay / serving the job", (double) outcome.checking() / outcome.serving(), "×", "time of a replay of an honest job; of all serving it costs this times the sampled share; " + how));
        return List.copyOf(figures);
    }

    /** The same, whatever comes of it. */
    static Outcome run(int honest, int lies) {
        try (var folder = new TemporaryFolder("nyxos-detection")) {
            return run(folder.path(), honest, lies);
        }
    }

    private static Outcome run(Path folder, int honest, int lies) {
        Path right = TinyModel.write(folder, 42);
        List<Model> models = new ArrayList<>();
        try {
            for (int threads : new int[] {1, 3}) {
                for (Decoder.Simd simd : List.of(Decoder.Simd.ON, Decoder.Simd.OFF)) {
                    models.add(Model.load(right, Model.Options.named("tiny").withThreads(threads).withSimd(simd)));
                }
            }
            List<Engine> engines = models.stream().<Engine>map(DeterministicEngine::new).toList();
            models.add(Model.load(TinyModel.write(folder, 43), Model.Options.named("other")));
            models.add(Model.load(TinyModel.writeCoarse(folder, 42), Model.Options.named("coarse")));
            return judged(engines, new DeterministicEngine(models.get(4)), new DeterministicEngine(models.get(5)), honest, lies);
        } finally {
            models.forEach(Model::close);
        }
    }

    private static Outcome judged(List<Engine> engines, Engine other, Engine coarse, int honest, int lies) {
        var jobs = new Jobs(new Random(SEED), GATEWAY, NODE);
        int cut = 0;
        int accused = 0;
        int framed = 0;
        int cleared = 0;
        long serving = 0;
        long checking = 0;
        for (int i = 0; i < honest; i++) {
            Engine own = engines.get(i % engines.size());
            Jobs.Asked asked = jobs.next(Hash.fromHex(own.model().id()));
            long began = System.nanoTime();
            ServedJob job = jobs.served(asked, jobs.answered(asked, own), Model.ENGINE);
            long served = System.nanoTime();
            Rerun second = job.run(engines.get((i + 1) % engines.size()));
            checking += System.nanoTime() - served;
            serving += served - began;
            cut += job.completion().finish() == Completion.Finish.CANCELLED ? 1 : 0;
            accused += job.opens() && second.confirms(job.receipt().receipt()) ? 0 : 1;
            if (i % 10 == 0) {
                framed++;
                Rerun lied = new Rerun(job.order().hash(), second.traceRoot(), second.finish());
                cleared += DisputeRules.liars(job.accused(SECOND, lied), second).equals(Set.of(SECOND.publicKey())) ? 1 : 0;
            }
        }
        Map<Lie, Integer> told = new EnumMap<>(Lie.class);
        Map<Lie, Integer> found = new EnumMap<>(Lie.class);
        for (int i = 0; i < lies; i++) {
            Lie lie = Lie.values()[i % Lie.values().length];
            ServedJob job = lie.tell(new Lie.Engines(engines.get(i % engines.size()), other, coarse), jobs);
            told.merge(lie, 1, Integer::sum);
            found.merge(lie, found(job, engines, i) ? 1 : 0, Integer::sum);
        }
        return new Outcome(honest, cut, accused, framed, cleared, titled(told), titled(found), serving, checking);
    }

    /** Whether the second node's word differs and the verifiers' own run puts the blame on the first one alone. */
    private static boolean found(ServedJob job, List<Engine> engines, int turn) {
        Rerun second = job.run(engines.get((turn + 1) % engines.size()));
        Rerun own = job.run(engines.get((turn + 2) % engines.size()));
        return job.opens() && !second.confirms(job.receipt().receipt())
                && DisputeRules.liars(job.accused(SECOND, second), own).equals(Set.of(NODE.publicKey()));
    }

    private static Map<String, Integer> titled(Map<Lie, Integer> counts) {
        return counts.entrySet().stream().collect(Collectors.toMap(entry -> entry.getKey().title(), Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
    }
}
