package network.nyxos.gateway.job;

/// What can happen to a job.
public sealed interface JobEvent {
    /// The transfer is on chain.
    record Settled() implements JobEvent {
    }

    /// The transfer will never be on chain.
    record SettlementFailed() implements JobEvent {
    }

    /// Somebody serves it from now on.
    record Started() implements JobEvent {
    }

    /// It was served and the receipt is good.
    record Served() implements JobEvent {
    }

    /// It was not and will not be served.
    record Failed() implements JobEvent {
    }
}
