package network.nyxos.relayer;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.websocket.WsConfig;
import io.helidon.webserver.websocket.WsRouting;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import network.nyxos.chain.Database;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionSender;
import network.nyxos.chain.program.ChainReport;
import network.nyxos.chain.program.Expectation;
import network.nyxos.chain.program.SelfCheck;
import network.nyxos.collateral.CollateralCache;
import network.nyxos.collateral.CollateralSource;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.relayer.api.ApiErrors;
import network.nyxos.relayer.api.BatchesApi;
import network.nyxos.relayer.api.DisputesApi;
import network.nyxos.relayer.api.JobsApi;
import network.nyxos.relayer.api.StatusApi;
import network.nyxos.relayer.attest.AttestationRecords;
import network.nyxos.relayer.batch.BatchMachine;
import network.nyxos.relayer.batch.BatchTerms;
import network.nyxos.relayer.batch.WorkReader;
import network.nyxos.relayer.chain.MarketFacts;
import network.nyxos.relayer.chain.MarketTerms;
import network.nyxos.relayer.chain.MarketWriter;
import network.nyxos.relayer.dispute.Slashings;
import network.nyxos.relayer.gate.BriefFacts;
import network.nyxos.relayer.gate.EvidenceVerifier;
import network.nyxos.relayer.gate.GateTerms;
import network.nyxos.relayer.gate.Gatekeeper;
import network.nyxos.relayer.gate.Intake;
import network.nyxos.relayer.gate.Standings;
import network.nyxos.relayer.job.JobEvents;
import network.nyxos.relayer.link.LinkTerms;
import network.nyxos.relayer.link.NodeLinks;
import network.nyxos.relayer.payout.Payouts;
import network.nyxos.relayer.settle.DirectWatch;
import network.nyxos.relayer.store.JdbcBatches;
import network.nyxos.relayer.store.JdbcDisputes;
import network.nyxos.relayer.store.JdbcFinalWork;
import network.nyxos.relayer.store.JdbcJobs;
import network.nyxos.relayer.store.JdbcPayouts;
import network.nyxos.relayer.store.Transactions;
import network.nyxos.relayer.verifier.VerifierClient;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// The relayer: takes gateways' records and nodes' receipts, brings each job through its tier's gate, settles vouchers, posts batches, pays refunds out.
/// All that it knows is in its database and on chain; it may be killed at any point and started again.
public final class Relayer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Relayer.class);
    private static final Duration PING = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final Duration BRIEF = Duration.ofMillis(300);
    private static final Duration TRANSACTION_WAIT = Duration.ofSeconds(30);
    private static final Duration VERIFIER_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration PAYOUT_PAUSE = Duration.ofMillis(500);
    private static final Duration ATTESTATION_PAUSE = Duration.ofSeconds(1);
    private static final Duration DISPUTE_PAUSE = Duration.ofMillis(500);
    private static final Duration DISPUTE_AGAIN = Duration.ofSeconds(5);
    private static final Duration STANDING_PAUSE = Duration.ofSeconds(1);
    private static final Duration DIRECT_PAUSE = Duration.ofSeconds(2);
    private static final Duration VERIFIER_PATIENCE = Duration.ofSeconds(30);

    private final RelayerConfig config;
    private final Closing closing;
    private final WebServer server;

    private Relayer(RelayerConfig config, Closing closing) {
        this.config = config;
        this.closing = closing;
        InstantSource clock = InstantSource.system();
        SolanaRpc rpc = closing.add(SolanaRpc.connect(config.rpc()));
        ChainReport deployment = SelfCheck.run(rpc, Expectation.of(config.programs(), config.accepted()).withMarket(config.market()).withMints(config.mints())
            .withOperator(config.operator().publicKey()));
        MarketTerms terms = MarketTerms.read(rpc, config.programs(), config.market(), config.mints());
        Database database = closing.add(Database.open(config.jdbcUrl(), config.schema(), "classpath:network/nyxos/relayer/store"));
        var transactions = new Transactions(database);
        var jobs = new JdbcJobs(transactions);
        var batches = new JdbcBatches(transactions);
        var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        closing.<AutoCloseable>add(metrics::close);
        var facts = new MarketFacts(rpc, terms);
        var brief = new BriefFacts(facts, BRIEF, clock);

        var gateWork = new GateWork(jobs, metrics, config.gate().retry());
        var intake = new Intake(config.gateways(), Set.copyOf(config.mints()), jobs, brief, gateWork::wake, clock);
        Optional<CollateralSource> collateral = config.collateral().map(settings -> closing.add(CollateralCache.start(config.jdbcUrl(), settings, config.policy().roots())));
        var linkTerms = new LinkTerms(config.operator().publicKey(), PING, SILENCE, config.gate().callTimeout(), config.gate().evidenceLifetime(), collateral);
        var links = closing.add(new NodeLinks(linkTerms, brief, intake, jobs, new EvidenceVerifier(config.policy()), clock));
        metrics.gauge("nyxos_relayer_nodes", links, NodeLinks::size);
        JobEvents events = (job, node, state, reason) -> {
            LOG.debug("job {} {}: {}", job, state.wireName(), reason);
            metrics.counter("nyxos_relayer_jobs", "state", state.wireName(), "reason", reason.code()).increment();
            links.changed(job, node, state, reason);
        };
        var gateTerms = new GateTerms(config.market(), config.allowDevelopmentRoots(), config.gate().reserveTimeout(), config.gate().patience(), config.gate().retry());
        var finalWork = new JdbcFinalWork(transactions);
        // Of the chain itself: by facts a moment old a job could be drawn at a lower rate than verifiers demand, and its node would not be paid.
        var standings = new Standings(config.gate().sampling(), facts, facts::accused, finalWork);
        var gatekeeper = new Gatekeeper(gateTerms, standings, jobs, brief, links, events, clock);

        var sender = closing.add(TransactionSender.start(rpc, database, config.programs(), Optional.empty(), TransactionSender.Options.DEFAULT));
        var writer = new MarketWriter(facts, sender, config.operator(), TRANSACTION_WAIT);
        var quorum = closing.add(new VerifierClient(config.verifiers(), facts::rulers, config.programs(), config.operator(), VERIFIER_TIMEOUT));
        var disputes = new JdbcDisputes(transactions);
        var slashings = new Slashings(disputes, writer, links, config.gate().patience(), quorum, events, DISPUTE_AGAIN, clock);
        var records = new AttestationRecords(jobs::currentEvidence, writer, quorum, clock);
        var batchTerms = new BatchTerms(config.batches().maxJobs(), config.batches().interval(), VERIFIER_PATIENCE);
        var machine = new BatchMachine(batchTerms, batches, writer, quorum, json -> BatchJson.read(Fields.parse(json)), events, clock);
        var payouts = new Payouts(new JdbcPayouts(transactions), batches, writer, config.batches().pushTreasury(), events, clock);

        var direct = new DirectWatch(jobs, batches, writer, json -> BatchJson.read(Fields.parse(json)));

        var workReader = new WorkReader(batches, writer, finalWork, json -> BatchJson.read(Fields.parse(json)));

        HttpRouting.Builder routing = HttpRouting.builder();
        new JobsApi(intake, jobs).route(routing);
        new BatchesApi(batches, terms.pools()).route(routing);
        new DisputesApi(disputes).route(routing);
        new StatusApi(jobs, batches, brief, config.mints(), links::size, config.allowDevelopmentRoots(), config.operator().publicKey(), deployment, metrics).route(routing);
        ApiErrors.handle(routing);
        this.server = WebServer.builder().host(config.host()).port(config.port()).shutdownHook(false).maxPayloadSize(WireCodec.MAX_FRAME).addRouting(routing)
            .addRouting(WsRouting.builder().endpoint("/v1/node", links::accept))
            .addProtocol(WsConfig.builder().maxFrameLength(WireCodec.MAX_FRAME).build()).build().start();
        // Helidon logs a port that is taken and goes on without it.
        if (!server.isRunning()) {
            throw new ProtocolException("port_taken", "port " + config.port() + " of " + config.host() + " is taken; end what listens there or choose another port");
        }
        closing.add(server::stop);

        closing.add(gateWork);
        gateWork.start(gatekeeper);
        closing.add(Worker.start("disputes", DISPUTE_PAUSE, slashings::advance));
        closing.add(Worker.start("attestations", ATTESTATION_PAUSE, records::renew));
        for (PublicKey mint : config.mints()) {
            PublicKey pool = terms.pool(mint).pool();
            closing.add(Worker.start("batches-" + mint, config.batches().tick(), () -> machine.run(mint)));
            // Apart from the batches: however many payees there are, none of them keeps a batch waiting.
            closing.add(Worker.start("payouts-" + mint, PAYOUT_PAUSE, () -> payouts.pay(mint, pool)));
            closing.add(Worker.start("standing-" + mint, STANDING_PAUSE, () -> workReader.read(mint)));
            closing.add(Worker.start("direct-" + mint, DIRECT_PAUSE, () -> direct.look(mint)));
        }
        LOG.info("relayer {} listens on {}", config.operator().publicKey(), url());
        if (config.allowDevelopmentRoots()) {
            LOG.warn("DEVELOPMENT: this relayer accepts evidence without hardware behind it");
        }
    }

    /// Starts a relayer.
    ///
    /// @throws ProtocolException `config_…`, or a code of {@link SelfCheck} when the configuration does not fit the chain
    public static Relayer start(RelayerConfig config) {
        var closing = new Closing();
        try {
            return new Relayer(config, closing);
        } catch (RuntimeException | Error e) {
            closing.close();
            throw e;
        }
    }

    /// The port that it listens on.
    public int port() {
        return server.port();
    }

    /// Where it answers.
    public URI url() {
        return URI.create("http://" + config.host() + ":" + port());
    }

    /// Stops. What is under way stays in the database and on chain, and goes on with the next start.
    @Override
    public void close() {
        closing.close();
    }
}
