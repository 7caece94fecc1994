package network.nyxos.gateway.web;

import java.util.ArrayList;
import java.util.List;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.gateway.job.ReplySink;

/// A reply that is sent when it is whole.
final class WholeReply implements ReplySink {
    private final StringBuilder text = new StringBuilder();
    private final List<TokenLogprob> tokens = new ArrayList<>();

    @Override
    public void text(String more, List<TokenLogprob> likely) {
        text.append(more);
        tokens.addAll(likely);
    }

    @Override
    public boolean restart() {
        text.setLength(0);
        tokens.clear();
        return true;
    }

    /// How likely its tokens were, where that was asked for.
    List<TokenLogprob> tokens() {
        return tokens;
    }

    /// The reply itself, for the client.
    @Override
    public String toString() {
        return text.toString();
    }
}
