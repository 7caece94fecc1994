package network.nyxos.cli.governance;

import java.util.ArrayList;
import java.util.List;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Slots;
import software.sava.core.accounts.PublicKey;

/** What stands beside the terms of a market and its registry: stops, and changes that wait for their slot or for somebody to take them. */
public final class Announced {

    private Announced() {
    }

    /**
     * A line each; what is not on the chain has none.
     *
     * @param registry the registry's account
     */
    public static List<String> of(ChainSession chain, PublicKey registry) {
        var lines = new ArrayList<String>();
        long slot = chain.slot();
        if (chain.owned(registry, chain.programs().registry()).isPresent()) {
            GovernedRegistry governed = GovernedRegistry.of(chain, chain.registry(registry));
            common(governed, lines);
            governed.proposed().ifPresent(proposed -> lines.add("PENDING  registry.verifiers: from " + Slots.from(proposed.effectiveSlot(), slot) + ", anybody can put in charge "
                    + TermsText.quorum(proposed.threshold(), proposed.verifiers().subList(0, proposed.verifierCount()))));
        }
        if (chain.owned(chain.address(), chain.programs().escrow()).isPresent()) {
            GovernedMarket governed = GovernedMarket.of(chain);
            common(governed, lines);
            governed.proposed().ifPresent(proposed -> TermsText.changes(governed, TermsText.of(proposed))
                    .forEach(change -> lines.add("PENDING  market, from " + Slots.from(proposed.applySlot(), slot) + ", anybody can apply " + change)));
        }
        return lines;
    }

    private static void common(Governed governed, List<String> lines) {
        if (governed.paused()) {
            lines.add("PAUSED   " + governed.kind() + ": " + governed.stops().getFirst());
        }
        governed.nominee().ifPresent(nominee -> lines.add("PENDING  " + governed.kind() + ".authority: " + nominee + " can take it at any time"));
    }
}
