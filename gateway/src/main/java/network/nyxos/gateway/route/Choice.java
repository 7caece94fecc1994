package network.nyxos.gateway.route;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import software.sava.core.accounts.PublicKey;

/// Why a node got a job: what was known of it, and how the next best was rated.
///
/// @param node     the node
/// @param by       what decided: the client's `order`, or what the nodes were sorted by
/// @param able     how many connected nodes could do such a job
/// @param free     how many of them had a place
/// @param cost     its rating: expected seconds, made worse by load and failures; lower is better
/// @param next     the rating of the next best with a place
/// @param success  how often it keeps its word, 0 to 1, as it counted then
/// @param observed what was seen of it
/// @param inFlight jobs that it had, this one not counted
/// @param capacity jobs that it takes at once
public record Choice(PublicKey node, String by, int able, int free, double cost, OptionalDouble next, double success, Observations observed, int inFlight, int capacity) {
    private static final double MILLIS = 1_000;

    /// The choice of one of the ranked candidates.
    ///
    /// @param ranked    as {@link Router#rank} gave them
    /// @param at        its place among them
    /// @param wanted    what the client prefers
    /// @param able      how many nodes could do such a job, full ones too
    /// @param maxOutput output tokens that the job may have
    /// @param nowMs     unix milliseconds
    public static Choice of(List<Candidate> ranked, int at, Preferences wanted, int able, int maxOutput, long nowMs) {
        Candidate chosen = ranked.get(at);
        OptionalDouble next = at + 1 < ranked.size() ? OptionalDouble.of(Router.cost(ranked.get(at + 1), maxOutput, nowMs)) : OptionalDouble.empty();
        return new Choice(chosen.node(), wanted.decidedBy(chosen.node()), able, ranked.size(), Router.cost(chosen, maxOutput, nowMs), next, chosen.observed().successAt(nowMs), chosen.observed(), chosen.inFlight(),
            chosen.capacity());
    }

    /// The rating in milliseconds.
    public long costMs() {
        return Math.round(cost * MILLIS);
    }

    /// The rating of the next best in milliseconds.
    public OptionalLong nextMs() {
        return next.isPresent() ? OptionalLong.of(Math.round(next.getAsDouble() * MILLIS)) : OptionalLong.empty();
    }

    /// Success with three digits behind the point.
    public BigDecimal successRounded() {
        return BigDecimal.valueOf(success).setScale(3, RoundingMode.HALF_EVEN);
    }

    /// Tokens per second with one digit behind the point.
    public BigDecimal rateRounded() {
        return BigDecimal.valueOf(observed.tokensPerSec()).setScale(1, RoundingMode.HALF_EVEN);
    }

    /// As a response header says it: a dictionary of structured fields (RFC 9651).
    ///
    /// @param attempt which node this is for the job, from 1
    String header(int attempt) {
        String text = String.format(Locale.ROOT, "node=\"%s\", attempt=%d, by=%s, able=%d, free=%d, cost_ms=%d", node.toBase58(), attempt, by, able, free, costMs());
        if (next.isPresent()) {
            text += ", next_ms=" + nextMs().getAsLong();
        }
        return text + String.format(Locale.ROOT, ", seen=?%d, first_token_ms=%d, tokens_per_second=%s, success=%s, in_flight=%d, capacity=%d", observed.observedMs() == 0 ? 0 : 1,
            Math.round(observed.firstTokenMs()), rateRounded(), successRounded(), inFlight, capacity);
    }
}
