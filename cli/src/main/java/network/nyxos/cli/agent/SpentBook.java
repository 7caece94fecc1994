package network.nyxos.cli.agent;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import network.nyxos.cli.up.StackException;
import software.sava.core.accounts.PublicKey;

/**
 * What a session key has signed for, by escrow: a file beside the key's. With it a payer need not believe a gateway that says more was used than was ever
 * signed for, which would make the next voucher sign away the difference.
 */
final class SpentBook {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    /** The book of a session key's file. */
    SpentBook(Path session) {
        this.file = session.resolveSibling(session.getFileName() + ".signed");
    }

    /** The highest cumulative amount that was signed for, base units; empty where nothing is written of the escrow. */
    OptionalLong signed(PublicKey escrow) {
        var entry = read().path(escrow.toBase58());
        return entry.canConvertToLong() ? OptionalLong.of(entry.asLong()) : OptionalLong.empty();
    }

    /** Writes down that the key has signed for this much, or is about to; what is there already is never lowered. */
    void signed(PublicKey escrow, long cumulative) {
        // Two requests may run side by side: each must see what the other wrote.
        try (FileChannel channel = FileChannel.open(file.resolveSibling(file.getFileName() + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var ignored = channel.lock()) {
            ObjectNode book = read();
            book.put(escrow.toBase58(), Math.max(cumulative, book.path(escrow.toBase58()).asLong(0)));
            Path written = file.resolveSibling(file.getFileName() + ".new");
            JSON.writeValue(written.toFile(), book);
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ", which keeps what was signed for, cannot be written", e);
        }
    }

    /**
     * Refuses a gateway's word of what was used where it exceeds everything that this key has signed for.
     *
     * @param used base units, by the gateway
     * @throws StackException {@code used_disputed}
     */
    void check(PublicKey escrow, long used) {
        signed(escrow).ifPresent(signed -> {
            if (used > signed) {
                throw new StackException("used_disputed", "the gateway says that " + used + " base units of escrow " + escrow + " are used or reserved; this session key has "
                        + "signed for " + signed + " only. Nothing was signed. If the key was used on another machine, remove " + file);
            }
        });
    }

    private ObjectNode read() {
        if (!Files.exists(file)) {
            return JSON.createObjectNode();
        }
        try {
            return JSON.readValue(file.toFile(), ObjectNode.class);
        } catch (IOException e) {
            throw new StackException("book_malformed", file + ", which keeps what was signed for, cannot be read");
        }
    }
}
