package network.nyxos.localnet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
import software.sava.core.accounts.PublicKey;
import software.sava.core.encoding.Base58;

/**
 * A transaction as it comes off the wire, legacy or version 0.
 *
 * @param bytes            the whole
 * @param messageOffset    where the signed message starts
 * @param signatures       64 bytes each
 * @param version          empty for legacy
 * @param header           number of signers, of read-only signers, of read-only others
 * @param accountKeys      static keys, signers first
 * @param recentBlockhash  32 bytes
 * @param instructions     in order
 * @param lookups          address lookup tables, version 0 only
 */
record WireTransaction(
        byte[] bytes,
        int messageOffset,
        List<byte[]> signatures,
        OptionalInt version,
        Header header,
        List<PublicKey> accountKeys,
        byte[] recentBlockhash,
        List<CompiledInstruction> instructions,
        List<TableLookup> lookups) {

    /** Bytes a validator takes at most. */
    static final int MAX_BYTES = 1232;

    private static final int SIGNATURE_BYTES = 64;
    private static final int HASH_BYTES = 32;

    record Header(int signers, int readonlySigners, int readonlyOthers) {
    }

    /**
     * An instruction by index.
     *
     * @param program  index of the program
     * @param accounts indexes of the accounts, one byte each
     * @param data     its bytes
     */
    record CompiledInstruction(int program, byte[] accounts, byte[] data) {
    }

    record TableLookup(PublicKey table, byte[] writable, byte[] readonly) {
    }

    static WireTransaction parse(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new MalformedTransaction("transaction is " + bytes.length + " bytes, at most " + MAX_BYTES + " are allowed");
        }
        Cursor in = new Cursor(bytes);
        int count = in.compactLength();
        List<byte[]> signatures = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            signatures.add(in.take(SIGNATURE_BYTES));
        }
        int messageOffset = in.at;
        int first = in.u8();
        OptionalInt version = OptionalInt.empty();
        if (first >= 0x80) {
            version = OptionalInt.of(first & 0x7f);
            if (version.getAsInt() != 0) {
                throw new MalformedTransaction("transaction version " + version.getAsInt() + " is not supported, only legacy and 0");
            }
            first = in.u8();
        }
        Header header = new Header(first, in.u8(), in.u8());
        List<PublicKey> keys = in.list(cursor -> PublicKey.createPubKey(cursor.take(HASH_BYTES)));
        byte[] blockhash = in.take(HASH_BYTES);
        List<CompiledInstruction> instructions =
                in.list(cursor -> new CompiledInstruction(cursor.u8(), cursor.take(cursor.compactLength()), cursor.take(cursor.compactLength())));
        List<TableLookup> lookups = version.isEmpty() ? List.of() : in.list(cursor -> new TableLookup(
                PublicKey.createPubKey(cursor.take(HASH_BYTES)),
                cursor.take(cursor.compactLength()),
                cursor.take(cursor.compactLength())));
        if (in.at != bytes.length) {
            throw new MalformedTransaction((bytes.length - in.at) + " bytes follow the transaction's end at byte " + in.at);
        }
        if (header.signers() == 0 || header.readonlySigners() >= header.signers() || header.signers() > keys.size()
                || header.readonlyOthers() > keys.size() - header.signers()) {
            throw new MalformedTransaction("the message header " + header + " does not fit " + keys.size() + " account keys");
        }
        if (signatures.size() != header.signers()) {
            throw new MalformedTransaction(signatures.size() + " signatures for " + header.signers() + " signers");
        }
        return new WireTransaction(bytes, messageOffset, List.copyOf(signatures), version, header, keys, blockhash, instructions, lookups);
    }

    /** A message with room for its signatures, left zero, so that it can be simulated. */
    static WireTransaction ofMessage(byte[] message) {
        int first = new Cursor(message).u8();
        int signers = first >= 0x80 && message.length > 1 ? Byte.toUnsignedInt(message[1]) : first;
        if (signers > 0x7f) {
            throw new MalformedTransaction("the message asks for " + signers + " signers");
        }
        return parse(new ByteWriter(MAX_BYTES).u8(signers).raw(new byte[signers * SIGNATURE_BYTES]).raw(message).toByteArray());
    }

    /** The first signature, in base58: what a transaction is known by. */
    String signature() {
        return Base58.encode(signatures.getFirst());
    }

    String blockhash() {
        return Base58.encode(recentBlockhash);
    }

    /** The same with another blockhash; the signatures no longer fit. */
    WireTransaction withBlockhash(byte[] hash) {
        byte[] changed = bytes.clone();
        int keysOffset = messageOffset + (version.isPresent() ? 4 : 3);
        int hashOffset = keysOffset + (accountKeys.size() < 0x80 ? 1 : 2) + accountKeys.size() * HASH_BYTES;
        System.arraycopy(hash, 0, changed, hashOffset, HASH_BYTES);
        return parse(changed);
    }

    boolean isSigner(int index) {
        return index < header.signers();
    }

    /** Whether the message asks for an account to be writable. */
    boolean isWritable(int index, int loadedWritable) {
        if (index >= accountKeys.size()) {
            return index < accountKeys.size() + loadedWritable;
        }
        return index < header.signers()
                ? index < header.signers() - header.readonlySigners()
                : index < accountKeys.size() - header.readonlyOthers();
    }

    /** Reads forward and names the byte where the input ends early. */
    private static final class Cursor {

        private final byte[] bytes;
        private int at;

        Cursor(byte[] bytes) {
            this.bytes = bytes;
        }

        int u8() {
            return Byte.toUnsignedInt(take(1)[0]);
        }

        byte[] take(int length) {
            if (length > bytes.length - at) {
                throw new MalformedTransaction("transaction ends at byte " + bytes.length + ", " + length + " bytes were expected at byte " + at);
            }
            byte[] taken = Arrays.copyOfRange(bytes, at, at + length);
            at += length;
            return taken;
        }

        /** A length in Solana's compact-u16, shortest form only. */
        int compactLength() {
            int start = at;
            int value = 0;
            for (int i = 0; i < 3; i++) {
                int part = u8();
                value |= (part & 0x7f) << (7 * i);
                if (part < 0x80) {
                    if ((i > 0 && part == 0) || value > 0xffff) {
                        throw new MalformedTransaction("invalid length at byte " + start);
                    }
                    return value;
                }
            }
            throw new MalformedTransaction("invalid length at byte " + start);
        }

        <T> List<T> list(Function<Cursor, T> read) {
            int count = compactLength();
            List<T> items = new ArrayList<>(Math.min(count, MAX_BYTES));
            for (int i = 0; i < count; i++) {
                items.add(read.apply(this));
            }
            return List.copyOf(items);
        }
    }
}
