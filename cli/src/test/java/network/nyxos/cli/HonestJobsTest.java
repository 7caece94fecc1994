package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import network.nyxos.cli.provider.EngineReplayer;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.program.Digests;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.ChatMessage;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.GenerationRequest;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.TinyModel;
import network.nyxos.node.engine.int8.Decoder;
import network.nyxos.node.job.Outcome;
import network.nyxos.node.job.ReceiptWriter;
import network.nyxos.relayer.dispute.DisputeRules;
import network.nyxos.relayer.dispute.Replayer;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.gate.NodeCalls;
import network.nyxos.relayer.gate.Replay;
import network.nyxos.relayer.gate.ReplayRules;
import network.nyxos.relayer.gate.Rerun;
import network.nyxos.relayer.gate.Revealed;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.accounts.PublicKey;

/** Random jobs, done on one machine's settings and judged on another's: who worked is never accused, who changed anything always is. */
class HonestJobsTest {

    private static final int JOBS = 200;
    private static final Keypair NODE = Keypair.generate();
    private static final Keypair SECOND = Keypair.generate();
    private static final Keypair GATEWAY = Keypair.generate();
    private static final PublicKey MINT = Keypair.generate().publicKey();
    private static final Price PRICE = new Price(1_000_000, 1_000_000);

    @TempDir
    private static Path folder;

    /** What replies are held to, and nothing. */
    private static final List<String> FORMS = List.of("", "", "{\"type\":\"json_object\"}", "{\"schema\":{\"items\":{\"enum\":[\"a\",\"bc\",null]},\"type\":\"array\"},\"type\":\"json_schema\"}",
            "{\"choice\":\"auto\",\"parallel\":true,\"tools\":[{\"name\":\"f\",\"parameters\":{\"additionalProperties\":false,\"properties\":{},\"required\":[],\"type\":\"object\"}}],\"type\":\"tools\"}");

    /** The same model on one thread and on three, with vector kernels and without. */
    private static final List<Model> MODELS = new ArrayList<>();

    @BeforeAll
    static void load() {
        Path file = TinyModel.write(folder, 42);
        for (int threads : new int[] {1, 3}) {
            for (Decoder.Simd simd : List.of(Decoder.Simd.ON, Decoder.Simd.OFF)) {
                MODELS.add(Model.load(file, Model.Options.named("tiny").withThreads(threads).withSimd(simd)));
            }
        }
    }

    @AfterAll
    static void unload() {
        MODELS.forEach(Model::close);
    }

    private record Job(SignedAssignment assignment, SignedReceipt receipt, Revealed revealed, Completion completion) {
        NodeCalls.Order order() {
            return NodeCalls.Order.of(receipt.receipt(), assignment.assignment(), revealed);
        }
    }

    private static Hash random(Random random) {
        byte[] bytes = new byte[Hash.LENGTH];
        random.nextBytes(bytes);
        return Hash.of(bytes);
    }

