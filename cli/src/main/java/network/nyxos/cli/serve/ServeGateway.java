package network.nyxos.cli.serve;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.ConfigFile;
import network.nyxos.cli.attach.InputFiles;
import network.nyxos.cli.attach.PolicyFile;
import network.nyxos.cli.up.Mint;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.text.WordPiece;
import network.nyxos.gateway.Gateway;
import network.nyxos.gateway.GatewayConfig;
import network.nyxos.gateway.credit.CreditTerms;
import network.nyxos.gateway.offer.MintTerms;
import network.nyxos.gateway.offer.ModelTerms;
import network.nyxos.gateway.offer.Product;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.SponsorPolicy;
import network.nyxos.node.engine.OnnxEmbeddingEngine;
import picocli.CommandLine.Command;
import software.sava.core.accounts.PublicKey;

/** Runs a gateway. */
@Command(name = "gateway", mixinStandardHelpOptions = true, sortOptions = false, description = {"Runs a gateway: OpenAI's API paid by x402 and vouchers, and a facilitator.",
        "Keys: listen, public-url, peer-url, rpc, ws, jdbc, schema, market, gateway-key, sponsor-key, memo-key, mints, models, model.NAME.…, services, service.NAME.…, relayer, policy, collateral, limits.…, credits.…, development."})
final class ServeGateway extends Serving {

    @Override
    Service start(ConfigFile config) {
        Footing footing = Footing.of(config, "nyxos_gateway");
        boolean development = config.flag("development", false);
        PublicKey market = config.key("market");
        URI ws = ConfigFile.url("ws", config.text("ws"), "ws", "wss");
        List<PublicKey> mints = config.keys("mints");
        List<ModelTerms> services = config.list("services").stream().map(name -> service(config, name)).toList();
        List<ModelTerms> models = Stream.concat((services.isEmpty() ? config.texts("models") : config.list("models")).stream().map(name -> model(config, name)), services.stream()).toList();
        Optional<Policy> evidence = config.file("policy").map(PolicyFile::read);
        GatewayConfig.Limits limits = limits(config);
        CreditSale credits = CreditSale.of(config);
        var keys = new GatewayConfig.Keys(config.keypair("gateway-key"), config.keypair("sponsor-key"), config.keypair("memo-key").seed());
        var listen = new GatewayConfig.Listen(footing.host(), footing.port(), config.optionalUrl("public-url"), config.optionalUrl("peer-url"));
        URI relayer = config.url("relayer");
        var collateral = Footing.collateral(config);
        config.complete();
        GatewayConfig settings;
        try (ChainSession chain = ChainSession.open(footing.rpc(), footing.programs(), market)) {
            var place = new GatewayConfig.Chain(footing.rpc(), ws, network(chain), footing.programs(), market, chain.market().registryConfig(), footing.accepted());
            List<MintTerms> taken = mints.stream().map(mint -> terms(chain.mint(mint))).toList();
            settings = new GatewayConfig(listen, footing.jdbc(), footing.schema(), place, keys, models, taken, relayer, evidence, GatewayConfig.Timing.DEFAULT,
                    SponsorPolicy.DEFAULT, !development, collateral, limits, credits.terms(taken));
        } catch (IllegalArgumentException e) {
            throw ConfigFile.invalid(e.getMessage());
        }
        Gateway gateway = Gateway.start(settings);
        sayDevelopment(development);
        say("gateway " + keys.gateway().publicKey() + " of market " + market + " answers at http://" + footing.host() + ":" + gateway.port() + "/v1; its sponsor " + keys.sponsor().publicKey()
                + " pays the fees of transfers and needs SOL");
        return gateway::close;
    }

    private static MintTerms terms(Mint mint) {
        return new MintTerms(mint.address(), mint.tokenProgram(), mint.decimals(), mint.symbol());
    }

    /** The cluster by its genesis hash; every other chain is a local one, which goes by devnet's name. */
    private static Network network(ChainSession chain) {
        Hash genesis = chain.rpc().genesisHash();
        return Stream.of(Network.MAINNET, Network.DEVNET).filter(network -> network.isOf(genesis)).findFirst().orElse(Network.DEVNET);
    }

    /** {@code credits.mint}: the dollar mint, one of {@code mints}; without it no credits are sold. {@code credits.least}, {@code .most} at once, {@code .unfunded} accounts an hour. */
    private record CreditSale(Optional<PublicKey> mint, int least, int most, int unfunded) {
        private static CreditSale of(ConfigFile config) {
            return new CreditSale(config.optionalKey("credits.mint"), config.number("credits.least", 100, 1, 1_000_000_000), config.number("credits.most", 100_000, 1, 1_000_000_000),
                    config.number("credits.unfunded", 200, 1, 1_000_000));
        }

        private Optional<CreditTerms> terms(List<MintTerms> taken) {
            return mint.map(dollars -> new CreditTerms(taken.stream().filter(each -> each.mint().equals(dollars)).findFirst()
                    .orElseThrow(() -> ConfigFile.invalid("credits.mint is none of mints: " + dollars)), least, most, unfunded));
        }
    }

