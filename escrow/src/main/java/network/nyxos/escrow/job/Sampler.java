package network.nyxos.escrow.job;

import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshReader;
import network.nyxos.escrow.borsh.BorshWriter;

/// How the next token is drawn, in integers so that every machine draws the same.
///
/// @param temperatureMicro millionths, 0 to 100 000 000; 0 = always the likeliest
/// @param topPMicro        millionths, 1 to 1 000 000; 1 000 000 = off
/// @param topK             0 to 2^31 − 1; 0 = off
public record Sampler(int temperatureMicro, int topPMicro, int topK) {
    /// Always the likeliest token.
    public static final Sampler GREEDY = new Sampler(0, 1_000_000, 0);
    private static final int MAX_TEMPERATURE = 100_000_000;
    private static final int ONE = 1_000_000;

    /// @throws ProtocolException `sampler_range`
    public Sampler {
        if (temperatureMicro < 0 || temperatureMicro > MAX_TEMPERATURE) {
            throw new ProtocolException("sampler_range", "temperature must be 0 to " + MAX_TEMPERATURE + " millionths, is " + temperatureMicro);
        }
        if (topPMicro < 1 || topPMicro > ONE) {
            throw new ProtocolException("sampler_range", "top_p must be 1 to " + ONE + " millionths, is " + topPMicro);
        }
        if (topK < 0) {
            throw new ProtocolException("sampler_range", "top_k must be 0 or more, is " + topK);
        }
    }

    static Sampler read(BorshReader reader) {
        return new Sampler(Counts.int31("temperature", reader.u32()), Counts.int31("top_p", reader.u32()), Counts.int31("top_k", reader.u32()));
    }

    void write(BorshWriter writer) {
        writer.u32(temperatureMicro).u32(topPMicro).u32(topK);
    }
}
