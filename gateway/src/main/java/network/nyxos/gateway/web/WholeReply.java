package network.nyxos.gateway.web;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.gateway.job.ReplySink;
import network.nyxos.gateway.openai.Replies;

/// A reply that is sent when it is whole.
final class WholeReply implements ReplySink {
    private final List<Choice> choices;

    private record Choice(StringBuilder text, List<TokenLogprob> tokens) {
        Choice() {
            this(new StringBuilder(), new ArrayList<>());
        }
    }

    /// @param choices how many replies there are
    WholeReply(int choices) {
        this.choices = Stream.generate(Choice::new).limit(choices).toList();
    }

    @Override
    public void text(int choice, String more, List<TokenLogprob> likely) {
        choices.get(choice).text.append(more);
        choices.get(choice).tokens.addAll(likely);
    }

    @Override
    public boolean restart() {
        choices.forEach(choice -> {
            choice.text.setLength(0);
            choice.tokens.clear();
        });
        return true;
    }

    /// The replies, for the client.
    ///
    /// @param finishes why each ended, in order
    List<Replies.Said> said(List<Finish> finishes) {
        return IntStream.range(0, choices.size()).mapToObj(i -> new Replies.Said(choices.get(i).text.toString(), List.copyOf(choices.get(i).tokens), finishes.get(i))).toList();
    }

    /// Shows no text.
    @Override
    public String toString() {
        return "WholeReply[" + choices.size() + " choices]";
    }
}
