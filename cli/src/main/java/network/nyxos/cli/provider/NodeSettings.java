package network.nyxos.cli.provider;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.nyxos.chain.program.AcceptedPrograms;
import network.nyxos.cli.attach.ConfigFile;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.node.NodeConfig;
import software.sava.core.accounts.PublicKey;

/**
 * A provider's configuration file.
 *
 * @param node     what the node itself is told
 * @param chain    JSON-RPC
 * @param programs the two programs
 * @param market   the market it works for
 * @param keys     folder with {@code node.json} and {@code receipt.json}
 * @param operator keypair file of the wallet that pays fees and owns the bond
 * @param payout   the wallet that is paid; empty: the operator's
 * @param bond     the bond as a decimal amount; empty: the registry's least
 * @param engines  what runs its models and calls its services; at least one
 * @param evidence where evidence of the machine comes from
 * @param gpus     whether evidence of its GPUs goes with it
 * @param sealing  how prompts are sealed to it
 * @param accepted which code the programs may have
 * @param disputes how often the chain is asked whether one of its receipts is disputed
 * @param accuser  who accuses in disputes that it opens
 */
record NodeSettings(NodeConfig node, URI chain, Programs programs, PublicKey market, Path keys, Path operator, Optional<PublicKey> payout, Optional<String> bond,
        List<EngineSettings> engines, MachineEvidence evidence, GpuChoice gpus, SealingSuite sealing, AcceptedPrograms accepted,
        Duration disputes, AccuserChoice accuser) {

    private static final Set<String> NODE_KEYS = Set.of("gateway.url", "gateway.key", "relayer.url", "relayer.key", "tiers", "capacity", "data", "prices", "embedding-prices", "service-prices",
            "resend-seconds", "reveal-ids");

    /**
     * Reads a file. Keys besides those of {@link NodeConfig#of}: {@code rpc}, {@code market}, {@code programs.registry}, {@code programs.escrow} (default: the
     * local chain's), {@code programs.registry.sha256}, {@code programs.escrow.sha256} (lists of hashes; default: any), {@code keys}, {@code operator}, {@code payout}, {@code bond}, {@code evidence} ({@code auto}, the default, {@code tdx}, {@code snp} or {@code none}), {@code gpus}
     * ({@code auto}, the default, {@code nvidia} or {@code none}), {@code sealing} ({@code x-wing}, the
     * default, or {@code x25519}), {@code embeddings} ({@code true}: all-MiniLM-L6-v2 is served as well), {@code dispute-seconds} (default 10), {@code accuser}
     * ({@code operator}, the default, {@code none} or a keypair file), those of {@link EngineSettings.AgentService#all} and those of
     * {@link EngineSettings}.
     *
     * @param otherwise values of keys that the file does not have
     * @throws network.nyxos.cli.up.StackException {@code config_unreadable}, {@code config_key_unknown}, {@code config_missing}, {@code config_invalid}
     */
    static NodeSettings read(Path file, Map<String, String> otherwise) {
        return of(ConfigFile.read(file, otherwise));
    }

    /** As {@link #read}, from what was read. */
    static NodeSettings of(Map<String, String> values) {
        var config = new ConfigFile(values);
        NodeConfig node;
        try {
            node = NodeConfig.of(config.all(NODE_KEYS));
        } catch (IllegalArgumentException e) {
            throw ConfigFile.invalid("the configuration does not hold: " + e.getMessage());
        }
        var settings = new NodeSettings(node, config.url("rpc"), config.programs(), config.key("market"), Path.of(config.text("keys")), Path.of(config.text("operator")),
                config.optionalKey("payout"), config.optional("bond"), engines(config, node.tiers()),
                MachineEvidence.of(config, node.tiers()), GpuChoice.of(config), sealing(config), config.accepted(), config.seconds("dispute-seconds", Duration.ofSeconds(10)),
                AccuserChoice.of(config));
        config.complete();
        return settings;
    }

    private static List<EngineSettings> engines(ConfigFile config, Set<Tier> tiers) {
        var engines = new ArrayList<EngineSettings>();
        EngineSettings.of(config).ifPresent(engines::add);
        if (config.flag("embeddings", false) && engines.stream().noneMatch(EngineSettings.MiniLm.class::isInstance)) {
            engines.add(new EngineSettings.MiniLm());
        }
        List<EngineSettings.AgentService> services = EngineSettings.AgentService.all(config);
        if (!services.isEmpty() && !tiers.contains(Tier.OPEN)) {
            throw ConfigFile.invalid("services are sold with tier open alone, which this node does not serve: what they say can be checked by nobody");
        }
        engines.addAll(services);
        if (engines.isEmpty()) {
            throw ConfigFile.invalid("engine is none, and there is no service: this node has nothing to do");
        }
        return List.copyOf(engines);
    }

    private static SealingSuite sealing(ConfigFile config) {
        String name = config.optional("sealing").orElse(SealingSuite.X_WING.wireName());
        return SealingSuite.ofWireName(name).orElseThrow(() -> ConfigFile.invalid("sealing is x-wing or x25519, not '" + name + "'"));
    }
}
