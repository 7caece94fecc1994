package network.nyxos.cli.validator;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Showing;
import network.nyxos.escrow.program.registry.Validator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows validators. */
@Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows a validator, or all of the registry, the oldest first.")
final class ShowValidators extends Showing {

    @Parameters(paramLabel = "VALIDATOR", arity = "0..1", description = "Its key.")
    private Optional<String> validator = Optional.empty();

    @Override
    protected void show(ChainSession chain, PrintWriter out, boolean json) {
        if (validator.isPresent()) {
            Standing.of(chain, Attachment.key("VALIDATOR", validator.get())).sheet().print(out, json);
            return;
        }
        ChainSession.Registry registry = chain.registry();
        long slot = chain.slot();
        List<Sheet> all = chain.rpc().programAccounts(chain.programs().registry(), List.of(new AccountFilter.Size(Validator.SIZE), AccountFilter.key(Validator.OFFSET_CONFIG, registry.config())),
                Commitment.CONFIRMED).stream().filter(account -> Validator.matches(account.data())).map(account -> Validator.decode(account.data()))
                .sorted(Comparator.comparingLong(Validator::registeredSlot)).map(account -> new Standing(chain, registry, account, slot).sheet()).toList();
        Sheet.print(all, "registry " + registry.config() + " has no validators", out, json);
    }
}
