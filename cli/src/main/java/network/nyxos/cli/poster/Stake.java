package network.nyxos.cli.poster;

import java.util.Optional;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.program.PosterCalls;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Poster;
import software.sava.core.accounts.PublicKey;

/**
 * What an operator has at stake in a market.
 *
 * @param bond     what bonds are in
 * @param account  empty where it never bonded, or withdrew
 * @param operator whose it is
 * @param slot     the chain's
 */
record Stake(ChainSession chain, Market market, Mint bond, PosterCalls calls, Optional<Poster> account, PublicKey operator, long slot) {

    private static final int UNBONDING = 2;

    static Stake of(ChainSession chain, PublicKey operator) {
        Market market = chain.market();
        Mint bond = chain.mint(market.bondMint());
        PosterCalls calls = chain.calls().posters(bond.address(), bond.tokenProgram());
        return new Stake(chain, market, bond, calls, chain.owned(calls.account(operator), chain.programs().escrow()).map(account -> Poster.decode(account.data())), operator, chain.slot());
    }

    /** As the chain has it now. */
    Stake now() {
        return of(chain, operator);
    }

    /** @throws StackException {@code poster_missing} */
    Poster require() {
        return account.orElseThrow(() -> new StackException("poster_missing", operator + " has no bond in market " + chain.address() + ": `nyxos poster bond` makes one"));
    }

    boolean isUnbonding() {
        return require().state() == UNBONDING;
    }

    /** From which slot the bond can be withdrawn, where it was asked back. */
    long withdrawableFrom() {
        return Math.max(require().unbondSlot(), require().lockedUntil());
    }

    Sheet sheet() {
        Poster poster = require();
        var sheet = new Sheet().put("operator", operator).put("state", isUnbonding() ? "unbonding" : "bonded").put("bond", poster.bond(), bond)
                .put("asked for", market.minPosterBond(), bond).put("posts", operator.equals(market.operator()), operator.equals(market.operator()) ? "yes: it is the market's operator" : "no");
        if (poster.slashedTotal() != 0) {
            sheet.put("slashed", poster.slashedTotal(), bond);
        }
        if (poster.lockedUntil() != 0) {
            sheet.put("locked until", poster.lockedUntil(), Slots.from(poster.lockedUntil(), slot) + ", the end of its last window");
        }
        return isUnbonding() ? sheet.put("withdrawable", withdrawableFrom(), "from " + Slots.from(withdrawableFrom(), slot)) : sheet;
    }
}
