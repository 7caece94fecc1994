package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.seal.SealingPublicKey;
import network.nyxos.escrow.wire.JobProof;
import software.sava.core.accounts.PublicKey;

/// Finds the node that a prompt may be sealed to, among those that a gateway names. What the gateway says of them is believed where evidence, policy and
/// registry bear it out, and nowhere else.
final class NodeEvidence {
    private final Policy policy;
    private final Trust trust;

    NodeEvidence(Policy policy, Trust trust) {
        this.policy = policy;
        this.trust = trust;
    }

    private record Candidate(JsonNode json, JsonNode model) {
        String name() {
            return json.path("node").asText();
        }

        double load() {
            return json.path("busy").asDouble() / Math.max(1, json.path("capacity").asDouble());
        }
    }

    /// Why a node is not trusted.
    private static final class Untrusted extends Exception {
        private static final long serialVersionUID = 1L;

        Untrusted(String message) {
            super(message);
        }
    }

    /// The least busy node that runs the model and can be trusted.
    ///
    /// @param nodes the gateway's `GET /v1/nodes`
    /// @throws AgentException `no_trusted_node` with the reason for each, `registry_unreachable`
    TrustedNode choose(JsonNode nodes, String model) {
        List<Candidate> candidates = StreamSupport.stream(nodes.path("nodes").spliterator(), false).flatMap(node -> runs(node, model).stream())
            .sorted(Comparator.comparingDouble(Candidate::load).thenComparing(Candidate::name)).toList();
        if (candidates.isEmpty()) {
            throw refused("no node with evidence of a TEE runs model " + model + " now");
        }
        var reasons = new ArrayList<String>();
        for (Candidate candidate : candidates) {
            try {
                return judge(candidate);
            } catch (Untrusted e) {
                reasons.add("node " + candidate.name() + ": " + e.getMessage());
            } catch (NodeRegistry.UnreachableException e) {
                throw new AgentException(0, "registry_unreachable", "the chain could not be asked who node " + candidate.name() + " is (" + e.getMessage()
                    + "), so nothing was sealed, sent or paid", Optional.empty());
            }
        }
        throw refused("no node can be trusted with this prompt: " + String.join("; ", reasons));
    }

    private static AgentException refused(String why) {
        return new AgentException(0, "no_trusted_node", why + "; nothing was sent or paid", Optional.empty());
    }

    private static Optional<Candidate> runs(JsonNode node, String model) {
        boolean confidential = StreamSupport.stream(node.path("tiers").spliterator(), false).anyMatch(tier -> tier.asText().equals(Tier.CONFIDENTIAL.wireName()));
        return StreamSupport.stream(node.path("models").spliterator(), false).filter(each -> each.path("name").asText().equals(model)).findFirst()
            .filter(_ -> confidential && node.hasNonNull("sealing_key") && node.hasNonNull("evidence")).map(each -> new Candidate(node, each));
    }

    private TrustedNode judge(Candidate candidate) throws Untrusted {
        JsonNode json = candidate.json();
        PublicKey node = key(json, "node");
        PublicKey receiptKey = key(json, "receipt_key");
        PublicKey sealingKey = key(json, "sealing_key");
        SealingPublicKey sealing = sealing(json, sealingKey);
        JsonNode evidence = json.path("evidence");
        if (evidence.path("until_ms").asLong() <= trust.clock().millis()) {
            throw new Untrusted("its evidence has expired, and there is none newer yet");
        }
        long now = trust.clock().millis();
        JobProof.Shown shown;
        Hash model;
        Verdict verdict;
        try {
            model = Hash.fromHex(candidate.model().path("model_id").asText());
            shown = new JobProof.Shown(evidence.path("kind").asText(), Hash.fromHex(evidence.path("nonce").asText()), Base64.getDecoder().decode(evidence.path("quote").asText()),
                evidence.path("collateral").asText(), Optional.ofNullable(evidence.path("devices").textValue()));
            verdict = verdict(shown, node, receiptKey, sealingKey, policy, Instant.ofEpochMilli(now));
        } catch (AttestationException | IllegalArgumentException e) {
            throw new Untrusted("its evidence cannot be read: " + e.getMessage());
        }
        if (!verdict.accepted()) {
            throw new Untrusted(verdict.summary());
        }
        if (trust.registry().isPresent()) {
            NodeRegistry registry = trust.registry().get();
            Optional<String> unfit = unregistered(registry.find(node), receiptKey, sealingKey).or(() -> notAllowed(registry.model(model), verdict));
            if (unfit.isPresent()) {
                throw new Untrusted(unfit.get());
            }
        }
        return new TrustedNode(node, receiptKey, sealing, model, trust.registry().isPresent(), verdict, shown, now);
    }

    /// Judges evidence that must bind these keys.
    ///
    /// @throws AttestationException when it cannot be read
    static Verdict verdict(JobProof.Shown shown, PublicKey node, PublicKey receiptKey, PublicKey sealingKey, Policy policy, Instant at) {
        Bytes bound = ReportData.bind(node.toByteArray(), receiptKey.toByteArray(), sealingKey.toByteArray(), shown.nonce().bytes());
        return Evidence.of(shown.kind(), Bytes.of(shown.quote()), shown.collateral(), shown.devices()).verify(policy.withReportData(bound), at);
    }

    /// Why the registry does not bear a node out; empty when it does.
    static Optional<String> unregistered(Optional<NodeRegistry.Entry> entry, PublicKey receiptKey, PublicKey sealingKey) {
        if (entry.isEmpty()) {
            return Optional.of("it is not in the registry");
        }
        if (!entry.get().active() || !entry.get().tiers().contains(Tier.CONFIDENTIAL)) {
            return Optional.of("the registry does not have it as an active node of the confidential tier");
        }
        if (!entry.get().receiptKey().equals(receiptKey) || !entry.get().sealingKey().equals(Optional.of(sealingKey))) {
            return Optional.of("the registry has other keys for it than its evidence binds");
        }
        return entry.get().ended() ? Optional.of("its attestation was ended for good, and there is none newer") : Optional.empty();
    }

    /// Why a TEE that was measured so may not serve a model; empty when it may.
    static Optional<String> notAllowed(Optional<RegisteredModel> model, Verdict verdict) {
        Optional<Bytes> measured = verdict.measurement().map(network.nyxos.attestation.Measurement::workload);
        boolean allowed = model.isEmpty() || measured.filter(bytes -> model.get().allows(new Measurement(bytes.toArray()))).isPresent();
        return allowed ? Optional.empty() : Optional.of("it measures " + measured.map(Bytes::hex).orElse("nothing") + ", which is none that the publisher of its model allows");
    }

    /// The key to seal to, and by it the suite: the evidence binds nothing but the id of both.
    private static SealingPublicKey sealing(JsonNode json, PublicKey id) throws Untrusted {
        JsonNode shown = json.path("sealing");
        SealingPublicKey sealing;
        try {
            sealing = SealingPublicKey.of(shown.path("suite").asText(), Base64.getDecoder().decode(shown.path("key").asText()));
        } catch (ProtocolException e) {
            throw new Untrusted(e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new Untrusted("its sealing key is not base64");
        }
        if (!sealing.id().equals(id)) {
            throw new Untrusted("its sealing_key is not the id of the " + sealing.suite().wireName() + " key that is shown for it");
        }
        return sealing;
    }

    private static PublicKey key(JsonNode json, String name) throws Untrusted {
        try {
            return PublicKey.fromBase58Encoded(json.path(name).asText());
        } catch (RuntimeException e) {
            throw new Untrusted("its " + name + " is not a key in base58");
        }
    }
}
