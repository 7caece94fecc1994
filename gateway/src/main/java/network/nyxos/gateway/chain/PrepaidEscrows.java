package network.nyxos.gateway.chain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.Account;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.ConfirmedTransaction;
import network.nyxos.chain.LatestBlockhash;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.SignatureInfo;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionPlan;
import network.nyxos.chain.TransactionSender;
import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.PrepaidCalls;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.escrow.token.TokenAccounts;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.SignedTransaction;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.transaction.UnsignedTransaction;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.gateway.credit.CreditAccount;
import network.nyxos.gateway.credit.Departure;
import network.nyxos.gateway.credit.OnChain;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// Prepaid escrows of one pool on chain: opened, counted, left and closed at the sponsor's cost, and looked at. Every transaction has an intent, so that none is made
/// twice, whatever is lost on the way.
public final class PrepaidEscrows {
    /// Between two looks at an account that is about to be there: less than a slot.
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final int STATE_OPEN = 1;
    private static final int HISTORY = 1_000;
    // The program takes a slot of the last 150; as many more for a node that is behind.
    private static final int SLOT_WINDOW = 300;

    private final SolanaRpc rpc;
    private final TransactionSender sender;
    private final Keypair sponsor;
    private final PublicKey program;
    private final MarketCalls market;
    private final PoolCalls pool;
    private final PrepaidCalls calls;

    /// @param sponsor pays fees and rent
    /// @param program the escrow program
    /// @param pool    of the dollar mint
    public PrepaidEscrows(SolanaRpc rpc, TransactionSender sender, Keypair sponsor, PublicKey program, MarketCalls market, PoolCalls pool) {
        this.rpc = rpc;
        this.sender = sender;
        this.sponsor = sponsor;
        this.program = program;
        this.market = market;
        this.pool = pool;
        this.calls = pool.prepaid();
    }

    /// An account that could be opened now.
    public CreditAccount fresh(PublicKey wallet, PublicKey key) {
        long slot = rpc.slot(Commitment.CONFIRMED);
        return new CreditAccount(calls.address(wallet, key, slot), wallet, key, pool.mint(), slot, CreditAccount.State.OPENING, true, false);
    }

    /// What a wallet has of the mint; empty where it has no token account.
    public Optional<Long> holds(PublicKey wallet) {
        return rpc.tokenBalance(token(wallet), Commitment.CONFIRMED);
    }

    private PublicKey token(PublicKey wallet) {
        return Tokens.associated(wallet, pool.mint(), pool.tokenProgram());
    }

    /// The current slot.
    public long slot() {
        return rpc.slot(Commitment.CONFIRMED);
    }

    // --- changing ----------------------------------------------------------------------------------------------------

    private Outcome execute(String intent, List<Instruction> instructions, Duration wait) {
        TransactionPlan plan = blockhash -> TransactionBuilder.legacy(sponsor.publicKey()).addAll(instructions).compile(blockhash).sign(sponsor);
        return sender.execute(intent, plan, wait);
    }

    /// Opens an account.
    public Outcome open(CreditAccount account, Duration wait) {
        return execute("credits:open:" + account.escrow(), calls.open(sponsor.publicKey(), account.wallet(), account.key(), account.openSlot()), wait);
    }

    /// Has the program count what lies in an account's inbox.
    ///
    /// @param turn told apart from earlier counts of this account by this
    public Outcome count(PublicKey escrow, String turn, Duration wait) {
        return execute("credits:count:" + escrow + ":" + turn, List.of(calls.count(escrow)), wait);
    }

    /// Pays an exiting account out, inbox and deposit, to its wallet.
    ///
    /// @param turn told apart from earlier tries by this
    public Outcome exit(Escrow escrow, String turn, Duration wait) {
        return execute("credits:exit:" + calls.address(escrow) + ":" + turn, calls.exit(sponsor.publicKey(), escrow), wait);
    }

    /// Closes an account that has nothing in it, for its rent.
    ///
    /// @param turn told apart from earlier tries by this
    public Outcome close(PublicKey escrow, String turn, Duration wait) {
        return execute("credits:close:" + escrow + ":" + turn, List.of(calls.close(sponsor.publicKey(), escrow)), wait);
    }

    /// From which slot on an empty account may be closed.
    public static long closableFrom(CreditAccount account) {
        return Math.addExact(account.openSlot(), PrepaidCalls.STANDING_SLOTS);
    }

    /// Until which slot an account may be opened.
    public static long openableUntil(CreditAccount account) {
        return Math.addExact(account.openSlot(), SLOT_WINDOW);
    }

    /// A transaction that its wallet has to sign, on a recent blockhash.
    ///
    /// @param transaction signed by the sponsor
    public record ToSign(WireTransaction transaction, LatestBlockhash blockhash) {
    }

    /// The wish to leave, for the wallet to sign; the sponsor pays the fee and has signed.
    public ToSign requestExit(CreditAccount account) {
        LatestBlockhash latest = rpc.latestBlockhash(Commitment.CONFIRMED);
        return new ToSign(leaving(account, latest.blockhash()).signPartly(sponsor), latest);
    }

