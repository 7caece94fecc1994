package network.nyxos.gateway.credit;

import java.math.BigDecimal;
import network.nyxos.gateway.offer.MintTerms;

/// What a credit is and how credits are sold. A credit is a cent of the dollar mint.
///
/// @param mint            the dollar mint, of 2 to 9 decimals
/// @param least           the fewest credits that are sold at once
/// @param most            the most that are sold at once
/// @param unfundedAnHour  accounts that are opened in an hour and not paid for: each is rent that the sponsor lays out
public record CreditTerms(MintTerms mint, long least, long most, int unfundedAnHour) {
    private static final int CENTS = 2;

    /// From a dollar to a thousand, 200 unfunded accounts an hour.
    public static CreditTerms usual(MintTerms mint) {
        return new CreditTerms(mint, 100, 100_000, 200);
    }

    /// @throws IllegalArgumentException saying what is wrong
    public CreditTerms {
        if (mint.decimals() < CENTS || mint.decimals() > 9) {
            throw new IllegalArgumentException("a credit is a cent: its mint has 2 to 9 decimals, this has " + mint.decimals());
        }
        if (least < 1 || most < least || most > 1_000_000_000L) {
            throw new IllegalArgumentException("credits are sold from 1 to 1000000000 at once, and the fewest are no more than the most; these are " + least + " and " + most);
        }
        if (unfundedAnHour < 1) {
            throw new IllegalArgumentException("at least one unfunded account an hour must be allowed, or nobody can begin");
        }
    }

    /// Base units in a credit.
    public long unit() {
        long unit = 1;
        for (int digit = CENTS; digit < mint.decimals(); digit++) {
            unit *= 10;
        }
        return unit;
    }

    /// What credits cost, in base units.
    ///
    /// @throws ArithmeticException beyond 2^63
    public long price(long credits) {
        return Math.multiplyExact(credits, unit());
    }

    /// Base units in credits, to the last digit.
    public String credits(long baseUnits) {
        BigDecimal exact = BigDecimal.valueOf(baseUnits, mint.decimals() - CENTS).stripTrailingZeros();
        return (exact.scale() < 0 ? exact.setScale(0) : exact).toPlainString();
    }
}