    private static String words(Random random, int letters) {
        return random.ints(letters, 'a', 'z' + 1).collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    /** A job as a node does it: any sampler, stop texts that may appear, a form or none, a client that may hang up. */
    private static Job serve(Engine engine, Random random) {
        int most = 1 + random.nextInt(24);
        var sampling = new Sampling(random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(1_500_000), random.nextBoolean() ? 1_000_000 : 1 + random.nextInt(999_999), random.nextInt(60));
        var constraints = new Constraints(random.nextInt(3) == 0 ? List.of(words(random, 1), words(random, 2)) : List.of(), FORMS.get(random.nextInt(FORMS.size())), random(random));
        long seed = random.nextLong();
        var order = new Assignment(random(random), GATEWAY.publicKey(), NODE.publicKey(), Hash.fromHex(engine.model().id()), Tier.VERIFIED, 0, most, MINT, PRICE, 1_000_000,
                Payment.VOUCHER, random(random), seed, new Sampler(sampling.temperatureMicro(), sampling.topPMicro(), sampling.topK()), constraints.hash(), Hash.ZERO, 1_000, 100_000);
        var cancellation = new Cancellation();
        int hangUp = random.nextInt(4) == 0 ? 1 + random.nextInt(most) : Integer.MAX_VALUE;
        var request = new GenerationRequest(List.of(new ChatMessage("user", words(random, 1 + random.nextInt(40)))), sampling, seed, most, constraints.stop(), constraints.format());
        Completion completion = engine.generate(request, (text, tokens) -> {
            if (tokens >= hangUp) {
                cancellation.cancel();
            }
        }, cancellation);
        Hash salt = random(random);
        SignedReceipt receipt = new ReceiptWriter(NODE).write(order, Outcome.of(completion, salt), engine.model().engine(), Hash.ZERO, 2_000, 3_000);
        return new Job(order.sign(GATEWAY), receipt, revealed(salt, completion, constraints), completion);
    }

    private static Revealed revealed(Hash salt, Completion completion, Constraints constraints) {
        return new Revealed(salt, completion.promptIds(), completion.outputIds(), constraints);
    }

    private static Rerun run(Engine engine, NodeCalls.Order order) {
        return ((Replayer.Result.Ran) new EngineReplayer(() -> engine).run(order)).rerun();
    }

    private static Accusation accusation(Job job, Rerun says) {
        return new Accusation(job.assignment(), job.receipt(), job.revealed(), new Replay(SECOND.publicKey(), job.order().hash(), says.outputHash(), says.traceRoot(), says.finish(),
                SECOND.sign(Digests.replay(job.receipt().receipt().jobId(), job.order().hash(), says.outputHash(), says.traceRoot(), says.finish()))));
    }

    @Test
    void nobody_who_worked_is_accused_and_nobody_who_changed_anything_is_not() {
        var random = new Random(20261122);
        var cut = new AtomicInteger();
        var engines = MODELS.stream().map(DeterministicEngine::new).toList();
        for (int i = 0; i < JOBS; i++) {
            Job job = serve(engines.get(i % engines.size()), random);
            Receipt receipt = job.receipt().receipt();
            if (receipt.tokensOut() == 0) {
                continue;
            }
            if (job.completion().finish() == Completion.Finish.CANCELLED) {
                cut.incrementAndGet();
            }
            assertThat(ReplayRules.reveal(job.assignment().assignment(), receipt, job.revealed()).passed()).isTrue();
            Rerun second = run(engines.get((i + 1) % engines.size()), job.order());
            Rerun own = run(engines.get((i + 2) % engines.size()), job.order());
            assertThat(second.confirms(receipt)).as("job %d: %s", i, job.completion()).isTrue();
            assertThat(DisputeRules.liars(accusation(job, second), own)).isEmpty();
            Job lie = changed(job, random);
            assertThat(second.confirms(lie.receipt().receipt())).as("job %d with one token changed", i).isFalse();
            assertThat(DisputeRules.liars(accusation(lie, second), own)).containsExactly(NODE.publicKey());
            Rerun lied = new Rerun(random(random), second.traceRoot(), second.finish());
            assertThat(DisputeRules.liars(accusation(job, lied), own)).containsExactly(SECOND.publicKey());
        }
        assertThat(cut.get()).as("some clients hung up").isPositive();
    }

    /** The same job with one output token changed, or without the trace of its work. */
    private static Job changed(Job job, Random random) {
        Completion right = job.completion();
        int[] output = right.outputIds();
        if (random.nextBoolean()) {
            output[random.nextInt(output.length)] ^= 1;
        }
        boolean same = Arrays.equals(output, right.outputIds());
        var made = new Completion(right.promptIds(), output, right.tokensIn(), output.length, right.maxTokens(), right.finish(), same ? Optional.empty() : right.trace());
        Hash salt = job.revealed().salt();
        SignedReceipt receipt = new ReceiptWriter(NODE).write(job.assignment().assignment(), Outcome.of(made, salt), job.receipt().receipt().engine(), Hash.ZERO, 2_000, 3_000);
        return new Job(job.assignment(), receipt, revealed(salt, made, job.revealed().constraints()), made);
    }
}
