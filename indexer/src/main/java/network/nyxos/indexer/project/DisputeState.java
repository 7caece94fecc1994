package network.nyxos.indexer.project;

/// How a dispute stands.
public enum DisputeState implements AccountState {
    /// Somebody has to move.
    OPEN(0),
    /// The program found that the node has lied.
    PROVEN(1),
    /// The node did not answer in time.
    NODE_SILENT(2),
    /// The accuser did not go on in time.
    ACCUSER_SILENT(3),
    /// The accuser ended it.
    GIVEN_UP(4);

    private final int code;

    DisputeState(int code) {
        this.code = code;
    }

    /// The outcome's number, as the event of the end has it; 0 while there is none.
    @Override
    public int code() {
        return code;
    }
}
