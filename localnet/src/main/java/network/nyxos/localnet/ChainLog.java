package network.nyxos.localnet;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import software.sava.core.accounts.PublicKey;

/**
 * The chain on disk: one file of entries, appended to before anyone hears of what they say. A killed process
 * loses nothing it has answered for; a machine that loses power may lose the last seconds.
 *
 * <p>An entry is its length (u32), the length's complement (u32), its CRC-32 (u32) and its bytes: a length that was
 * damaged is not mistaken for an entry that was cut short. A file is replaced as a whole, by writing the
 * next number beside it and renaming.
 */
final class ChainLog implements AutoCloseable {

    /** What an entry says. */
    sealed interface Entry {
    }

    /**
     * The first entry of a file.
     *
     * @param seed what hashes and the faucet's key derive from, 32 bytes
     */
    record Genesis(byte[] seed, String genesisHash) implements Entry {
    }

    /** A slot began. */
    record Slot(long slot, long unixTime) implements Entry {
    }

    /** Accounts were set. */
    record Accounts(List<AccountChange> changes) implements Entry {
    }

    /**
     * A transaction got into a slot.
     *
     * @param sequence its number among all
     * @param decimals of the mints whose balances it touched
     * @param reply    the virtual machine's reply
     */
    record Transaction(long sequence, long slot, long unixTime, byte[] wire, Map<PublicKey, Integer> decimals, byte[] reply) implements Entry {
    }

    private static final String PREFIX = "chain-";
    private static final String SUFFIX = ".log";
    private static final int MAX_ENTRY_BYTES = 256 << 20;
    private static final int FRAME_BYTES = 12;

    private final Path directory;
    private final FileChannel lockChannel;
    private long generation;
    private FileChannel channel;

    private ChainLog(Path directory, FileChannel lockChannel) {
        this.directory = directory;
        this.lockChannel = lockChannel;
    }

