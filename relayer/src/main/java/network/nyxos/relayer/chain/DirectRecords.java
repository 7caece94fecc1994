package network.nyxos.relayer.chain;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import network.nyxos.chain.Account;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.program.DirectState;
import network.nyxos.escrow.program.escrow.Direct;
import network.nyxos.relayer.gate.DirectJobs;
import software.sava.core.accounts.PublicKey;

/// Records of jobs that nodes settled by themselves, as they are on chain now.
final class DirectRecords {
    private final SolanaRpc rpc;
    private final PublicKey program;

    /// @param program the escrow program
    DirectRecords(SolanaRpc rpc, PublicKey program) {
        this.rpc = rpc;
        this.program = program;
    }

    /// Those of an open escrow: while it is open, none of its records is closed.
    DirectJobs of(PublicKey escrow) {
        List<Direct> records = list(AccountFilter.key(Direct.OFFSET_ESCROW, escrow));
        long charged = records.stream().filter(record -> DirectState.of(record) != DirectState.RETURNED).mapToLong(Direct::charge).reduce(0, Math::addExact);
        return new DirectJobs(charged, records.stream().filter(record -> DirectState.of(record).pays()).map(Direct::job).collect(Collectors.toUnmodifiableSet()));
    }

    /// Whether a node is paid by this record, or will be unless somebody voids it; empty when there is no such record, or none any more.
    Optional<Boolean> pays(PublicKey record) {
        return rpc.account(record, Commitment.CONFIRMED).filter(account -> account.owner().equals(program)).map(Account::data).filter(Direct::matches)
            .map(Direct::decode).map(found -> DirectState.of(found).pays());
    }

    /// Records of a pool that still hold what was charged.
    List<Direct> holding(PublicKey pool) {
        return list(AccountFilter.key(Direct.OFFSET_POOL, pool)).stream().filter(record -> DirectState.of(record).holds()).toList();
    }

    private List<Direct> list(AccountFilter which) {
        return rpc.programAccounts(program, List.of(new AccountFilter.Size(Direct.SIZE), which), Commitment.CONFIRMED).stream().map(Account::data)
            .filter(Direct::matches).map(Direct::decode).toList();
    }
}
