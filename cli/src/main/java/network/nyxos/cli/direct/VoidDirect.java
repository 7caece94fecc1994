package network.nyxos.cli.direct;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.attach.VerifierSignatures;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.Quorum;
import network.nyxos.escrow.program.escrow.Market;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Voids a record on the verifiers' word. */
@Command(name = "void", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Voids the record of a job whose work does not hold, on the verifiers' word, in the record's window.",
        "Each verifier runs it with its key and hands on the signature that it prints; who has enough of them sends."})
final class VoidDirect extends Sending {

    private static final int MOST_REASON = 255;

    @Parameters(paramLabel = "RECORD", description = "Its address.")
    private String record;

    @Option(names = "--reason", paramLabel = "N", required = true, description = "0 to 255, what the verifiers agree on; it stands in the event.")
    private int reason;

    @Mixin
    private VerifierSignatures signatures;

    @Mixin
    private Consent consent;

    @Override
    protected void run(ChainSession chain) {
        if (reason < 0 || reason > MOST_REASON) {
            throw new StackException("reason_range", "--reason is " + reason + ", must be 0 to " + MOST_REASON);
        }
        DirectAt direct = DirectAt.require(chain, record).requireVoidable();
        Market market = chain.market();
        Hash digest = Digests.voidDirect(chain.programs().escrow(), direct.address(), direct.account().receiptHash(), direct.account().charge(), reason);
        Optional<Quorum> quorum = signatures.collect("this record and this reason", digest, market.verifiers().subList(0, market.verifierCount()), market.threshold(), out());
        if (quorum.isEmpty()) {
            out().println("the window is over with " + Slots.from(direct.account().finalSlot(), chain.slot()));
            return;
        }
        consent.ask(out(), List.of("the record of job " + direct.account().job() + " is void, node " + direct.account().nodeKey() + " is not paid " + direct.mint().text(direct.account().charge()) + " for it",
                "the charge goes back to the payer " + direct.account().payer() + " with `nyxos direct return`"));
        done("record " + direct.address() + " is void", chain.send("void " + direct.address(), direct.calls().voidDirect(direct.address(), reason, quorum.get()), feePayer()));
    }
}
