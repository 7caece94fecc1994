package network.nyxos.gateway.link;

import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.WireMessage.Hello;
import network.nyxos.escrow.wire.WireMessage.ModelOffer;
import network.nyxos.gateway.offer.Work;
import network.nyxos.gateway.openai.ChatRequest;
import network.nyxos.gateway.openai.InferenceRequest;
import network.nyxos.gateway.openai.Prompt;
import network.nyxos.gateway.route.Candidate;
import network.nyxos.gateway.route.Choice;
import network.nyxos.gateway.route.Preferences;
import network.nyxos.gateway.route.Reputation;
import network.nyxos.gateway.route.Router;
import software.sava.core.accounts.PublicKey;

/// The nodes connected now, and who of them can take a job. Thread-safe.
public final class NodePool {
    private final ConcurrentMap<PublicKey, ConnectedNode> nodes = new ConcurrentHashMap<>();
    private final Registry registry;
    private final Reputation reputation;
    private final InstantSource clock;

    /// @param registry   what the chain says of nodes
    /// @param reputation what was seen of them
    /// @param clock      what tells the time
    public NodePool(Registry registry, Reputation reputation, InstantSource clock) {
        this.registry = registry;
        this.reputation = reputation;
        this.clock = clock;
    }

    /// What a job needs of a node.
    ///
    /// @param model    the model's name
    /// @param modelId  where only one set of weights will do
    /// @param tier     the tier asked for
    /// @param work     how much it is to do
    /// @param formats  whether the reply is to be held to a form
    /// @param logprobs whether probabilities of its tokens are asked for
    /// @param sealedTo the one node that can read the prompt, where it is sealed
    /// @param wanted   the nodes that the client wants
    /// @param excluded nodes that have failed this job
    public record Need(String model, Optional<Hash> modelId, Tier tier, Work work, boolean formats, boolean logprobs, Optional<Prompt.Sealed> sealedTo, Preferences wanted, Set<PublicKey> excluded) {
        /// What a request needs.
        public static Need of(InferenceRequest request, Optional<Hash> modelId, Work work) {
            Optional<ChatRequest> chat = request instanceof ChatRequest asked ? Optional.of(asked) : Optional.empty();
            Optional<Prompt.Sealed> sealedTo = chat.map(ChatRequest::prompt).filter(Prompt.Sealed.class::isInstance).map(Prompt.Sealed.class::cast);
            return new Need(request.model(), modelId, request.tier(), work, chat.flatMap(ChatRequest::format).isPresent(),
                chat.filter(asked -> asked.topLogprobs().isPresent()).isPresent(), sealedTo, request.preferences(), Set.of());
        }

        /// Any such job of a model in a tier, in the clear.
        public static Need of(String model, Optional<Hash> modelId, Tier tier, Work work) {
            return new Need(model, modelId, tier, work, false, false, Optional.empty(), Preferences.NONE, Set.of());
        }

        /// The same without these nodes.
        public Need without(Set<PublicKey> nodes) {
            return new Need(model, modelId, tier, work, formats, logprobs, sealedTo, wanted, Set.copyOf(nodes));
        }

        private boolean canBeDoneBy(ModelOffer offer) {
            return switch (work) {
                case Work.Completion completion -> offer.kind() instanceof ModelKind.Chat able && offer.context() > completion.maxEach() && (able.formats() || !formats)
                    && (able.logprobs() || !logprobs);
                case Work.Vectors vectors -> offer.kind() instanceof ModelKind.Embedding(int dimensions) && dimensions == vectors.dimensions() && offer.context() >= vectors.longest();
                case Work.Call _ -> offer.kind() instanceof ModelKind.Service;
            };
        }

        /// Whether it is a node of whom this is bought.
        private boolean soldBy(PublicKey node) {
            return !(work instanceof Work.Call call) || call.sellers().isEmpty() || call.sellers().contains(node);
        }

        private boolean readable(Hello hello) {
            return sealedTo.isEmpty() || hello.node().equals(sealedTo.get().node()) && hello.sealingKey().equals(Optional.of(sealedTo.get().prompt().sealingKey()));
        }
    }

    /// Why nobody takes a job.
    public sealed interface Shortage {
        /// No node connected can do it.
        record NoNode() implements Shortage {
        }

        /// Those that can are full.
        ///
        /// @param seconds after which one of them is likely to have a place, at least 1
        record Full(int seconds) implements Shortage {
        }

        /// Those that can failed their last jobs and are given none for a while.
        ///
        /// @param seconds until the first of them is tried again, at least 1
        record Failing(int seconds) implements Shortage {
        }
    }

