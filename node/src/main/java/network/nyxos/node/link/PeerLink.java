package network.nyxos.node.link;

import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket to one peer that is dialled again whenever it is lost, until {@link #close()}.
 *
 * <p>A thread of its own dials, answers the challenge, hands frames over in order, pings, and gives the connection up after
 * silence. {@link #send} may be called by any thread.
 */
public final class PeerLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);
    private static final Duration SEND_PATIENCE = Duration.ofSeconds(20);

    /** What the node does with a link. Called on the link's thread, in order; must not block for long. */
    public interface Listener {
        /** The peer has welcomed the node. */
        void linked();

        /** A message after the welcome. What it throws closes the connection. */
        void received(WireMessage message);

        /** The connection is gone; it will be dialled again. */
        void lost(String reason);
    }

    /** The link was not up, or went down while something was sent. */
    public static final class LinkDown extends Exception {
        private static final long serialVersionUID = 1L;

        LinkDown(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private sealed interface Signal {
        record Text(String text) implements Signal { }

        record Gone(String reason) implements Signal { }
    }

    private final Peer peer;
    private final Introduction introduction;
    private final LinkTiming timing;
    private final Listener listener;
    private final HttpClient http;
    private final Thread thread;
    private final ReentrantLock sending = new ReentrantLock();
    private volatile WebSocket welcomed;
    private volatile boolean closed;

    /**
     * Starts dialling at once.
     *
     * @param http shared by all links of the process; stays the caller's to close
     */
    public PeerLink(Peer peer, Introduction introduction, LinkTiming timing, HttpClient http, Listener listener) {
        this.peer = peer;
        this.introduction = introduction;
        this.timing = timing;
        this.http = http;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("link-" + peer.role()).unstarted(this::run);
    }

    /** Begins to dial. */
    public void start() {
        thread.start();
    }

    /** Whom it dials. */
    public Peer peer() {
        return peer;
    }

    /** Whether the peer has welcomed the node on the present connection. */
    public boolean up() {
        return welcomed != null;
    }

    /** Sends a message whole, after those before it. */
    public void send(WireMessage message) throws LinkDown {
        WebSocket socket = welcomed;
        if (socket == null) {
            throw new LinkDown("no link to " + peer, null);
        }
        send(socket, message);
    }

    private void send(WebSocket socket, WireMessage message) throws LinkDown {
        String frame = WireCodec.encode(message);
        sending.lock();
        try {
            await(socket.sendText(frame, true));
        } finally {
            sending.unlock();
        }
    }

    private void await(CompletableFuture<WebSocket> sent) throws LinkDown {
        try {
            sent.get(SEND_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new LinkDown("cannot send to " + peer + ": " + e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new LinkDown(peer + " did not take a frame within " + SEND_PATIENCE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LinkDown("interrupted while sending to " + peer, e);
        }
    }

    private void run() {
        int attempt = 0;
        while (!closed) {
            String reason;
            boolean wasUp = false;
            try {
                Connection connection = dial();
                try {
                    handshake(connection);
                    wasUp = true;
                    attempt = 0;
                    welcomed = connection.socket;
                    LOG.info("linked to {}", peer);
                    listener.linked();
                    reason = serve(connection);
                } finally {
                    welcomed = null;
                    connection.socket.abort();
                }
            } catch (InterruptedException e) {
                reason = "closed";
            } catch (LinkDown | ProtocolException e) {
                reason = e.getMessage();
            } catch (RuntimeException e) {
                LOG.error("the link to {} failed", peer, e);
                reason = "an internal error";
            }
            if (wasUp) {
                listener.lost(reason);
            }
            if (closed) {
                return;
            }
            Duration wait = timing.backoff(++attempt, ThreadLocalRandom.current());
            LOG.info("no link to {} ({}); dialling again in {} ms", peer, reason, wait.toMillis());
            try {
                Thread.sleep(wait);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private Connection dial() throws LinkDown, InterruptedException {
        Connection connection = new Connection();
        CompletableFuture<WebSocket> dialling = http.newWebSocketBuilder().connectTimeout(timing.silence()).buildAsync(peer.uri(), connection);
        try {
            connection.socket = dialling.get(timing.silence().toMillis(), TimeUnit.MILLISECONDS);
            return connection;
        } catch (ExecutionException e) {
            throw new LinkDown("cannot reach it: " + e.getCause(), e);
        } catch (TimeoutException e) {
            dialling.cancel(true);
            throw new LinkDown("it did not answer within " + timing.silence().toSeconds() + " s", e);
        }
    }

    private void handshake(Connection connection) throws LinkDown, InterruptedException {
        if (!(expect(connection) instanceof WireMessage.Challenge challenge)) {
            throw new ProtocolException("message_unexpected", "it sent no challenge");
        }
        if (!challenge.peer().equals(peer.key())) {
            throw new ProtocolException("peer_unknown", "it names the key " + challenge.peer() + ", configured is " + peer.key());
        }
        send(connection.socket, introduction.answer(challenge));
        switch (expect(connection)) {
            case WireMessage.Welcome _ -> { }
            case WireMessage.Refused refused -> throw new LinkDown("it refused this node: " + refused.code() + ": " + refused.message(), null);
            default -> throw new ProtocolException("message_unexpected", "it sent neither welcome nor refused");
        }
    }

    private WireMessage expect(Connection connection) throws LinkDown, InterruptedException {
        Signal signal = connection.inbox.poll(timing.silence().toMillis(), TimeUnit.MILLISECONDS);
        return switch (signal) {
            case null -> throw new LinkDown("it said nothing within " + timing.silence().toSeconds() + " s", null);
            case Signal.Gone gone -> throw new LinkDown(gone.reason(), null);
            case Signal.Text text -> WireCodec.decode(text.text());
        };
    }

    private String serve(Connection connection) throws InterruptedException, LinkDown {
        long nextPing = System.nanoTime() + timing.ping().toNanos();
        while (!closed) {
            long now = System.nanoTime();
            if (now - connection.lastHeard > timing.silence().toNanos()) {
                return "silent for " + timing.silence().toSeconds() + " s";
            }
            if (now >= nextPing) {
                sending.lock();
                try {
                    await(connection.socket.sendPing(ByteBuffer.allocate(0)));
                } finally {
                    sending.unlock();
                }
                nextPing = now + timing.ping().toNanos();
            }
            long until = Math.min(nextPing, connection.lastHeard + timing.silence().toNanos());
            Signal signal = connection.inbox.poll(Math.max(1_000_000, until - now), TimeUnit.NANOSECONDS);
            switch (signal) {
                case null -> { }
                case Signal.Gone gone -> {
                    return gone.reason();
                }
                case Signal.Text text -> receive(text.text());
            }
        }
        return "closed";
    }

    private void receive(String text) {
        WireMessage message;
        try {
            message = WireCodec.decode(text);
        } catch (ProtocolException e) {
            // One bad message, or one of a later version, must not cost the jobs that run over this link.
            LOG.warn("{} sent a message that is not understood: {}: {}", peer, e.code(), e.getMessage());
            return;
        }
        listener.received(message);
    }

    /** Ends the link; the listener hears {@code lost} where it had heard {@code linked}. */
    @Override
    public void close() {
        closed = true;
        WebSocket socket = welcomed;
        if (socket != null) {
            sayGoodbye(socket);
        }
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Best effort: the peer sees a clean end where it still listens, and a frame that is stuck delays nothing. */
    private void sayGoodbye(WebSocket socket) {
        try {
            if (sending.tryLock(1, TimeUnit.SECONDS)) {
                try {
                    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").orTimeout(1, TimeUnit.SECONDS).exceptionally(e -> socket).join();
                } finally {
                    sending.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One connection's incoming side. Back-pressure: the next frame is asked for when the last has been taken. */
    private static final class Connection implements WebSocket.Listener {
        private final SynchronousQueue<Signal> inbox = new SynchronousQueue<>();
        private final StringBuilder partial = new StringBuilder();
        private volatile WebSocket socket;
        private volatile long lastHeard = System.nanoTime();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            lastHeard = System.nanoTime();
            if (partial.length() + data.length() > WireCodec.MAX_FRAME) {
                from.abort();
                hand(new Signal.Gone("it sent a frame of more than 1 MiB"), from);
                return null;
            }
            partial.append(data);
            if (!last) {
                from.request(1);
                return null;
            }
            String text = partial.toString();
            partial.setLength(0);
            hand(new Signal.Text(text), from);
            return null;
        }

        /** Waits on a thread of its own until the link's thread takes it, then lets the next frame come. */
        private void hand(Signal signal, WebSocket from) {
            Thread.startVirtualThread(() -> {
                try {
                    if (inbox.offer(signal, 1, TimeUnit.MINUTES)) {
                        from.request(1);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        @Override
        public CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
            lastHeard = System.nanoTime();
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
            lastHeard = System.nanoTime();
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
            from.abort();
            hand(new Signal.Gone("it sent a binary frame"), from);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            hand(new Signal.Gone("it closed the link (" + code + (reason.isEmpty() ? "" : ", " + reason) + ")"), from);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            hand(new Signal.Gone("the connection broke: " + error.getMessage()), from);
        }
    }
}
