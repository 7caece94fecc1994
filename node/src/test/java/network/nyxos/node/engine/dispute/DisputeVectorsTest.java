package network.nyxos.node.engine.dispute;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.TinyModel;
import network.nyxos.node.engine.dispute.BlockVectors.Peak;
import network.nyxos.node.engine.dispute.ChoiceVectors.Candidate;
import network.nyxos.node.engine.dispute.ChoiceVectors.Pick;
import network.nyxos.node.engine.int8.Decoder;
import network.nyxos.node.engine.int8.WeightsTree;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The cases that the programs' judge is tested with, {@code onchain/tests/vectors/disputes.bin}: every kind of proof, of a number that is right and of one
 * that is not. They are written with {@code NYXOS_WRITE=1}; without it the file must be what this engine gives.
 */
@Timeout(120)
class DisputeVectorsTest {
    private static final Path FILE = Path.of("..", "onchain", "tests", "vectors", "disputes.bin");
    private static final Sampling WARM = new Sampling(900_000, 950_000, 50);
    private static final Sampling HOT = new Sampling(2_000_000, Sampling.ONE, 0);
    private static final int BLOCK = 0;
    private static final int CHOICE = 1;
    private static final int FOUND = -1;

    @TempDir
    private Path folder;

    private final List<byte[]> cases = new ArrayList<>();

    @Test
    void theJudgesCasesAreWhatTheEngineGives() throws Exception {
        byte[] written;
        try (Model model = Model.load(TinyModel.write(folder, 42), new Model.Options("tiny", 1, Decoder.Simd.OFF, Integer.MAX_VALUE))) {
            WeightsTree weights = model.decoder().weightsTree();
            Recomputation warm = recomputed(model, weights, WARM);
            for (int position : new int[] {0, 40, 70}) {
                for (int layer = 0; layer < TinyModel.LAYERS; layer++) {
                    blocks(warm, position, layer);
                }
            }
            for (Recomputation job : List.of(warm, recomputed(model, weights, HOT), recomputed(model, weights, Sampling.GREEDY))) {
                choices(job, job.job().prompt().length - 1);
                choices(job, job.job().steps() - 1);
            }
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            file.writeBytes(Layout.bytes(4).putInt(cases.size()).array());
            cases.forEach(file::writeBytes);
            written = file.toByteArray();
        }
        assertThat(written.length).isLessThan(1_500_000);
        if ("1".equals(System.getenv("NYXOS_WRITE"))) {
            Files.createDirectories(FILE.getParent());
            Files.write(FILE, written);
        }
        assertThat(Hash.sha256(Files.readAllBytes(FILE))).as("regenerate with NYXOS_WRITE=1").isEqualTo(Hash.sha256(written));
    }

