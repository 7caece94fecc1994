package network.nyxos.cli.governance;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Showing;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.Mint;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.program.escrow.Terms;
import picocli.CommandLine.Command;

/** Shows a market. */
@Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false, description = {"Shows a market: whether it takes new money, who governs it, its terms, what is proposed and from which slot, its pools.",
        "Times are about: a slot is taken for 0.4 s."})
final class ShowMarket extends Showing {

    @Override
    protected void show(ChainSession chain, PrintWriter out, boolean json) {
        GovernedMarket market = GovernedMarket.of(chain);
        Market state = market.state();
        long slot = chain.slot();
        var sheet = new Sheet().put("market", market.address()).put("paused", market.paused(), market.paused() ? "YES: no new money is taken, everything else goes on" : "no");
        AuthorityText.put(sheet, market);
        sheet.put("operator", state.operator()).put("treasury", state.treasury()).put("registry", state.registryConfig()).put("cluster", state.cluster().base58());
        terms(sheet, market, TermsText.of(market));
        market.proposed().ifPresentOrElse(proposed -> sheet.put("proposed", List.of(proposal(market, proposed, slot))), () -> sheet.line("proposed", "nothing"));
        sheet.put("pool", pools(chain, slot));
        sheet.print(out, json);
    }

    private static void terms(Sheet sheet, GovernedMarket market, TermsText terms) {
        sheet.put("fee", terms.feeBps(), TermsText.percent(terms.feeBps())).put("batch window", terms.challengeSlots(), Slots.text(terms.challengeSlots()))
                .put("exit time", terms.exitSlots(), Slots.text(terms.exitSlots())).put("direct after", terms.directSlots(), TermsText.silence(terms.directSlots()))
                .put("bond mint", market.bond().address()).put("poster bond", terms.minPosterBond(), market.bond()).put("verifiers", terms.threshold(), terms.verifiers()).put("gateways", TermsText.names(terms.gateways()));
    }

    private static Sheet proposal(GovernedMarket market, Terms proposed, long slot) {
        var sheet = new Sheet().put("applies from", proposed.applySlot(), Slots.from(proposed.applySlot(), slot) + "; `nyxos market terms apply`, by anybody");
        TermsText.changes(market, TermsText.of(proposed)).forEach(change -> sheet.line("change", change));
        return sheet;
    }

    private static List<Sheet> pools(ChainSession chain, long slot) {
        var sheets = new ArrayList<Sheet>();
        chain.pools().forEach(account -> {
                    Pool pool = account.state();
                    Mint mint = chain.mint(pool.mint());
                    sheets.add(new Sheet().put("mint", pool.mint().toBase58()).put("pool", account.address())
                            .put("in deposits", pool.deposited() - pool.settled() - pool.exited() - pool.direct(), mint).put("to claim", pool.credited() - pool.claimed(), mint)
                            .put("last batch", pool.finalSeq(), pool.finalSeq() == 0 ? "none is final" : pool.finalSeq() + " is final")
                            .put("pending batch", pool.pendingSeq(), pool.pendingSeq() == 0 ? "none" : Long.toString(pool.pendingSeq()))
                            .put("posted last", pool.lastPostSlot(), pool.nextSeq() == 1 ? "never" : Slots.text(slot - pool.lastPostSlot()) + " ago"));
                });
        return sheets;
    }
}
