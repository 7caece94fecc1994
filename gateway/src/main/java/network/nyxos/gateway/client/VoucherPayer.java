package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.EscrowPayload;
import software.sava.core.accounts.PublicKey;

/**
 * Pays with vouchers on an escrow: each is an upper bound on everything debited so far, so the next one starts from what was really used.
 *
 * <p>Never signs for more than {@code used + what is open + this request's ceiling}, and never for more than the limit it was given.
 */
public final class VoucherPayer implements Payer {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Keypair session;
    private final PublicKey escrow;
    private final PublicKey mint;
    private final long limit;
    private final Duration validity;
    private final InstantSource clock;
    private long used;
    private long open;
    private long signed;

    /**
     * @param session  the escrow's session key
     * @param escrow   its account
     * @param mint     its mint
     * @param used     what has been used so far, base units ({@code GET /v1/escrows/{address}})
     * @param limit    the most it may ever sign for: the deposit, or less
     * @param validity how long a voucher may be settled
     */
    public VoucherPayer(Keypair session, PublicKey escrow, PublicKey mint, long used, long limit, Duration validity, InstantSource clock) {
        this.session = session;
        this.escrow = escrow;
        this.mint = mint;
        this.used = used;
        this.limit = limit;
        this.validity = validity;
        this.clock = clock;
    }

    /** The highest cumulative amount it has signed for: what it can be debited at most. */
    public synchronized long signed() {
        return signed;
    }

    /** What the gateway has reported as used so far. */
    public synchronized long used() {
        return used;
    }

    @Override
    public boolean takes(Offer offer) {
        return offer.scheme().equals("escrow") && offer.asset().equals(mint);
    }

    @Override
    public Signed sign(Offer offer, Hash requestHash) {
        long ceiling = offer.amount();
        Voucher voucher = reserve(ceiling);
        byte[] nonce = new byte[Hash.LENGTH];
        RANDOM.nextBytes(nonce);
        JsonNode payload = parse(EscrowPayload.sign(voucher, Hash.of(nonce), requestHash, session).encode());
        return new Signed() {
            @Override
            public JsonNode payload() {
                return payload;
            }

            @Override
            public void ended(Reply reply) {
                release(ceiling, reply);
            }
        };
    }

    private synchronized Voucher reserve(long ceiling) {
        long cumulative = Math.addExact(Math.addExact(used, open), ceiling);
        if (cumulative > limit) {
            throw new PaymentRefusedException("deposit_spent", "the request may cost " + ceiling + " base units; of the escrow's " + limit + ", "
                    + Math.max(0, limit - used - open) + " are left");
        }
        open += ceiling;
        signed = Math.max(signed, cumulative);
        return new Voucher(escrow, cumulative, clock.instant().plus(validity).getEpochSecond());
    }

    private synchronized void release(long ceiling, Reply reply) {
        open -= ceiling;
        // Parallel requests end in any order: what is used only grows. A gateway that reports more than was ever signed for is not
        // believed, or the next voucher would sign away the difference.
        reply.used().ifPresent(reported -> used = Math.max(used, Math.min(reported, signed)));
    }

    private static JsonNode parse(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("our own payload is not JSON", e);
        }
    }
}
