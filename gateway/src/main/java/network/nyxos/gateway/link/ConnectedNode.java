package network.nyxos.gateway.link;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.wire.WireMessage.Evidence;
import network.nyxos.escrow.wire.WireMessage.Hello;
import network.nyxos.escrow.wire.WireMessage.ModelOffer;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.gateway.route.Choice;

/// A node that introduced itself and was let in, and the jobs it has. Thread-safe.
public final class ConnectedNode {
    private final Hello hello;
    private final NodeSocket socket;
    private final int capacity;
    private final AtomicInteger taken = new AtomicInteger();
    private final ConcurrentMap<Hash, Conversation> conversations = new ConcurrentHashMap<>();
    private volatile boolean lost;
    private volatile Optional<Attested> attested = Optional.empty();

    /// Evidence that was judged good.
    ///
    /// @param evidence as the node gave it, with the collateral that it was judged by
    /// @param devices  JSON, as `attestation` reads it, of the machine's GPUs with what they were judged by; empty where the policy asks for none
    /// @param until    it lets the node do confidential work
    /// @param workload what was measured there, as the registry writes it
    public record Attested(Evidence evidence, Optional<String> devices, Instant until, Measurement workload) {
    }

    /// @param hello  as it was accepted
    /// @param socket the way to the node
    /// @param most   jobs that it is given at once, whatever it says of itself
    public ConnectedNode(Hello hello, NodeSocket socket, int most) {
        this.hello = hello;
        this.socket = socket;
        this.capacity = Math.min(hello.capacity(), most);
    }

    /// What the node said of itself.
    public Hello hello() {
        return hello;
    }

    /// The model of this name, where the node runs it.
    public Optional<ModelOffer> model(String name) {
        return hello.models().stream().filter(model -> model.name().equals(name)).findFirst();
    }

    /// Jobs that it is given at once.
    public int capacity() {
        return capacity;
    }

    /// Jobs it has now.
    public int inFlight() {
        return taken.get();
    }

    /// Whether the connection is gone.
    public boolean lost() {
        return lost;
    }

    /// Its evidence, where it was judged good.
    public Optional<Attested> attested() {
        return attested;
    }

    /// Takes note of what was judged; empty when it was not good.
    public void attested(Optional<Attested> judged) {
        attested = judged;
    }

    /// Takes one of the node's places, to be given back by closing it.
    ///
    /// @param choice why this node
    /// @param most   of its places that may be taken, at most its capacity
    /// @return empty when so many are taken, or the node is gone
    public Optional<Place> take(Choice choice, int most) {
        int before = taken.getAndUpdate(count -> count < most ? count + 1 : count);
        if (before >= most) {
            return Optional.empty();
        }
        if (lost) {
            taken.decrementAndGet();
            return Optional.empty();
        }
        return Optional.of(new Place(choice));
    }

    /// Hands on what the node says about a job. What concerns no job of ours is dropped: the job may have ended meanwhile.
    ///
    /// @return false when the node sends faster than any reply can be long, so that it must be cut off
    boolean deliver(Hash job, NodeEvent event) {
        Conversation conversation = conversations.get(job);
        return conversation == null || conversation.events.offer(event);
    }

    /// The connection is gone: every job learns it.
    void lose() {
        lost = true;
        conversations.values().forEach(conversation -> conversation.events.offer(new NodeEvent.Lost()));
    }

    /// One place of the node's capacity.
    public final class Place implements AutoCloseable {
        private final Choice choice;
        private boolean closed;

        private Place(Choice choice) {
            this.choice = choice;
        }

        /// Why this node.
        public Choice choice() {
            return choice;
        }

        /// The node.
        public ConnectedNode node() {
            return ConnectedNode.this;
        }

        /// Assigns a job.
        ///
        /// @param parts the most tokens or vectors of the reply, which bounds how much the node may send
        public Conversation assign(WireMessage.Assign assign, int parts) {
            var conversation = new Conversation(assign.job(), parts);
            conversations.put(assign.job(), conversation);
            try {
                if (lost) {
                    throw new IllegalStateException("the node is gone");
                }
                socket.send(assign);
            } catch (IllegalStateException e) {
                conversation.events.offer(new NodeEvent.Lost());
            }
            return conversation;
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                taken.decrementAndGet();
            }
        }
    }

    /// The talk about one job.
    public final class Conversation implements AutoCloseable {
        private static final int SLACK = 64;

        private final Hash job;
        private final BlockingQueue<NodeEvent> events;

        private Conversation(Hash job, int parts) {
            this.job = job;
            // A token gives at most one delta, a text one vector, and a few events surround them.
            this.events = new LinkedBlockingQueue<>(Math.addExact(parts, SLACK));
        }

        /// The next event.
        ///
        /// @return empty when nothing came in time
        public Optional<NodeEvent> next(Duration timeout) throws InterruptedException {
            return Optional.ofNullable(events.poll(timeout.toMillis(), TimeUnit.MILLISECONDS));
        }

        /// Tells the node to stop. It answers with what it has done.
        public void cancel() {
            try {
                socket.send(new WireMessage.Cancel(job));
            } catch (IllegalStateException e) {
                events.offer(new NodeEvent.Lost());
            }
        }

        /// Ends the talk; what the node still says is dropped.
        @Override
        public void close() {
            conversations.remove(job, this);
        }
    }
}
