package network.nyxos.cli.up;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.SecretFile;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.wire.ProofDocument;
import network.nyxos.node.NodeConfig;
import network.nyxos.node.NodeEvents;
import network.nyxos.node.NodeKeys;
import network.nyxos.node.NodeService;
import network.nyxos.node.account.NodeAccount;
import network.nyxos.node.engine.ModelRunner;
import network.nyxos.node.evidence.DevelopmentEvidence;
import network.nyxos.node.evidence.EvidenceSource;
import software.sava.core.accounts.PublicKey;

/** One provider of the stack: its keys, its bond, its node. */
final class Provider implements AutoCloseable {

    /** Workload that the development quotes of this stack name. */
    static final String WORKLOAD = "nyxos node of the local stack";

    private final String name;
    private final Tier tier;
    private final Set<Tier> tiers;
    private final Keypair operator;
    private final NodeKeys keys;
    private final Path data;
    private Optional<NodeService> service = Optional.empty();

    /**
     * @param tier  the tier it stands for
     * @param tiers every tier it serves
     */
    Provider(String name, Tier tier, Set<Tier> tiers, Keys keys, Path data) {
        this.name = name;
        this.tier = tier;
        this.tiers = Set.copyOf(tiers);
        this.operator = keys.key("operator-" + name);
        NodeKeys own = NodeKeys.readOrCreate(keys.node(name));
        this.keys = tiers.contains(Tier.CONFIDENTIAL) ? own.withSealing(SealingSuite.X_WING) : own;
        this.data = data.resolve("node-" + name);
    }

    String name() {
        return name;
    }

    Tier tier() {
        return tier;
    }

    /** The node's key on chain. */
    PublicKey key() {
        return keys.node().publicKey();
    }

    /** The wallet that the node's earnings go to: the operator's. */
    PublicKey payout() {
        return operator.publicKey();
    }

    /** What pays fees: its operator's wallet, and the node's key where receipts of it can be disputed. */
    List<PublicKey> wallets() {
        return tiers.contains(Tier.VERIFIED) ? List.of(payout(), key()) : List.of(payout());
    }

    /** Registers the node with its bond, where it is not registered yet. */
    void register(Foundation foundation, List<Mint> mints, Steps steps) {
        boolean known = account(foundation).read().isPresent();
        // Of the tier verified it also has the stake of a dispute, for a receipt that it replays otherwise. Both at once: minted apart and within one slot they would be the same transaction.
        long stake = tiers.contains(Tier.VERIFIED) ? Foundation.BOND : 0;
        long needed = stake + (known ? 0 : Foundation.BOND);
        if (needed > 0) {
            foundation.fund(Mint.NYXOS, operator.publicKey(), needed);
        }
        mints.forEach(mint -> foundation.openToken(mint, operator.publicKey()));
        account(foundation).register(tiers, payout(), Foundation.BOND);
        if (!known) {
            steps.done("node", name + " registered with a bond of " + Mint.NYXOS.text(Foundation.BOND) + ": " + key().toBase58());
        }
    }

    /** Claims what the node has earned in a mint with the relayer's proof, which is checked against the chain first; empty when nothing is due. */
    Optional<NodeAccount.Claimed> claim(Foundation foundation, Mint mint, URI relayer) {
        return new Http().bytes(relayer.resolve("/v1/proofs/" + mint.address().toBase58() + "/" + key().toBase58() + "/" + CreditKind.NODE.code()))
                .map(ProofDocument::decode).map(proof -> account(foundation).claim(mint.address(), proof)).filter(claimed -> claimed.amount() > 0);
    }

    private NodeAccount account(Foundation foundation) {
        return foundation.nodeAccount(operator, keys);
    }

    /** Starts the node: from here on it dials out and serves. */
    void start(URI gateway, PublicKey gatewayKey, URI relayer, PublicKey relayerKey, Map<PublicKey, Price> prices, List<ModelRunner> runners, Optional<DevelopmentTee> tee,
            NodeEvents events, Foundation foundation) {
        NodeConfig.Builder config = NodeConfig.builder().gateway(gateway, gatewayKey).relayer(relayer, relayerKey).tiers(tiers).capacity(2).data(data);
        prices.forEach(config::price);
        Terms.embeddings().forEach((mint, price) -> config.embeddingPrice(mint, price.perMillionIn()));
        Optional<EvidenceSource> evidence = tee.filter(ignored -> tiers.contains(Tier.CONFIDENTIAL))
                .map(own -> new DevelopmentEvidence(own, DevelopmentTee.measurementOf(WORKLOAD), InstantSource.system()));
        NodeService started = new NodeService(config.build(), keys, runners, evidence, events);
        started.start();
        if (tiers.contains(Tier.VERIFIED)) {
            foundation.dispute(started, operator);
        }
        service = Optional.of(started);
    }

    /** Whether gateway and relayer have welcomed the node. */
    boolean linked() {
        return service.map(NodeService::status).filter(status -> status.gateways() > 0 && status.relayer()).isPresent();
    }

    /** Ends the node as a crash would be seen from outside: its links are cut. */
    @Override
    public void close() {
        service.ifPresent(NodeService::close);
        service = Optional.empty();
    }

    /** The stack's development TEE, made at the first run: its root is nobody's but this directory's. */
    static DevelopmentTee developmentTee(Path data) {
        Path file = data.resolve("development-tee.bin");
        try {
            if (Files.exists(file)) {
                return DevelopmentTee.fromBytes(Files.readAllBytes(file));
            }
            DevelopmentTee made = DevelopmentTee.create(Instant.now());
            SecretFile.create(file, made.toBytes());
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("the development TEE cannot be kept in " + file, e);
        }
    }
}
