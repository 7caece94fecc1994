package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.token.BuiltIn;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.transaction.WireTransaction;
import software.sava.core.accounts.PublicKey;

/// The transfers that pay offers of x402's scheme `exact`. The gateway pays the fee.
final class Transfers {
    /// How long one that was sent is asked after while nobody knows what became of it, and how often.
    static final Duration PENDING = Duration.ofMinutes(2);
    static final Duration POLL = Duration.ofSeconds(1);

    private static final int UNITS = 40_000;
    private static final long MICRO_LAMPORTS = 1;

    private Transfers() {
    }

    /// What a transfer needs to know of a mint.
    record Terms(PublicKey mint, PublicKey tokenProgram, int decimals) {
    }

    /// A mint's terms, from a model's prices.
    ///
    /// @param pricing a list of `GET /v1/models`
    static Optional<Terms> terms(JsonNode pricing, PublicKey mint) {
        for (JsonNode each : pricing) {
            if (each.path("mint").asText().equals(mint.toBase58())) {
                return Optional.of(new Terms(mint, PublicKey.fromBase58Encoded(each.path("token_program").asText()), each.path("decimals").asInt()));
            }
        }
        return Optional.empty();
    }

    /// Makes the transfer that pays an offer, signed by the wallet.
    ///
    /// @throws AgentException `no_blockhash`
    static WireTransaction make(ObjectNode offer, long amount, Terms terms, Keypair wallet) {
        PublicKey payTo = PublicKey.fromBase58Encoded(offer.path("payTo").asText());
        JsonNode extra = offer.path("extra");
        if (!extra.hasNonNull("recentBlockhash")) {
            throw new AgentException(402, "no_blockhash", "the gateway has no fresh blockhash now; try again", Optional.empty());
        }
        PublicKey mint = terms.mint;
        return TransactionBuilder.legacy(PublicKey.fromBase58Encoded(extra.path("feePayer").asText()))
            .add(BuiltIn.computeUnitLimit(UNITS)).add(BuiltIn.computeUnitPrice(MICRO_LAMPORTS))
            .add(Tokens.transferChecked(Tokens.associated(wallet.publicKey(), mint, terms.tokenProgram), mint, Tokens.associated(payTo, mint, terms.tokenProgram),
                wallet.publicKey(), amount, terms.decimals, terms.tokenProgram))
            .add(BuiltIn.memo(extra.path("memo").asText()))
            .compile(Hash.fromBase58(extra.path("recentBlockhash").asText())).signPartly(wallet);
    }

    /// The payment that carries a transfer.
    static ObjectNode payment(ObjectNode offer, WireTransaction transfer) {
        return GatewayCalls.payment(offer, JsonNodeFactory.instance.objectNode().put("transaction", Base64.getEncoder().encodeToString(transfer.bytes())));
    }

    /// Presents a payment, again and again while it is not known whether it arrived: another one would pay twice.
    ///
    /// @param presenting sends the request with the payment
    /// @throws AgentException what the last answer was
    static <T> T untilKnown(Supplier<T> presenting) {
        long deadline = System.nanoTime() + PENDING.toNanos();
        while (true) {
            try {
                return presenting.get();
            } catch (AgentException e) {
                if (!e.code().equals("settlement_pending") || System.nanoTime() > deadline) {
                    throw e;
                }
                GatewayCalls.pause(POLL);
            }
        }
    }
}
