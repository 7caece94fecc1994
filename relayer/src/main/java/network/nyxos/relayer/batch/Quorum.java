package network.nyxos.relayer.batch;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// The market's verifiers.
public interface Quorum {
    /// What a verifier said no to.
    ///
    /// @param verifier who
    /// @param reason   why
    /// @param job      the job it refuses; empty when it refuses the whole
    /// @param again    whether it may say yes later to the same
    record Refusal(PublicKey verifier, Reason reason, Optional<Hash> job, boolean again) {
    }

    /// The answers of those verifiers of the market, as it is when they are asked, whose address is known here.
    ///
    /// @param threshold  how many signatures the chain asks for
    /// @param signatures that verify over the batch's digest, of distinct verifiers of the market
    /// @param refusals   of the others, those that could not be reached among them
    record Answers(int threshold, List<VerifierSignature> signatures, List<Refusal> refusals) {
        /// Copies.
        public Answers {
            signatures = List.copyOf(signatures);
            refusals = List.copyOf(refusals);
        }

        /// How many refusals keep a quorum from coming about.
        public int blocking() {
            return signatures.size() + refusals.size() - threshold + 1;
        }
    }

    /// Asks all verifiers.
    Answers ask(BatchDocument batch);
}
