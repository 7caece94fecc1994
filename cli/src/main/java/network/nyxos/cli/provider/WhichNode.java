package network.nyxos.cli.provider;

import java.nio.file.Path;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import picocli.CommandLine.Option;
import software.sava.core.accounts.PublicKey;

/** Options that name a node. */
final class WhichNode {

    @Option(names = "--keys", paramLabel = "DIR", description = "Its keys.")
    private Optional<Path> keys = Optional.empty();

    @Option(names = "--node", paramLabel = "KEY", description = "Its node key.")
    private Optional<String> node = Optional.empty();

    /** The node's key. */
    PublicKey key() {
        return keys.map(folder -> Attachment.nodeKeypair(folder.resolve("node.json")).publicKey()).orElseGet(() -> Attachment.key("--node", node.orElseThrow()));
    }

    /** The file that its operator's key is in, where its folder was named. */
    Optional<Path> operator() {
        return keys.map(folder -> folder.resolve("operator.json"));
    }
}
