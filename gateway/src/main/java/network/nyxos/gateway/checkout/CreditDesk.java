package network.nyxos.gateway.checkout;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.ProgramError;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.escrow.EscrowError;
import network.nyxos.gateway.chain.EscrowMirror;
import network.nyxos.gateway.chain.PrepaidEscrows;
import network.nyxos.gateway.credit.CreditAccount;
import network.nyxos.gateway.credit.CreditTerms;
import network.nyxos.gateway.credit.Purchase;
import network.nyxos.gateway.facilitator.Settlement;
import network.nyxos.gateway.facilitator.Settler;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.payment.ExactPayment;
import network.nyxos.gateway.payment.ExactRules;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.MemoBinding;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.PaymentError;
import network.nyxos.gateway.payment.PaymentException;
import network.nyxos.gateway.payment.PaymentPayload;
import network.nyxos.gateway.payment.PaymentRequired;
import network.nyxos.gateway.payment.Requirements;
import network.nyxos.gateway.payment.SettlementResponse;
import network.nyxos.gateway.store.CreditStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Sells credits: opens the escrow that is the account, offers a plain transfer to it, settles that, and has it counted. What was transferred belongs to the account
/// from then on, whatever becomes of this gateway.
public final class CreditDesk {
    private static final Logger LOG = LoggerFactory.getLogger(CreditDesk.class);
    private static final String DESCRIPTION = "Credits for inference";
    private static final int RETRY_SECONDS = 2;
    private static final Duration OPENING = Duration.ofSeconds(30);
    private static final Duration COUNTING = Duration.ofSeconds(10);

    private final CreditTerms terms;
    private final PrepaidEscrows prepaid;
    private final EscrowMirror mirror;
    private final CreditStore store;
    private final Offers offers;
    private final ExactRules rules;
    private final Settler settler;
    private final Network network;

    /// @param terms   what is sold
    /// @param prepaid opens accounts and has them counted
    /// @param mirror  is brought up to what was done
    /// @param offers  makes the offers, each good for one request
    public CreditDesk(CreditTerms terms, PrepaidEscrows prepaid, EscrowMirror mirror, CreditStore store, Offers offers, ExactRules rules, Settler settler, Network network) {
        this.terms = terms;
        this.prepaid = prepaid;
        this.mirror = mirror;
        this.store = store;
        this.offers = offers;
        this.rules = rules;
        this.settler = settler;
        this.network = network;
    }

    /// What somebody wants to buy.
    ///
    /// @param wallet      whose the credits are
    /// @param key         spends them: public half of a bearer key
    /// @param credits     how many
    /// @param requestHash hash of method, path and body
    /// @param resource    the URL
    public record Wanted(PublicKey wallet, PublicKey key, long credits, Hash requestHash, String resource) {
    }

    /// What came of it.
    public sealed interface Sale {
        /// It is to be paid for.
        ///
        /// @param required how
        /// @param refused  what became of the payment that came with it, where one did
        record Unpaid(PaymentRequired required, Optional<Admission.Refusal> refused) implements Sale {
        }

        /// It was paid.
        ///
        /// @param response for the header
        /// @param version  of x402 in which it was paid
        record Bought(CreditAccount account, Purchase purchase, SettlementResponse response, int version) implements Sale {
        }
    }

    /// Sells, or says how to pay.
    ///
    /// @throws ApiException when it is not sold, or cannot be now; nothing was paid then, or the outcome is not known yet (`settlement_pending`)
    public Sale sell(Wanted wanted, Optional<PaymentPayload> payment) {
        if (wanted.credits < terms.least() || wanted.credits > terms.most()) {
            throw ApiException.badRequest("invalid_value", "credits", "'credits' must be a whole number from " + terms.least() + " to " + terms.most());
        }
        long price = terms.price(wanted.credits);
        if (payment.isEmpty()) {
            return new Sale.Unpaid(challenge(wanted, ready(wanted, price), price, PaymentRequired.NONE, "credits are to be paid for"), Optional.empty());
        }
        PaymentPayload paid = payment.get();
        Optional<CreditAccount> account = store.find(wanted.wallet, wanted.key, terms.mint().mint()).filter(each -> each.state() == CreditAccount.State.OPEN);
        try {
            if (account.isEmpty()) {
                throw new PaymentException(PaymentError.INVALID_REQUIREMENTS, "there is no open account of this wallet and key; take the new offer");
            }
            return settle(wanted, account.get(), price, paid);
        } catch (PaymentException e) {
            return refused(wanted, price, paid, e.code(), e.getMessage(), "");
        }
    }

