package network.nyxos.cli.direct;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.Quorum;
import network.nyxos.escrow.program.escrow.Market;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

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

    @Option(names = "--verifier", paramLabel = "FILE", description = "A verifier's keypair; may be repeated.")
    private List<Path> verifiers = List.of();

    @Option(names = "--signature", paramLabel = "KEY:SIGNATURE", description = "What another verifier's run has printed; may be repeated.")
    private List<String> given = List.of();

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
        Map<PublicKey, Signature> signatures = new LinkedHashMap<>();
        verifiers.forEach(file -> {
            Keypair key = Attachment.keypair(file);
            signatures.put(key.publicKey(), key.sign(digest));
        });
        given.forEach(text -> read(text, digest, signatures));
        List<PublicKey> known = market.verifiers().subList(0, market.verifierCount());
        signatures.keySet().stream().filter(key -> !known.contains(key)).findFirst().ifPresent(key -> {
            throw new StackException("verifier_unknown", key + " is none of the market's verifiers");
        });
        if (signatures.size() < market.threshold()) {
            signatures.forEach((key, signature) -> out().println(key + ":" + signature.base64()));
            out().println(signatures.size() + " of " + market.threshold() + " signatures, nothing was sent; the window is over with " + Slots.from(direct.account().finalSlot(), chain.slot()));
            return;
        }
        consent.ask(out(), List.of("the record of job " + direct.account().job() + " is void, node " + direct.account().nodeKey() + " is not paid " + direct.mint().text(direct.account().charge()) + " for it",
                "the charge goes back to the payer " + direct.account().payer() + " with `nyxos direct return`"));
        var quorum = new LinkedHashMap<PublicKey, Signature>();
        signatures.entrySet().stream().limit(market.threshold()).forEach(entry -> quorum.put(entry.getKey(), entry.getValue()));
        done("record " + direct.address() + " is void", chain.send("void " + direct.address(), direct.calls().voidDirect(direct.address(), reason, new Quorum(digest, quorum)), feePayer()));
    }

    private static void read(String text, Hash digest, Map<PublicKey, Signature> signatures) {
        String[] parts = text.split(":", 2);
        PublicKey key = Attachment.key("--signature", parts[0]);
        Signature signature;
        try {
            signature = Signature.fromBase64(parts.length == 2 ? parts[1] : "");
        } catch (ProtocolException e) {
            throw new StackException("signature_malformed", "--signature takes KEY:SIGNATURE as `nyxos direct void` prints it, not '" + text + "'");
        }
        if (!Ed25519.fastest().verify(key, digest.bytes(), signature)) {
            throw new StackException("signature_wrong", "the signature of " + key + " is not over this record and this reason");
        }
        signatures.put(key, signature);
    }
}
