package network.nyxos.node.engine;

import network.nyxos.escrow.job.Sampler;

/**
 * How the next token is chosen, in the integer units of assignments and receipts.
 *
 * @param temperatureMicro temperature × 10⁶, 0 to 100 000 000; 0 is greedy
 * @param topPMicro        top-p × 10⁶, 1 to 1 000 000; 1 000 000 is off
 * @param topK             keep the k likeliest tokens; 0 is off
 */
public record Sampling(int temperatureMicro, int topPMicro, int topK) {
    /** One million: a temperature or a top-p of one. */
    public static final int ONE = 1_000_000;

    /** The likeliest token every time. */
    public static final Sampling GREEDY = new Sampling(0, ONE, 0);

    public Sampling {
        if (temperatureMicro < 0 || temperatureMicro > 100 * ONE) {
            throw invalid("temperature must be between 0 and 100, is " + temperatureMicro + " millionths");
        }
        if (topPMicro < 1 || topPMicro > ONE) {
            throw invalid("top_p must be above 0 and at most 1, is " + topPMicro + " millionths");
        }
        if (topK < 0) {
            throw invalid("top_k must not be negative, is " + topK);
        }
    }

    /** As an assignment or receipt has it. */
    public static Sampling of(Sampler sampler) {
        return new Sampling(sampler.temperatureMicro(), sampler.topPMicro(), sampler.topK());
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.INVALID_REQUEST, message);
    }

    /** Whether the seed has no influence. */
    public boolean greedy() {
        return temperatureMicro == 0;
    }
}
