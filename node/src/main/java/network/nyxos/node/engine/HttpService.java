package network.nyxos.node.engine;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.ModelId;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.job.ServiceBody;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service behind one URL, which takes JSON by POST and answers JSON. Nothing of a client's but the body reaches it: no path, no query, no header, and no redirect is
 * followed. It is told the job in the header {@code Nyxos-Job}, so that it can know a call that another node began.
 */
public final class HttpService implements ServiceEngine {
    /** The engine's spec. */
    public static final String ENGINE = "http-service";

    private static final Logger LOG = LoggerFactory.getLogger(HttpService.class);
    private static final String JSON = "application/json";
    /** What says of a request that it is wrong, and would be elsewhere too. */
    private static final Set<Integer> REFUSALS = Set.of(400, 413, 422);

    private final ModelCard card;
    private final URI url;
    private final Duration limit;
    private final int most;
    private final HttpClient http;

    /**
     * A service.
     *
     * @param name  what clients call it
     * @param url   where it answers
     * @param limit how long a call may take, to the reply's last byte
     * @param most  bytes of a reply, 1 to {@value ServiceBody#MAX_REPLY}
     */
    public HttpService(String name, URI url, Duration limit, int most) {
        if (limit.isNegative() || limit.isZero() || most < 1 || most > ServiceBody.MAX_REPLY) {
            throw new IllegalArgumentException("a call of service '" + name + "' takes some time and gives 1 to " + ServiceBody.MAX_REPLY + " bytes");
        }
        this.card = new ModelCard(ModelId.ofService(name).hex(), name, ENGINE, ServiceBody.MAX_REQUEST, false, new ModelKind.Service());
        this.url = url;
        this.limit = limit;
        this.most = most;
        this.http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER).connectTimeout(limit).build();
    }

    @Override
    public ModelCard model() {
        return card;
    }

    @Override
    public ServiceBody call(Hash job, ServiceBody request, Cancellation cancellation) {
        HttpRequest question = HttpRequest.newBuilder(url).header("Content-Type", JSON).header("Accept", JSON).header("Nyxos-Job", job.hex())
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.bytes())).build();
        CompletableFuture<HttpResponse<byte[]>> asked = http.sendAsync(question, head -> head.statusCode() / 100 == 2 ? new AtMost(most) : new Unread());
        cancellation.onCancel(() -> asked.cancel(true));
        HttpResponse<byte[]> answer = answer(asked, cancellation);
        int status = answer.statusCode();
        if (status / 100 != 2) {
            // Its own words may be of what it was asked, and messages go to logs.
            throw REFUSALS.contains(status) ? new EngineException(EngineException.Code.SERVICE_REFUSED, "the service refused the request with status " + status)
                    : failed("the service answered with status " + status);
        }
        if (answer.headers().firstValue("Content-Type").filter(HttpService::json).isEmpty()) {
            throw failed("the service's answer is not of type application/json");
        }
        try {
            return ServiceBody.reply(answer.body());
        } catch (ProtocolException e) {
            throw new EngineException(EngineException.Code.SERVICE_FAILED, e.getMessage(), e);
        }
    }

    private HttpResponse<byte[]> answer(CompletableFuture<HttpResponse<byte[]>> asked, Cancellation cancellation) {
        try {
            return asked.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            asked.cancel(true);
            throw new EngineException(EngineException.Code.SERVICE_TIMEOUT, "the service took longer than " + limit.toMillis() + " ms");
        } catch (CancellationException e) {
            throw givenUp();
        } catch (ExecutionException e) {
            // A connection that is broken off may say so before the cancellation does.
            if (cancellation.cancelled()) {
                throw givenUp();
            }
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof EngineException known) {
                    throw known;
                }
            }
            // Where it is, is the provider's business alone; and what a client says of an answer that it cannot read may quote it.
            LOG.warn("service {} at {} did not answer: {}", card.name(), url, e.getCause().getClass().getSimpleName());
            throw failed("the service did not answer");
        } catch (InterruptedException e) {
            asked.cancel(true);
            Thread.currentThread().interrupt();
            throw failed("interrupted while the service worked");
        }
    }

    private static CancellationException givenUp() {
        return new CancellationException("the job was given up");
    }

    private static boolean json(String contentType) {
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return type.equals(JSON) || type.endsWith("+json");
    }

    private static EngineException failed(String message) {
        return new EngineException(EngineException.Code.SERVICE_FAILED, message);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    /** Takes a body as long as it is not too long. */
    private static final class AtMost implements HttpResponse.BodySubscriber<byte[]> {
        private final int most;
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private Flow.Subscription from;

        AtMost(int most) {
            this.most = most;
        }

        @Override
        public CompletionStage<byte[]> getBody() {
            return whole;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            from = subscription;
            from.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> parts) {
            for (ByteBuffer part : parts) {
                if (part.remaining() > most - taken.size()) {
                    from.cancel();
                    whole.completeExceptionally(new EngineException(EngineException.Code.SERVICE_REPLY_TOO_LARGE, "the service's reply has more than " + most + " bytes"));
                    return;
                }
                byte[] bytes = new byte[part.remaining()];
                part.get(bytes);
                taken.writeBytes(bytes);
            }
        }

        @Override
        public void onError(Throwable error) {
            whole.completeExceptionally(error);
        }

        @Override
        public void onComplete() {
            whole.complete(taken.toByteArray());
        }
    }

    /** Takes nothing: what comes with another status is not looked at, however long it is. */
    private static final class Unread implements HttpResponse.BodySubscriber<byte[]> {
        @Override
        public CompletionStage<byte[]> getBody() {
            return CompletableFuture.completedFuture(new byte[0]);
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.cancel();
        }

        @Override
        public void onNext(List<ByteBuffer> parts) {
            // Nothing was asked for.
        }

        @Override
        public void onError(Throwable error) {
            // The status is known, and all that counts.
        }

        @Override
        public void onComplete() {
            // As above.
        }
    }
}
