package network.nyxos.cli.attach;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.Quorum;
import picocli.CommandLine.Option;
import software.sava.core.accounts.PublicKey;

/** Options by which verifiers sign the same thing one after the other, each on its own machine: each hands on what its run prints, and who has enough of it sends. */
public final class VerifierSignatures {

    @Option(names = "--verifier", paramLabel = "FILE", description = "A verifier's keypair; may be repeated.")
    private List<Path> verifiers = List.of();

    @Option(names = "--signature", paramLabel = "KEY:SIGNATURE", description = "What another verifier's run has printed; may be repeated.")
    private List<String> given = List.of();

    /**
     * Signs and collects.
     *
     * @param what      is signed, named for messages
     * @param known     the verifiers whose word counts
     * @param threshold signatures that are enough
     * @param out       where the signatures are printed while they are not
     * @return empty while they are not enough
     * @throws StackException {@code signature_malformed}, {@code signature_wrong}, {@code verifier_unknown}
     */
    public Optional<Quorum> collect(String what, Hash digest, List<PublicKey> known, int threshold, PrintWriter out) {
        Map<PublicKey, Signature> signatures = new LinkedHashMap<>();
        verifiers.forEach(file -> {
            Keypair key = Attachment.keypair(file);
            signatures.put(key.publicKey(), key.sign(digest));
        });
        given.forEach(text -> read(text, what, digest, signatures));
        signatures.keySet().stream().filter(key -> !known.contains(key)).findFirst().ifPresent(key -> {
            throw new StackException("verifier_unknown", key + " is none of the verifiers");
        });
        if (signatures.size() < threshold) {
            signatures.forEach((key, signature) -> out.println(key + ":" + signature.base64()));
            out.println(signatures.size() + " of " + threshold + " signatures, nothing was sent");
            return Optional.empty();
        }
        var quorum = new LinkedHashMap<PublicKey, Signature>();
        signatures.entrySet().stream().limit(threshold).forEach(entry -> quorum.put(entry.getKey(), entry.getValue()));
        return Optional.of(new Quorum(digest, quorum));
    }

    private static void read(String text, String what, Hash digest, Map<PublicKey, Signature> signatures) {
        String[] parts = text.split(":", 2);
        PublicKey key = Attachment.key("--signature", parts[0]);
        Signature signature;
        try {
            signature = Signature.fromBase64(parts.length == 2 ? parts[1] : "");
        } catch (ProtocolException e) {
            throw new StackException("signature_malformed", "--signature takes KEY:SIGNATURE as this command prints it, not '" + text + "'");
        }
        if (!Ed25519.fastest().verify(key, digest.bytes(), signature)) {
            throw new StackException("signature_wrong", "the signature of " + key + " is not over " + what);
        }
        signatures.put(key, signature);
    }
}
