package network.nyxos.gateway.credit;

import java.util.Optional;
import network.nyxos.gateway.payment.EscrowFunds;

/// All that the database says of one account, as of one moment.
///
/// @param account the account
/// @param kept    its amounts as they are kept
/// @param journal the same added up from the journal's entries
/// @param unknown of what was settled: for jobs that are not known here
/// @param escrow  what jobs are reserved from; empty until the escrow was seen on chain
public record Book(CreditAccount account, Amounts kept, Amounts journal, long unknown, Optional<EscrowFunds> escrow) {
}
