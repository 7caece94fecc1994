package network.nyxos.gateway.web;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import network.nyxos.gateway.job.ReplySink;
import network.nyxos.gateway.openai.Replies;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A reply that is sent as it comes, as server-sent events. The status is not sent before the first piece of text is there, so that a job that fails before
/// that still gets an honest one.
final class StreamReply implements ReplySink {
    private static final Logger LOG = LoggerFactory.getLogger(StreamReply.class);

    private final ServerResponse response;
    private final Replies replies;
    private Optional<OutputStream> out = Optional.empty();

    StreamReply(ServerResponse response, Replies replies) {
        this.response = response;
        this.replies = replies;
    }

    /// Whether the client has got something.
    boolean begun() {
        return out.isPresent();
    }

    @Override
    public void text(String text) {
        try {
            write(replies.delta(text));
        } catch (IOException | RuntimeException e) {
            // Whatever writing gives, the client cannot be reached any more.
            throw new ClientGoneException(e);
        }
    }

    @Override
    public boolean restart() {
        return !begun();
    }

    private void write(byte[] events) throws IOException {
        if (out.isEmpty()) {
            response.status(200).header(HeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
            out = Optional.of(response.outputStream());
            out.get().write(replies.opening());
        }
        out.get().write(events);
        out.get().flush();
    }

    /// Sends the last events.
    void end(byte[] events) {
        try {
            write(events);
            out.orElseThrow().close();
        } catch (IOException | RuntimeException e) {
            LOG.debug("the client left before the end: {}", e.getMessage());
        }
    }
}
