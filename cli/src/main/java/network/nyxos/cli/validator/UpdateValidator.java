package network.nyxos.cli.validator;

import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.BondState;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import software.sava.core.accounts.PublicKey;

/** Changes who is paid. */
@Command(name = "update", mixinStandardHelpOptions = true, sortOptions = false, description = "Changes the wallet that what a validator earns is credited to, at once. --wallet is its operator's.")
final class UpdateValidator extends Answering {

    @Option(names = "--payout", paramLabel = "WALLET", required = true, description = "The next wallet.")
    private String payout;

    @Override
    void run(Standing validator, Keypair operator) {
        PublicKey paid = Attachment.key("--payout", payout);
        validator.require(BondState.ACTIVE, "only an active validator changes");
        if (paid.equals(validator.account().payout())) {
            out().println(paid + " is paid already");
            return;
        }
        Signature signature = validator.send("update validator", validator.registry().calls().updateValidator(operator.publicKey(), validator.key(), paid), feePayer(), operator);
        done("what it earns is credited to " + paid + "; what " + validator.account().payout() + " was credited before stays its own to claim", signature);
    }
}
