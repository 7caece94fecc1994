package network.nyxos.gateway.web;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import network.nyxos.chain.DatabaseException;
import network.nyxos.chain.RpcException;
import network.nyxos.gateway.openai.ApiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns whatever goes wrong into an answer that says so without saying more than the client may know.
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);
    private static final Set<Integer> TURNED_AWAY = Set.of(429, 503);
    private static final int RETRY_SECONDS = 5;

    private final MeterRegistry meters;

    Failures(MeterRegistry meters) {
        this.meters = meters;
    }

    /// What the client is told.
    ///
    /// @param id    of the answer, for the log
    /// @param asked what was asked, for the log
    ApiException told(RuntimeException failure, String id, String asked) {
        ApiException told = translated(failure, id, asked);
        if (TURNED_AWAY.contains(told.status())) {
            meters.counter("nyxos.gateway.refusals", "code", told.code()).increment();
        }
        return told;
    }

    private static ApiException translated(RuntimeException failure, String id, String asked) {
        return switch (failure) {
            case ApiException e -> e;
            case DatabaseException e -> {
                LOG.error("{} {}: {}", id, asked, e.getMessage());
                yield ApiException.unavailable("storage_unavailable", "the gateway cannot reach its database; try the same request again", RETRY_SECONDS);
            }
            case RpcException e -> {
                LOG.error("{} {}: {}", id, asked, e.getMessage());
                yield ApiException.unavailable("chain_unavailable", "the gateway cannot reach the chain; try the same request again", RETRY_SECONDS);
            }
            default -> {
                LOG.error("{} {} failed", id, asked, failure);
                yield ApiException.failed(500, "internal_error", "the gateway failed; if you paid, the payment is served once or goes back");
            }
        };
    }
}
