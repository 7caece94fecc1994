package network.nyxos.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import network.nyxos.escrow.crypto.Keypair;
import software.sava.core.accounts.PublicKey;

/**
 * Keys by name, each in a file of its own, made when first asked for.
 *
 * @param folder where the files lie
 */
public record Keyring(Path folder) {

    private static final Pattern NAME = Pattern.compile("@([\\w-]+)(\\.json)?");

    /** The key of this name. */
    public Keypair key(String name) {
        return Keypair.readOrCreate(file(name));
    }

    /** Its file. */
    public Path file(String name) {
        return folder.resolve(name + ".json");
    }

    /** Its address. */
    public PublicKey address(String name) {
        return key(name).publicKey();
    }

    /** A text in which {@code @name} is the address of a key and {@code @name.json} its file. */
    public String named(String text) {
        return NAME.matcher(text).replaceAll(match -> {
            PublicKey address = address(match.group(1));
            return match.group(2) == null ? address.toBase58() : file(match.group(1)).toString();
        });
    }

    /** Words between spaces, named so. */
    public List<String> words(String text) {
        var words = new ArrayList<String>();
        for (String word : text.strip().split(" +")) {
            words.add(named(word));
        }
        return words;
    }
}
