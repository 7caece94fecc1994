package network.nyxos.chain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import network.nyxos.escrow.crypto.Signature;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// A Solana node's WebSocket, used to be woken and for nothing else: a listener learns that something may have changed and reads what through
/// {@link SolanaRpc}. So a lost, doubled or false notification costs a question and never a fact. After every reconnection all listeners are woken, because what
/// happened in between was not seen. A connection that is silent for too long is dropped and made again. Thread-safe.
public final class ChainSubscriptions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChainSubscriptions.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /// Bounds of the connection.
    ///
    /// @param silence    after how long without a message it is dropped; slots come several times a second
    /// @param firstPause before the first reconnection; doubles up to the longest
    /// @param maxPause   the longest
    /// @param maxMessage characters; a longer message drops the connection
    public record Options(Duration silence, Duration firstPause, Duration maxPause, int maxMessage) {
        /// 30 s, 200 ms to 10 s, 16 Mi characters.
        public static final Options DEFAULT = new Options(Duration.ofSeconds(30), Duration.ofMillis(200), Duration.ofSeconds(10), 16 << 20);
    }

    /// A subscription; closing it ends it.
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    private final URI url;
    private final Options options;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http;
    private final Map<Long, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final Thread loop;
    private volatile Connection current;
    private volatile boolean closed;

    private ChainSubscriptions(URI url, Options options) {
        this.url = url;
        this.options = options;
        this.http = HttpClient.newBuilder().executor(executor).connectTimeout(Duration.ofSeconds(10)).build();
        this.loop = Thread.ofVirtual().name("chain-subscriptions").unstarted(this::run);
    }

    /// Connects in the background and stays connected.
    ///
    /// @param url ws or wss
    public static ChainSubscriptions connect(URI url) {
        return connect(url, Options.DEFAULT);
    }

    /// Connects with bounds of its own.
    public static ChainSubscriptions connect(URI url, Options options) {
        var subscriptions = new ChainSubscriptions(url, options);
        // Slots keep a healthy connection from ever being silent.
        subscriptions.add("slotSubscribe", "slotUnsubscribe", NODES.arrayNode(), () -> { });
        subscriptions.loop.start();
        return subscriptions;
    }

    /// One thing subscribed to, and its listener's state: woken while running means running once more.
    private final class Entry implements Subscription {
        private final long id = ids.incrementAndGet();
        private final String subscribe;
        private final String unsubscribe;
        private final ArrayNode params;
        private final Runnable listener;
        private final AtomicBoolean woken = new AtomicBoolean();
        private final AtomicBoolean running = new AtomicBoolean();

        private Entry(String subscribe, String unsubscribe, ArrayNode params, Runnable listener) {
            this.subscribe = subscribe;
            this.unsubscribe = unsubscribe;
            this.params = params;
            this.listener = listener;
        }

        private void wake() {
            woken.set(true);
            if (running.compareAndSet(false, true)) {
                executor.execute(this::drain);
            }
        }

        private void drain() {
            do {
                try {
                    while (woken.getAndSet(false) && entries.containsKey(id)) {
                        listener.run();
                    }
                } catch (RuntimeException e) {
                    LOG.error("a listener to the chain failed", e);
                } finally {
                    running.set(false);
                }
                // A wake between the last look and the end would otherwise be lost.
            } while (woken.get() && entries.containsKey(id) && running.compareAndSet(false, true));
        }

        @Override
        public void close() {
            entries.remove(id);
            Connection connection = current;
            if (connection != null) {
                connection.unsubscribe(this);
            }
        }
    }

    private Subscription add(String subscribe, String unsubscribe, ArrayNode params, Runnable listener) {
        var entry = new Entry(subscribe, unsubscribe, params, listener);
        entries.put(entry.id, entry);
        Connection connection = current;
        if (connection != null) {
            connection.subscribe(entry);
        }
        return entry;
    }

    private static ObjectNode at(Commitment commitment) {
        return NODES.objectNode().put("commitment", commitment.wireName());
    }

    /// Wakes when an account changes.
    public Subscription account(PublicKey address, Commitment commitment, Runnable listener) {
        return add("accountSubscribe", "accountUnsubscribe", NODES.arrayNode().add(address.toBase58()).add(at(commitment).put("encoding", "base64")), listener);
    }

    /// Wakes when an account of a program changes.
    public Subscription program(PublicKey program, Commitment commitment, Runnable listener) {
        return add("programSubscribe", "programUnsubscribe", NODES.arrayNode().add(program.toBase58()).add(at(commitment).put("encoding", "base64")), listener);
    }

    /// Wakes when a transaction that names an address is executed.
    public Subscription logs(PublicKey mentioned, Commitment commitment, Runnable listener) {
        ObjectNode filter = NODES.objectNode();
        filter.putArray("mentions").add(mentioned.toBase58());
        return add("logsSubscribe", "logsUnsubscribe", NODES.arrayNode().add(filter).add(at(commitment)), listener);
    }

    /// Wakes when a transaction reaches a commitment.
    public Subscription signature(Signature signature, Commitment commitment, Runnable listener) {
        return add("signatureSubscribe", "signatureUnsubscribe", NODES.arrayNode().add(signature.base58()).add(at(commitment)), listener);
    }

    /// Wakes at every new slot.
    public Subscription slot(Runnable listener) {
        return add("slotSubscribe", "slotUnsubscribe", NODES.arrayNode(), listener);
    }

    /// Whether there is a connection now.
    public boolean isConnected() {
        Connection connection = current;
        return connection != null && connection.ended.getCount() > 0;
    }

    // --- the connection ----------------------------------------------------------------------------------------------

    private void run() {
        long pause = options.firstPause().toMillis();
        while (!closed) {
            var connection = new Connection();
            try {
                connection.open();
                current = connection;
                pause = options.firstPause().toMillis();
                for (Entry entry : entries.values()) {
                    connection.subscribe(entry);
                    entry.wake();
                }
                connection.watch();
            } catch (CompletionException e) {
                LOG.info("no connection to {}: {}", url, e.getCause().toString());
            } catch (InterruptedException e) {
                break;
            } finally {
                current = null;
                connection.abort();
            }
            try {
                Thread.sleep(pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1));
            } catch (InterruptedException e) {
                break;
            }
            pause = Math.min(pause * 2, options.maxPause().toMillis());
        }
    }

    private final class Connection implements WebSocket.Listener {
        private final Map<Long, Entry> bySubscription = new ConcurrentHashMap<>();
        private final Map<Long, Entry> byRequest = new ConcurrentHashMap<>();
        private final AtomicLong requests = new AtomicLong();
        private final CountDownLatch ended = new CountDownLatch(1);
        private final StringBuilder partial = new StringBuilder();
        private volatile long heardAt = System.nanoTime();
        private volatile WebSocket socket;

        private void open() {
            socket = http.newWebSocketBuilder().connectTimeout(Duration.ofSeconds(10)).buildAsync(url, this).join();
        }

        private void subscribe(Entry entry) {
            long request = requests.incrementAndGet();
            byRequest.put(request, entry);
            send(NODES.objectNode().put("jsonrpc", "2.0").put("id", request).put("method", entry.subscribe).set("params", entry.params));
        }

        private void unsubscribe(Entry entry) {
            bySubscription.forEach((subscription, known) -> {
                if (known == entry && bySubscription.remove(subscription, known)) {
                    unsubscribe(entry, subscription);
                }
            });
        }

        private void unsubscribe(Entry entry, long subscription) {
            send(NODES.objectNode().put("jsonrpc", "2.0").put("id", requests.incrementAndGet()).put("method", entry.unsubscribe)
                .set("params", NODES.arrayNode().add(subscription)));
        }

        /// java.net.http takes one text at a time; the lock keeps them in order.
        private synchronized void send(JsonNode message) {
            try {
                socket.sendText(message.toString(), true).orTimeout(10, TimeUnit.SECONDS).join();
            } catch (CompletionException | IllegalStateException e) {
                ended.countDown();
            }
        }

        /// Returns when the connection has ended or was silent for too long.
        private void watch() throws InterruptedException {
            long silence = options.silence().toNanos();
            while (true) {
                long left = silence - (System.nanoTime() - heardAt);
                if (left <= 0) {
                    LOG.info("{} was silent for {} s, connecting again", url, options.silence().toSeconds());
                    return;
                }
                if (ended.await(left, TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        }

        private void abort() {
            if (socket != null) {
                socket.abort();
            }
            ended.countDown();
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            heardAt = System.nanoTime();
            if (partial.length() + data.length() > options.maxMessage()) {
                LOG.warn("{} sent a message of more than {} characters, connecting again", url, options.maxMessage());
                ended.countDown();
                return null;
            }
            partial.append(data);
            if (last) {
                String message = partial.toString();
                partial.setLength(0);
                take(message);
            }
            from.request(1);
            return null;
        }

        private void take(String message) {
            JsonNode json;
            try {
                json = JSON.readTree(message);
            } catch (IOException e) {
                LOG.warn("{} sent what is not JSON, connecting again", url);
                ended.countDown();
                return;
            }
            if (json.path("params").path("subscription").isIntegralNumber()) {
                Entry entry = bySubscription.get(json.path("params").path("subscription").longValue());
                if (entry != null) {
                    entry.wake();
                }
            } else if (json.has("id")) {
                Entry entry = byRequest.remove(json.path("id").asLong());
                if (entry == null) {
                    return;
                }
                if (!json.path("result").isIntegralNumber()) {
                    LOG.warn("{} refused {}: {}", url, entry.subscribe, json.path("error"));
                    return;
                }
                long subscription = json.path("result").longValue();
                bySubscription.put(subscription, entry);
                if (!entries.containsKey(entry.id)) {
                    bySubscription.remove(subscription);
                    executor.execute(() -> unsubscribe(entry, subscription));
                }
                // What happened before the subscription began was not seen.
                entry.wake();
            }
        }

        @Override
        public CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
            heardAt = System.nanoTime();
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
            ended.countDown();
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            ended.countDown();
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            LOG.info("the connection to {} failed: {}", url, error.toString());
            ended.countDown();
        }
    }

    /// Ends all subscriptions and the connection.
    @Override
    public void close() {
        closed = true;
        entries.clear();
        loop.interrupt();
        try {
            loop.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.shutdownNow();
        executor.shutdownNow();
    }
}
