package network.nyxos.localnet;

import io.helidon.common.buffers.BufferData;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket client. What goes to it waits in a queue that a thread of its own writes from, so that a slow
 * client holds nobody up; one that falls too far behind is cut off.
 */
final class PubSubConnection implements WsListener, PubSub.Outlet {

    private static final Logger LOG = LoggerFactory.getLogger(PubSubConnection.class);
    private static final int MAX_WAITING = 10_000;
    private static final int TRY_AGAIN_LATER = 1013;
    private static final int TOO_BIG = 1009;
    private static final int UNSUPPORTED = 1003;
    private static final Supplier<String> END = () -> "";

    private final PubSub pubSub;
    private final BlockingQueue<Supplier<String>> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
    private volatile WsSession session;
    private volatile boolean closed;

    PubSubConnection(PubSub pubSub) {
        this.pubSub = pubSub;
    }

    @Override
    public void send(Supplier<String> message) {
        if (!closed && !waiting.offer(message)) {
            LOG.warn("A PubSub client is {} messages behind and is cut off", MAX_WAITING);
            end();
            Thread.startVirtualThread(() -> session.close(TRY_AGAIN_LATER, "too slow"));
        }
    }

    @Override
    public void onOpen(WsSession opened) {
        session = opened;
        Thread.ofVirtual().name("pubsub-writer").start(this::write);
    }

    @Override
    public void onMessage(WsSession from, String text, boolean last) {
        parts.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        if (parts.size() > LocalRpcServer.MAX_REQUEST_BYTES) {
            end();
            from.close(TOO_BIG, "a request has at most " + LocalRpcServer.MAX_REQUEST_BYTES + " bytes");
        } else if (last) {
            byte[] request = parts.toByteArray();
            parts.reset();
            pubSub.handle(request, this);
        }
    }

    @Override
    public void onMessage(WsSession from, BufferData bytes, boolean last) {
        end();
        from.close(UNSUPPORTED, "requests are text");
    }

    @Override
    public void onPing(WsSession from, BufferData payload) {
        from.pong(payload);
    }

    @Override
    public void onClose(WsSession from, int status, String reason) {
        end();
    }

    @Override
    public void onError(WsSession from, Throwable failure) {
        LOG.debug("A PubSub connection failed", failure);
        end();
    }

    private void write() {
        try {
            for (Supplier<String> next = waiting.take(); next != END; next = waiting.take()) {
                session.send(next.get(), true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.debug("A PubSub client is gone", e);
            end();
        }
    }

    private void end() {
        closed = true;
        pubSub.disconnect(this);
        waiting.clear();
        waiting.offer(END);
    }
}
