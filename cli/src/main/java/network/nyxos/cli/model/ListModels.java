package network.nyxos.cli.model;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Showing;
import network.nyxos.escrow.program.registry.Model;
import picocli.CommandLine.Command;
import software.sava.core.accounts.PublicKey;

/** Shows all models. */
@Command(name = "list", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows every model of the registry, the oldest first.")
final class ListModels extends Showing {

    @Override
    protected void show(ChainSession chain, PrintWriter out, boolean json) {
        PublicKey config = chain.registry().config();
        long slot = chain.slot();
        List<Sheet> models = chain.rpc().programAccounts(chain.programs().registry(), List.of(new AccountFilter.Size(Model.SIZE), AccountFilter.key(Model.OFFSET_CONFIG, config)), Commitment.CONFIRMED)
                .stream().map(account -> Model.decode(account.data())).sorted(Comparator.comparingLong(Model::registeredSlot).thenComparing(Model::modelId))
                .map(account -> new Published(account, slot).sheet()).toList();
        Sheet.print(models, "registry " + config + " has no models", out, json);
    }
}
