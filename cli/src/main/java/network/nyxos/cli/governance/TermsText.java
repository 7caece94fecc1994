package network.nyxos.cli.governance;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import network.nyxos.cli.attach.Slots;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.escrow.Terms;
import software.sava.core.accounts.PublicKey;

/** What can be changed of a market's terms, and how it reads. */
record TermsText(int feeBps, long challengeSlots, long exitSlots, long directSlots, long minPosterBond, int threshold, List<PublicKey> verifiers,
                 List<PublicKey> gateways) {

    static TermsText of(MarketCalls.Terms terms) {
        return new TermsText(terms.feeBps(), terms.challengeSlots(), terms.exitSlots(), terms.directSlots(), terms.minPosterBond(), terms.threshold(), terms.verifiers(), terms.gateways());
    }

    static TermsText of(Terms terms) {
        return new TermsText(terms.feeBps(), terms.challengeSlots(), terms.exitSlots(), terms.directSlots(), terms.minPosterBond(), terms.threshold(), terms.verifiers().subList(0, terms.verifierCount()),
                MarketCalls.named(terms.gateways()));
    }

    static TermsText of(GovernedMarket market) {
        var state = market.state();
        return new TermsText(state.feeBps(), state.challengeSlots(), state.exitSlots(), state.directSlots(), state.minPosterBond(), state.threshold(), market.verifiers(), MarketCalls.named(state.gateways()));
    }

    /** Basis points as a percentage: {@code 2.50 %}. */
    static String percent(int bps) {
        return BigDecimal.valueOf(bps, 2).toPlainString() + " %";
    }

    /** How many of which keys must sign: {@code 2 of 3 (…, …, …)}. */
    static String quorum(int threshold, List<PublicKey> verifiers) {
        return threshold + " of " + verifiers.size() + " (" + verifiers.stream().map(PublicKey::toBase58).collect(Collectors.joining(", ")) + ")";
    }

    /** How long nothing must have been posted before a node settles by itself. */
    static String silence(long slots) {
        return slots == 0 ? "never" : Slots.text(slots);
    }

    static String names(List<PublicKey> keys) {
        return keys.isEmpty() ? "none" : keys.stream().map(PublicKey::toBase58).collect(Collectors.joining(", "));
    }

    /** What would be another than the market's terms of now, a line each. */
    static List<String> changes(GovernedMarket market, TermsText next) {
        TermsText now = of(market);
        var changes = new ArrayList<String>();
        change(changes, "fee", percent(now.feeBps), percent(next.feeBps));
        change(changes, "batch window", Slots.text(now.challengeSlots), Slots.text(next.challengeSlots));
        change(changes, "exit time", Slots.text(now.exitSlots), Slots.text(next.exitSlots));
        change(changes, "direct after", silence(now.directSlots), silence(next.directSlots));
        change(changes, "poster bond", market.bond().text(now.minPosterBond), market.bond().text(next.minPosterBond));
        change(changes, "verifiers", quorum(now.threshold, now.verifiers), quorum(next.threshold, next.verifiers));
        change(changes, "gateways", names(now.gateways), names(next.gateways));
        return changes;
    }

    /** A line where something changes. */
    static void change(List<String> changes, String what, String now, String next) {
        if (!now.equals(next)) {
            changes.add(what + ": " + now + " -> " + next);
        }
    }
}
