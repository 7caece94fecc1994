package network.nyxos.bench.detection;

import java.util.Arrays;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import network.nyxos.cli.up.Cheat;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.Trace;

/** What a node does in place of its work, and signs as if it were that. */
enum Lie {
    /** It runs other weights under the claimed model's id. */
    OTHER_MODEL("another model", at -> Cheat.otherModel(at.other())),
    /** It runs the model's weights with half of their bits. */
    LOWER_PRECISION("lower precision", at -> Cheat.otherModel(at.coarse())),
    /** It draws by a seed of its own. */
    OTHER_SEED("another seed", _ -> Cheat.drawsByItsOwnSeed()),
    /** It stops early and says that the model did. */
    TRUNCATED("truncated output", _ -> Cheat.truncates()),
    /** It counts tokens that the model never gave. */
    INFLATED("inflated token count", _ -> Cheat.inflates()),
    /** It has answered another question, rightly, and signs that again. */
    COPIED("copied receipt", _ -> Cheat.answersAnother()),
    /** It changes one token. */
    FLIPPED("one token changed", _ -> Cheat.flipsOneToken()),
    /** It has the right tokens from elsewhere and did not compute them. */
    NOT_COMPUTED("the right tokens without the work", _ -> Cheat.othersWork());

    /**
     * What a liar has at hand.
     *
     * @param claimed runs the model that it is paid for
     * @param other   runs another one
     * @param coarse  runs it with fewer bits
     */
    record Engines(Engine claimed, Engine other, Engine coarse) {
    }

    private final String title;
    private final Function<Engines, UnaryOperator<Engine>> way;

    Lie(String title, Function<Engines, UnaryOperator<Engine>> way) {
        this.title = title;
        this.way = way;
    }

    String title() {
        return title;
    }

    /** A job with this lie: one in which something is untrue. Another seed's draw of the same tokens, for one, is the truth all the same. */
    ServedJob tell(Engines engines, Jobs jobs) {
        Engine liar = way.apply(engines).apply(engines.claimed());
        while (true) {
            Jobs.Asked asked = jobs.next(Hash.fromHex(engines.claimed().model().id()));
            Completion honest = asked.answered(engines.claimed());
            if (honest.tokensOut() == 0) {
                continue;
            }
            Completion told = asked.answered(liar);
            if (!same(told, honest)) {
                return jobs.served(asked, told, Model.ENGINE);
            }
        }
    }

    private static boolean same(Completion one, Completion other) {
        return Arrays.equals(one.promptIds(), other.promptIds()) && Arrays.equals(one.outputIds(), other.outputIds())
                && one.trace().map(Trace::root).equals(other.trace().map(Trace::root)) && one.finish() == other.finish();
    }
}
