package network.nyxos.cli.serve;

import java.util.List;
import java.util.Set;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ConfigFile;
import network.nyxos.relayer.Relayer;
import network.nyxos.relayer.RelayerConfig;
import network.nyxos.relayer.verifier.VerifierClient;
import picocli.CommandLine.Command;

/** Runs a relayer. */
@Command(name = "relayer", mixinStandardHelpOptions = true, sortOptions = false, description = {"Runs a market's relayer, the only one: it verifies jobs, settles vouchers, posts batches and pushes refunds.",
        "Keys: listen, rpc, jdbc, schema, market, operator, mints, gateways, verifiers, sample-ppm, sample-ramp, patience-seconds, evidence-seconds, batch-jobs, batch-seconds, push-treasury, policy, collateral, development."})
final class ServeRelayer extends Serving {

    @Override
    Service start(ConfigFile config) {
        Footing footing = Footing.of(config, "nyxos_relayer");
        boolean development = config.flag("development", false);
        RelayerConfig.Gate gate = RelayerConfig.Gate.DEFAULT;
        RelayerConfig.Batches batches = RelayerConfig.Batches.DEFAULT;
        var settings = new RelayerConfig(footing.host(), footing.port(), config.keypair("operator"), footing.rpc(), footing.jdbc(), footing.schema(), footing.programs(), config.key("market"),
                config.keys("mints"), Set.copyOf(config.keys("gateways")), verifiers(config),
                new RelayerConfig.Gate(Footing.sampling(config), gate.reserveTimeout(), config.seconds("patience-seconds", gate.patience()), gate.retry(),
                        gate.callTimeout(), config.seconds("evidence-seconds", gate.evidenceLifetime())),
                new RelayerConfig.Batches(config.number("batch-jobs", batches.maxJobs(), 1, 10_000), config.seconds("batch-seconds", batches.interval()), batches.tick(),
                        config.flag("push-treasury", batches.pushTreasury())),
                Footing.policy(config), development, Footing.collateral(config), footing.accepted());
        config.complete();
        Relayer relayer = Relayer.start(settings);
        sayDevelopment(development);
        say("relayer of market " + settings.market() + ", operator " + settings.operator().publicKey() + ", answers at " + relayer.url());
        return relayer::close;
    }

    /** {@code verifiers}: {@code KEY@URL}, with commas between. */
    private static List<VerifierClient.Endpoint> verifiers(ConfigFile config) {
        return config.texts("verifiers").stream().map(text -> {
            int at = text.indexOf('@');
            if (at < 1) {
                throw ConfigFile.invalid("verifiers takes KEY@URL, not '" + text + "'");
            }
            return new VerifierClient.Endpoint(Attachment.key("verifiers", text.substring(0, at)), ConfigFile.url("verifiers", text.substring(at + 1), "http", "https"));
        }).toList();
    }
}
