package network.nyxos.cli.governance;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.CommandGroup;
import network.nyxos.cli.up.StackException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import software.sava.core.accounts.PublicKey;

/** Hands the authority over, in two steps, so that it never goes to a key that nobody has. */
@Command(name = "authority", mixinStandardHelpOptions = true, description = "Hands the authority over: offered by the one who has it, accepted by the one who gets it.",
        subcommands = {AuthorityCommand.Offer.class, AuthorityCommand.Withdraw.class, AuthorityCommand.Accept.class})
final class AuthorityCommand extends CommandGroup {

    @ParentCommand
    private Governance parent;

    @Command(name = "offer", mixinStandardHelpOptions = true, sortOptions = false, description = "Offers the authority to a key, in place of an offer that stands.")
    static final class Offer extends Governing {

        @ParentCommand
        private AuthorityCommand parent;

        @Parameters(paramLabel = "ADDRESS", description = "Who may take it: a wallet, or a multisig's address that signs.")
        private String next;

        @Override
        protected Optional<Change> plan(ChainSession chain) {
            Governed governed = parent.parent.governed(chain);
            PublicKey heir = Attachment.key("ADDRESS", next);
            if (heir.equals(PublicKey.NONE)) {
                throw new StackException("authority_none", "nobody has the key of " + heir + "; `nyxos " + governed.kind() + " authority withdraw` takes an offer back");
            }
            if (heir.equals(governed.authority())) {
                throw new StackException("authority_same", heir + " is the authority already");
            }
            if (governed.nominee().equals(Optional.of(heir))) {
                tell("the authority of " + governed.kind() + " " + governed.address() + " is offered to " + heir + " already");
                return Optional.empty();
            }
            return Optional.of(Change.by(governed.authority(), "offer the authority of " + governed.kind() + " " + governed.address() + " to " + heir, List.of(
                    "from the slot in which it is confirmed " + heir + " can take the authority at any time, with `nyxos " + governed.kind() + " authority accept`",
                    governed.authority() + " keeps it until then, and can take the offer back"), governed.offer(heir)));
        }
    }

    @Command(name = "withdraw", mixinStandardHelpOptions = true, sortOptions = false, description = "Takes an offer of the authority back.")
    static final class Withdraw extends Governing {

        @ParentCommand
        private AuthorityCommand parent;

        @Override
        protected Optional<Change> plan(ChainSession chain) {
            Governed governed = parent.parent.governed(chain);
            if (governed.nominee().isEmpty()) {
                tell("the authority of " + governed.kind() + " " + governed.address() + " is offered to nobody");
                return Optional.empty();
            }
            return Optional.of(Change.by(governed.authority(), "withdraw the offer of the authority of " + governed.kind() + " " + governed.address(),
                    List.of("from the slot in which it is confirmed " + governed.nominee().get() + " cannot take it any more"), governed.offer(PublicKey.NONE)));
        }
    }

    @Command(name = "accept", mixinStandardHelpOptions = true, sortOptions = false, description = "Takes the authority that was offered; signed by who gets it.")
    static final class Accept extends Governing {

        @ParentCommand
        private AuthorityCommand parent;

        @Override
        protected Optional<Change> plan(ChainSession chain) {
            Governed governed = parent.parent.governed(chain);
            PublicKey heir = governed.nominee().orElseThrow(() -> new StackException("authority_not_offered", "the authority of " + governed.kind() + " " + governed.address()
                    + " is offered to nobody; its authority " + governed.authority() + " offers it with `nyxos " + governed.kind() + " authority offer`"));
            return Optional.of(Change.by(heir, "take the authority of " + governed.kind() + " " + governed.address(), List.of("from the slot in which it is confirmed " + heir
                    + " alone governs, and " + governed.authority() + " no longer does; only " + heir + " can give it back"), governed.accept()));
        }
    }
}
