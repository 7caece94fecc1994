package network.nyxos.cli.direct;

import java.util.List;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Closes a record. */
@Command(name = "close", mixinStandardHelpOptions = true, sortOptions = false, description = "Closes a record that is paid or returned, a day after its window and when its escrow is closed; its rent goes back to --wallet, who paid it.")
final class CloseDirect extends Sending {

    private static final long STANDS = 216_000;

    @Parameters(paramLabel = "RECORD", description = "Its address.")
    private String record;

    @Override
    protected void run(ChainSession chain) {
        DirectAt direct = DirectAt.require(chain, record);
        Keypair payer = wallet();
        if (!direct.account().rentPayer().equals(payer.publicKey())) {
            throw new StackException("rent_payer_other", "the record's rent was paid by " + direct.account().rentPayer() + ", not " + payer.publicKey());
        }
        if (!direct.isOver()) {
            throw new StackException("direct_state", "the record is " + direct.state() + " and holds " + direct.mint().text(direct.account().charge()) + ": finish or return it first");
        }
        if (chain.owned(direct.account().escrow(), chain.programs().escrow()).isPresent()) {
            throw new StackException("escrow_open", "escrow " + direct.account().escrow() + " is open: until its payer leaves, the record keeps the job from being settled again");
        }
        long from = direct.account().finalSlot() + STANDS;
        long slot = chain.slot();
        if (slot < from) {
            throw new StackException("close_too_early", "the record can be closed from " + Slots.from(from, slot));
        }
        Keypair fees = feePayer();
        done("record " + direct.address() + " closed", chain.send("close " + direct.address(), List.of(direct.calls().closeDirect(payer.publicKey(), direct.address(), direct.account().escrow())), fees, payer));
    }
}
