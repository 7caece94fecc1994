package network.nyxos.relayer.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.gate.Intake;
import network.nyxos.relayer.gate.JobCase;
import network.nyxos.relayer.gate.JobStore;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.wire.Fields;
import software.sava.core.accounts.PublicKey;

/// Jobs: gateways post records, anybody reads states.
public final class JobsApi {
    private static final int MAX_PAGE = 500;
    static final int DEFAULT_PAGE = 50;

    private final Intake intake;
    private final JobStore store;

    /// @param intake takes records
    /// @param store  is read
    public JobsApi(Intake intake, JobStore store) {
        this.intake = intake;
        this.store = store;
    }

    /// Adds the routes.
    public void route(HttpRouting.Builder routing) {
        routing.post("/v1/jobs", this::post).get("/v1/jobs", this::page).get("/v1/jobs/{id}", this::one);
    }

    private void post(ServerRequest request, ServerResponse response) {
        byte[] body = request.content().as(byte[].class);
        String header = request.headers().first(HeaderNames.create(JobRecord.SIGNATURE_HEADER)).orElseThrow(() ->
            new ProtocolException("signature_header_malformed", "header " + JobRecord.SIGNATURE_HEADER + " is missing"));
        PublicKey gateway = JobRecord.verifySignatureHeader(body, header);
        JobRecord said = JobRecord.decode(body);
        switch (intake.record(gateway, said)) {
            case JobStore.Intake.Stored(JobState state) -> json(response, Fields.object().put("job", said.job().hex()).put("state", state.wireName()));
            case JobStore.Intake.Conflict(Reason reason) -> ApiErrors.send(response,
                reason.code().equals("gateway_unknown") ? Status.FORBIDDEN_403 : Status.CONFLICT_409, "invalid_request_error", reason);
        }
    }

    private void one(ServerRequest request, ServerResponse response) {
        Hash id = Hash.fromHex(request.path().pathParameters().get("id"));
        Optional<JobCase> job = store.find(id);
        if (job.isEmpty()) {
            ApiErrors.send(response, Status.NOT_FOUND_404, "invalid_request_error", new Reason("job_unknown", "nothing is known of job " + id));
            return;
        }
        json(response, json(job.get()));
    }

    private void page(ServerRequest request, ServerResponse response) {
        Optional<JobState> state = request.query().first("state").asOptional().map(JobState::ofWireName);
        Optional<Hash> after = request.query().first("after").asOptional().map(Hash::fromHex);
        int limit = request.query().first("limit").asOptional().map(JobsApi::limit).orElse(DEFAULT_PAGE);
        List<JobCase> jobs = store.page(state, after, limit);
        ObjectNode answer = Fields.object();
        ArrayNode list = answer.putArray("jobs");
        jobs.forEach(job -> list.add(json(job)));
        if (jobs.size() == limit) {
            answer.put("after", jobs.getLast().id().hex());
        }
        json(response, answer);
    }

    static int limit(String text) {
        if (text.matches("[0-9]{1,4}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= MAX_PAGE) {
            return Integer.parseInt(text);
        }
        throw new ProtocolException("limit_range", "limit must be 1 to " + MAX_PAGE);
    }

    private static ObjectNode json(JobCase job) {
        ObjectNode json = Fields.object().put("job", job.id().hex()).put("state", job.state().wireName()).put("code", job.reason().code())
            .put("reason", job.reason().message()).put("charge", Long.toString(job.charge())).put("refund", Long.toString(job.refund()));
        job.batchSeq().ifPresent(seq -> json.put("batch", seq));
        job.record().ifPresent(record -> record(json, record));
        job.receipt().ifPresent(recorded -> {
            Receipt receipt = recorded.receipt().receipt();
            json.put("node", receipt.node().toBase58()).put("tier", receipt.tier().wireName()).put("mint", receipt.mint().toBase58())
                .put("receiptHash", receipt.hash().hex()).put("receipt", Base64.getEncoder().encodeToString(receipt.encode()))
                .put("signature", recorded.receipt().signature().base64());
        });
        job.sample().ifPresent(sample -> json.put("sampled", sample.draws(job.id())));
        job.replay().ifPresent(replay -> json.put("replayedBy", replay.node().toBase58()));
        return json;
    }

    private static void record(ObjectNode json, GatewayRecord record) {
        json.put("gateway", record.gateway().toBase58()).put("outcome", record.outcome().wireName()).put("mint", record.payment().mint().toBase58());
        record.assignment().ifPresent(signed -> json.put("node", signed.assignment().node().toBase58()).put("tier", signed.assignment().tier().wireName()));
        switch (record.payment()) {
            case PaymentRecord.Exact exact -> json.put("payment", "exact").put("payer", exact.payer().toBase58()).put("amount", Long.toString(exact.amount()))
                .put("transaction", exact.transaction().base58());
            case PaymentRecord.ByVoucher by -> json.put("payment", "voucher").put("escrow", by.voucher().escrow().toBase58());
        }
    }

    static void json(ServerResponse response, ObjectNode json) {
        response.header(HeaderNames.CONTENT_TYPE, "application/json").send(json.toString());
    }
}
