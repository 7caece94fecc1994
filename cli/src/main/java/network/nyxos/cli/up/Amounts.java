package network.nyxos.cli.up;

/** Amounts as people read them: {@code 1.234567 USDC}. Only for screens; everything is counted in base units. */
public final class Amounts {

    private Amounts() {
    }

    /**
     * @param baseUnits the amount in base units, as a signed number (a balance may go down)
     * @param decimals  decimals of the mint, 0..18
     * @param symbol    the mint's short name
     * @return all decimals, so that two amounts can be compared by eye to the unit
     */
    public static String text(long baseUnits, int decimals, String symbol) {
        return plain(baseUnits, decimals) + " " + symbol;
    }

    /** As {@link #text} without the symbol. */
    public static String plain(long baseUnits, int decimals) {
        return java.math.BigDecimal.valueOf(baseUnits, decimals).toPlainString();
    }

    /** A signature or key, shortened to what an eye can compare. */
    public static String brief(String base58) {
        return base58.length() <= 12 ? base58 : base58.substring(0, 6) + "…" + base58.substring(base58.length() - 4);
    }
}
