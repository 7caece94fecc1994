package network.nyxos.cli.up;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import software.sava.core.accounts.PublicKey;

/** What the stack's models cost. Development prices, in base units for a million tokens. */
final class Terms {

    private static final long IN = 500_000;
    private static final long OUT = 2_000_000;
    /** $NYXOS base units for one of USDC; a made-up rate, there is no market on a local chain. */
    private static final long RATE = 1_000;

    private Terms() {
    }

    /** Price by tier and mint: verified work costs half as much again as open work, confidential work twice as much. */
    static Map<Tier, Map<PublicKey, Price>> prices() {
        Map<Tier, Map<PublicKey, Price>> prices = new EnumMap<>(Tier.class);
        prices.put(Tier.OPEN, in(2));
        prices.put(Tier.VERIFIED, in(3));
        prices.put(Tier.CONFIDENTIAL, in(4));
        return prices;
    }

    /** Of embeddings in the open tier: a token of text is a fifth of one that is answered. */
    static Map<PublicKey, Price> embeddings() {
        Map<PublicKey, Price> prices = new LinkedHashMap<>();
        prices.put(Mint.USDC.address(), new Price(IN / 5, 0));
        prices.put(Mint.NYXOS.address(), new Price(IN / 5 * RATE, 0));
        return prices;
    }

    private static Map<PublicKey, Price> in(long halves) {
        Map<PublicKey, Price> prices = new LinkedHashMap<>();
        prices.put(Mint.USDC.address(), new Price(IN * halves / 2, OUT * halves / 2));
        prices.put(Mint.NYXOS.address(), new Price(IN * halves / 2 * RATE, OUT * halves / 2 * RATE));
        return prices;
    }
}