    private Sale refused(Wanted wanted, long price, PaymentPayload paid, String code, String message, String transaction) {
        int version = paid.x402Version();
        var response = SettlementResponse.refused(PaymentError.inVersion(code, version), message, Optional.empty(), transaction, network.name(version));
        return new Sale.Unpaid(challenge(wanted, ready(wanted, price), price, code, message), Optional.of(new Admission.Refusal(response, version)));
    }

    private PaymentRequired challenge(Wanted wanted, CreditAccount account, long price, String error, String message) {
        return offers.challenge(wanted.requestHash, wanted.resource, DESCRIPTION, offers.transfer(account, price), error, message);
    }

    // --- accounts ----------------------------------------------------------------------------------------------------

    /// The account that the purchase goes to, opened where there is none.
    private CreditAccount ready(Wanted wanted, long price) {
        Optional<CreditAccount> known = store.find(wanted.wallet, wanted.key, terms.mint().mint());
        if (known.filter(account -> account.state() == CreditAccount.State.OPEN).isPresent()) {
            return known.get();
        }
        return open(known.orElseGet(() -> begin(wanted, price)));
    }

    private CreditAccount begin(Wanted wanted, long price) {
        long has = prepaid.holds(wanted.wallet).orElse(0L);
        if (has < price) {
            throw ApiException.refused(402, PaymentError.INSUFFICIENT_FUNDS, "wallet " + wanted.wallet + " has " + has + " base units of " + terms.mint().symbol() + ", "
                + wanted.credits + " credits cost " + price + "; an account is opened for a wallet that can pay");
        }
        return switch (store.begin(prepaid.fresh(wanted.wallet, wanted.key), terms.unfundedAnHour())) {
            case CreditStore.Opening.Begun(CreditAccount account) -> account;
            case CreditStore.Opening.Waiting(CreditAccount account) when account.key().equals(wanted.key) && account.state() == CreditAccount.State.OPENING -> account;
            case CreditStore.Opening.Waiting(CreditAccount account) -> throw ApiException.refused(409, "account_unfunded", "this wallet has an account for key " + account.key()
                + " that waits for its first payment; pay for that one first, or ask again in about an hour, when it is closed");
            case CreditStore.Opening.TooMany _ -> throw ApiException.unavailable("accounts_busy", "too many accounts were opened in this hour that nobody has paid for; ask again later", 600);
        };
    }

    private CreditAccount open(CreditAccount account) {
        Outcome outcome = prepaid.open(account, OPENING);
        return switch (outcome.state()) {
            case CONFIRMED -> opened(account);
            case REJECTED, FAILED, EXPIRED -> {
                // Another gateway of this schema was faster.
                boolean there = outcome.programError().flatMap(ProgramError::code).filter(EscrowError.ALREADY_INITIALIZED::equals).isPresent();
                if (prepaid.appears(account.escrow(), there ? OPENING : Duration.ZERO)) {
                    yield opened(account);
                }
                LOG.warn("an account was not opened: {}", outcome.describe());
                if (!there) {
                    store.notOpened(account.escrow());
                }
                throw ApiException.unavailable("account_not_opened", "the account could not be opened; nothing was charged, send this again", RETRY_SECONDS);
            }
            case SIGNED, SENT, UNKNOWN -> throw ApiException.unavailable("account_opening", "the account is being opened; nothing was charged, send this again", RETRY_SECONDS);
        };
    }

    private CreditAccount opened(CreditAccount account) {
        store.opened(account.escrow());
        mirror.refresh();
        return account;
    }

    // --- purchases ---------------------------------------------------------------------------------------------------

    private Sale settle(Wanted wanted, CreditAccount account, long price, PaymentPayload paid) {
        require(paid.scheme().equals(Requirements.EXACT), PaymentError.UNSUPPORTED_SCHEME, "credits are bought by scheme exact");
        require(paid.network().equals(network.name(paid.x402Version())), PaymentError.NETWORK, "the network is " + network.name(paid.x402Version()));
        Requirements offered = offers.transfer(account, price);
        Requirements required = offers.recognise(wanted.requestHash, paid.accepted(), offered);
        ExactPayment payment = rules.check(paid.payload(), required);
        require(payment.memo().filter(MemoBinding::looksOurs).isEmpty() || offers.isBound(wanted.requestHash, offered, payment.memo()), PaymentError.MEMO,
            "this payment was made for another request");
        Purchase begun = Purchase.begun(payment.messageHash(), account.escrow(), payment.payer(), payment.amount(), settler.signature(payment));
        return switch (store.claim(begun)) {
            case CreditStore.Claim.New _ -> outcome(wanted, account, price, paid, begun, settler.settle(payment));
            case CreditStore.Claim.Known(Optional<Purchase> known) when known.isPresent() -> again(wanted, account, price, paid, known.get());
            case CreditStore.Claim.Known _ -> throw ApiException.refused(409, PaymentError.DUPLICATE_SETTLEMENT, "this payment was presented before, for something else; what it brought to the"
                + " account is counted all the same");
        };
    }

