package network.nyxos.cli.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.escrow.crypto.Keypair;
import software.sava.core.accounts.PublicKey;

/**
 * A key as a person names it: a keypair file, or an address alone.
 *
 * @param address the address
 * @param key     the keypair, where a file was named
 */
record ProgramId(PublicKey address, Optional<Keypair> key) {

    /** @throws network.nyxos.cli.up.StackException {@code key_malformed}, {@code key_unreadable} */
    static ProgramId of(String option, String text) {
        if (Files.exists(Path.of(text)) || text.endsWith(".json")) {
            Keypair keypair = Attachment.keypair(Path.of(text));
            return new ProgramId(keypair.publicKey(), Optional.of(keypair));
        }
        return new ProgramId(Attachment.key(option, text), Optional.empty());
    }
}
