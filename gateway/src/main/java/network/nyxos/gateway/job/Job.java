package network.nyxos.gateway.job;

import java.util.Optional;
import java.util.UUID;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.wire.PaymentRecord;

/// A job as it is stored: hashes, keys and amounts, nothing of what was said.
///
/// @param id          see {@link network.nyxos.escrow.job.JobId}
/// @param payment     how it is paid, with everything that proves it
/// @param state       where it stands
/// @param reason      why it failed, `code: message`; empty otherwise
/// @param ceiling     the most it may cost, base units
/// @param charge      what it cost; 0 until executed
/// @param requestHash the request that it answers; empty while a payment waits for its request
/// @param model       the model's name; likewise
/// @param tier        likewise
/// @param assignment  the one in force
/// @param runner      the gateway instance that serves it
public record Job(Hash id, PaymentRecord payment, JobState state, String reason, long ceiling, long charge, Optional<Hash> requestHash, Optional<String> model,
                  Optional<Tier> tier, Optional<SignedAssignment> assignment, Optional<UUID> runner) {
    /// How it is paid.
    public Payment kind() {
        return payment instanceof PaymentRecord.Exact ? Payment.EXACT : Payment.VOUCHER;
    }
}
