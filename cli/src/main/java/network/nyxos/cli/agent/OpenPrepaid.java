package network.nyxos.cli.agent;

import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.up.Mint;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.PrepaidCalls;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Opens an escrow for somebody else, to be filled by plain transfers. */
@Command(name = "open-prepaid", mixinStandardHelpOptions = true, sortOptions = false, description = {"Opens a prepaid escrow for a payer and prints its address.",
        "Whoever transfers tokens to that address fills it, with any wallet. The payer alone can take them out again, the session key can spend them for work; "
                + "both are in the address. --wallet pays the rent and has it back when the escrow is closed."})
final class OpenPrepaid extends Sending {

    @Parameters(index = "0", paramLabel = "PAYER", description = "Whose it is to be.")
    private String payer;

    @Parameters(index = "1", paramLabel = "SESSION", description = "The session key's address, which signs vouchers.")
    private String session;

    @Option(names = "--mint", paramLabel = "MINT", defaultValue = "usdc", description = "usdc, nyxos or an address (default: ${DEFAULT-VALUE}).")
    private String mint;

    @Override
    protected void run(ChainSession chain) {
        PublicKey owner = Attachment.key("PAYER", payer);
        PublicKey key = Attachment.key("SESSION", session);
        Mint paid = chain.mint(attachment().mint(mint));
        Keypair rent = wallet();
        PrepaidCalls calls = chain.pool(paid).prepaid();
        long slot = chain.slot();
        PublicKey address = calls.address(owner, key, slot);
        Signature signature = chain.send("open prepaid escrow " + address, calls.open(rent.publicKey(), owner, key, slot), feePayer(), rent);
        out().println(address.toBase58());
        done("opened for " + owner + " in slot " + slot, signature);
    }
}
