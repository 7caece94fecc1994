package network.nyxos.relayer.verifier;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.wire.SignatureHeader;
import network.nyxos.relayer.attest.Panel;
import network.nyxos.relayer.attest.RecordDraft;
import network.nyxos.relayer.attest.RecordQuorum;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.batch.Rulers;
import network.nyxos.relayer.batch.VerifierSignature;
import network.nyxos.relayer.dispute.SlashDraft;
import network.nyxos.relayer.dispute.SlashQuorum;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.DisputeJson;
import network.nyxos.relayer.wire.EvidenceJson;
import network.nyxos.relayer.wire.Fields;
import software.sava.core.accounts.PublicKey;

/// Asks the market's verifiers over HTTP. Their signatures are checked here, so that a broken answer is not posted.
public final class VerifierClient implements Quorum, RecordQuorum, SlashQuorum, AutoCloseable {
    private static final int MAX_ANSWER = 64 * 1024;

    private final HttpClient http;
    private final List<Endpoint> verifiers;
    private final Supplier<Rulers> rulers;
    private final Programs programs;
    private final Keypair operator;
    private final Duration timeout;

    /// Where a verifier answers.
    ///
    /// @param key its key, one of the market's verifiers
    /// @param url `http(s)://host:port`
    public record Endpoint(PublicKey key, URI url) {
    }

    /// @param verifiers     where they answer: the market's, and those that are to be; asked are the market's of the moment
    /// @param rulers        whose word counts now, read off the chain each time
    /// @param programs      the two programs
    /// @param operator      signs the proposals
    /// @param timeout       for one answer
    /// @throws ProtocolException `config_verifiers` when one comes twice, or fewer of the market's are named than its threshold
    public VerifierClient(List<Endpoint> verifiers, Supplier<Rulers> rulers, Programs programs, Keypair operator, Duration timeout) {
        Rulers now = rulers.get();
        if (verifiers.stream().map(Endpoint::key).distinct().count() != verifiers.size()
            || verifiers.stream().filter(endpoint -> now.verifiers().contains(endpoint.key())).count() < now.threshold()) {
            throw new ProtocolException("config_verifiers", "name at least " + now.threshold() + " distinct verifiers of the market");
        }
        this.http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).version(HttpClient.Version.HTTP_1_1).build();
        this.verifiers = List.copyOf(verifiers);
        this.rulers = rulers;
        this.programs = programs;
        this.operator = operator;
        this.timeout = timeout;
    }

    private sealed interface Answer {
    }

    private record Signed(VerifierSignature signature) implements Answer {
    }

    private record Refused(Refusal refusal) implements Answer {
    }

    @Override
    public Answers ask(BatchDocument batch) {
        Rulers now = rulers.get();
        return ask("/v1/verify", BatchJson.write(batch), batch.header().digest(programs.escrow()), now.threshold(), now.verifiers());
    }

    @Override
    public Answers ask(RecordDraft draft, Panel panel) {
        return ask("/v1/attest", EvidenceJson.write(draft), draft.digest(programs, panel.config()), panel.threshold(), panel.verifiers());
    }

    @Override
    public Answers ask(SlashDraft draft, Panel panel) {
        return ask("/v1/slash", DisputeJson.write(draft), draft.digest(programs, panel.config()), panel.threshold(), panel.verifiers());
    }

    private Answers ask(String path, ObjectNode question, Hash digest, int threshold, List<PublicKey> whose) {
        byte[] body = question.toString().getBytes(StandardCharsets.UTF_8);
        String header = SignatureHeader.of(operator, Digests.proposal(body));
        List<CompletableFuture<Answer>> asked = verifiers.stream().filter(endpoint -> whose.contains(endpoint.key()))
            .map(verifier -> ask(verifier, path, body, header, digest)).toList();
        var signatures = new ArrayList<VerifierSignature>();
        var refusals = new ArrayList<Refusal>();
        for (CompletableFuture<Answer> answer : asked) {
            switch (answer.join()) {
                case Signed(VerifierSignature signature) -> signatures.add(signature);
                case Refused(Refusal refusal) -> refusals.add(refusal);
            }
        }
        return new Answers(threshold, signatures, refusals);
    }

    private CompletableFuture<Answer> ask(Endpoint verifier, String path, byte[] body, String header, Hash digest) {
        HttpRequest request = HttpRequest.newBuilder(verifier.url().resolve(path)).timeout(timeout).header("Content-Type", "application/json")
            .header(SignatureHeader.NAME, header).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenApply(response -> read(verifier, response, digest))
            .exceptionally(failure -> unavailable(verifier, failure));
    }

    private static Answer unavailable(Endpoint verifier, Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String code = cause instanceof IOException ? "verifier_unreachable" : "verifier_answer";
        return new Refused(new Refusal(verifier.key(), new Reason(code, String.valueOf(cause.getMessage())), Optional.empty(), true));
    }

    private static Answer read(Endpoint verifier, HttpResponse<String> response, Hash digest) {
        if (response.body().length() > MAX_ANSWER) {
            throw new ProtocolException("verifier_answer", "the answer is too long");
        }
        Fields json = Fields.parse(response.body());
        if (json.has("refused")) {
            Fields refused = json.child("refused");
            return new Refused(new Refusal(verifier.key(), new Reason(refused.text("code"), refused.text("message")),
                refused.has("job") ? Optional.of(refused.hash("job")) : Optional.empty(), refused.flag("again")));
        }
        if (json.has("error")) {
            Fields error = json.child("error");
            return new Refused(new Refusal(verifier.key(), new Reason(error.text("code"), error.text("message")), Optional.empty(), true));
        }
        Signature signature = json.signature("signature");
        if (!json.key("verifier").equals(verifier.key()) || !Ed25519.fastest().verify(verifier.key(), digest.bytes(), signature)) {
            throw new ProtocolException("verifier_answer", "the signature is not this verifier's over what it was asked to sign");
        }
        return new Signed(new VerifierSignature(verifier.key(), signature));
    }

    @Override
    public void close() {
        http.close();
    }
}
