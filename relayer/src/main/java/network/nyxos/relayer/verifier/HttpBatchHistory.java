package network.nyxos.relayer.verifier;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Documents from a relayer's `GET /v1/batches`.
final class HttpBatchHistory implements BatchHistory, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpBatchHistory.class);

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).version(HttpClient.Version.HTTP_1_1).build();
    private final URI relayer;

    HttpBatchHistory(URI relayer) {
        this.relayer = relayer;
    }

    @Override
    public Optional<BatchDocument> document(PublicKey mint, long seq) {
        HttpRequest request = HttpRequest.newBuilder(relayer.resolve("/v1/batches/" + mint.toBase58() + "/" + seq)).timeout(Duration.ofSeconds(20)).build();
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return response.statusCode() == 200 ? Optional.of(BatchJson.read(Fields.parse(response.body()))) : Optional.empty();
        } catch (IOException | ProtocolException e) {
            LOG.warn("batch {} of mint {} cannot be had from {}: {}", seq, mint, relayer, e.getMessage());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