    private UnsignedTransaction leaving(CreditAccount account, Hash blockhash) {
        return TransactionBuilder.legacy(sponsor.publicKey()).add(market.requestExit(account.wallet(), account.escrow())).compile(blockhash);
    }

    /// Whether a transaction is the one of {@link #requestExit}, signed by all.
    public boolean isExitRequest(CreditAccount account, WireTransaction transaction) {
        return Arrays.equals(transaction.message(), leaving(account, transaction.blockhash()).message()) && transaction.unverifiedSigners().isEmpty();
    }

    /// Sends it.
    public Outcome send(CreditAccount account, WireTransaction exitRequest, Duration wait) {
        SignedTransaction signed = SignedTransaction.of(exitRequest);
        return sender.execute("credits:leave:" + account.escrow() + ":" + signed.signature().base58().substring(0, 16), TransactionPlan.fixed(signed), wait);
    }

    // --- looking -----------------------------------------------------------------------------------------------------

    /// Accounts as the chain has them, each escrow and its inbox as of one slot.
    ///
    /// @return in the order of the addresses; empty where there is no escrow
    public List<Optional<OnChain>> look(List<PublicKey> escrows) {
        var addresses = new ArrayList<PublicKey>();
        for (PublicKey escrow : escrows) {
            addresses.add(escrow);
            addresses.add(calls.inbox(escrow));
        }
        List<Optional<Account>> found = rpc.accounts(addresses, Commitment.CONFIRMED);
        var seen = new ArrayList<Optional<OnChain>>();
        for (int i = 0; i < escrows.size(); i++) {
            Optional<Account> inbox = found.get(2 * i + 1);
            seen.add(found.get(2 * i).flatMap(this::decode).map(at -> new OnChain(at.escrow, at.escrow.state() == STATE_OPEN, inbox.map(this::amount).orElse(0L), at.slot)));
        }
        return seen;
    }

    /// Waits until an escrow is there, confirmed, as it soon is once the chain has executed what opens it.
    ///
    /// @return whether it is
    public boolean appears(PublicKey escrow, Duration wait) {
        long deadline = System.nanoTime() + wait.toNanos();
        while (look(List.of(escrow)).getFirst().isEmpty()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            try {
                Thread.sleep(LOOK);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    private record At(Escrow escrow, long slot) {
    }

    private Optional<At> decode(Account account) {
        try {
            return account.owner().equals(program) ? Optional.of(new At(Escrow.decode(account.data()), account.slot())) : Optional.empty();
        } catch (BorshException e) {
            return Optional.empty();
        }
    }

    private long amount(Account inbox) {
        return inbox.owner().equals(pool.tokenProgram()) ? TokenAccounts.account(inbox.data()).amount() : 0;
    }

    /// How an escrow that is gone was left; empty while the node does not know the transactions that tell of it.
    public Optional<Departure> departure(PublicKey escrow) {
        Optional<Long> paidOut = Optional.empty();
        Optional<Signature> before = Optional.empty();
        while (true) {
            List<SignatureInfo> page = rpc.signaturesFor(escrow, before, Optional.empty(), HISTORY, Commitment.CONFIRMED);
            for (SignatureInfo info : page) {
                for (EscrowEvent event : events(info).reversed()) {
                    paidOut = paidOut.or(() -> paidOut(escrow, event));
                    Optional<Long> deposited = deposited(escrow, event);
                    if (deposited.isPresent() && paidOut.isPresent()) {
                        return Optional.of(new Departure(deposited.get(), paidOut.get()));
                    }
                }
            }
            if (page.size() < HISTORY) {
                return Optional.empty();
            }
            before = Optional.of(page.getLast().signature());
        }
    }

    private static Optional<Long> paidOut(PublicKey escrow, EscrowEvent event) {
        return event instanceof EscrowEvent.EscrowExited exited && exited.escrow().equals(escrow) ? Optional.of(exited.amount()) : Optional.empty();
    }

    /// What had been counted when an event was told, where it says so.
    private static Optional<Long> deposited(PublicKey escrow, EscrowEvent event) {
        return switch (event) {
            case EscrowEvent.TransfersCounted counted when counted.escrow().equals(escrow) -> Optional.of(counted.deposited());
            case EscrowEvent.Deposited more when more.escrow().equals(escrow) -> Optional.of(more.deposited());
            case EscrowEvent.PrepaidOpened opened when opened.escrow().equals(escrow) -> Optional.of(0L);
            default -> Optional.empty();
        };
    }

    private List<EscrowEvent> events(SignatureInfo info) {
        if (info.error().isPresent()) {
            return List.of();
        }
        Optional<ConfirmedTransaction> transaction = rpc.transaction(info.signature(), Commitment.CONFIRMED);
        return transaction.map(found -> found.inner().stream().flatMap(List::stream).filter(call -> call.program().equals(program)).map(call -> event(call.data()))
            .flatMap(Optional::stream).toList()).orElse(List.of());
    }

    private static Optional<EscrowEvent> event(byte[] data) {
        try {
            return EscrowEvent.decode(data);
        } catch (BorshException e) {
            // Of a newer version of the program; what is looked for here is known to this one.
            return Optional.empty();
        }
    }
}
