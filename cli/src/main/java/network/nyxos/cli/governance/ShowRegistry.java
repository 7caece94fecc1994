package network.nyxos.cli.governance;

import java.io.PrintWriter;
import java.util.List;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Showing;
import network.nyxos.cli.attach.Slots;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.program.registry.VerifierProposal;
import picocli.CommandLine.Command;

/** Shows a registry. */
@Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Shows the market's registry: whether it takes new nodes, who governs it, the bond it asks for, its verifiers, and who is proposed from which slot.", "Times are about: a slot is taken for 0.4 s."})
final class ShowRegistry extends Showing {

    @Override
    protected void show(ChainSession chain, PrintWriter out, boolean json) {
        GovernedRegistry registry = GovernedRegistry.of(chain);
        Config state = registry.state();
        long slot = chain.slot();
        var sheet = new Sheet().put("registry", registry.address()).put("paused", registry.paused(), registry.paused() ? "YES: no new node, bond or model is taken" : "no");
        AuthorityText.put(sheet, registry);
        sheet.put("bond mint", state.bondMint()).put("least bond", state.minBond(), registry.registry().bond()).put("least validator bond", state.minValidatorBond(), registry.registry().bond()).put("unbonding", state.unbondingSlots(), Slots.text(state.unbondingSlots()))
                .put("nodes", state.nodeCount(), state.nodeCount() + " registered").put("validators", state.validatorCount(), state.validatorCount() + " registered").put("verifiers", state.threshold(), registry.verifiers());
        registry.proposed().ifPresentOrElse(proposed -> sheet.put("proposed", List.of(proposal(proposed, slot))), () -> sheet.line("proposed", "nothing"));
        sheet.print(out, json);
    }

    private static Sheet proposal(VerifierProposal proposed, long slot) {
        return new Sheet().put("applies from", proposed.effectiveSlot(), Slots.from(proposed.effectiveSlot(), slot) + "; `nyxos registry verifiers apply`, by anybody")
                .put("verifiers", proposed.threshold(), proposed.verifiers().subList(0, proposed.verifierCount()));
    }
}
