package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.format.Format;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.gateway.checkout.Admission;
import network.nyxos.gateway.checkout.Hold;
import network.nyxos.gateway.job.Delivered;
import network.nyxos.gateway.job.JobLostException;
import network.nyxos.gateway.job.JobResult;
import network.nyxos.gateway.job.JobRunner;
import network.nyxos.gateway.job.ReplySink;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.openai.ChatRequest;
import network.nyxos.gateway.openai.EmbeddingReplies;
import network.nyxos.gateway.openai.EmbeddingRequest;
import network.nyxos.gateway.openai.Replies;
import network.nyxos.gateway.openai.Served;
import network.nyxos.gateway.openai.ServiceRequest;
import network.nyxos.gateway.openai.Usage;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.OfferReceipt;
import network.nyxos.gateway.payment.SettlementResponse;
import network.nyxos.gateway.route.Routing;
import network.nyxos.gateway.store.JobStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Gets requests served that were paid for, and writes what comes of it as OpenAI's clients read it, or as a service said it, whatever it is sent over.
final class Serving {
    private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

    private final JobRunner runner;
    private final JobStore jobs;
    private final Answers answers;
    private final OfferReceipt signed;
    private final InstantSource clock;
    private final MeterRegistry meters;

    Serving(JobRunner runner, JobStore jobs, Answers answers, OfferReceipt signed, InstantSource clock, MeterRegistry meters) {
        this.runner = runner;
        this.jobs = jobs;
        this.answers = answers;
        this.signed = signed;
        this.clock = clock;
        this.meters = meters;
    }

    /// A request that was served whole.
    ///
    /// @param reply      OpenAI's JSON, or a service's own
    /// @param settlement what became of the payment, with the receipt for it
    /// @param routing    why which node served it
    /// @param served     of a service's reply the value of `Nyxos-Served`: the member `nyxos` that other replies have
    record Done(byte[] reply, SettlementResponse settlement, Routing routing, Optional<String> served) {
    }

    /// One request on its way.
    private final class Work implements AutoCloseable {
        private final Admission.Paid paid;
        private final String resource;
        private final Routing routing = new Routing();
        private final Optional<Answers.Answer> kept;

        Work(Admission.Paid paid, String resource) {
            this.paid = paid;
            this.resource = resource;
            this.kept = paid.named() ? Optional.of(answers.begin(paid.job())) : Optional.empty();
        }

        private Replies replies(ChatRequest chat) {
            return new Replies(chat.written(), paid.job().hex(), chat.model(), clock.millis() / 1_000, chat.choices(), chat.includeUsage(), chat.format().filter(Format.Calls.class::isInstance).isPresent(),
                chat.topLogprobs().isPresent());
        }

        /// Runs the job. What it held is free again before its client learns that it is over, and may send the next.
        private JobResult run(ReplySink sink) {
            try (Hold held = paid.hold()) {
                JobResult result = runner.run(paid.job(), paid.order(), held.place(), sink, routing);
                meters.counter("nyxos.gateway.jobs", "outcome", result instanceof JobResult.Served ? "served" : "failed").increment();
                return result;
            }
        }

        Done whole() {
            return switch (paid.order().request()) {
                case ChatRequest chat -> {
                    var text = new WholeReply(chat.choices());
                    JobResult.Served served = served(run(text));
                    Receipt receipt = served.receipt().receipt();
                    Served told = told(served);
                    yield done(replies(chat).whole(text.said(finishes(served)), usage(receipt), told), told, Optional.empty());
                }
                case EmbeddingRequest _, ServiceRequest _ -> {
                    JobResult.Served served = served(run(ReplySink.NONE));
                    yield done(served, told(served));
                }
            };
        }

