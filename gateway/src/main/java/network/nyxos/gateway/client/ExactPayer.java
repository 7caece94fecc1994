package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Base64;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.token.BuiltIn;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.TransactionBuilder;
import software.sava.core.accounts.PublicKey;

/** Pays with x402 {@code exact}: a transfer to the pool, whose fee the gateway sponsors. */
public final class ExactPayer implements Payer {

    private static final int COMPUTE_UNITS = 20_000;

    private final Keypair wallet;
    private final PublicKey mint;
    private final PublicKey tokenProgram;
    private final int decimals;

    /**
     * @param wallet       owns the tokens
     * @param mint         what it pays in
     * @param tokenProgram the mint's program
     * @param decimals     the mint's decimals
     */
    public ExactPayer(Keypair wallet, PublicKey mint, PublicKey tokenProgram, int decimals) {
        this.wallet = wallet;
        this.mint = mint;
        this.tokenProgram = tokenProgram;
        this.decimals = decimals;
    }

    @Override
    public boolean takes(Offer offer) {
        return offer.scheme().equals("exact") && offer.asset().equals(mint) && offer.extra("feePayer").isPresent() && offer.extra("recentBlockhash").isPresent();
    }

    @Override
    public Signed sign(Offer offer, Hash requestHash) {
        PublicKey feePayer = PublicKey.fromBase58Encoded(offer.extra("feePayer").orElseThrow());
        Hash blockhash = Hash.fromBase58(offer.extra("recentBlockhash").orElseThrow());
        PublicKey source = Tokens.associated(wallet.publicKey(), mint, tokenProgram);
        PublicKey destination = Tokens.associated(offer.payTo(), mint, tokenProgram);
        var transaction = TransactionBuilder.legacy(feePayer)
                .add(BuiltIn.computeUnitLimit(COMPUTE_UNITS))
                .add(BuiltIn.computeUnitPrice(1))
                .add(Tokens.transferChecked(source, mint, destination, wallet.publicKey(), offer.amount(), decimals, tokenProgram))
                .add(BuiltIn.memo(offer.extra("memo").orElseGet(requestHash::hex)))
                .compile(blockhash)
                .signPartly(wallet);
        JsonNode payload = JsonNodeFactory.instance.objectNode().put("transaction", Base64.getEncoder().encodeToString(transaction.bytes()));
        return new Signed() {
            @Override
            public JsonNode payload() {
                return payload;
            }

            @Override
            public void ended(Reply reply) {
                // A transfer is complete in itself; there is nothing to learn.
            }
        };
    }
}
