package network.nyxos.relayer.dispute;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Slash;
import network.nyxos.relayer.batch.VerifierSignature;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// One node's part in a dispute.
///
/// @param evidence    the papers' hash
/// @param job         what they are about
/// @param accused     whose bond is at stake: the node that served the job, or the one that replayed it
/// @param state       how far it has come
/// @param reason      why
/// @param openedMs    since when there is the dispute
/// @param program     whether the registry's program is to decide; once it is not, the verifiers are
/// @param rewarded    whether the other node is to be rewarded; not once verifiers have said that it lied, too
/// @param slash       what is taken, once a quorum has signed it
/// @param signatures  theirs
/// @param transaction that took the bond, base58
public record SlashCase(Hash evidence, Hash job, PublicKey accused, SlashState state, Reason reason, long openedMs, boolean program, boolean rewarded, Optional<Slash> slash,
                        List<VerifierSignature> signatures, Optional<String> transaction) {
    /// Copies.
    public SlashCase {
        signatures = List.copyOf(signatures);
    }
}
