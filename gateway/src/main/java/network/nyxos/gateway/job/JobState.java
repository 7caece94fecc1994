package network.nyxos.gateway.job;

/// Where a job stands at the gateway. What follows `EXECUTED` and `REFUNDING` is the relayer's to say.
public enum JobState {
    /// A transfer was sent, and what became of it is not known yet.
    PENDING("pending"),
    /// Paid for; nobody serves it yet.
    PAID("reserved"),
    /// Paid for or reserved, and being served.
    RUNNING("reserved"),
    /// Served; the receipt is good.
    EXECUTED("executed"),
    /// Failed after a transfer: the money goes back.
    REFUNDING("refunding"),
    /// Failed; nothing is debited from the escrow.
    RELEASED("released"),
    /// The transfer never took place: nothing was paid.
    REFUSED("refused");

    private final String wireName;

    JobState(String wireName) {
        this.wireName = wireName;
    }

    /// The name that clients see (protocol §10).
    public String wireName() {
        return wireName;
    }

    /// Whether nothing happens to it any more at the gateway.
    public boolean over() {
        return switch (this) {
            case PENDING, PAID, RUNNING -> false;
            case EXECUTED, REFUNDING, RELEASED, REFUSED -> true;
        };
    }
}
