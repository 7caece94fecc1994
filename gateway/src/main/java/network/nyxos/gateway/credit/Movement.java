package network.nyxos.gateway.credit;

import java.time.Instant;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.SignedReceipt;
import software.sava.core.accounts.PublicKey;

/// Something that a key's holder sees in its history.
///
/// @param id          place in the journal
/// @param escrow      the account
/// @param kind        `bought`, `received` (a transfer that nobody brought here), `spent`, `settled_unknown` (for a job that is not known here), `exited`, `returned`
/// @param amount      base units, more than 0
/// @param at          when it was written down
/// @param job         of what was spent
/// @param model       of the job
/// @param receipt     of the job
/// @param transaction of what was bought
public record Movement(long id, PublicKey escrow, String kind, long amount, Instant at, Optional<Hash> job, Optional<String> model, Optional<SignedReceipt> receipt,
                       Optional<Signature> transaction) {
}
