package network.nyxos.cli.attach;

import java.math.BigDecimal;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;

/** Amounts as people write them: {@code 1.5}. */
public final class Decimals {

    private Decimals() {
    }

    /**
     * Reads an amount.
     *
     * @return base units, 0 to 2^63 − 1
     * @throws StackException {@code amount_malformed}, {@code amount_precision}, {@code amount_range}
     */
    public static long parse(String text, Mint mint) {
        if (!text.matches("[0-9]{1,20}(\\.[0-9]{1,20})?")) {
            throw new StackException("amount_malformed", "an amount is a number like 1.5, not '" + text + "'");
        }
        BigDecimal units = new BigDecimal(text).movePointRight(mint.decimals()).stripTrailingZeros();
        if (units.scale() > 0) {
            throw new StackException("amount_precision", mint.symbol() + " has " + mint.decimals() + " decimals, " + text + " has more");
        }
        try {
            return units.longValueExact();
        } catch (ArithmeticException e) {
            throw new StackException("amount_range", text + " " + mint.symbol() + " is more than there can be");
        }
    }

    /** As {@link #parse}, and more than nothing, or {@code amount_zero}. */
    public static long parsePositive(String text, Mint mint) {
        long units = parse(text, mint);
        if (units == 0) {
            throw new StackException("amount_zero", "the amount must be more than 0");
        }
        return units;
    }
}