    private static final int LONGEST_WAIT_SECONDS = 30;

    /// Lets a node in. A connection that it had before is closed: a node that reconnects has lost the old one.
    void join(ConnectedNode node) {
        ConnectedNode before = nodes.put(node.hello().node(), node);
        if (before != null) {
            before.lose();
        }
    }

    /// A connection is gone.
    void leave(ConnectedNode node) {
        nodes.remove(node.hello().node(), node);
        node.lose();
    }

    /// All connected nodes.
    public Collection<ConnectedNode> all() {
        return List.copyOf(nodes.values());
    }

    /// The best node's place, taken.
    public Optional<ConnectedNode.Place> take(Need need) {
        long now = clock.millis();
        List<Candidate> able = able(need);
        List<Candidate> free = able.stream().filter(node -> node.inFlight() < node.places(now)).toList();
        List<Candidate> ranked = Router.rank(free, need.wanted, need.work.parts(), now);
        for (int at = 0; at < ranked.size(); at++) {
            int places = ranked.get(at).places(now);
            Choice choice = Choice.of(ranked, at, need.wanted, able.size(), need.work.parts(), now);
            Optional<ConnectedNode.Place> place = Optional.ofNullable(nodes.get(choice.node())).flatMap(node -> node.take(choice, places));
            if (place.isPresent()) {
                return place;
            }
        }
        return Optional.empty();
    }

    /// Checks that a prompt can be opened by the node that it is sealed to, where that is connected.
    ///
    /// @throws ProtocolException `sealed_prompt_malformed` when it was sealed by another suite than that node's
    public void requireSuite(Prompt.Sealed sealed) {
        Optional.ofNullable(nodes.get(sealed.node())).flatMap(node -> node.hello().sealing()).filter(key -> key.id().equals(sealed.prompt().sealingKey()))
            .ifPresent(key -> sealed.prompt().requireSuite(key.suite()));
    }

    /// Why {@link #take} gave nothing; empty when somebody could take the job by now.
    public Optional<Shortage> shortage(Need need) {
        List<Candidate> able = able(need);
        if (able.isEmpty()) {
            return Optional.of(new Shortage.NoNode());
        }
        long now = clock.millis();
        if (able.stream().anyMatch(node -> node.inFlight() < node.places(now))) {
            return Optional.empty();
        }
        long rest = able.stream().mapToLong(node -> node.observed().restMs(now)).min().orElse(0);
        return Optional.of(rest > 0 ? new Shortage.Failing((int) Math.ceilDiv(rest, 1_000)) : new Shortage.Full(seconds(able, need.work.parts())));
    }

    private List<Candidate> able(Need need) {
        return nodes.values().stream().filter(node -> able(node, need)).map(node -> new Candidate(node.hello().node(), node.inFlight(), node.capacity(), reputation.of(node.hello().node(), need.work)))
            .toList();
    }

    /// About how long it takes until one of these full nodes is done with one of its jobs: they began at different times, so a part of a job's own time.
    private static int seconds(List<Candidate> full, int parts) {
        double soonest = full.stream().mapToDouble(node -> Router.seconds(node.observed(), parts) / (node.capacity() + 1)).min().orElse(1);
        return (int) Math.clamp(Math.ceil(soonest), 1, LONGEST_WAIT_SECONDS);
    }

    /// Whether a node may do any work now, by what the chain says at this moment.
    public boolean able(ConnectedNode node) {
        return !node.lost() && HelloRules.judge(node.hello(), registry).isEmpty();
    }

    /// Whether a node may do such a job now, by what the chain and its evidence say at this moment.
    public boolean able(ConnectedNode node, Need need) {
        return able(node) && !need.excluded.contains(node.hello().node()) && need.wanted.allows(node.hello().node()) && need.soldBy(node.hello().node()) && need.readable(node.hello()) && node.hello().tiers().contains(need.tier)
            && node.model(need.model).filter(offer -> need.modelId.isEmpty() || need.modelId.get().equals(offer.id())).filter(need::canBeDoneBy).isPresent()
            && (need.tier != Tier.CONFIDENTIAL || node.attested().filter(attested -> attested.until().isAfter(clock.instant()) && allowed(node, need, attested)).isPresent());
    }

    /// Whether the model's author allows what was measured there; of a model that nobody registered, the policy alone says.
    private boolean allowed(ConnectedNode node, Need need, ConnectedNode.Attested attested) {
        return node.model(need.model).flatMap(offer -> registry.model(offer.id())).map(model -> model.allows(attested.workload())).orElse(true);
    }
}
