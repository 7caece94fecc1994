package network.nyxos.cli.agent;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.InstantSource;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.gateway.client.Offer;
import network.nyxos.gateway.client.Payer;
import network.nyxos.gateway.client.VoucherPayer;
import software.sava.core.accounts.PublicKey;

/** Pays with vouchers and writes down what it signs for before anybody sees the signature. */
final class BookedPayer implements Payer {

    private final VoucherPayer payer;
    private final PublicKey escrow;
    private final SpentBook book;

    private BookedPayer(VoucherPayer payer, PublicKey escrow, SpentBook book) {
        this.payer = payer;
        this.escrow = escrow;
        this.book = book;
    }

    /**
     * A payer that goes on from where the escrow stands.
     *
     * @param balance  the gateway's {@code GET /v1/escrows/{address}}
     * @param validity how long a voucher may be settled
     * @throws network.nyxos.cli.up.StackException {@code used_disputed} when the gateway claims more than the book says was signed for
     */
    static BookedPayer of(Keypair session, PublicKey escrow, PublicKey mint, JsonNode balance, SpentBook book, Duration validity, InstantSource clock) {
        // What others of this key have running counts as used: their vouchers cover it.
        long used = Math.addExact(balance.path("used").asLong(), balance.path("reserved").asLong());
        book.check(escrow, used);
        return new BookedPayer(new VoucherPayer(session, escrow, mint, used, balance.path("deposited").asLong(), validity, clock), escrow, book);
    }

    @Override
    public boolean takes(Offer offer) {
        return payer.takes(offer);
    }

    @Override
    public Signed sign(Offer offer, Hash requestHash) {
        Signed signed = payer.sign(offer, requestHash);
        book.signed(escrow, payer.signed());
        return signed;
    }
}
