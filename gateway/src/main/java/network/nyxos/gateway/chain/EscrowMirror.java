package network.nyxos.gateway.chain;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.nyxos.chain.Account;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.gateway.credit.CreditAccount;
import network.nyxos.gateway.payment.EscrowState;
import network.nyxos.gateway.store.EscrowStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// The escrows of one market, in memory and in PostgreSQL, so that a voucher is judged without asking the chain. Refreshed as a whole: what a subscription
/// says only makes that happen sooner.
public final class EscrowMirror {
    private static final Logger LOG = LoggerFactory.getLogger(EscrowMirror.class);
    private static final int OPEN = 1;

    private final SolanaRpc rpc;
    private final PublicKey program;
    private final PublicKey market;
    private final EscrowStore store;
    private final Optional<PublicKey> creditMint;
    private final PublicKey sponsor;
    private final Map<PublicKey, EscrowState> escrows = new ConcurrentHashMap<>();

    /// @param program the escrow program
    /// @param market     whose escrows are followed
    /// @param creditMint whose prepaid escrows are accounts of credits, whoever opened them; empty: no mint's
    /// @param sponsor    who pays the rent of those that this gateway opens
    public EscrowMirror(SolanaRpc rpc, PublicKey program, PublicKey market, EscrowStore store, Optional<PublicKey> creditMint, PublicKey sponsor) {
        this.rpc = rpc;
        this.program = program;
        this.market = market;
        this.store = store;
        this.creditMint = creditMint;
        this.sponsor = sponsor;
    }

    /// Reads all of them. Stored before they can be found, so that what is found can be reserved from. One after the other: an escrow that an older answer lacks is not gone.
    public synchronized void refresh() {
        List<Account> accounts = rpc.programAccounts(program, List.of(new AccountFilter.Size(Escrow.SIZE), new AccountFilter.Bytes(0, Escrow.discriminator()),
            AccountFilter.key(Escrow.OFFSET_MARKET, market)), Commitment.CONFIRMED);
        var changed = new ArrayList<EscrowState>();
        var prepaid = new ArrayList<CreditAccount>();
        var present = new HashSet<PublicKey>();
        for (Account account : accounts) {
            present.add(account.address());
            read(account).filter(seen -> isNews(seen.state)).ifPresent(seen -> {
                changed.add(seen.state);
                seen.credits.ifPresent(prepaid::add);
            });
        }
        Set<PublicKey> gone = new HashSet<>(escrows.keySet());
        gone.removeAll(present);
        store.update(changed, prepaid);
        store.close(gone);
        changed.forEach(state -> escrows.put(state.address(), state));
        gone.forEach(escrows::remove);
    }

    /// An escrow as it was read.
    ///
    /// @param credits the account that it is, where it is one
    private record Seen(EscrowState state, Optional<CreditAccount> credits) {
    }

    private boolean isNews(EscrowState state) {
        EscrowState known = escrows.get(state.address());
        return known == null || state.slot() >= known.slot() && !state.equals(known.at(state.slot()));
    }

    private Optional<Seen> read(Account account) {
        try {
            Escrow escrow = Escrow.decode(account.data());
            if (escrow.deposited() < 0 || escrow.settled() < 0 || escrow.sessionLimit() < 0) {
                throw new BorshException("an amount is above 2^63");
            }
            var state = new EscrowState(account.address(), escrow.payer(), escrow.mint(), escrow.sessionKey(), escrow.state() != OPEN, escrow.deposited(),
                escrow.settled(), escrow.sessionExpires(), escrow.sessionLimit(), account.slot());
            Optional<CreditAccount> credits = Optional.of(escrow).filter(each -> each.prepaid() != 0 && creditMint.filter(each.mint()::equals).isPresent())
                .map(each -> new CreditAccount(account.address(), each.payer(), each.sessionKey(), each.mint(), each.openSlot(), CreditAccount.State.OPEN,
                    each.rentPayer().equals(sponsor), false));
            return Optional.of(new Seen(state, credits));
        } catch (BorshException e) {
            LOG.warn("escrow account {} is not understood and not served: {}", account.address(), e.getMessage());
            return Optional.empty();
        }
    }

    /// An escrow of our market.
    public Optional<EscrowState> find(PublicKey address) {
        return Optional.ofNullable(escrows.get(address));
    }

    /// How many there are.
    public int size() {
        return escrows.size();
    }
}
