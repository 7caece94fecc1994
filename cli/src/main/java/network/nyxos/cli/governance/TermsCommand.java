package network.nyxos.cli.governance;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.CommandGroup;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Terms;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import software.sava.core.accounts.PublicKey;

/** Changes what payers and nodes rely on, after a time in which everybody can leave. */
@Command(name = "terms", mixinStandardHelpOptions = true, description = "Changes fee, windows and verifiers of a market: proposed by its authority, applied by anybody once everybody could have left.",
        subcommands = {TermsCommand.Propose.class, TermsCommand.Apply.class, TermsCommand.Cancel.class})
final class TermsCommand extends CommandGroup {

    private static Terms pending(GovernedMarket market) {
        return market.proposed().orElseThrow(() -> new StackException("proposal_absent", "no terms are proposed for market " + market.address()));
    }

    @Command(name = "propose", mixinStandardHelpOptions = true, sortOptions = false, description = {"Proposes terms. What is not named stays as it is.",
            "They can be applied once the market's exit time and batch window of now are over, so who asks to leave when it is proposed has left by then."})
    static final class Propose extends Governing {

        private static final long MOST_SLOTS = 78_840_000;
        private static final int MOST_FEE = 2_000;
        private static final int LEAST_EXIT = 150;

        @Option(names = "--fee-bps", paramLabel = "N", description = "The fee in hundredths of a percent, 0 to 2000.")
        private Optional<Integer> feeBps = Optional.empty();

        @Option(names = "--challenge-slots", paramLabel = "N", description = "How long a batch can be voided, at most half the registry's unbonding time.")
        private Optional<Long> challenge = Optional.empty();

        @Option(names = "--exit-slots", paramLabel = "N", description = "How long an exit waits, at least 150.")
        private Optional<Long> exit = Optional.empty();

        @Option(names = "--direct-slots", paramLabel = "N", description = "After how long without a batch nodes may settle by themselves, at least the challenge slots; 0: never.")
        private Optional<Long> direct = Optional.empty();

        @Option(names = "--min-poster-bond", paramLabel = "AMOUNT", description = "What who posts batches must have at stake, of the market's bond mint, like 5000; 0 asks for none.")
        private Optional<String> posterBond = Optional.empty();

        @Option(names = "--gateways", paramLabel = "KEY", split = ",", description = "By whose assignments nodes may settle by themselves: up to 4 keys, separated by commas, or none.")
        private List<String> gateways = List.of();

        @Mixin
        private VerifierSet verifiers;

        @Override
        protected Optional<Change> plan(ChainSession chain) {
            GovernedMarket market = GovernedMarket.of(chain);
            Market now = market.state();
            market.proposed().ifPresent(other -> {
                throw new StackException("proposal_pending", "terms are proposed already, to be applied from slot " + other.applySlot() + "; `nyxos market terms cancel` takes them back first");
            });
            VerifierSet.Chosen chosen = verifiers.or(now.threshold(), market.verifiers());
            var terms = new MarketCalls.Terms(now.id(), now.cluster(), now.authority(), now.operator(), now.treasury(), Math.toIntExact(range("--fee-bps", feeBps.orElse(now.feeBps()), 0, MOST_FEE)),
                    range("--challenge-slots", challenge.orElse(now.challengeSlots()), 1, MOST_SLOTS), range("--exit-slots", exit.orElse(now.exitSlots()), LEAST_EXIT, MOST_SLOTS),
                    range("--direct-slots", direct.orElse(now.directSlots()), 0, MOST_SLOTS),
                    posterBond.map(text -> Decimals.parse(text, market.bond())).orElse(now.minPosterBond()), chosen.threshold(), chosen.keys(), gateways(MarketCalls.named(now.gateways())));
            if (terms.directSlots() != 0 && terms.directSlots() < terms.challengeSlots()) {
                throw new StackException("terms_range", "--direct-slots is 0 or at least the challenge slots, " + terms.challengeSlots() + ", not " + terms.directSlots());
            }
            long unbonding = chain.registry().state().unbondingSlots();
            if (terms.challengeSlots() > unbonding / 2) {
                throw new StackException("terms_range", "--challenge-slots is at most half the registry's unbonding time of " + unbonding + " slots, not " + terms.challengeSlots());
            }
            List<String> changes = TermsText.changes(market, TermsText.of(terms));
            if (changes.isEmpty()) {
                throw new StackException("terms_same", "these are the market's terms already: name what shall be another");
            }
            var holds = new ArrayList<>(changes);
            long wait = Math.addExact(now.exitSlots(), now.challengeSlots());
            holds.add("anybody can apply it " + Slots.text(wait) + " after the slot in which it is confirmed; until then, and until somebody does, the terms of now hold");
            return Optional.of(new Change("propose terms for market " + market.address(), holds, Optional.of(market.authority()), List.of(),
                    rentPayer -> List.of(market.calls().proposeTerms(rentPayer, market.authority(), terms)), Terms.SIZE));
        }

        private List<PublicKey> gateways(List<PublicKey> now) {
            if (gateways.isEmpty()) {
                return now;
            }
            List<PublicKey> keys = gateways.equals(List.of("none")) ? List.of() : gateways.stream().map(text -> Attachment.key("--gateways", text)).toList();
            if (keys.size() > MarketCalls.MAX_GATEWAYS || new HashSet<>(keys).size() != keys.size() || keys.contains(PublicKey.NONE)) {
                throw new StackException("gateways_invalid", "--gateways takes none or up to " + MarketCalls.MAX_GATEWAYS + " distinct keys");
            }
            return keys;
        }

        private static long range(String option, long value, long least, long most) {
            if (value < least || value > most) {
                throw new StackException("terms_range", option + " is " + least + " to " + most + ", not " + value);
            }
            return value;
        }
    }

    @Command(name = "apply", mixinStandardHelpOptions = true, sortOptions = false, description = "Puts proposed terms into force when their slot has come. Anybody may send it: --payer pays the fee.")
    static final class Apply extends Governing {

        @Override
        protected Optional<Change> plan(ChainSession chain) {
            GovernedMarket market = GovernedMarket.of(chain);
            Terms terms = pending(market);
            long slot = chain.slot();
            if (slot < terms.applySlot()) {
                throw new StackException("proposal_too_early", "these terms can be applied from " + Slots.from(terms.applySlot(), slot));
            }
            var holds = new ArrayList<>(TermsText.changes(market, TermsText.of(terms)));
            holds.add("from the slot in which it is confirmed; the next change takes as long again");
            return Optional.of(Change.byAnybody("apply the terms proposed for market " + market.address(), holds, market.calls().applyTerms(terms.rentPayer())));
        }
    }

    @Command(name = "cancel", mixinStandardHelpOptions = true, sortOptions = false, description = "Takes proposed terms back.")
    static final class Cancel extends Governing {

        @Override
        protected Optional<Change> plan(ChainSession chain) {
            GovernedMarket market = GovernedMarket.of(chain);
            Terms terms = pending(market);
            var holds = new ArrayList<String>();
            TermsText.changes(market, TermsText.of(terms)).forEach(change -> holds.add("not: " + change));
            holds.add("the terms of now go on holding; the proposal's rent goes back to " + terms.rentPayer());
            return Optional.of(Change.by(market.authority(), "cancel the terms proposed for market " + market.address(), holds,
                    market.calls().cancelTerms(market.authority(), terms.rentPayer())));
        }
    }
}
