package network.nyxos.cli.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.SecretFile;
import network.nyxos.gateway.credit.BearerKey;

/** A file with a bearer key, one line, that only its owner may read. */
final class BearerKeyFile {

    private BearerKeyFile() {
    }

    /** Beside the wallet: {@code agent-credits.key} for {@code agent.json}. */
    static Path beside(Path wallet) {
        return wallet.resolveSibling(wallet.getFileName().toString().replaceFirst("\\.json$", "") + "-credits.key");
    }

    /**
     * Reads one.
     *
     * @throws StackException {@code key_missing}, {@code key_unreadable}
     */
    static BearerKey read(Path file) {
        try {
            return BearerKey.parse(Files.readString(file).strip());
        } catch (NoSuchFileException e) {
            throw new StackException("key_missing", "there is no bearer key " + file + "; `nyxos credits key` makes one");
        } catch (IOException | ProtocolException e) {
            throw new StackException("key_unreadable", file + " holds no bearer key that could be read");
        }
    }

    /**
     * Reads one, or makes it where there is none. A bearer key is never overwritten: what it bought would be out of reach of all but the wallet.
     *
     * @throws StackException {@code key_unreadable}, {@code file_unwritable}
     */
    static BearerKey readOrMake(Path file) {
        return Files.exists(file) ? read(file) : make(file);
    }

    private static BearerKey make(Path file) {
        BearerKey key = BearerKey.generate();
        try {
            SecretFile.create(file, (key.text() + "\n").getBytes(StandardCharsets.US_ASCII));
            return key;
        } catch (IOException e) {
            throw new StackException("file_unwritable", file + " cannot be written; look at the folder that --key names");
        }
    }
}
