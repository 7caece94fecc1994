package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.gateway.account.SignIn;
import network.nyxos.gateway.job.Job;
import network.nyxos.gateway.job.JobState;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.PaymentException;
import network.nyxos.gateway.store.JobStore;
import network.nyxos.gateway.store.SignInStore;
import software.sava.core.accounts.PublicKey;

/// What a wallet has bought, for whoever signs in with it: `402` with x402's `sign-in-with-x` and nothing to pay, until it does.
final class PurchaseRoutes {
    private static final HeaderName SIGN_IN = HeaderNames.create("SIGN-IN-WITH-X");
    private static final String REQUIRED = "sign_in_required";
    private static final Duration PATIENCE = Duration.ofSeconds(25);
    private static final int USUAL = 20;
    private static final int MOST = 100;

    private final SignIn signIn;
    private final SignInStore used;
    private final JobStore jobs;
    private final JobView view;
    private final Answers answers;
    private final Neighbours neighbours;
    private final Origin origin;

    PurchaseRoutes(SignIn signIn, SignInStore used, JobStore jobs, JobView view, Answers answers, Neighbours neighbours, Origin origin) {
        this.signIn = signIn;
        this.used = used;
        this.jobs = jobs;
        this.view = view;
        this.answers = answers;
        this.neighbours = neighbours;
        this.origin = origin;
    }

    /// `GET /v1/purchases`: the wallet's jobs, the newest first.
    void purchases(ServerRequest request, ServerResponse response) {
        wallet(request, response).ifPresent(wallet -> {
            int limit = Http.number(request, "limit", USUAL, 1, MOST);
            Optional<Hash> after = Http.parameter(request, "after").map(PurchaseRoutes::id);
            List<JobStore.Purchase> found = jobs.purchases(wallet, after, limit + 1);
            ObjectNode root = JsonNodeFactory.instance.objectNode().put("wallet", wallet.toBase58());
            ArrayNode list = root.putArray("purchases");
            found.stream().limit(limit).forEach(each -> list.add(view.of(each.job()).put("createdMs", each.created().toEpochMilli())));
            if (found.size() > limit) {
                root.put("after", found.get(limit - 1).job().id().hex());
            }
            response.header(HeaderNames.CACHE_CONTROL, "private, no-store");
            Http.json(response, 200, Json.bytes(root));
        });
    }

    /// `GET /v1/purchases/{id}/reply`: the reply of a named purchase, as it was sent, while it is held.
    void reply(ServerRequest request, ServerResponse response) {
        Hash id = id(request.path().pathParameters().get("id"));
        Optional<Job> job = jobs.find(id);
        // Handed on before the sign-in is used up: it lets the wallet in once.
        boolean elsewhere = job.isPresent() && !answers.has(id) && request.headers().contains(SIGN_IN);
        if (elsewhere && neighbours.handOn(job.get().runner(), request, new byte[0], response)) {
            return;
        }
        wallet(request, response).ifPresent(wallet -> {
            response.header(HeaderNames.CACHE_CONTROL, "private, no-store");
            // Of another wallet's job nothing is said, not even that there is one.
            Job bought = job.filter(each -> jobs.isBoughtBy(each, wallet))
                .orElseThrow(() -> ApiException.refused(404, "job_not_found", "this wallet has bought no such job here"));
            Answers.Whole whole = answers.await(id, PATIENCE).orElseThrow(() -> bought.state() == JobState.RUNNING
                ? ApiException.unavailable("request_in_progress", "this job is being served; ask again", 1)
                : ApiException.refused(410, "reply_gone", "replies are held for a short while, in memory, and only of purchases that were named; see GET /v1/jobs/" + id.hex()));
            whole.send(response);
        });
    }

    private static Hash id(String hex) {
        try {
            return Hash.fromHex(hex);
        } catch (ProtocolException e) {
            throw ApiException.badRequest("invalid_job_id", "id", e.getMessage());
        }
    }

    /// The wallet that signed in; without one, the answer says how to.
    private Optional<PublicKey> wallet(ServerRequest request, ServerResponse response) {
        URI resource = URI.create(origin.own(request) + request.path().rawPath());
        Optional<String> header = Http.once(request, SIGN_IN);
        if (header.isEmpty()) {
            ask(response, resource, REQUIRED, "sign in with the wallet that paid, as the header PAYMENT-REQUIRED says (sign-in-with-x); there is nothing to pay");
            return Optional.empty();
        }
        try {
            SignIn.Proof proof = signIn.verify(header.get(), resource);
            if (!used.use(proof)) {
                throw new PaymentException(SignIn.NONCE, "this sign-in was used before; sign a new challenge");
            }
            return Optional.of(proof.wallet());
        } catch (PaymentException e) {
            ask(response, resource, e.code(), e.getMessage());
            return Optional.empty();
        }
    }

    private void ask(ServerResponse response, URI resource, String code, String message) {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("x402Version", 2).put("error", code);
        root.putObject("resource").put("url", resource.toString()).put("description", "What a wallet has bought").put("mimeType", "application/json");
        root.putArray("accepts");
        root.putObject("extensions").set(SignIn.KEY, signIn.challenge(resource));
        Http.error(response, ApiException.refused(402, code, message).withHeader(Http.PAYMENT_REQUIRED.defaultCase(), Json.toHeader(root)));
    }
}
