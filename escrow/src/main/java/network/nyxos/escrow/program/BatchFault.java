package network.nyxos.escrow.program;

import network.nyxos.escrow.ProtocolException;

/// What a batch can be shown to have done wrong, by what the chain alone says.
public enum BatchFault {
    /// It credits somebody less than the last final batch did.
    LOWERED(1),
    /// It leaves out a credit of the last final batch.
    OMITTED(2),
    /// Two of its leaves do not ascend.
    DISORDERED(3);

    private final int code;

    BatchFault(int code) {
        this.code = code;
    }

    /// The code in instruction and event: 1 to 3.
    public int code() {
        return code;
    }

    /// @throws ProtocolException `batch_fault_unknown`
    public static BatchFault ofCode(int code) {
        if (code < 1 || code > values().length) {
            throw new ProtocolException("batch_fault_unknown", "a fault of a batch is 1 to 3, this is " + code);
        }
        return values()[code - 1];
    }
}
