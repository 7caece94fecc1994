package network.nyxos.cli.governance;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.up.StackException;
import picocli.CommandLine.Option;
import software.sava.core.accounts.PublicKey;

/** Options that choose verifiers. */
final class VerifierSet {

    private static final int MOST = 7;

    @Option(names = "--verifiers", paramLabel = "KEY", split = ",", description = "The verifiers' keys, 1 to 7, separated by commas.")
    private List<String> verifiers = List.of();

    @Option(names = "--threshold", paramLabel = "N", description = "How many of them must sign.")
    private Optional<Integer> threshold = Optional.empty();

    /** Who was chosen. */
    record Chosen(int threshold, List<PublicKey> keys) {
    }

    /**
     * The set; what was not given stays as it is.
     *
     * @throws StackException {@code key_malformed}, {@code verifiers_invalid}
     */
    Chosen or(int thresholdNow, List<PublicKey> keysNow) {
        List<PublicKey> keys = verifiers.isEmpty() ? keysNow : verifiers.stream().map(text -> Attachment.key("--verifiers", text)).toList();
        int needed = threshold.orElse(thresholdNow);
        if (keys.size() > MOST || new HashSet<>(keys).size() != keys.size() || keys.contains(PublicKey.NONE)) {
            throw new StackException("verifiers_invalid", "--verifiers takes 1 to " + MOST + " distinct keys, not " + keys.size() + (keys.size() > MOST ? "" : ", one of them twice or zero"));
        }
        if (needed < 1 || needed > keys.size()) {
            throw new StackException("verifiers_invalid", "--threshold is 1 to the number of verifiers, " + keys.size() + ", not " + needed);
        }
        return new Chosen(needed, keys);
    }
}
