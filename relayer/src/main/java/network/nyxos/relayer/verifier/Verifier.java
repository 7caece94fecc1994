package network.nyxos.relayer.verifier;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import network.nyxos.chain.Database;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.program.ChainReport;
import network.nyxos.chain.program.Expectation;
import network.nyxos.chain.program.SelfCheck;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.wire.SignatureHeader;
import network.nyxos.relayer.Closing;
import network.nyxos.relayer.api.ApiErrors;
import network.nyxos.relayer.attest.RecordDraft;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.chain.MarketFacts;
import network.nyxos.relayer.chain.MarketTerms;
import network.nyxos.relayer.dispute.SlashDraft;
import network.nyxos.relayer.gate.BriefFacts;
import network.nyxos.relayer.gate.EvidenceVerifier;
import network.nyxos.relayer.gate.Standings;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.store.JdbcConvictions;
import network.nyxos.relayer.store.JdbcFinalWork;
import network.nyxos.relayer.store.JdbcSignedBatches;
import network.nyxos.relayer.store.Transactions;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.DisputeJson;
import network.nyxos.relayer.wire.EvidenceJson;
import network.nyxos.relayer.wire.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A member of a market's verifier quorum. It trusts its own key, database and RPC node, and nobody else.
public final class Verifier implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Verifier.class);
    private static final int MAX_PROPOSAL = 64 << 20;

    private final VerifierConfig config;
    private final MarketTerms terms;
    private final Closing closing;
    private final SignedBatches signed;
    private final MarketFacts facts;
    private final Inspection inspection;
    private final RecordInspection records;
    private final SlashInspection slashes;
    private final Convictions convictions;
    private final InstantSource clock = InstantSource.system();
    // Two proposals at once could each be right alone and pay one job twice together.
    private final ReentrantLock one = new ReentrantLock();
    private final WebServer server;

    private Verifier(VerifierConfig config, Closing closing) {
        this.config = config;
        this.closing = closing;
        SolanaRpc rpc = closing.add(SolanaRpc.connect(config.rpc()));
        ChainReport deployment = SelfCheck.run(rpc, Expectation.of(config.programs(), config.accepted()).withMarket(config.market()).withMints(config.mints())
            .withVerifier(config.key().publicKey()));
        this.terms = MarketTerms.read(rpc, config.programs(), config.market(), config.mints());
        Database database = closing.add(Database.open(config.jdbcUrl(), config.schema(), "classpath:network/nyxos/relayer/verifier"));
        var transactions = new Transactions(database);
        this.signed = new JdbcSignedBatches(transactions);
        this.convictions = new JdbcConvictions(transactions);
        BatchHistory history = config.relayer().<BatchHistory>map(url -> closing.add(new HttpBatchHistory(url))).orElse(BatchHistory.NONE);
        this.facts = new MarketFacts(rpc, terms);
        var pools = terms.pools().entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().pool()));
        var demands = new Inspection.Terms(config.market(), pools, config.gateways(), config.allowDevelopmentRoots());
        var evidence = new EvidenceVerifier(config.policy());
        var brief = new BriefFacts(facts, Duration.ofMillis(500), clock);
        var work = new JdbcFinalWork(transactions);
        var standings = new Standings(config.sampling(), brief, facts::accused, work);
        this.inspection = new Inspection(demands, facts, brief, standings, work, signed, history, evidence, clock);
        this.records = new RecordInspection(config.allowDevelopmentRoots(), facts, evidence, clock);
        this.slashes = new SlashInspection(config.gateways(), facts, config.replayer());
        HttpRouting.Builder routing = HttpRouting.builder().post("/v1/verify", this::verify).post("/v1/attest", this::attest).post("/v1/slash", this::slash)
            .get("/v1/disputes/{evidence}", this::papers)
            .get("/health", (request, response) -> response.header(HeaderNames.CONTENT_TYPE, "application/json")
                .send(Fields.object().put("status", "ok").set("deployment", deployment.json()).toString()));
        ApiErrors.handle(routing);
        this.server = WebServer.builder().host(config.host()).port(config.port()).maxPayloadSize(MAX_PROPOSAL).shutdownHook(false).addRouting(routing).build().start();
        // Helidon logs a port that is taken and goes on without it.
        if (!server.isRunning()) {
            throw new ProtocolException("port_taken", "port " + config.port() + " of " + config.host() + " is taken; end what listens there or choose another port");
        }
        closing.add(server::stop);
        LOG.info("verifier {} listens on {}", config.key().publicKey(), url());
        if (config.allowDevelopmentRoots()) {
            LOG.warn("DEVELOPMENT: this verifier accepts evidence without hardware behind it");
        }
    }

    /// Starts a verifier.
    ///
    /// @throws ProtocolException `config_verifier`, or another code of {@link SelfCheck} when the configuration does not fit the chain
    public static Verifier start(VerifierConfig config) {
        var closing = new Closing();
        try {
            return new Verifier(config, closing);
        } catch (RuntimeException | Error e) {
            closing.close();
            throw e;
        }
    }

    private void verify(ServerRequest request, ServerResponse response) {
        BatchDocument batch = BatchJson.read(proposal(request));
        Optional<Refused> refused;
        one.lock();
        try {
            refused = inspection.judge(batch);
            if (refused.isEmpty()) {
                // Stored before the signature leaves: what this key has signed is never forgotten.
                signed.keep(batch, clock.millis());
            }
        } finally {
            one.unlock();
        }
        answer(response, refused, "batch " + batch.seq() + " of mint " + batch.mint() + ": " + batch.served().size() + " receipts, " + batch.failed().size() + " refunds",
            () -> batch.header().digest(terms.programs().escrow()));
    }

    private void attest(ServerRequest request, ServerResponse response) {
        RecordDraft draft = EvidenceJson.readDraft(proposal(request));
        answer(response, records.judge(draft), "attestation record of node " + draft.evidence().node() + " until slot " + draft.expirySlot(),
            () -> draft.digest(terms.programs(), terms.market().registryConfig()));
    }

    private void slash(ServerRequest request, ServerResponse response) {
        SlashDraft draft = DisputeJson.readDraft(proposal(request));
        Optional<Refused> refused = slashes.judge(draft);
        if (refused.isEmpty()) {
            // Stored before the signature leaves: whoever is slashed by it can always be shown why.
            convictions.keep(new Convictions.Conviction(draft.papers(), draft.accused()), clock.millis());
        }
        answer(response, refused, "slash of node " + draft.accused() + " on dispute " + draft.papers().hash(),
            () -> draft.digest(terms.programs(), terms.market().registryConfig()));
    }

    /// The papers of a dispute on which somebody was slashed: what the relayer serves as well, from somebody who does not depend on it.
    private void papers(ServerRequest request, ServerResponse response) {
        Hash evidence = Hash.fromHex(request.path().pathParameters().get("evidence"));
        Optional<Convictions.Conviction> carried = convictions.on(evidence).stream().filter(conviction -> facts.slashed(conviction.accused(), evidence).isPresent())
            .findFirst();
        if (carried.isEmpty()) {
            ApiErrors.send(response, Status.NOT_FOUND_404, "invalid_request_error", new Reason("dispute_unknown", "nobody was slashed on a dispute " + evidence + " that this "
                + "verifier has signed"));
            return;
        }
        var answer = Fields.object().put("evidence", evidence.hex());
        answer.set("papers", DisputeJson.write(carried.get().papers()));
        response.header(HeaderNames.CONTENT_TYPE, "application/json").send(answer.toString());
    }

    /// What the operator asks to be signed.
    private Fields proposal(ServerRequest request) {
        byte[] body = request.content().as(byte[].class);
        String header = request.headers().first(HeaderNames.create(SignatureHeader.NAME)).orElseThrow(() -> new ProtocolException("signature_header_malformed",
            "header " + SignatureHeader.NAME + " is missing"));
        if (!SignatureHeader.verify(header, Digests.proposal(body)).equals(facts.market().operator())) {
            throw new ProtocolException("operator_unknown", "proposals are signed by the market's operator");
        }
        return Fields.parse(body);
    }

    private void answer(ServerResponse response, Optional<Refused> refused, String what, Supplier<Hash> digest) {
        var answer = Fields.object();
        if (refused.isEmpty()) {
            answer.put("verifier", config.key().publicKey().toBase58()).put("signature", config.key().sign(digest.get()).base64());
            LOG.info("signed {}", what);
        } else {
            Reason reason = refused.get().reason();
            var json = answer.putObject("refused").put("code", reason.code()).put("message", reason.message()).put("again", refused.get().again());
            refused.get().job().ifPresent(job -> json.put("job", job.hex()));
            LOG.warn("not signed: {}: {}{}", what, refused.get().job().map(job -> "job " + job + " ").orElse(""), reason);
        }
        response.status(Status.OK_200).header(HeaderNames.CONTENT_TYPE, "application/json").send(answer.toString());
    }

    /// The port that it listens on.
    public int port() {
        return server.port();
    }

    /// Where it answers.
    public URI url() {
        return URI.create("http://" + config.host() + ":" + port());
    }

    /// Its key.
    public VerifierClient.Endpoint endpoint() {
        return new VerifierClient.Endpoint(config.key().publicKey(), url());
    }

    @Override
    public void close() {
        closing.close();
    }
}
