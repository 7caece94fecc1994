package network.nyxos.gateway.web;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.gateway.job.ReplySink;
import network.nyxos.gateway.openai.Replies;
import network.nyxos.gateway.route.Routing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A reply that is sent as it comes, as server-sent events. The status is not sent before the first piece of text is there, so that a job that fails before
/// that still gets an honest one. Where the reply is kept for its payer, a client that leaves does not end the job: it will ask for the reply again.
final class StreamReply implements ReplySink {
    private static final Logger LOG = LoggerFactory.getLogger(StreamReply.class);

    private static final String EVENTS = "text/event-stream; charset=utf-8";

    private final ServerResponse response;
    private final Replies replies;
    private final Routing routing;
    private final Optional<Kept> kept;
    private Optional<OutputStream> out = Optional.empty();
    private boolean left;

    /// Where a reply is kept.
    ///
    /// @param settlement the value of `PAYMENT-RESPONSE`
    record Kept(Answers.Answer answer, String settlement) {
    }

    /// @param routing which node serves it, by the time of the first piece
    /// @param kept    where the reply is kept as well
    StreamReply(ServerResponse response, Replies replies, Routing routing, Optional<Kept> kept) {
        this.response = response;
        this.replies = replies;
        this.routing = routing;
        this.kept = kept;
    }

    /// Whether the client has got something.
    boolean begun() {
        return out.isPresent() || left;
    }

    @Override
    public void text(int choice, String text, List<TokenLogprob> tokens) {
        try {
            write(replies.delta(choice, text, tokens));
        } catch (IOException | RuntimeException e) {
            // Whatever writing gives, the client cannot be reached any more.
            left = true;
            if (kept.isEmpty()) {
                throw new ClientGoneException(e);
            }
        }
    }

    @Override
    public boolean restart() {
        return !begun();
    }

    private void write(byte[] events) throws IOException {
        if (!begun()) {
            keep(replies.opening());
        }
        keep(events);
        if (left) {
            return;
        }
        if (out.isEmpty()) {
            routing.header().ifPresent(why -> response.header(Http.ROUTING, why));
            response.status(200).header(HeaderNames.CONTENT_TYPE, EVENTS);
            out = Optional.of(response.outputStream());
            out.get().write(replies.opening());
        }
        out.get().write(events);
        out.get().flush();
    }

    private void keep(byte[] events) {
        kept.ifPresent(each -> each.answer.write(events));
    }

    /// Sends the last events of a reply.
    void end(byte[] events) {
        last(events, true);
    }

    /// Sends the last event of a reply that failed.
    void fail(byte[] event) {
        last(event, false);
    }

    private void last(byte[] events, boolean served) {
        try {
            write(events);
        } catch (IOException | RuntimeException e) {
            left = true;
            LOG.debug("the client left before the end: {}", e.getMessage());
        }
        if (served) {
            kept.ifPresent(each -> each.answer.done(EVENTS, each.settlement));
        }
        try {
            if (out.isPresent()) {
                out.get().close();
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("the client left before the end: {}", e.getMessage());
        }
    }
}
