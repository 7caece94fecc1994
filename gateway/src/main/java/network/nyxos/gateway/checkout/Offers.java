package network.nyxos.gateway.checkout;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Programs;
import network.nyxos.gateway.chain.BlockhashCache;
import network.nyxos.gateway.credit.CreditAccount;
import network.nyxos.gateway.offer.Catalogue;
import network.nyxos.gateway.offer.MintTerms;
import network.nyxos.gateway.offer.Quote;
import network.nyxos.gateway.payment.MemoBinding;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.OfferReceipt;
import network.nyxos.gateway.payment.PaymentError;
import network.nyxos.gateway.payment.PaymentException;
import network.nyxos.gateway.payment.PaymentIdentifier;
import network.nyxos.gateway.payment.PaymentRequired;
import network.nyxos.gateway.payment.Requirements;
import software.sava.core.accounts.PublicKey;

/// Makes the offers of a request, and recognises them when they come back accepted. Nothing is stored in between: an offer follows from the request, the
/// price and the memo's key.
public final class Offers {
    /// How long an offer may be taken; about the life of a blockhash.
    public static final int TIMEOUT_SECONDS = 60;

    private static final PaymentRequired.Extension NAMES = new PaymentRequired.Extension(PaymentIdentifier.KEY, PaymentIdentifier.declaration());

    private final Programs programs;
    private final PublicKey market;
    private final PublicKey sponsor;
    private final Network network;
    private final MemoBinding memos;
    private final BlockhashCache blockhashes;
    private final OfferReceipt signed;
    private final java.util.Map<PublicKey, PublicKey> pools = new java.util.HashMap<>();

    /// @param signed signs offers
    /// @param mints  what may be offered in
    public Offers(Programs programs, PublicKey market, PublicKey sponsor, Network network, MemoBinding memos, BlockhashCache blockhashes, OfferReceipt signed,
                  List<MintTerms> mints) {
        this.programs = programs;
        this.market = market;
        this.sponsor = sponsor;
        this.network = network;
        this.memos = memos;
        this.blockhashes = blockhashes;
        this.signed = signed;
        mints.forEach(mint -> pools.put(mint.mint(), mint.pool(programs, market)));
    }

    /// An offer that was accepted.
    ///
    /// @param required as we would make it
    /// @param quote    what it costs
    public record Accepted(Requirements required, Quote quote) {
    }

    /// The answer 402 for a request.
    public PaymentRequired challenge(Incoming incoming, String error, String message) {
        var offers = new ArrayList<Requirements>();
        for (Quote quote : incoming.priced().quotes()) {
            Requirements exact = exact(quote);
            offers.add(exact.withExtra("memo", memos.create(incoming.requestHash(), exact.asset(), exact.payTo(), exact.amount())));
            offers.add(escrow(quote));
        }
        return new PaymentRequired(incoming.resource(), incoming.asked().description(), error, message, offers, List.of(NAMES, signed.offers(incoming.resource(), offers)), network);
    }

    /// An offer of scheme `exact` that fills an account of credits. It says what the address follows from, so that who pays need not believe that it is the account's.
    ///
    /// @param amount base units
    public Requirements transfer(CreditAccount account, long amount) {
        ObjectNode extra = freshExtra();
        extra.putObject("prepaid").put("program", programs.escrow().toBase58()).put("market", market.toBase58()).put("wallet", account.wallet().toBase58())
            .put("key", account.key().toBase58()).put("openSlot", Long.toString(account.openSlot()));
        return new Requirements(Requirements.EXACT, network.caip2(), amount, account.mint(), account.escrow(), TIMEOUT_SECONDS, extra);
    }

    /// The answer 402 with one such offer, which is good for one request only.
    ///
    /// @param requestHash hash of method, path and body
    /// @param resource    the URL that is paid for
    /// @param description of what is sold
    public PaymentRequired challenge(Hash requestHash, String resource, String description, Requirements transfer, String error, String message) {
        Requirements bound = transfer.withExtra("memo", memos.create(requestHash, transfer.asset(), transfer.payTo(), transfer.amount()));
        return new PaymentRequired(resource, description, error, message, List.of(bound), List.of(signed.offers(resource, List.of(bound))), network);
    }

