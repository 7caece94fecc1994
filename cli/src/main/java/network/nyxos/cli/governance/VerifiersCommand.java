package network.nyxos.cli.governance;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.CommandGroup;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.program.registry.VerifierProposal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Changes a registry's verifiers, after a time in which every bond can leave. */
@Command(name = "verifiers", mixinStandardHelpOptions = true, description = "Changes who attests and slashes: proposed by the registry's authority, applied by anybody one and a half unbonding times later.",
        subcommands = {VerifiersCommand.Propose.class, VerifiersCommand.Apply.class, VerifiersCommand.Cancel.class})
final class VerifiersCommand extends CommandGroup {

    private static VerifierProposal pending(GovernedRegistry registry) {
        return registry.proposed().orElseThrow(() -> new StackException("proposal_absent", "no verifiers are proposed for registry " + registry.address()));
    }

    /** Slots between a proposal and the first slot in which it can be applied: one and a half unbonding times. */
    private static long notice(GovernedRegistry registry) {
        long unbonding = registry.state().unbondingSlots();
        return Math.addExact(unbonding, unbonding / 2);
    }

    private static String change(GovernedRegistry registry, VerifierSet.Chosen next) {
        return "verifiers: " + TermsText.quorum(registry.state().threshold(), registry.verifiers()) + " -> " + TermsText.quorum(next.threshold(), next.keys());
    }

    private static VerifierSet.Chosen of(VerifierProposal proposal) {
        return new VerifierSet.Chosen(proposal.threshold(), proposal.verifiers().subList(0, proposal.verifierCount()));
    }

    @Command(name = "propose", mixinStandardHelpOptions = true, sortOptions = false, description = {"Proposes verifiers. What is not named stays as it is.",
            "They can be applied one and a half unbonding times later, so who asks for a bond within half an unbonding time of the proposal has it back by then."})
    static final class Propose extends Governing {

        @Mixin
        private VerifierSet verifiers;

        @Override
        protected Optional<Change> plan(ChainSession chain) {
            GovernedRegistry registry = GovernedRegistry.of(chain);
            registry.proposed().ifPresent(other -> {
                throw new StackException("proposal_pending", "verifiers are proposed already, to be applied from slot " + other.effectiveSlot()
                        + "; `nyxos registry verifiers cancel` takes them back first");
            });
            VerifierSet.Chosen next = verifiers.or(registry.state().threshold(), registry.verifiers());
            if (next.equals(new VerifierSet.Chosen(registry.state().threshold(), registry.verifiers()))) {
                throw new StackException("verifiers_same", "these are the registry's verifiers already");
            }
            return Optional.of(new Change("propose verifiers for registry " + registry.address(), List.of(change(registry, next), "anybody can apply it "
                    + Slots.text(notice(registry)) + " after the slot in which it is confirmed; until then, and until somebody does, the verifiers of now sign"),
                    Optional.of(registry.authority()), List.of(),
                    rentPayer -> List.of(registry.registry().calls().proposeVerifiers(rentPayer, registry.authority(), next.threshold(), next.keys())), VerifierProposal.SIZE));
        }
    }

    @Command(name = "apply", mixinStandardHelpOptions = true, sortOptions = false, description = "Puts proposed verifiers in charge when their slot has come. Anybody may send it: --payer pays the fee.")
    static final class Apply extends Governing {

        @Override
        protected Optional<Change> plan(ChainSession chain) {
            GovernedRegistry registry = GovernedRegistry.of(chain);
            VerifierProposal proposal = pending(registry);
            long slot = chain.slot();
            if (slot < proposal.effectiveSlot()) {
                throw new StackException("proposal_too_early", "these verifiers can be put in charge from " + Slots.from(proposal.effectiveSlot(), slot));
            }
            return Optional.of(Change.byAnybody("apply the verifiers proposed for registry " + registry.address(), List.of(change(registry, of(proposal)),
                    "from the slot in which it is confirmed; what the verifiers of now signed and nobody sent is good for nothing then"),
                    registry.registry().calls().applyVerifiers(proposal.rentPayer())));
        }
    }

    @Command(name = "cancel", mixinStandardHelpOptions = true, sortOptions = false, description = "Takes proposed verifiers back.")
    static final class Cancel extends Governing {

        @Override
        protected Optional<Change> plan(ChainSession chain) {
            GovernedRegistry registry = GovernedRegistry.of(chain);
            VerifierProposal proposal = pending(registry);
            var holds = new ArrayList<String>();
            holds.add("not: " + change(registry, of(proposal)));
            holds.add("the verifiers of now go on; the proposal's rent goes back to " + proposal.rentPayer());
            return Optional.of(Change.by(registry.authority(), "cancel the verifiers proposed for registry " + registry.address(), holds,
                    registry.registry().calls().cancelVerifiers(registry.authority(), proposal.rentPayer())));
        }
    }
}
