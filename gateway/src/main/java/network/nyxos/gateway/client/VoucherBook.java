package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/// A payer's own account of its escrows: what verified receipts have used, and the ceilings of requests whose end is not known. The next voucher is signed from
/// this book, never from a gateway's word. On disk it survives restarts and is shared by processes; what is signed for is written before it is signed.
public final class VoucherBook {
    private static final ObjectMapper JSON = new ObjectMapper();
    // A file's lock belongs to the whole process: threads of one process take turns here first.
    private static final Object TURN = new Object();
    private static final String USED = "used";
    private static final String OPEN = "open";

    private final Optional<Path> file;
    private final ObjectNode kept = JSON.createObjectNode();

    private VoucherBook(Optional<Path> file) {
        this.file = file;
    }

    /// A book for an escrow that no other process and no later run pays from.
    public static VoucherBook inMemory() {
        return new VoucherBook(Optional.empty());
    }

    /// A book on disk, made with its first entry. Two files stand beside it: `.lock` and, while it is written, `.new`.
    public static VoucherBook on(Path file) {
        return new VoucherBook(Optional.of(file.toAbsolutePath()));
    }

    /// A request whose end is not known.
    ///
    /// @param job     its job
    /// @param ceiling the most that it can cost, base units
    /// @param since   when it was signed for
    public record Open(Hash job, long ceiling, Instant since) {
    }

    /// What has been used of an escrow, base units; 0 where the book knows nothing of it.
    public long used(PublicKey escrow) {
        return read(account -> account.path(USED).asLong(0), escrow);
    }

    /// The requests whose end is not known.
    public List<Open> open(PublicKey escrow) {
        return read(account -> {
            var all = new ArrayList<Open>();
            account.path(OPEN).properties().forEach(entry -> all.add(new Open(Hash.fromHex(entry.getKey()), entry.getValue().path("ceiling").asLong(),
                Instant.ofEpochMilli(entry.getValue().path("since").asLong()))));
            return List.copyOf(all);
        }, escrow);
    }

    /// Takes over an amount that was used without this book, such as the escrow's `settled` on chain. What the book has already is never lowered.
    ///
    /// @param used base units, 0 or more
    public void startAt(PublicKey escrow, long used) {
        if (used < 0) {
            throw new IllegalArgumentException("used is " + used + ", must be at least 0");
        }
        change(escrow, account -> {
            account.put(USED, Math.max(used, account.path(USED).asLong(0)));
            return used;
        });
    }

    /// Writes down a request before its voucher is signed.
    ///
    /// @param ceiling base units, 1 or more
    /// @return what the voucher is over: what is used, all open ceilings and this one
    long reserve(PublicKey escrow, Hash job, long ceiling, Instant now) {
        return change(escrow, account -> {
            ObjectNode open = account.withObject("/" + OPEN);
            long cumulative = Math.addExact(account.path(USED).asLong(0), ceiling);
            for (JsonNode each : open) {
                cumulative = Math.addExact(cumulative, each.path("ceiling").asLong());
            }
            open.putObject(job.hex()).put("ceiling", ceiling).put("since", now.toEpochMilli());
            return cumulative;
        });
    }

    /// Ends a request with what it cost, 0 for nothing. A request that is not open any more was ended before, and is not charged again.
    ///
    /// @return what is used then
    long end(PublicKey escrow, Hash job, long charge) {
        return change(escrow, account -> {
            long used = account.path(USED).asLong(0);
            if (account.withObject("/" + OPEN).remove(job.hex()) != null) {
                used = Math.addExact(used, charge);
                account.put(USED, used);
            }
            return used;
        });
    }

    private <T> T read(Function<JsonNode, T> question, PublicKey escrow) {
        synchronized (TURN) {
            return question.apply(load().path(escrow.toBase58()));
        }
    }

    private long change(PublicKey escrow, Function<ObjectNode, Long> step) {
        synchronized (TURN) {
            if (file.isEmpty()) {
                return step.apply(kept.withObject("/" + escrow.toBase58()));
            }
            try (FileChannel channel = FileChannel.open(beside(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE); var ignored = channel.lock()) {
                ObjectNode all = load();
                long result = step.apply(all.withObject("/" + escrow.toBase58()));
                store(all);
                return result;
            } catch (IOException e) {
                throw new AgentException(0, "book_unwritable", "the book of vouchers " + file.get() + " cannot be written: " + e.getMessage() + "; make it writable, nothing was signed",
                    Optional.empty());
            }
        }
    }

    private ObjectNode load() {
        if (file.isEmpty()) {
            return kept;
        }
        if (!Files.exists(file.get())) {
            return JSON.createObjectNode();
        }
        try {
            return JSON.readValue(file.get().toFile(), ObjectNode.class);
        } catch (IOException e) {
            throw new AgentException(0, "book_malformed", "the book of vouchers " + file.get() + " cannot be read; restore it, nothing was signed", Optional.empty());
        }
    }

    private void store(ObjectNode all) throws IOException {
        Path written = beside(".new");
        try (FileChannel out = FileChannel.open(written, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(all.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(written, file.get(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private Path beside(String ending) {
        Path path = file.orElseThrow();
        return path.resolveSibling(path.getFileName() + ending);
    }
}
