package network.nyxos.cli.model;

import java.util.List;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.attach.Sending;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Retires a model. */
@Command(name = "retire", mixinStandardHelpOptions = true, sortOptions = false, description = "Retires a model for good. --wallet is the publisher's.")
final class RetireModel extends Sending {

    @Parameters(paramLabel = "MODEL", description = "Its id, 64 hex digits.")
    private String model;

    @Mixin
    private Consent consent;

    @Override
    protected void run(ChainSession chain) {
        Hash id = Attachment.hash("MODEL", model);
        Keypair publisher = wallet();
        Published.of(chain, id).changeableBy(publisher);
        consent.ask(out(), List.of("from the slot in which it is confirmed model " + id + " is retired: no royalty is due for later jobs, and neither it nor its id comes back"));
        Signature signature = chain.send("retirement of model " + id, List.of(chain.registry().calls().retireModel(publisher.publicKey(), id)), feePayer(), publisher);
        done("model " + id + " retired", signature);
    }
}
