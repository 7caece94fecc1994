package network.nyxos.cli.serve;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ConfigFile;
import network.nyxos.indexer.Indexer;
import network.nyxos.indexer.IndexerConfig;
import picocli.CommandLine.Command;
import software.sava.core.accounts.PublicKey;

/** Runs an indexer. */
@Command(name = "indexer", mixinStandardHelpOptions = true, sortOptions = false, description = {"Runs an indexer: it mirrors both programs into PostgreSQL and serves REST, live events and a page.",
        "Keys: listen, rpc, ws, jdbc, schema, commitment, relayer, market, symbols, poll-seconds, reconcile-seconds, development."})
final class ServeIndexer extends Serving {

    @Override
    Service start(ConfigFile config) {
        Footing footing = Footing.of(config, "nyxos_indexer");
        boolean development = config.flag("development", false);
        IndexerConfig standard = IndexerConfig.of(footing.rpc(), footing.jdbc(), footing.programs());
        Optional<URI> relayer = config.optionalUrl("relayer");
        Optional<String> market = config.optionalKey("market").map(PublicKey::toBase58);
        var settings = new IndexerConfig(footing.host(), footing.port(), footing.rpc(), config.optionalSocket("ws"), footing.jdbc(),
                footing.schema(), footing.programs(), commitment(config), relayer, market, symbols(config), development, config.seconds("poll-seconds", standard.pollInterval()),
                config.seconds("reconcile-seconds", standard.reconcileInterval()), footing.accepted());
        config.complete();
        Indexer indexer = Indexer.start(settings);
        sayDevelopment(development);
        say("indexer of programs " + footing.programs().registry() + " and " + footing.programs().escrow() + " answers at " + indexer.url());
        return indexer::close;
    }

    private static Commitment commitment(ConfigFile config) {
        String text = config.optional("commitment").orElse("finalized");
        return switch (text) {
            case "finalized" -> Commitment.FINALIZED;
            case "confirmed" -> Commitment.CONFIRMED;
            default -> throw ConfigFile.invalid("commitment is finalized or confirmed, not '" + text + "'");
        };
    }

    /** {@code symbols}: {@code MINT:SYMBOL}, with commas between. */
    private static Map<String, String> symbols(ConfigFile config) {
        var symbols = new LinkedHashMap<String, String>();
        for (String text : config.list("symbols")) {
            String[] parts = text.split(":");
            if (parts.length != 2) {
                throw ConfigFile.invalid("symbols takes MINT:SYMBOL, not '" + text + "'");
            }
            PublicKey mint = Attachment.key("symbols", parts[0]);
            symbols.put(mint.toBase58(), parts[1]);
        }
        return symbols;
    }
}
