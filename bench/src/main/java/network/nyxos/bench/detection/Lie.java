package network.nyxos.bench.detection;

import java.util.Arrays;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.GenerationRequest;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.ReplayRequest;
import network.nyxos.node.engine.Trace;

/** What a node does in place of its work, and signs as if it were that. */
enum Lie {
    /** It runs other weights under the claimed model's id. */
    OTHER_MODEL("another model") {
        @Override
        Completion told(Jobs.Asked asked, Completion honest, Engines engines, Jobs jobs) {
            return asked.answered(engines.other());
        }
    },
    /** It runs the model's weights with half of their bits. */
    LOWER_PRECISION("lower precision") {
        @Override
        Completion told(Jobs.Asked asked, Completion honest, Engines engines, Jobs jobs) {
            return asked.answered(engines.coarse());
        }
    },
    /** It draws by a seed of its own. */
    OTHER_SEED("another seed") {
        @Override
        Jobs.Asked next(Engines engines, Jobs jobs) {
            return jobs.next(engines.modelId(), new Sampler(1_000_000, 1_000_000, 0));
        }

        @Override
        Completion told(Jobs.Asked asked, Completion honest, Engines engines, Jobs jobs) {
            GenerationRequest right = asked.request();
            return engines.claimed().generate(new GenerationRequest(right.messages(), right.sampling(), right.seed() + 1, right.maxTokens(), right.stop(), right.format()),
                    (piece, tokens) -> { }, new Cancellation());
        }
    },
    /** It stops early and says that the model did. */
    TRUNCATED("truncated output") {
        @Override
        Completion told(Jobs.Asked asked, Completion honest, Engines engines, Jobs jobs) {
            int length = honest.tokensOut() / 2;
            if (length == 0) {
                return honest;
            }
            GenerationRequest right = asked.request();
            Completion half = engines.claimed().generate(new GenerationRequest(right.messages(), right.sampling(), right.seed(), length, right.stop(), right.format()),
                    (piece, tokens) -> { }, new Cancellation());
            return new Completion(half.promptIds(), half.outputIds(), half.tokensIn(), half.tokensOut(), honest.maxTokens(), Completion.Finish.STOP, half.trace());
        }
    },
    /** It counts tokens that the model never gave. */
    INFLATED("inflated token count") {
        @Override
        Completion told(Jobs.Asked asked, Completion honest, Engines engines, Jobs jobs) {
            int[] more = Arrays.copyOf(honest.outputIds(), honest.tokensOut() + 1 + jobs.below(8));
            Arrays.fill(more, honest.tokensOut(), more.length, jobs.below(256));
            return changed(honest, more, honest.trace());
        }
    },
    /** It has answered another question, rightly, and signs that again. */
    COPIED("copied receipt") {
        @Override
        Completion told(Jobs.Asked asked, Completion honest, Engines engines, Jobs jobs) {
            return new Jobs.Asked(asked.order(), jobs.next(engines.modelId()).text(), asked.limits()).answered(engines.claimed());
        }
    },
    /** It changes one token. */
    FLIPPED("one token changed") {
        @Override
        Completion told(Jobs.Asked asked, Completion honest, Engines engines, Jobs jobs) {
            int[] ids = honest.outputIds();
            ids[jobs.below(ids.length)] ^= 1;
            return changed(honest, ids, honest.trace());
        }
    },
    /** It has the right tokens from elsewhere and did not compute them. */
    NOT_COMPUTED("the right tokens without the work") {
        @Override
        Completion told(Jobs.Asked asked, Completion honest, Engines engines, Jobs jobs) {
            GenerationRequest right = asked.request();
            var less = new ReplayRequest(Arrays.copyOf(honest.promptIds(), 1), right.sampling(), right.seed(), 2, right.stop(), right.format());
            return changed(honest, honest.outputIds(), engines.claimed().replay(less, new Cancellation()).trace());
        }
    };

    /**
     * What a liar has at hand.
     *
     * @param claimed runs the model that it is paid for
     * @param other   runs another one
     * @param coarse  runs it with fewer bits
     */
    record Engines(Engine claimed, Engine other, Engine coarse) {
        Hash modelId() {
            return Hash.fromHex(claimed.model().id());
        }
    }

    private final String title;

    Lie(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /** A question that can be lied about in this way. */
    Jobs.Asked next(Engines engines, Jobs jobs) {
        return jobs.next(engines.modelId());
    }

    /**
     * What it says that it did; now and then that is the truth all the same, such as another seed's draw of the same tokens.
     *
     * @param honest what it should have done
     */
    abstract Completion told(Jobs.Asked asked, Completion honest, Engines engines, Jobs jobs);

    private static Completion changed(Completion honest, int[] output, Optional<Trace> trace) {
        return new Completion(honest.promptIds(), output, honest.tokensIn(), output.length, honest.maxTokens(), honest.finish(), trace);
    }

    /** A job with this lie: one in which something is untrue. */
    ServedJob tell(Engines engines, Jobs jobs) {
        while (true) {
            Jobs.Asked asked = next(engines, jobs);
            Completion honest = asked.answered(engines.claimed());
            if (honest.tokensOut() == 0) {
                continue;
            }
            Completion told = told(asked, honest, engines, jobs);
            boolean same = Arrays.equals(told.promptIds(), honest.promptIds()) && Arrays.equals(told.outputIds(), honest.outputIds())
                    && told.trace().map(Trace::root).equals(honest.trace().map(Trace::root)) && told.finish() == honest.finish();
            if (!same) {
                return jobs.served(asked, told, Model.ENGINE);
            }
        }
    }
}
