package network.nyxos.gateway.client;

import java.util.Optional;

/// A request that a gateway did not serve.
public final class AgentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final transient Optional<String> job;

    /// @param status HTTP status; 0 where there was no answer
    /// @param code   the gateway's stable code, or one of this client: `gateway_unreachable`, `gateway_malformed`, `stream_broken`, `interrupted`,
    ///               `not_offered`, `too_expensive`, `no_blockhash`, `receipt_malformed`, `receipt_invalid`, `book_malformed`, `book_unwritable`,
    ///               `no_trusted_node`, `registry_unreachable`, `reply_seal_broken`, `offer_other`, `transaction_other`, and those of {@link PayingProxy}: `invalid_api_key`, `budget_spent`
    /// @param message what was wrong and what to do
    /// @param job    the job, where there is one
    public AgentException(int status, String code, String message, Optional<String> job) {
        super(message);
        this.status = status;
        this.code = code;
        this.job = job;
    }

    /// Whether the gateway itself said that the request failed. Otherwise it may have been served, and be charged.
    boolean isFinal() {
        return status != 0 && !code.equals("stream_broken") && !code.equals("gateway_malformed");
    }

    /// HTTP status; 0 where there was no answer.
    public int status() {
        return status;
    }

    /// The stable code.
    public String code() {
        return code;
    }

    /// The job in hexadecimal, where there is one: `GET /v1/jobs/{id}` says what has become of it.
    public Optional<String> job() {
        return job;
    }
}
