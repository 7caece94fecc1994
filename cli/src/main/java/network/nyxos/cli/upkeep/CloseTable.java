package network.nyxos.cli.upkeep;

import java.util.List;
import network.nyxos.chain.ClaimTables;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.transaction.LookupTables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.lookup.AddressLookupTable;

/** Closes a table. */
@Command(name = "close", mixinStandardHelpOptions = true, sortOptions = false, description = {"Takes a lookup table out of use, and, told so again some 4 minutes later, closes it: its rent goes to its owner, --wallet.",
        "The time between is the chain's: transactions that name the table may still be under way."})
final class CloseTable extends Sending {

    /** Slots for which the program still knows a table that was taken out of use, those of the SlotHashes sysvar, and the slot itself. */
    private static final long COOLDOWN = 513;

    @Parameters(paramLabel = "TABLE", description = "Its address.")
    private String address;

    @Override
    protected void run(ChainSession chain) {
        PublicKey key = Attachment.key("TABLE", address);
        AddressLookupTable table = ClaimTables.at(chain.rpc(), key).orElseThrow(() -> new StackException("table_unknown", "there is no lookup table at " + key));
        Keypair owner = wallet();
        if (!owner.publicKey().equals(table.authority())) {
            throw new StackException("table_foreign", "the table is owned by " + table.authority() + ", the wallet is " + owner.publicKey());
        }
        if (table.isActive()) {
            var signature = chain.send("take a lookup table out of use", List.of(LookupTables.deactivate(key, owner.publicKey())), feePayer(), owner);
            done("table " + key + " is out of use; close it with the same command in " + Slots.text(COOLDOWN), signature);
            return;
        }
        long from = table.deactivationSlot() + COOLDOWN;
        if (chain.slot() < from) {
            throw new StackException("table_too_early", "the table can be closed from " + Slots.from(from, chain.slot()));
        }
        var signature = chain.send("close a lookup table", List.of(LookupTables.close(key, owner.publicKey())), feePayer(), owner);
        done("table " + key + " is closed, its rent went to " + owner.publicKey(), signature);
    }
}