    private static GatewayConfig.Limits limits(ConfigFile config) {
        GatewayConfig.Limits standard = GatewayConfig.Limits.DEFAULT;
        return new GatewayConfig.Limits(config.number("limits.payer", standard.perPayer(), 1, 1_000_000), config.number("limits.node", standard.perNode(), 1, 1_000_000),
                config.number("limits.requests", standard.requests(), 1, 1_000_000), config.number("limits.facilitator", standard.settlements(), 1, 1_000_000));
    }

    /**
     * {@code model.NAME.id} (64 hexadecimal digits, the weights it stands for), {@code .context}, {@code .output}, and {@code .TIER}: its prices as {@code MINT:in:out}. Of an
     * embedding model {@code .dimensions}, and {@code .tokenizer}: {@code minilm}, or a file as Hugging Face writes it.
     */
    private static ModelTerms model(ConfigFile config, String name) {
        String at = "model." + name + ".";
        Optional<Hash> id = config.optional(at + "id").map(text -> Attachment.hash(at + "id", text));
        var prices = new EnumMap<Tier, Map<PublicKey, Price>>(Tier.class);
        for (Tier tier : Tier.values()) {
            Map<PublicKey, Price> ofTier = prices(at + tier.wireName(), config.list(at + tier.wireName()));
            if (!ofTier.isEmpty()) {
                prices.put(tier, ofTier);
            }
        }
        config.text(at + "context");
        try {
            return new ModelTerms(name, id, config.number(at + "context", 0, 2, 100_000_000), product(config, at), prices);
        } catch (IllegalArgumentException e) {
            throw ConfigFile.invalid(e.getMessage());
        }
    }

    /**
     * {@code service.NAME.description}, {@code .price}, base units for a call as {@code MINT:units}, {@code .nodes}, the keys of those who sell it or {@code any}, {@code .seconds} that
     * a call may take (default 60, at most 240), and {@code .input} and {@code .output}, files with JSON Schemas of what it is asked and answers.
     */
    private static ModelTerms service(ConfigFile config, String name) {
        String at = "service." + name + ".";
        Set<PublicKey> sellers = config.text(at + "nodes").equals("any") ? Set.of() : Set.copyOf(config.keys(at + "nodes"));
        var prices = new HashMap<PublicKey, Long>();
        for (String text : config.texts(at + "price")) {
            String[] parts = text.split(":");
            if (parts.length != 2 || !parts[1].matches("[0-9]{1,18}")) {
                throw ConfigFile.invalid(at + "price takes MINT:units, base units for a call, not '" + text + "'");
            }
            prices.put(Attachment.key(at + "price", parts[0]), Long.parseLong(parts[1]));
        }
        try {
            var service = new Product.Service(config.text(at + "description"), schema(config, at + "input"), schema(config, at + "output"), sellers,
                    Duration.ofSeconds(config.number(at + "seconds", 60, 1, 240)));
            return ModelTerms.service(name, service, prices);
        } catch (IllegalArgumentException e) {
            throw ConfigFile.invalid(e.getMessage());
        }
    }

    private static Optional<ObjectNode> schema(ConfigFile config, String key) {
        return config.file(key).map(file -> {
            try {
                if (new ObjectMapper().readTree(InputFiles.bytes(file)) instanceof ObjectNode schema) {
                    return schema;
                }
            } catch (IOException e) {
                throw ConfigFile.invalid(key + ": " + file + " is not JSON");
            }
            throw ConfigFile.invalid(key + ": " + file + " is no JSON object, as a schema is");
        });
    }

    private static Product product(ConfigFile config, String at) {
        if (config.optional(at + "dimensions").isEmpty()) {
            return new Product.Chat(config.number(at + "output", 256, 1, 100_000_000));
        }
        return new Product.Vectors(config.number(at + "dimensions", 0, 1, Embedding.MAX_DIMENSIONS), config.optional(at + "tokenizer").map(named -> tokenizer(config, at + "tokenizer", named)));
    }

    private static WordPiece tokenizer(ConfigFile config, String key, String named) {
        if (named.equals("minilm")) {
            return OnnxEmbeddingEngine.miniLmTokenizer();
        }
        try {
            return WordPiece.ofJson(InputFiles.bytes(config.file(key).orElseThrow()));
        } catch (ProtocolException e) {
            throw ConfigFile.invalid(key + ": " + e.getMessage());
        }
    }

    private static Map<PublicKey, Price> prices(String name, List<String> texts) {
        var prices = new HashMap<PublicKey, Price>();
        for (String text : texts) {
            String[] parts = text.split(":");
            if (parts.length != 3 || !parts[1].matches("[0-9]{1,18}") || !parts[2].matches("[0-9]{1,18}")) {
                throw ConfigFile.invalid(name + " takes MINT:in:out, base units for a million tokens, not '" + text + "'");
            }
            prices.put(Attachment.key(name, parts[0]), new Price(Long.parseLong(parts[1]), Long.parseLong(parts[2])));
        }
        return prices;
    }
}