        private Done done(JobResult.Served served, Served told) {
            return switch (served.delivered()) {
                case Delivered.Vectors vectors when paid.order().request() instanceof EmbeddingRequest embedding ->
                    done(EmbeddingReplies.whole(embedding, vectors.all(), usage(served.receipt().receipt()), told), told, Optional.empty());
                case Delivered.Output output -> done(output.body().bytes(), told, Optional.of(Json.toHeader(Replies.nyxos(told))));
                case Delivered.Text _, Delivered.Vectors _ -> throw new IllegalStateException("a node's reply is of what was asked for");
            };
        }

        private JobResult.Served served(JobResult result) {
            return switch (result) {
                case JobResult.Served served -> served;
                case JobResult.Failed failed -> throw failure(failed);
            };
        }

        private Done done(byte[] reply, Served told, Optional<String> header) {
            SettlementResponse settlement = paid.response().with(OfferReceipt.KEY, OfferReceipt.inSettlement(told.paid()));
            kept.ifPresent(answer -> {
                answer.write(reply);
                answer.done(Http.JSON, Json.toHeader(settlement.toJson()), header);
            });
            return new Done(reply, settlement, routing, header);
        }

        void stream(ChatRequest chat, ServerResponse response) {
            Replies replies = replies(chat);
            var out = new StreamReply(response, replies, routing, kept.map(answer -> new StreamReply.Kept(answer, Json.toHeader(paid.response().toJson()))));
            try {
                switch (run(out)) {
                    case JobResult.Served served -> {
                        Receipt receipt = served.receipt().receipt();
                        out.end(replies.ending(finishes(served), usage(receipt), told(served)));
                    }
                    case JobResult.Failed failed -> fail(out, failure(failed));
                }
            } catch (JobLostException e) {
                fail(out, lost(paid, e));
            }
        }

        private static void fail(StreamReply out, ApiException failure) {
            if (!out.begun()) {
                throw failure;
            }
            out.fail(Replies.failure(failure));
        }

        @Override
        public void close() {
            kept.ifPresent(Answers.Answer::close);
            jobs.served(paid.job());
        }

        private Served told(JobResult.Served served) {
            ObjectNode receipt = signed.receipt(resource, paid.response().payer().map(PublicKey::toBase58).orElse(""), paid.response().transaction());
            return new Served(paid.job(), paid.order().request().tier(), paid.order().mint(), served.receipt().receipt().charge(), served.assignment(), served.receipt(), served.delivered().choices(), served.used(), routing,
                receipt);
        }

        private ApiException failure(JobResult.Failed failed) {
            String money = switch (paid.order().payment()) {
                case EXACT -> "; the payment goes back to the payer";
                case VOUCHER -> "; nothing was charged";
            };
            ApiException failure = failed.clientsFault() ? ApiException.badRequest(failed.code(), failed.message() + money)
                : ApiException.failed(502, failed.code(), failed.message() + money);
            return failure.with("job", paid.job().hex());
        }
    }

    private static List<Finish> finishes(JobResult.Served served) {
        return served.delivered().choices().stream().map(ReplyChoice::finish).toList();
    }

    private static Usage usage(Receipt receipt) {
        return new Usage(receipt.tokensIn(), receipt.tokensOut());
    }

    /// Serves a request and gives its reply when it is whole.
    ///
    /// @param resource what was paid for
    /// @throws ApiException when it was not served
    Done whole(Admission.Paid paid, String resource) {
        try (var work = new Work(paid, resource)) {
            return work.whole();
        } catch (JobLostException e) {
            throw lost(paid, e);
        }
    }

    /// Serves a chat and sends its reply as it comes.
    ///
    /// @param chat     what was asked for
    /// @param resource what was paid for
    /// @throws ApiException when it was not served, and nothing was sent
    void stream(Admission.Paid paid, ChatRequest chat, String resource, ServerResponse response) {
        try (var work = new Work(paid, resource)) {
            work.stream(chat, response);
        }
    }

    private static ApiException lost(Admission.Paid paid, JobLostException e) {
        LOG.error("{}", e.getMessage());
        return ApiException.failed(500, "job_lost", "the job was taken from this gateway; what was paid goes back").with("job", paid.job().hex());
    }
}
