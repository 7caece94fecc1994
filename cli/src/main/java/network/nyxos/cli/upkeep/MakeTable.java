package network.nyxos.cli.upkeep;

import java.util.List;
import java.util.Optional;
import network.nyxos.chain.ClaimTables;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.transaction.LookupTables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.lookup.AddressLookupTable;

/** Makes a table. */
@Command(name = "make", mixinStandardHelpOptions = true, sortOptions = false, description = {"Makes a lookup table of what claims in a market's pools share, owned by --wallet, which pays its rent.",
        "A relayer finds its operator's by itself; `nyxos claim` finds the claimer's and the operator's. `nyxos market table close` gives the rent back."})
final class MakeTable extends Sending {

    @Option(names = "--mint", paramLabel = "MINT", description = "Whose pool: usdc, nyxos or an address; may be given more than once (default: every pool of the market).")
    private List<String> mints = List.of();

    @Override
    protected void run(ChainSession chain) {
        Keypair owner = wallet();
        List<PoolCalls> pools = (mints.isEmpty() ? chain.pools().stream().map(pool -> pool.state().mint()).toList() : mints.stream().map(mint -> attachment().mint(mint)).toList()).stream().map(mint -> chain.pool(chain.mint(mint))).toList();
        List<PublicKey> keys = pools.stream().flatMap(pool -> pool.claimAccounts().stream()).distinct().toList();
        if (keys.isEmpty()) {
            throw new StackException("pool_absent", "market " + chain.address() + " has no pool");
        }
        if (keys.size() > LookupTables.MOST_AT_ONCE) {
            throw new StackException("table_too_large", "the market's " + pools.size() + " pools have " + keys.size() + " accounts, a table is made with " + LookupTables.MOST_AT_ONCE
                    + " at most: name some of their mints with --mint, and make a table for the others");
        }
        Optional<AddressLookupTable> known = ClaimTables.owned(chain.rpc(), owner.publicKey()).stream()
                .filter(table -> table.isActive() && table.uniqueAccounts().containsAll(keys)).findFirst();
        if (known.isPresent()) {
            out().println(owner.publicKey() + " has one already: " + known.get().address());
            return;
        }
        LookupTables.New table = LookupTables.create(owner.publicKey(), chain.finalSlot(), keys);
        long rent = chain.rpc().minimumRent(AddressLookupTable.LOOKUP_TABLE_META_SIZE + keys.size() * PublicKey.PUBLIC_KEY_LENGTH);
        Signature signature = chain.send("make a lookup table", table.instructions(), feePayer(), owner);
        out().println(table.address());
        done("table " + table.address() + " has " + keys.size() + " addresses; its rent of " + rent + " lamports comes back by 'nyxos market table close'", signature);
    }
}
