package network.nyxos.gateway.job;

import java.util.OptionalLong;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;

/// Where what happens to running jobs is written down. Every method is idempotent, and has been stored when it returns.
public interface JobLedger {
    /// A node was given the job.
    ///
    /// @throws JobLostException when this gateway does not run the job any more
    void assigned(Hash job, SignedAssignment assignment);

    /// The job is done.
    ///
    /// @param receipt checked
    /// @return what its escrow has used so far, for a voucher
    /// @throws JobLostException when this gateway does not run the job any more
    OptionalLong executed(Hash job, SignedReceipt receipt);

    /// The job failed: the payment goes back, or the reservation ends.
    ///
    /// @param code    stable
    /// @param message for people
    void failed(Hash job, String code, String message);
}