    /** A reply that the model itself would give. */
    private static Recomputation recomputed(Model model, WeightsTree weights, Sampling sampling) {
        int[] prompt = new int[69];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = 2 + (i * 37 + 40) % 256;
        }
        int[] reply = new int[4];
        while (true) {
            Recomputation run = Recomputation.of(model, weights, new Job(prompt, reply, sampling, 7, true));
            if (run.wrongChoice().isEmpty()) {
                return run;
            }
            int wrong = run.wrongChoice().getAsInt();
            reply[wrong] = run.choiceVectors(prompt.length - 1 + wrong).chosen();
        }
    }

    // ---- blocks

    private void blocks(Recomputation job, int position, int layer) {
        BlockVectors right = job.vectors(position, layer);
        for (int vector = 0; vector < BlockVectors.COUNT; vector++) {
            ChunkVector chunks = right.vector(vector);
            TreeSet<Integer> some = new TreeSet<>(List.of(0, chunks.size() / 2, chunks.size() - 1));
            for (int chunk : some) {
                byte[] honest = chunks.chunk(chunk);
                if (vector == BlockVectors.PEAKS) {
                    peaks(job, position, layer, chunk, Peak.read(honest));
                    continue;
                }
                int unit = unit(vector, honest.length, chunks.size() - 1 == chunk);
                int last = unit == 0 ? 0 : honest.length / unit - 1;
                for (int element : new TreeSet<>(List.of(0, last / 2, last))) {
                    block(job, position, layer, vector, chunk, element, honest, 0);
                    byte[] wrong = honest.clone();
                    wrong[unit == 0 ? (chunk * 7 + vector) % honest.length : element * unit] ^= 1;
                    block(job, position, layer, vector, chunk, element, wrong, 1);
                }
            }
        }
    }

    /** Bytes of a number that is proved by itself; 0 where a chunk is proved as a whole. */
    private static int unit(int vector, int length, boolean last) {
        return switch (vector) {
            case BlockVectors.QUERY, BlockVectors.KEY, BlockVectors.VALUE, BlockVectors.AFTER_ATTENTION, BlockVectors.GATE, BlockVectors.UP -> Integer.BYTES;
            case BlockVectors.SCORES, BlockVectors.WEIGHTS -> Long.BYTES;
            // The small model has one key head, behind its stream.
            case BlockVectors.BLOCK -> last ? 0 : Integer.BYTES;
            default -> 0;
        };
    }

    private void peaks(Recomputation job, int position, int layer, int head, Peak right) {
        for (int p : new TreeSet<>(List.of(0, position, right.at(), right.powerAt()))) {
            block(job, position, layer, BlockVectors.PEAKS, head, 2 * p, right.bytes(), 0);
            block(job, position, layer, BlockVectors.PEAKS, head, 2 * p + 1, right.bytes(), 0);
        }
        for (Peak wrong : List.of(new Peak(right.at(), right.max() + 1, right.powerAt(), right.power()), new Peak(right.at(), right.max() - 1, right.powerAt(), right.power()),
                new Peak(position + 1, right.max(), right.powerAt(), right.power()), new Peak(right.at(), right.max(), right.powerAt(), right.power() + 1),
                new Peak(right.at(), right.max(), position + 1, right.power()), new Peak((right.at() + 1) % (position + 1), right.max(), right.powerAt(), right.power()),
                new Peak(right.at(), right.max(), (right.powerAt() + 1) % (position + 1), right.power()))) {
            if (!wrong.equals(right)) {
                block(job, position, layer, BlockVectors.PEAKS, head, FOUND, wrong.bytes(), 1);
            }
        }
    }

    /** @param element which, or {@link #FOUND}: what the proof finds by itself, as it must in any case where the chunk is wrong */
    private void block(Recomputation job, int position, int layer, int vector, int chunk, int element, byte[] content, int wrong) {
        BlockVectors right = job.vectors(position, layer);
        ChunkVector claimed = with(right.vector(vector), chunk, content);
        Descent steps = Descent.to(TracePaths.steps(job.trace(), job.job().steps()), position);
        TracePaths trace = new TracePaths(job, TracePaths.steps(job.trace(), job.job().steps()), steps, position);
        BlockProof proof = new BlockProof(job, trace, Descent.to(trace.blocks(position), layer), Descent.to(claimed.tree(), chunk), position, layer, vector, chunk, content);
        int index = element == FOUND ? proof.element() : element;
        if (wrong == 1) {
            assertThat(proof.element()).as("vector %d", vector).isEqualTo(index);
        }
        ByteBuffer facts = facts(BLOCK, job, position, job.job().token(position), 32 + 4 + 18 * 32).put(trace.blocks(position).root().bytes()).putInt(layer);
        for (int v = 0; v < BlockVectors.COUNT; v++) {
            facts.put((v == vector ? claimed : right.vector(v)).root().bytes());
        }
        add(facts.put((byte) vector).putInt(chunk).putInt(index), content, proof.evidence(index), wrong);
    }

    private static ChunkVector with(ChunkVector vector, int chunk, byte[] content) {
        List<byte[]> chunks = new ArrayList<>();
        for (int c = 0; c < vector.size(); c++) {
            chunks.add(c == chunk ? content : vector.chunk(c));
        }
        return ChunkVector.of(chunks);
    }

    /** What the cases of both kinds begin with, and room for more. */
    private static ByteBuffer facts(int kind, Recomputation job, int position, int token, int more) {
        byte[] header = job.model().header().bytes();
        byte[] shape = Arrays.copyOfRange(header, "nyxos:weights:v1".length(), header.length - job.model().header().steps().size() * Long.BYTES);
        ByteBuffer facts = Layout.bytes(1 + shape.length + 2 * 32 + 3 * 4 + more + 1 + 4 + 4).put((byte) kind).put(shape).put(job.model().root().bytes());
        return facts.put(job.trace().root().bytes()).putInt(job.job().steps()).putInt(position).putInt(token);
    }

    private void add(ByteBuffer facts, byte[] content, byte[] evidence, int wrong) {
        cases.add(new Evidence().raw(facts.array()).part(content).number(evidence.length).raw(evidence).raw(new byte[] {(byte) wrong}).bytes());
    }

    // ---- choices

    private void choices(Recomputation job, int position) {
        ChoiceVectors right = job.choiceVectors(position);
        int count = right.candidates().size();
        int chosen = right.chosen();
        for (int vector : new int[] {ChoiceVectors.NORM, ChoiceVectors.CODES, ChoiceVectors.LOGITS}) {
            int last = right.vector(vector).size() - 1;
            for (int chunk : new TreeSet<>(List.of(0, last / 2, last))) {
                byte[] content = right.vector(vector).chunk(chunk);
                int element = vector == ChoiceVectors.LOGITS ? content.length / Integer.BYTES - 1 : 0;
                choice(job, position, count, vector, with(right.vector(vector), chunk, content), chunk, element, chosen, 0);
                byte[] wrong = content.clone();
                wrong[vector == ChoiceVectors.LOGITS ? element * Integer.BYTES : 1] ^= 1;
                choice(job, position, count, vector, with(right.vector(vector), chunk, wrong), chunk, FOUND, chosen, 1);
            }
        }
        candidates(job, position, right);
        picks(job, position, right);
    }

    private void candidates(Recomputation job, int position, ChoiceVectors right) {
        List<Candidate> list = right.candidates();
        int count = list.size();
        boolean greedy = job.job().sampling().greedy();
        for (int i : new TreeSet<>(List.of(0, count / 2, count / 2 / 32 * 32, count - 1))) {
            for (int fault = 0; fault < 4; fault++) {
                if (fault != 3 || i == count - 1 && !greedy) {
                    choice(job, position, count, ChoiceVectors.CANDIDATES, right.vector(ChoiceVectors.CANDIDATES), i / 32, i % 32 * 4 + fault, right.chosen(), 0);
                }
            }
            Candidate at = list.get(i);
            wrongList(job, position, right, replaced(list, i, new Candidate(at.id(), at.logit() + 1, at.running())));
            wrongList(job, position, right, replaced(list, i, new Candidate(at.id(), at.logit(), at.running() + 1)));
            wrongList(job, position, right, replaced(list, i, new Candidate(TinyModel.VOCABULARY, at.logit(), at.running())));
            if (count > 1) {
                wrongList(job, position, right, without(list, i));
                if (i + 1 < count) {
                    List<Candidate> swapped = new ArrayList<>(list);
                    Collections.swap(swapped, i, i + 1);
                    wrongList(job, position, right, swapped);
                }
                if (i > 0) {
                    wrongList(job, position, right, replaced(list, i, list.get(i - 1)));
                }
            } else {
                int other = at.id() == 0 ? 1 : 0;
                wrongList(job, position, right, List.of(new Candidate(other, right.logit(other), 0)));
            }
        }
        if (!greedy) {
            if (count < TinyModel.VOCABULARY) {
                List<Candidate> longer = new ArrayList<>(list);
                longer.add(list.getFirst());
                wrongList(job, position, right, longer);
            }
            wrongList(job, position, right, list.subList(0, count - 1));
            wrongList(job, position, right, list.subList(0, 1));
        }
    }

    private static List<Candidate> replaced(List<Candidate> list, int i, Candidate candidate) {
        List<Candidate> other = new ArrayList<>(list);
        other.set(i, candidate);
        return other;
    }

    private static List<Candidate> without(List<Candidate> list, int i) {
        List<Candidate> other = new ArrayList<>(list);
        other.remove(i);
        return other;
    }

    /** A list that is wrong: the accuser goes to the first chunk that is not as it should be, or to the last. */
    private void wrongList(Recomputation job, int position, ChoiceVectors right, List<Candidate> list) {
        ChunkVector claimed = ChoiceVectors.list(list);
        int chunk = 0;
        while (chunk < claimed.size() - 1 && Hash.sha256(claimed.chunk(chunk)).equals(Hash.sha256(right.vector(ChoiceVectors.CANDIDATES).chunk(chunk)))) {
            chunk++;
        }
        choice(job, position, list.size(), ChoiceVectors.CANDIDATES, claimed, chunk, FOUND, right.chosen(), 1);
    }

    private void picks(Recomputation job, int position, ChoiceVectors right) {
        Pick pick = right.pick();
        int count = right.candidates().size();
        for (int element : job.job().sampling().greedy() ? new int[] {0, 3} : new int[] {0, 1, 2, 3}) {
            pick(job, position, count, pick, element, right.chosen(), 0);
        }
        pick(job, position, count, pick, FOUND, (right.chosen() + 1) % TinyModel.VOCABULARY, 1);
        for (Pick wrong : List.of(new Pick(pick.kept() + 1, pick.target(), pick.at()), new Pick(pick.kept() - 1, pick.target(), pick.at()), new Pick(-1, pick.target(), pick.at()),
                new Pick(pick.kept(), pick.target() + 1, pick.at()), new Pick(pick.kept(), pick.target(), pick.at() + 1), new Pick(pick.kept(), pick.target(), pick.kept()),
                new Pick(pick.kept(), pick.target(), -1))) {
            pick(job, position, count, wrong, FOUND, right.chosen(), 1);
        }
        if (job.job().sampling().greedy()) {
            pick(job, position, 2, pick, FOUND, right.chosen(), 1);
        }
    }

    private void pick(Recomputation job, int position, int count, Pick pick, int element, int token, int wrong) {
        choice(job, position, count, ChoiceVectors.CHOICE, new ChunkVector(1, _ -> pick.bytes()), 0, element, token, wrong);
    }

    /** @param element which, or {@link #FOUND} */
    private void choice(Recomputation job, int position, int count, int vector, ChunkVector claimed, int chunk, int element, int token, int wrong) {
        ChoiceVectors right = job.choiceVectors(position);
        int end = position + 1;
        // Where the reply's last token is in dispute no way was gone.
        Descent steps = end == job.job().steps() ? new Descent() : Descent.to(TracePaths.steps(job.trace(), job.job().steps()), end);
        TracePaths trace = new TracePaths(job, TracePaths.steps(job.trace(), job.job().steps()), steps, end);
        byte[] content = claimed.chunk(chunk);
        ChoiceProof proof = new ChoiceProof(job, trace, Descent.to(claimed.tree(), chunk), position, count, vector, chunk, content);
        int index = element == FOUND ? proof.element() : element;
        Sampling sampling = job.job().sampling();
        ByteBuffer facts = facts(CHOICE, job, position, token, 4 + 8 + 4 * 4 + 5 * 32).putInt(end - job.job().prompt().length);
        facts.putLong(job.job().seed()).putInt(sampling.temperatureMicro()).putInt(sampling.topPMicro()).putInt(sampling.topK()).putInt(count);
        for (int v = 0; v < ChoiceVectors.COUNT; v++) {
            facts.put((v == vector ? claimed : right.vector(v)).root().bytes());
        }
        add(facts.put((byte) vector).putInt(chunk).putInt(index), content, proof.evidence(index), wrong);
    }
}
