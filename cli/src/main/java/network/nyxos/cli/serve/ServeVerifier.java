package network.nyxos.cli.serve;

import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import network.nyxos.cli.attach.ConfigFile;
import network.nyxos.cli.provider.EngineReplayer;
import network.nyxos.node.engine.Engine;
import network.nyxos.relayer.dispute.Replayer;
import network.nyxos.relayer.verifier.Verifier;
import network.nyxos.relayer.verifier.VerifierConfig;
import picocli.CommandLine.Command;

/** Runs a verifier. */
@Command(name = "verifier", mixinStandardHelpOptions = true, sortOptions = false, description = {"Runs one of a market's verifiers: it checks what the relayer wants signed by its own look at the chain.",
        "Keys: listen, rpc (its own, not the relayer's), jdbc, schema, market, key, mints, gateways, sample-ppm, sample-ramp, policy, relayer, development,",
        "engine = built-in with model.file, model.threads (runs disputed jobs again; without it this verifier convicts nobody)."})
final class ServeVerifier extends Serving {

    @Override
    Service start(ConfigFile config) {
        Footing footing = Footing.of(config, "nyxos_verifier");
        boolean development = config.flag("development", false);
        var settings = new VerifierConfig(footing.host(), footing.port(), config.keypair("key"), footing.rpc(), footing.jdbc(), footing.schema(), footing.programs(), config.key("market"),
                config.keys("mints"), Set.copyOf(config.keys("gateways")), Footing.sampling(config), Footing.policy(config), development,
                config.optionalUrl("relayer"), footing.accepted(), Replayer.NONE);
        Optional<Supplier<Engine>> model = EngineReplayer.of(config, this::say);
        config.complete();
        Optional<Engine> engine = model.map(Supplier::get);
        Verifier verifier = Verifier.start(engine.map(own -> settings.replayingBy(new EngineReplayer(() -> own))).orElse(settings));
        sayDevelopment(development);
        say("verifier " + settings.key().publicKey() + " of market " + settings.market() + " answers at " + verifier.url());
        say(engine.map(own -> "it runs disputed jobs of model " + own.model().id() + " again").orElse("without an engine it convicts nobody: engine = built-in gives it one"));
        return () -> {
            verifier.close();
            engine.ifPresent(Engine::close);
        };
    }
}
