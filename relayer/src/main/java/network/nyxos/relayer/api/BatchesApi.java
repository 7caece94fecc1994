package network.nyxos.relayer.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.wire.ProofDocument;
import network.nyxos.relayer.batch.BatchRow;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import software.sava.core.accounts.PublicKey;

/// Batches and the proofs that follow from them: everything that anybody needs to check what was posted, and to claim.
public final class BatchesApi {
    private final BatchStore store;
    private final Map<PublicKey, PoolCalls> pools;
    private final Map<PublicKey, FinalTree> trees = new ConcurrentHashMap<>();

    private record FinalTree(long seq, CreditTree tree) {
    }

    /// @param pools by mint
    public BatchesApi(BatchStore store, Map<PublicKey, PoolCalls> pools) {
        this.store = store;
        this.pools = Map.copyOf(pools);
    }

    /// Adds the routes.
    public void route(HttpRouting.Builder routing) {
        routing.get("/v1/batches/{mint}/{seq}", this::batch).get("/v1/proofs/{mint}/{payee}/{kind}", this::proof);
    }

    private PublicKey mint(ServerRequest request) {
        PublicKey mint = Fields.key(request.path().pathParameters().get("mint"), "mint");
        if (!pools.containsKey(mint)) {
            throw new ProtocolException("mint_unknown", "mint " + mint + " has no pool here");
        }
        return mint;
    }

    private void batch(ServerRequest request, ServerResponse response) {
        PublicKey mint = mint(request);
        String text = request.path().pathParameters().get("seq");
        if (!text.matches("[0-9]{1,18}")) {
            throw new ProtocolException("sequence_malformed", "a sequence is a number");
        }
        Optional<BatchRow> batch = store.find(mint, Long.parseLong(text)).filter(found -> found.document().isPresent());
        if (batch.isEmpty()) {
            ApiErrors.send(response, Status.NOT_FOUND_404, "invalid_request_error", new Reason("batch_unknown", "there is no batch " + text + " of mint " + mint));
            return;
        }
        ObjectNode json = Fields.parse(batch.get().document().orElseThrow()).node();
        json.put("state", batch.get().state().wireName());
        batch.get().transaction().ifPresent(signature -> json.put("transaction", signature));
        ArrayNode signatures = json.putArray("signatures");
        batch.get().signatures().forEach(item -> signatures.addObject().put("verifier", item.verifier().toBase58()).put("signature", item.signature().base64()));
        JobsApi.json(response, json);
    }

    private void proof(ServerRequest request, ServerResponse response) {
        PublicKey mint = mint(request);
        PublicKey payee = Fields.key(request.path().pathParameters().get("payee"), "payee");
        CreditKind kind = kind(request.path().pathParameters().get("kind"));
        FinalTree latest = latest(mint);
        OptionalInt index = latest.tree.indexOf(payee, kind);
        if (latest.seq == 0 || index.isEmpty()) {
            ApiErrors.send(response, Status.NOT_FOUND_404, "invalid_request_error", new Reason("credit_unknown",
                payee + " has no " + kind.wireName() + " credits in the latest final batch of mint " + mint));
            return;
        }
        Credit credit = latest.tree.credits().get(index.getAsInt());
        var document = new ProofDocument(latest.seq, pools.get(mint).batch(latest.seq), index.getAsInt(), latest.tree.size(), credit.cumulative(),
            latest.tree.proof(index.getAsInt()));
        response.header(HeaderNames.CONTENT_TYPE, "application/json").send(document.encode());
    }

    private static CreditKind kind(String text) {
        return text.matches("[0-9]") ? CreditKind.ofCode(Integer.parseInt(text)) : BatchJson.kind(text);
    }

    private FinalTree latest(PublicKey mint) {
        long seq = store.finalSeq(mint);
        return trees.compute(mint, (key, known) -> {
            if (known != null && known.seq == seq) {
                return known;
            }
            BatchStore.Latest latest = store.latest(mint);
            return new FinalTree(latest.seq(), CreditTree.of(pools.get(mint).pool(), latest.ledger().credits()));
        });
    }
}
