package network.nyxos.cli.model;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.registry.Measurement;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Changes a model's terms. */
@Command(name = "update", mixinStandardHelpOptions = true, sortOptions = false, description = {"Changes royalty, payee or measurements of a model; what is not named stays. --wallet is the publisher's.",
        "A higher royalty holds after the unbonding time, everything else at once."})
final class UpdateModel extends Sending {

    @Parameters(paramLabel = "MODEL", description = "Its id, 64 hex digits.")
    private String model;

    @Option(names = "--royalty-bps", paramLabel = "N", description = "The royalty in hundredths of a percent, 0 to 3000.")
    private Optional<Integer> royalty = Optional.empty();

    @Option(names = "--payee", paramLabel = "WALLET", description = "Who gets the royalty.")
    private Optional<String> payee = Optional.empty();

    @ArgGroup
    private Measured measured = new Measured();

    /** Under what a confidential node may serve it. */
    static final class Measured {

        @Option(names = "--measurement", paramLabel = "HEX", description = "A measurement, 96 hex digits; at most four, in place of those of now.")
        private List<String> some = List.of();

        @Option(names = "--any-measurement", description = "Any measurement.")
        private boolean any;
    }

    @Override
    protected void run(ChainSession chain) {
        Hash id = Attachment.hash("MODEL", model);
        royalty.ifPresent(Published::royalty);
        List<Measurement> named = Published.measurements(measured.some);
        Keypair publisher = wallet();
        Published now = Published.of(chain, id);
        now.changeableBy(publisher);
        PublicKey paid = payee.map(text -> Attachment.key("--payee", text)).orElse(now.account().payee());
        List<Measurement> next = measured.any ? List.of() : named.isEmpty() ? now.measurements() : named;
        // What was announced stays announced, unless another royalty is named.
        int bps = royalty.orElse(now.isRaising() ? now.account().pendingRoyaltyBps() : now.royalty());
        if (bps == (now.isRaising() ? now.account().pendingRoyaltyBps() : now.royalty()) && paid.equals(now.account().payee()) && next.equals(now.measurements())) {
            throw new StackException("model_same", "the model has these terms already: name what shall be another");
        }
        Signature signature = chain.send("update of model " + id, List.of(chain.registry().calls().updateModel(publisher.publicKey(), id, bps, paid, next)), feePayer(), publisher);
        Published then = Published.of(chain, id);
        done("updated: royalty " + Published.percent(then.royalty()) + " to " + then.account().payee()
                + (then.isRaising() ? ", " + Published.percent(then.account().pendingRoyaltyBps()) + " from " + Slots.from(then.account().pendingSlot(), then.slot()) : ""), signature);
    }
}
