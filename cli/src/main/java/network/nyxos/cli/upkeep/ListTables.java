package network.nyxos.cli.upkeep;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import network.nyxos.chain.ClaimTables;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Showing;
import network.nyxos.cli.up.Mint;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.lookup.AddressLookupTable;

/** Lists tables. */
@Command(name = "list", mixinStandardHelpOptions = true, sortOptions = false, description = "Lists the lookup tables of the market's operator, or of another owner, and whose pools' claims can use them.")
final class ListTables extends Showing {

    @Option(names = "--owner", paramLabel = "ADDRESS", description = "Whose tables (default: the market's operator).")
    private Optional<String> owner = Optional.empty();

    @Override
    protected void show(ChainSession chain, PrintWriter out, boolean json) {
        PublicKey whose = owner.map(text -> Attachment.key("--owner", text)).orElseGet(() -> chain.market().operator());
        List<Mint> mints = chain.pools().stream().map(pool -> chain.mint(pool.state().mint())).toList();
        List<Sheet> tables = ClaimTables.owned(chain.rpc(), whose).stream().map(table -> sheet(chain, table, mints)).toList();
        var sheet = new Sheet().put("owner", whose);
        if (tables.isEmpty() && !json) {
            sheet.line("tables", "none");
        } else {
            sheet.put("table", tables);
        }
        sheet.print(out, json);
    }

    private static Sheet sheet(ChainSession chain, AddressLookupTable table, List<Mint> mints) {
        Set<PublicKey> has = table.uniqueAccounts();
        Stream<String> serves = mints.stream().filter(mint -> has.containsAll(chain.pool(mint).claimAccounts())).map(mint -> mint.address().toBase58());
        return new Sheet().put("address", table.address()).put("addresses", table.numAccounts(), Integer.toString(table.numAccounts())).put("for claims of", String.join(", ", serves.toList()))
                .put("active", table.isActive(), table.isActive() ? "yes" : "no, taken out of use in slot " + table.deactivationSlot());
    }
}