    /**
     * Takes the directory, which no other process may hold, and replays what it says.
     *
     * @throws ChainFailure when another process holds it, or a file is damaged elsewhere than at its end
     */
    static ChainLog open(Path directory, Consumer<Entry> replay) {
        try {
            Files.createDirectories(directory);
            ChainLog log = new ChainLog(directory, lock(directory));
            try {
                log.replay(replay);
            } catch (IOException | RuntimeException e) {
                log.lockChannel.close();
                throw e;
            }
            return log;
        } catch (IOException e) {
            throw new ChainFailure("The chain's directory " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Appends an entry; it has reached the operating system when this returns. */
    void append(Entry entry) {
        try {
            write(channel, entry);
        } catch (IOException e) {
            throw new ChainFailure("The chain's log in " + directory + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** Replaces the whole by these entries. */
    void rewrite(Iterable<Entry> entries) {
        Path next = file(generation + 1);
        Path draft = directory.resolve(next.getFileName() + ".tmp");
        try {
            FileChannel fresh = FileChannel.open(draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
            for (Entry entry : entries) {
                write(fresh, entry);
            }
            fresh.force(true);
            Files.move(draft, next, StandardCopyOption.ATOMIC_MOVE);
            if (channel != null) {
                channel.close();
                Files.delete(file(generation));
            }
            channel = fresh;
            generation++;
        } catch (IOException e) {
            throw new ChainFailure("The chain's log " + next + " cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.force(true);
                channel.close();
            }
            lockChannel.close();
        } catch (IOException e) {
            throw new ChainFailure("The chain's log in " + directory + " did not close: " + e.getMessage(), e);
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException held) {
            channel.close();
            throw new ChainFailure("The chain in " + directory + " is already running in this process", held);
        }
        channel.close();
        throw new ChainFailure("The chain in " + directory + " is already running in another process");
    }

    private void replay(Consumer<Entry> replay) throws IOException {
        Optional<Path> newest;
        try (Stream<Path> files = Files.list(directory)) {
            newest = files.filter(file -> generationOf(file) > 0).max(Comparator.comparingLong(ChainLog::generationOf));
        }
        if (newest.isEmpty()) {
            return;
        }
        generation = generationOf(newest.get());
        long whole = replay(newest.get(), replay);
        channel = FileChannel.open(newest.get(), StandardOpenOption.WRITE);
        // What a killed process left half written was never answered for.
        channel.truncate(whole);
        channel.position(whole);
    }

    /** Returns how many bytes of the file are whole entries. */
    private static long replay(Path file, Consumer<Entry> replay) throws IOException {
        long size = Files.size(file);
        long at = 0;
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            while (size - at >= FRAME_BYTES) {
                int length = Integer.reverseBytes(in.readInt());
                int complement = Integer.reverseBytes(in.readInt());
                int checksum = Integer.reverseBytes(in.readInt());
                if (complement != ~length || length < 0 || length > MAX_ENTRY_BYTES) {
                    throw damaged(file, at);
                }
                if (size - at - FRAME_BYTES < length) {
                    return at;
                }
                byte[] payload = in.readNBytes(length);
                if (checksum(payload) != checksum) {
                    throw damaged(file, at);
                }
                replay.accept(decode(payload));
                at += FRAME_BYTES + length;
            }
        }
        return at;
    }

    private static ChainFailure damaged(Path file, long at) {
        return new ChainFailure("The chain's log " + file + " is damaged at byte " + at
                + ". Restore it from a copy, or start over with another directory");
    }

    private static void write(FileChannel channel, Entry entry) throws IOException {
        byte[] payload = encode(entry);
        ByteBuffer frame = ByteBuffer.wrap(new ByteWriter(payload.length + FRAME_BYTES)
                .u32(payload.length).u32(~payload.length).u32(checksum(payload)).raw(payload).toByteArray());
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    private static byte[] encode(Entry entry) {
        return switch (entry) {
            case Genesis genesis -> new ByteWriter(128).u8(0).raw(genesis.seed()).text(genesis.genesisHash()).toByteArray();
            case Slot slot -> new ByteWriter(32).u8(1).u64(slot.slot()).u64(slot.unixTime()).toByteArray();
            case Accounts accounts -> {
                ByteWriter out = new ByteWriter(512).u8(2).u32(accounts.changes().size());
                for (AccountChange change : accounts.changes()) {
                    out.key(change.address()).u8(change.account().isPresent() ? 1 : 0);
                    change.account().ifPresent(out::account);
                }
                yield out.toByteArray();
            }
            case Transaction tx -> {
                ByteWriter out = new ByteWriter(tx.reply().length + 2048).u8(3)
                        .u64(tx.sequence()).u64(tx.slot()).u64(tx.unixTime()).bytes(tx.wire()).u32(tx.decimals().size());
                tx.decimals().forEach((mint, decimals) -> out.key(mint).u8(decimals));
                yield out.bytes(tx.reply()).toByteArray();
            }
        };
    }

    private static Entry decode(byte[] payload) {
        ByteReader in = new ByteReader(payload);
        int kind = in.u8();
        return switch (kind) {
            case 0 -> new Genesis(in.raw(32), in.text());
            case 1 -> new Slot(in.u64(), in.u64());
            case 2 -> {
                int count = in.u32();
                List<AccountChange> changes = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    changes.add(new AccountChange(in.key(), in.u8() == 0 ? Optional.empty() : Optional.of(in.account())));
                }
                yield new Accounts(changes);
            }
            case 3 -> {
                long sequence = in.u64();
                long slot = in.u64();
                long unixTime = in.u64();
                byte[] wire = in.bytes();
                int count = in.u32();
                Map<PublicKey, Integer> decimals = HashMap.newHashMap(count);
                for (int i = 0; i < count; i++) {
                    decimals.put(in.key(), in.u8());
                }
                yield new Transaction(sequence, slot, unixTime, wire, decimals, in.bytes());
            }
            default -> throw new ChainFailure("The chain's log has an entry of kind " + kind + ", which this version does not know");
        };
    }

    private Path file(long number) {
        return directory.resolve(PREFIX + number + SUFFIX);
    }

    /** 0 for a file that is none of ours. */
    private static long generationOf(Path file) {
        String name = file.getFileName().toString();
        if (!name.matches(PREFIX + "[0-9]{1,18}\\" + SUFFIX)) {
            return 0;
        }
        return Long.parseLong(name.substring(PREFIX.length(), name.length() - SUFFIX.length()));
    }

    private static int checksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
