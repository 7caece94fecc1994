package network.nyxos.relayer.link;

import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.stream.Stream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.relayer.dispute.Accusers;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.gate.ChainFacts;
import network.nyxos.relayer.gate.EvidenceVerifier;
import network.nyxos.relayer.gate.Intake;
import network.nyxos.relayer.gate.JobStore;
import network.nyxos.relayer.gate.NodeCalls;
import network.nyxos.relayer.gate.NodeFacts;
import network.nyxos.relayer.gate.Revealed;
import network.nyxos.relayer.job.JobEvents;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// All nodes that are connected now. A node that dials in again takes its old link's place.
public final class NodeLinks implements NodeCalls, Accusers, JobEvents, AutoCloseable {
    /// What is said of an accusation that may be asked for again: by the node, and by its link.
    private static final Set<String> NOT_NOW = Set.of("accuse_later", "timeout", "link_closed", "interrupted");

    private final LinkTerms terms;
    private final ChainFacts chain;
    private final Intake intake;
    private final JobStore store;
    private final EvidenceVerifier evidence;
    private final InstantSource clock;
    private final ConcurrentMap<PublicKey, NodeLink> links = new ConcurrentHashMap<>();

    /// @param chain    to know registered nodes
    /// @param intake   takes receipts
    /// @param store    keeps evidence
    /// @param evidence verifies it
    public NodeLinks(LinkTerms terms, ChainFacts chain, Intake intake, JobStore store, EvidenceVerifier evidence, InstantSource clock) {
        this.terms = terms;
        this.chain = chain;
        this.intake = intake;
        this.store = store;
        this.evidence = evidence;
        this.clock = clock;
    }

    /// The listener of a new connection.
    public NodeLink accept() {
        return new NodeLink(this);
    }

    LinkTerms terms() {
        return terms;
    }

    ChainFacts chain() {
        return chain;
    }

    Intake intake() {
        return intake;
    }

    JobStore store() {
        return store;
    }

    EvidenceVerifier evidence() {
        return evidence;
    }

    InstantSource clock() {
        return clock;
    }

    void join(PublicKey node, NodeLink link) {
        NodeLink old = links.put(node, link);
        if (old != null) {
            old.close("this node has dialled in again");
        }
    }

    void leave(PublicKey node, NodeLink link) {
        links.remove(node, link);
    }

    /// How many nodes are connected.
    public int size() {
        return links.size();
    }

    @Override
    public Answer<Revealed> reveal(PublicKey node, Hash job) {
        return call(node, link -> link.ask(new NodeLink.Call("reveal", job), new WireMessage.Reveal(job)), answer ->
            answer instanceof WireMessage.Revealed revealed
                ? Optional.of(new Revealed(revealed.salt(), ids(revealed.promptIds()), ids(revealed.outputIds()), revealed.constraints(), revealed.text())) : Optional.empty());
    }

    @Override
    public Stream<PublicKey> replayers(Hash modelId, String engine, PublicKey except) {
        return links.entrySet().stream().filter(entry -> !entry.getKey().equals(except) && entry.getValue().replays(modelId, engine))
            .sorted(Comparator.comparingInt(entry -> entry.getValue().calls())).map(Map.Entry::getKey).filter(this::active);
    }

    /// A prompt goes to nobody whose word would not count: a node that was slashed keeps its link, and is shown nothing more.
    private boolean active(PublicKey node) {
        return chain.node(node).map(NodeFacts::state).filter(NodeFacts.State.ACTIVE::equals).isPresent();
    }

    @Override
    public Answer<Replayed> replay(PublicKey node, Order order) {
        var message = new WireMessage.Replay(order.job(), order.modelId(), order.engine(), boxed(order.promptIds()), order.seed(), order.sampler(),
            order.maxTokens(), order.constraints(), order.text(), order.salt());
        return call(node, link -> link.ask(new NodeLink.Call("replay", order.job()), message), answer ->
            answer instanceof WireMessage.Replayed replayed
                ? Optional.of(new Replayed(ids(replayed.outputIds()), replayed.finish(), replayed.traceRoot(), replayed.signature())) : Optional.empty());
    }

    @Override
    public Accusers.Reply accuse(PublicKey node, Accusation papers) {
        NodeLink link = links.get(node);
        if (link == null) {
            return new Accusers.Reply.Silent(offline(node));
        }
        Revealed revealed = papers.revealed();
        var message = new WireMessage.Accuse(papers.job(), papers.assignment(), papers.receipt(), revealed.salt(), boxed(revealed.promptIds()), boxed(revealed.outputIds()),
            revealed.constraints());
        WireMessage answer;
        try {
            answer = link.ask(new NodeLink.Call("accuse", papers.job()), message);
        } catch (ProtocolException e) {
            return new Accusers.Reply.Declines(new Reason(e.code(), e.getMessage()));
        }
        return switch (answer) {
            case WireMessage.Accused accused -> new Accusers.Reply.Accuses(accused.accuser());
            case WireMessage.Failed failed when NOT_NOW.contains(failed.code()) -> new Accusers.Reply.Silent(failed(node, failed));
            case WireMessage.Failed failed -> new Accusers.Reply.Declines(failed(node, failed));
            default -> new Accusers.Reply.Declines(new Reason("node_answer", "node " + node + " answered something else"));
        };
    }

    private static Reason offline(PublicKey node) {
        return new Reason("node_offline", "node " + node + " is not connected");
    }

    private static Reason failed(PublicKey node, WireMessage.Failed failed) {
        return new Reason("node_failed", "node " + node + ": " + failed.code());
    }

    private <T> Answer<T> call(PublicKey node, Function<NodeLink, WireMessage> ask, Function<WireMessage, Optional<T>> read) {
        NodeLink link = links.get(node);
        if (link == null) {
            return new Answer.Unavailable<>(offline(node));
        }
        WireMessage answer = ask.apply(link);
        return read.apply(answer).<Answer<T>>map(Answer.Got::new).orElseGet(() -> new Answer.Unavailable<>(
            answer instanceof WireMessage.Failed failed ? failed(node, failed)
                : new Reason("node_answer", "node " + node + " answered something else")));
    }

    private static int[] ids(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private static List<Integer> boxed(int[] ids) {
        return java.util.Arrays.stream(ids).boxed().toList();
    }

    @Override
    public void changed(Hash job, Optional<PublicKey> node, JobState state, Reason reason) {
        node.map(links::get).ifPresent(link -> link.tell(new WireMessage.State(job, state.wireName(), reason.toString())));
    }

    @Override
    public void close() {
        links.values().forEach(link -> link.close("the relayer is stopping"));
    }

    static boolean verified(WireMessage.Hello hello) {
        return hello.tiers().contains(Tier.VERIFIED);
    }
}
