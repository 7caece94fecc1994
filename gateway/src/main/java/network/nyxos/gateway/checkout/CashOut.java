package network.nyxos.gateway.checkout;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.TransactionError;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.gateway.chain.EscrowMirror;
import network.nyxos.gateway.chain.PrepaidEscrows;
import network.nyxos.gateway.credit.CreditAccount;
import network.nyxos.gateway.credit.OnChain;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.store.CreditStore;
import software.sava.core.accounts.PublicKey;

/// Takes unspent credits out, at the sponsor's cost and with the wallet's signature: the program asks for it, and for nobody else's. Whoever would rather not go through a
/// gateway sends the same to the chain.
public final class CashOut {
    private static final Duration SENDING = Duration.ofSeconds(30);
    private static final int RETRY_SECONDS = 2;

    private final PrepaidEscrows prepaid;
    private final CreditStore store;
    private final EscrowMirror mirror;

    /// @param prepaid makes and sends the transactions
    /// @param mirror  is brought up to what was done
    public CashOut(PrepaidEscrows prepaid, CreditStore store, EscrowMirror mirror) {
        this.prepaid = prepaid;
        this.store = store;
        this.mirror = mirror;
    }

    /// What stands between an account and its wallet.
    public sealed interface Step {
        /// The wallet is to sign this.
        record Sign(CreditAccount account, PrepaidEscrows.ToSign transaction) implements Step {
        }

        /// It is on its way out, and paid to the wallet from this slot on.
        ///
        /// @param transaction the wish to leave, where it was just sent
        record Leaving(CreditAccount account, long exitSlot, Optional<Signature> transaction) implements Step {
        }
    }

    /// What is to be done next.
    ///
    /// @param key    of the account
    /// @param escrow which account, where the key has several
    /// @throws ApiException when there is none, or it is not clear which
    public Step next(PublicKey key, Optional<PublicKey> escrow) {
        CreditAccount account = account(key, escrow);
        OnChain there = there(account);
        return there.open() ? new Step.Sign(account, prepaid.requestExit(account)) : new Step.Leaving(account, there.escrow().exitSlot(), Optional.empty());
    }

    /// Sends the wish to leave that the wallet has signed.
    ///
    /// @throws ApiException when it is not the transaction of {@link #next}, or did not get onto the chain
    public Step send(PublicKey key, Optional<PublicKey> escrow, WireTransaction signed) {
        CreditAccount account = account(key, escrow);
        if (!prepaid.isExitRequest(account, signed)) {
            throw ApiException.badRequest("transaction_other", "transaction", "this is not the transaction that this endpoint gave for account " + account.escrow()
                + ", signed by wallet " + account.wallet() + "; nothing was sent");
        }
        Outcome outcome = prepaid.send(account, signed, SENDING);
        return switch (outcome.state()) {
            case CONFIRMED -> {
                mirror.refresh();
                yield new Step.Leaving(account, there(account).escrow().exitSlot(), Optional.of(outcome.signature()));
            }
            case REJECTED, FAILED, EXPIRED -> throw ApiException.refused(409, "exit_not_requested", "the chain did not take it ("
                + outcome.error().map(TransactionError::toString).orElse("its blockhash is too old") + "); ask for a new transaction");
            case SIGNED, SENT, UNKNOWN -> throw ApiException.unavailable("exit_pending", "it was sent and its outcome is not known yet; send it again", RETRY_SECONDS);
        };
    }

    private CreditAccount account(PublicKey key, Optional<PublicKey> escrow) {
        List<CreditAccount> all = store.ofKey(key).stream().filter(account -> escrow.map(account.escrow()::equals).orElse(true)).toList();
        if (all.isEmpty()) {
            throw ApiException.refused(404, "account_unknown", "this key has no such account of credits here" + escrow.map(address -> ": " + address).orElse(""));
        }
        if (all.size() > 1) {
            throw ApiException.badRequest("account_ambiguous", "escrow", "this key has " + all.size() + " accounts; name one as 'escrow' (GET /credits lists them)");
        }
        return all.getFirst();
    }

    private OnChain there(CreditAccount account) {
        return prepaid.look(List.of(account.escrow())).getFirst()
            .orElseThrow(() -> ApiException.refused(404, "account_unknown", "account " + account.escrow() + " is not on chain (any more)"));
    }
}