    private static void require(boolean holds, String code, String message) {
        if (!holds) {
            throw new PaymentException(code, message);
        }
    }

    private Sale outcome(Wanted wanted, CreditAccount account, long price, PaymentPayload paid, Purchase purchase, Settlement settlement) {
        return switch (settlement) {
            case Settlement.Confirmed _ -> bought(account, store.settled(purchase.messageHash()), paid.x402Version());
            case Settlement.Rejected rejected -> {
                store.abandon(purchase.messageHash());
                if (rejected.code().equals(PaymentError.UNEXPECTED_SETTLE)) {
                    throw ApiException.unavailable(rejected.code(), rejected.message() + "; nothing was charged, the same payment may be sent again", RETRY_SECONDS);
                }
                yield refused(wanted, price, paid, rejected.code(), rejected.message(), "");
            }
            case Settlement.Failed failed -> {
                store.refused(purchase.messageHash(), failed.code() + ": " + failed.message());
                yield refused(wanted, price, paid, failed.code(), failed.message(), failed.transaction().base58());
            }
            case Settlement.Pending _ -> throw pending(purchase, paid.x402Version());
        };
    }

    /// A payment that was met before: it buys once, and is told of as often as it is asked for.
    private Sale again(Wanted wanted, CreditAccount account, long price, PaymentPayload paid, Purchase met) {
        Purchase known = met.state() == Purchase.State.PENDING ? reconcile(met) : met;
        return switch (known.state()) {
            case SETTLED -> bought(account, known, paid.x402Version());
            case PENDING -> throw pending(known, paid.x402Version());
            case REFUSED -> refused(wanted, price, paid, PaymentError.FAILED, "this transfer did not take place (" + known.reason() + "); pay with a new one", known.transaction().base58());
        };
    }

    private Sale bought(CreditAccount account, Purchase purchase, int version) {
        count(account);
        var extra = JsonNodeFactory.instance.objectNode().put("escrow", account.escrow().toBase58()).put("credits", terms.credits(purchase.amount()));
        return new Sale.Bought(account, purchase, SettlementResponse.paid(purchase.payer(), purchase.transaction().base58(), network.name(version), extra), version);
    }

    /// Has what came in counted at once. What fails here the keeper does.
    private void count(CreditAccount account) {
        try {
            prepaid.look(List.of(account.escrow())).getFirst().filter(there -> there.open() && there.inbox() > 0)
                .ifPresent(there -> prepaid.count(account.escrow(), Long.toUnsignedString(there.escrow().deposited()), COUNTING));
            mirror.refresh();
        } catch (RuntimeException e) {
            // The purchase stands: the money is in the account's inbox, and nobody else's.
            LOG.warn("what came to account {} is counted later: {}", account.escrow(), e.getMessage());
        }
    }

    private ApiException pending(Purchase purchase, int version) {
        String message = "the transfer was sent and its outcome is not known yet; send the same request with the same payment again, do not pay anew";
        var told = SettlementResponse.refused(PaymentError.SETTLEMENT_PENDING, message, Optional.of(purchase.payer()), purchase.transaction().base58(), network.name(version));
        return ApiException.unavailable(PaymentError.SETTLEMENT_PENDING, message, RETRY_SECONDS).with("transaction", purchase.transaction().base58())
            .withHeader(SettlementResponse.header(version), Json.toHeader(told.toJson()));
    }

    /// Looks at what has become of transfers whose outcome has been open for a while.
    void reconcile(Duration age) {
        store.pending(age).forEach(this::reconcile);
    }

    private Purchase reconcile(Purchase purchase) {
        Optional<Settlement> outcome = settler.again(purchase.messageHash());
        if (outcome.isEmpty() && store.isOlderThan(purchase.messageHash(), Settler.NEVER_SENT)) {
            return store.refused(purchase.messageHash(), PaymentError.UNEXPECTED_SETTLE + ": the transfer was never sent");
        }
        return switch (outcome.orElse(new Settlement.Pending(purchase.transaction()))) {
            case Settlement.Confirmed _ -> store.settled(purchase.messageHash());
            case Settlement.Failed failed -> store.refused(purchase.messageHash(), failed.code() + ": " + failed.message());
            case Settlement.Rejected rejected -> store.refused(purchase.messageHash(), rejected.code() + ": " + rejected.message());
            case Settlement.Pending _ -> purchase;
        };
    }
}