    /// Such an offer as a client says it accepted it, or, of a version 1 client, who does not say, as it was made.
    ///
    /// @throws PaymentException `invalid_payment_requirements`, or `…_memo_mismatch` when the offer was made for another request
    public Requirements recognise(Hash requestHash, Optional<Requirements> accepted, Requirements transfer) {
        if (accepted.isEmpty()) {
            return transfer;
        }
        if (!accepted.get().matches(transfer)) {
            throw new PaymentException(PaymentError.INVALID_REQUIREMENTS, "what was accepted is none of the offers for this request; take the new one");
        }
        return bound(requestHash, accepted.get(), transfer);
    }

    /// What a request costs, without what is made for one offer alone.
    public List<Requirements> terms(Catalogue.Priced priced) {
        return priced.quotes().stream().flatMap(quote -> Stream.of(requirements(Requirements.EXACT, quote, exactExtra()), escrow(quote))).toList();
    }

    private ObjectNode exactExtra() {
        return JsonNodeFactory.instance.objectNode().put("feePayer", sponsor.toBase58()).put("paymentFlow", "upfront");
    }

    private Requirements exact(Quote quote) {
        return requirements(Requirements.EXACT, quote, freshExtra());
    }

    private ObjectNode freshExtra() {
        ObjectNode extra = exactExtra();
        blockhashes.latest().ifPresent(latest -> extra.put("recentBlockhash", latest.blockhash().base58())
            .put("lastValidBlockHeight", Long.toString(latest.lastValidBlockHeight())));
        return extra;
    }

    Requirements escrow(Quote quote) {
        return requirements(Requirements.ESCROW, quote,
            JsonNodeFactory.instance.objectNode().put("program", programs.escrow().toBase58()).put("market", market.toBase58()));
    }

    private Requirements requirements(String scheme, Quote quote, ObjectNode extra) {
        PublicKey mint = quote.mint().mint();
        return new Requirements(scheme, network.caip2(), quote.ceiling(), mint, pools.get(mint), TIMEOUT_SECONDS, extra);
    }

    /// Recognises what a version 2 client says it accepted.
    ///
    /// @throws PaymentException `invalid_payment_requirements`, or `…_memo_mismatch` when the offer was made for another request
    public Accepted recognise(Incoming incoming, Requirements accepted) {
        for (Quote quote : incoming.priced().quotes()) {
            Requirements plain = accepted.scheme().equals(Requirements.ESCROW) ? escrow(quote) : exact(quote);
            if (accepted.matches(plain)) {
                return new Accepted(accepted.scheme().equals(Requirements.ESCROW) ? plain : bound(incoming.requestHash(), accepted, plain), quote);
            }
        }
        throw new PaymentException(PaymentError.INVALID_REQUIREMENTS, "what was accepted is none of the offers for this request; take one of the new ones");
    }

    private Requirements bound(Hash requestHash, Requirements accepted, Requirements plain) {
        String memo = accepted.extra("memo").orElse("");
        if (!isBound(requestHash, plain, Optional.of(memo))) {
            throw new PaymentException(PaymentError.MEMO, "this offer was made for another request, body or price; a payment is good for the request that it was made for");
        }
        return plain.withExtra("memo", memo);
    }

    /// Whether a memo ties a payment to this request.
    public boolean isBound(Hash requestHash, Requirements plain, Optional<String> memo) {
        return memo.filter(text -> memos.binds(text, requestHash, plain.asset(), plain.payTo(), plain.amount())).isPresent();
    }

    /// The `exact` offer in a mint, for version 1 clients, who do not say what they accepted.
    ///
    /// @throws PaymentException `…_mint_mismatch`
    public Accepted inMint(Incoming incoming, PublicKey mint) {
        return incoming.priced().quotes().stream().filter(quote -> quote.mint().mint().equals(mint)).findFirst().map(quote -> new Accepted(exact(quote), quote))
            .orElseThrow(() -> new PaymentException(PaymentError.MINT, "this request is not sold for mint " + mint));
    }
}
