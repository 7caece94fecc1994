package network.nyxos.gateway;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.chain.ChainSubscriptions;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.Database;
import network.nyxos.chain.DatabaseException;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionSender;
import network.nyxos.chain.program.ChainReport;
import network.nyxos.chain.program.Expectation;
import network.nyxos.chain.program.SelfCheck;
import network.nyxos.collateral.CollateralCache;
import network.nyxos.collateral.CollateralSource;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.gateway.account.SignIn;
import network.nyxos.gateway.chain.BlockhashCache;
import network.nyxos.gateway.chain.EscrowMirror;
import network.nyxos.gateway.chain.PrepaidEscrows;
import network.nyxos.gateway.chain.RegistryMirror;
import network.nyxos.gateway.checkout.CashOut;
import network.nyxos.gateway.checkout.Checkout;
import network.nyxos.gateway.checkout.CreditDesk;
import network.nyxos.gateway.checkout.CreditKeeper;
import network.nyxos.gateway.checkout.Offers;
import network.nyxos.gateway.checkout.PayerLoad;
import network.nyxos.gateway.credit.CreditTerms;
import network.nyxos.gateway.facilitator.Facilitator;
import network.nyxos.gateway.facilitator.Settler;
import network.nyxos.gateway.job.Job;
import network.nyxos.gateway.job.JobRunner;
import network.nyxos.gateway.link.EvidenceGate;
import network.nyxos.gateway.link.NodeLink;
import network.nyxos.gateway.link.NodePool;
import network.nyxos.gateway.offer.Catalogue;
import network.nyxos.gateway.offer.MintTerms;
import network.nyxos.gateway.payment.ExactRules;
import network.nyxos.gateway.payment.MemoBinding;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.OfferReceipt;
import network.nyxos.gateway.relay.RelayerLine;
import network.nyxos.gateway.route.Reputation;
import network.nyxos.gateway.store.CreditStore;
import network.nyxos.gateway.store.EscrowStore;
import network.nyxos.gateway.store.IdentifierStore;
import network.nyxos.gateway.store.InstanceStore;
import network.nyxos.gateway.store.JobStore;
import network.nyxos.gateway.store.ListingStore;
import network.nyxos.gateway.store.OutboxStore;
import network.nyxos.gateway.store.SignInStore;
import network.nyxos.gateway.web.GatewayServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// A running gateway: the parts put together, and the loops that keep its view of the chain fresh and its house in order.
public final class Gateway implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
    private static final String MIGRATIONS = "classpath:network/nyxos/gateway/migration";
    private static final Duration BLOCKHASH_EVERY = Duration.ofSeconds(2);
    // Credits are looked at once in so many looks at the chain.
    private static final int CREDITS_EVERY = 5;
    private static final Duration PENDING_AGE = Duration.ofSeconds(2);
    private static final Duration ORPHAN_AGE = Duration.ofSeconds(1);

    private final GatewayConfig config;
    private final InstantSource clock;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final GatewayServer server;

    private Gateway(GatewayConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        this.server = assemble();
    }

    /// Starts a gateway. Returns when it serves: chain read once, schema migrated, port bound.
    ///
    /// @throws network.nyxos.escrow.ProtocolException with a code of {@link SelfCheck} when the chain is not what the configuration says
    /// @throws RuntimeException                       saying what is missing; whatever had been started is stopped
    public static Gateway start(GatewayConfig config) {
        return new Gateway(config, InstantSource.system());
    }

    private GatewayServer assemble() {
        try {
            return assembleParts();
        } catch (RuntimeException e) {
            closeParts();
            throw e;
        }
    }

    private <T extends AutoCloseable> T keep(T part) {
        parts.push(part);
        return part;
    }

    private Expectation expectation() {
        GatewayConfig.Chain chain = config.chain();
        Expectation expected = Expectation.of(chain.programs(), chain.accepted()).withCluster(chain.network().caip2(), this::isConfigured).withMarket(chain.market())
            .withRegistryConfig(chain.registryConfig());
        for (MintTerms mint : config.mints()) {
            expected = expected.withMint(mint.mint(), mint.tokenProgram(), mint.decimals());
        }
        return expected;
    }

    // A chain on a developer's machine has a genesis hash of its own and is offered to clients as devnet; the main network never is.
    private boolean isConfigured(Hash genesis) {
        Network network = config.chain().network();
        return network.isOf(genesis) || !config.production() && network.equals(Network.DEVNET) && !Network.MAINNET.isOf(genesis);
    }

    private GatewayServer assembleParts() {
        UUID instance = UUID.randomUUID();
        GatewayConfig.Chain chain = config.chain();
        GatewayConfig.Timing timing = config.timing();
        Programs programs = chain.programs();
        PublicKey sponsor = config.keys().sponsor().publicKey();
        var meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

        SolanaRpc rpc = keep(SolanaRpc.connect(chain.rpc()));
        ChainReport deployment = SelfCheck.run(rpc, expectation());
        ChainSubscriptions subscriptions = keep(ChainSubscriptions.connect(chain.ws()));
        Database database = keep(Database.open(config.jdbcUrl(), config.schema(), MIGRATIONS));
        TransactionSender sender = keep(TransactionSender.start(rpc, database, programs, Optional.of(subscriptions), TransactionSender.Options.DEFAULT));

        var outbox = new OutboxStore(database);
        RelayerLine relayer = keep(new RelayerLine(outbox, config.relayer(), config.keys().gateway()));
        Repeater telling = keep(new Repeater("outbox", timing.poll(), relayer::send));
        var jobs = new JobStore(database, instance, telling::wake);
        var balances = new EscrowStore(database);
        var instances = new InstanceStore(database, instance, timing.lease());

        var registry = new RegistryMirror(rpc, programs.registry(), chain.registryConfig());
        var escrows = new EscrowMirror(rpc, programs.escrow(), chain.market(), balances, config.credits().map(terms -> terms.mint().mint()), sponsor);
        var blockhashes = new BlockhashCache(rpc, clock);
        registry.refresh();
        escrows.refresh();
        blockhashes.refresh();
        Repeater followRegistry = keep(new Repeater("registry", timing.poll(), registry::refresh));
        Repeater followEscrows = keep(new Repeater("escrows", timing.poll(), escrows::refresh));
        keep(new Repeater("blockhash", BLOCKHASH_EVERY, blockhashes::refresh));
        keep(subscriptions.program(programs.registry(), Commitment.CONFIRMED, followRegistry::wake));
        keep(subscriptions.program(programs.escrow(), Commitment.CONFIRMED, followEscrows::wake));

        var reputation = new Reputation(clock);
        var nodes = new NodePool(registry, reputation, clock);
        Optional<CollateralSource> collateral = config.collateral().map(settings -> keep(CollateralCache.start(config.jdbcUrl(), settings,
            config.evidence().map(Policy::roots).orElse(List.of()))));
        var links = new NodeLink.Terms(config.keys().gateway().publicKey(), registry, nodes, new EvidenceGate(config.evidence(), collateral, timing.evidence(), clock), config.limits().perNode(), timing.ping(),
            timing.silence(), clock);
        var runner = new JobRunner(config.keys().gateway(), nodes, reputation, jobs, timing.job(), clock);

        Map<PublicKey, MintTerms> mints = config.mints().stream().collect(Collectors.toMap(MintTerms::mint, Function.identity()));
        Map<PublicKey, MintTerms> pools = config.mints().stream().collect(Collectors.toMap(mint -> mint.pool(programs, chain.market()), Function.identity()));
        var settler = new Settler(config.keys().sponsor(), rpc, sender, timing.settle());
        var listings = new ListingStore(database);
        var signed = new OfferReceipt(config.keys().gateway(), chain.network(), clock);
        var facilitator = new Facilitator(sponsor, config.sponsor(), chain.network(), mints, pools, settler, jobs, listings);
        var offers = new Offers(programs, chain.market(), sponsor, chain.network(), new MemoBinding(config.keys().memoKey()), blockhashes, signed, config.mints());
        Duration voucherHold = timing.job().job().plus(timing.settleMargin());
        var payers = new PayerLoad(config.limits().perPayer());
        var rules = new ExactRules(sponsor, config.sponsor());
        Optional<GatewayServer.Credits> credits = config.credits().map(terms -> credits(terms, rpc, sender, escrows, new CreditStore(database), offers, rules, settler));
        var checkout = new Checkout(offers, rules, facilitator, settler, escrows, balances, jobs,
            new IdentifierStore(database), nodes, payers, chain.network(), voucherHold, clock);

        instances.renew();
        keep(() -> retire(instances, jobs));
        keep(new Repeater("lease", timing.lease().dividedBy(4), instances::renew));
        keep(new Repeater("house", timing.poll(), () -> keepHouse(jobs, checkout)));

        credits.map(GatewayServer.Credits::keeper).ifPresent(keeper -> {
            keep(new Repeater("credits", timing.poll().multipliedBy(CREDITS_EVERY), keeper::turn));
            Gauge.builder("nyxos.gateway.credits.difference", () -> keeper.report().units()).baseUnit("base units").register(meters);
            Gauge.builder("nyxos.gateway.credits.accounts", () -> keeper.report().accounts()).register(meters);
            Gauge.builder("nyxos.gateway.credits.behind", () -> keeper.report().behind()).register(meters);
            Gauge.builder("nyxos.gateway.credits.unsettled", () -> keeper.report().unsettled()).baseUnit("base units").register(meters);
        });
        Gauge.builder("nyxos.gateway.nodes", () -> nodes.all().size()).register(meters);
        Gauge.builder("nyxos.gateway.payers", payers::payers).register(meters);
        Gauge.builder("nyxos.gateway.outbox", outbox::waiting).register(meters);
        var web = new GatewayServer(config.listen().host(), config.listen().port(), new GatewayServer.Parts(new Catalogue(config.models(), config.mints()), checkout, runner, jobs,
            escrows, balances, nodes, registry, facilitator, offers, signed, listings,
            new SignIn(config.keys().memoKey(), chain.network(), clock), new SignInStore(database), config.keys().gateway().publicKey(), instance, instances::addressOf, config.listen().publicUrl(), () -> new NodeLink(links), () -> healthy(blockhashes, outbox), deployment, config.limits(), credits, clock, meters));
        keep(web);
        instances.reachedAt(peerUrl(web.port()));
        instances.renew();
        LOG.info("gateway {} serves on {}:{}{}", config.keys().gateway().publicKey(), config.listen().host(), web.port(),
            config.evidence().filter(policy -> policy.allowDevelopmentRoots()).isPresent() ? "; DEVELOPMENT evidence is accepted for the confidential tier" : "");
        return web;
    }

    private GatewayServer.Credits credits(CreditTerms terms, SolanaRpc rpc, TransactionSender sender, EscrowMirror escrows, CreditStore store, Offers offers, ExactRules rules,
                                          Settler settler) {
        GatewayConfig.Chain chain = config.chain();
        var market = new MarketCalls(chain.programs(), chain.market(), chain.registryConfig());
        var prepaid = new PrepaidEscrows(rpc, sender, config.keys().sponsor(), chain.programs().escrow(), market, market.pool(terms.mint().mint(), terms.mint().tokenProgram()));
        var desk = new CreditDesk(terms, prepaid, escrows, store, offers, rules, settler, chain.network());
        return new GatewayServer.Credits(terms, desk, new CashOut(prepaid, store, escrows), store, prepaid, new CreditKeeper(terms, prepaid, escrows, store, desk, clock));
    }

    private URI peerUrl(int port) {
        return config.listen().peerUrl().map(url -> URI.create(url.toString().replaceAll("/+$", ""))).orElseGet(() -> {
            String host = config.listen().host();
            try {
                InetAddress address = InetAddress.getByName(host);
                host = (address.isAnyLocalAddress() ? InetAddress.getLocalHost() : address).getHostAddress();
            } catch (UnknownHostException e) {
                LOG.warn("this machine does not know its own address; set listen.peerUrl where several gateways share a schema");
            }
            return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
        });
    }

    private static boolean healthy(BlockhashCache blockhashes, OutboxStore outbox) {
        try {
            outbox.waiting();
            return blockhashes.latest().isPresent();
        } catch (DatabaseException e) {
            LOG.warn("not healthy: {}", e.getMessage());
            return false;
        }
    }

    /// Everything that has been left open is brought to an end.
    private void keepHouse(JobStore jobs, Checkout checkout) {
        for (Job pending : jobs.pending(PENDING_AGE)) {
            checkout.reconcile(pending);
        }
        jobs.failUnserved(config.timing().unserved());
        jobs.failOrphans(ORPHAN_AGE);
    }

    private static void retire(InstanceStore instances, JobStore jobs) {
        instances.end();
        jobs.failOrphans(Duration.ZERO);
    }

    /// Where it serves.
    public int port() {
        return server.port();
    }

    /// Stops. Jobs that still run are failed, so that what was paid for them goes back; the relayer is told now or at the next start.
    @Override
    public void close() {
        closeParts();
    }

    private void closeParts() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                // The other parts are to be closed all the same.
                LOG.warn("closing a part failed: {}", e.getMessage());
            }
        }
    }
}
