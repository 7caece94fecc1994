package network.nyxos.gateway.job;

import network.nyxos.escrow.crypto.Hash;

/// The job is not this gateway's any more: it was taken for dead, and the job was failed.
public final class JobLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param state where the job stands now
    public JobLostException(Hash job, JobState state) {
        super("job " + job + " is " + state.wireName() + " and not run by this gateway");
    }
}
