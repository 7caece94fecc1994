package network.nyxos.gateway.web;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.gateway.checkout.Admission;
import network.nyxos.gateway.job.Job;
import network.nyxos.gateway.job.JobState;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.SettlementResponse;

/// Replies whose payers gave their purchase a name, so that they may ask for them again. In memory and for a while only: nothing of a reply is ever written
/// anywhere. Thread-safe.
final class Answers {
    // Short of what proxies and clients wait for an answer.
    private static final Duration REPEAT_PATIENCE = Duration.ofSeconds(25);

    private final long mostBytes;
    private final Duration keep;
    private final InstantSource clock;
    // In the order in which they were begun.
    private final Map<Hash, Answer> all = new LinkedHashMap<>();

    /// @param mostBytes of whole answers together; the oldest go first
    /// @param keep      how long a whole answer is kept
    Answers(long mostBytes, Duration keep, InstantSource clock) {
        this.mostBytes = mostBytes;
        this.keep = keep;
        this.clock = clock;
    }

    /// What was sent, as it was sent.
    ///
    /// @param contentType of the body
    /// @param settlement  the value of `PAYMENT-RESPONSE`
    /// @param served      the value of `Nyxos-Served`, of a body that is a service's own
    /// @param body        to its end
    record Whole(String contentType, String settlement, Optional<String> served, byte[] body) {
        /// Sends it once more.
        void send(ServerResponse response) {
            response.header(HeaderNames.create(SettlementResponse.header(2)), settlement).header(Http.REPLAYED, "true");
            served.ifPresent(told -> Http.strangers(response, told));
            response.status(200).header(HeaderNames.CONTENT_TYPE, contentType).send(body);
        }
    }

    /// An answer on its way.
    final class Answer {
        private final Hash job;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final CompletableFuture<Optional<Whole>> end = new CompletableFuture<>();
        private volatile Instant ended = Instant.MAX;

        private Answer(Hash job) {
            this.job = job;
        }

        /// More of the body. By one thread at a time.
        void write(byte[] more) {
            body.writeBytes(more);
        }

        /// The body is whole.
        ///
        /// @param settlement the value of `PAYMENT-RESPONSE`
        void done(String contentType, String settlement) {
            done(contentType, settlement, Optional.empty());
        }

        /// The body is whole.
        ///
        /// @param settlement the value of `PAYMENT-RESPONSE`
        /// @param served     the value of `Nyxos-Served`
        void done(String contentType, String settlement, Optional<String> served) {
            ended = clock.instant();
            end.complete(Optional.of(new Whole(contentType, settlement, served, body.toByteArray())));
            prune();
        }

        /// Ends it, if it is not whole: it was not served, and what has become of it is for the checkout to say.
        void close() {
            if (end.complete(Optional.empty())) {
                forget(job);
            }
        }

        private int length() {
            return end.isDone() ? body.size() : 0;
        }
    }

    /// Begins an answer.
    Answer begin(Hash job) {
        var answer = new Answer(job);
        synchronized (all) {
            all.put(job, answer);
        }
        return answer;
    }

    /// Whether there is an answer, whole or on its way.
    boolean has(Hash job) {
        prune();
        synchronized (all) {
            return all.containsKey(job);
        }
    }

    /// Waits until an answer is whole.
    ///
    /// @return empty when it is not by then, when it failed, or when it is not there
    Optional<Whole> await(Hash job, Duration patience) {
        Answer answer;
        synchronized (all) {
            answer = all.get(job);
        }
        if (answer == null) {
            return Optional.empty();
        }
        try {
            return answer.end.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of an answer is never an exception", e);
        }
    }

    /// The reply of a purchase that is asked for again under its name, waited for if it is on its way.
    ///
    /// @throws ApiException 503 `request_in_progress` while it is not whole, 410 `reply_gone` when it is not held any more
    Whole again(Admission.Repeated again) {
        Job job = again.job();
        return await(job.id(), REPEAT_PATIENCE).orElseThrow(() -> job.state() == JobState.RUNNING
            ? ApiException.unavailable("request_in_progress", "this request is being served; send it again, it is charged once", 1).with("job", job.id().hex())
            : ApiException.refused(410, "reply_gone", "this request was served and is not charged again, but replies are held for a short while and in memory only;"
                + " its charge and receipt are at /v1/jobs/" + job.id().hex()).with("job", job.id().hex())
                .withHeader(SettlementResponse.header(2), Json.toHeader(again.response().toJson())));
    }

    private void forget(Hash job) {
        synchronized (all) {
            all.remove(job);
        }
    }

    private void prune() {
        synchronized (all) {
            Instant oldest = clock.instant().minus(keep);
            all.values().removeIf(answer -> answer.ended.isBefore(oldest));
            long bytes = all.values().stream().mapToLong(Answer::length).sum();
            var each = all.values().iterator();
            while (bytes > mostBytes && each.hasNext()) {
                Answer eldest = each.next();
                if (eldest.end.isDone()) {
                    bytes -= eldest.length();
                    each.remove();
                }
            }
        }
    }
}
