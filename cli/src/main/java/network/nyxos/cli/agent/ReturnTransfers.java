package network.nyxos.cli.agent;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.agent.EscrowCommand.Found;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.PrepaidCalls;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/** Gives back what was transferred to an escrow that takes nothing any more. */
@Command(name = "return", mixinStandardHelpOptions = true, sortOptions = false, description = {"Gives what was transferred to an escrow that is exiting, closed or was never opened back to its payer.",
        "Of one that is not on chain say what its address comes from. Anybody may send it; --wallet pays the fee only."})
final class ReturnTransfers extends Sending {

    @Parameters(paramLabel = "ESCROW", description = "Its address.")
    private String escrow;

    @Option(names = "--payer", paramLabel = "KEY", description = "Whose it was.")
    private Optional<String> payer = Optional.empty();

    @Option(names = "--open-slot", paramLabel = "SLOT", description = "The slot that it was opened under.")
    private Optional<Long> openSlot = Optional.empty();

    @Option(names = "--session-key", paramLabel = "KEY", description = "Its session key's address, if it was a prepaid one.")
    private Optional<String> sessionKey = Optional.empty();

    @Option(names = "--mint", paramLabel = "MINT", defaultValue = "usdc", description = "usdc, nyxos or an address (default: ${DEFAULT-VALUE}).")
    private String mint;

    @Override
    protected void run(ChainSession chain) {
        PublicKey address = Attachment.key("ESCROW", escrow);
        Optional<Found> found = Found.find(chain, address);
        if (found.isPresent() && !found.get().exiting()) {
            throw new StackException("escrow_open", "escrow " + address + " is open: `nyxos escrow count` makes a deposit of what was transferred");
        }
        Mint paid = found.isPresent() ? chain.mint(found.get().escrow().mint()) : chain.mint(attachment().mint(mint));
        PrepaidCalls calls = chain.pool(paid).prepaid();
        PublicKey owner = found.isPresent() ? found.get().escrow().payer() : Attachment.key("--payer", payer.orElseThrow(() -> unknown(chain, address)));
        long amount = chain.balance(address, paid);
        Keypair fees = feePayer();
        List<Instruction> back = found.isPresent() ? calls.giveBack(fees.publicKey(), found.get().escrow()) : gone(chain, calls, address, owner, fees);
        Signature signature = chain.send("return transfers to " + address, back, fees);
        done(paid.text(amount) + " back to " + owner, signature);
    }

    private List<Instruction> gone(ChainSession chain, PrepaidCalls calls, PublicKey address, PublicKey owner, Keypair fees) {
        PublicKey key = sessionKey.map(text -> Attachment.key("--session-key", text)).orElse(PublicKey.NONE);
        long slot = openSlot.orElseThrow(() -> unknown(chain, address));
        PublicKey derived = calls.address(owner, key, slot);
        if (!derived.equals(address)) {
            throw new StackException("address_other", "an escrow of " + owner + " opened under slot " + slot + " has the address " + derived + ", not " + address);
        }
        return calls.giveBack(fees.publicKey(), owner, key, slot);
    }

    private static StackException unknown(ChainSession chain, PublicKey address) {
        return new StackException("escrow_unknown", address + " is no escrow of market " + chain.address() + " (any more): say by --payer, --open-slot and --mint whose it was, and by "
                + "--session-key if it was a prepaid one");
    }
}
