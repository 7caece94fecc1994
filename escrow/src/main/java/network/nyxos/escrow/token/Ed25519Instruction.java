package network.nyxos.escrow.token;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.borsh.BorshReader;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Signature;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// The Ed25519 precompile's instruction, with all keys, signatures and messages inside itself, as the programs demand. It must stand directly before the
/// instruction that reads it.
public final class Ed25519Instruction {
    private static final int HEADER = 2;
    private static final int OFFSETS = 14;
    private static final int SELF = 0xFFFF;

    private Ed25519Instruction() {
    }

    /// A signature with what it is over. Equal messages are stored once.
    public record Entry(PublicKey key, Signature signature, byte[] message) {
        /// Copies the message.
        public Entry {
            message = message.clone();
        }

        @Override
        public byte[] message() {
            return message.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Entry that && key.equals(that.key) && signature.equals(that.signature) && Arrays.equals(message, that.message);
        }

        @Override
        public int hashCode() {
            return signature.hashCode();
        }
    }

    /// Builds the instruction. The offsets come first, then each key and signature, then the messages, each distinct one once.
    ///
    /// @param entries 1 to 255 signatures, in the order in which the program reads them
    public static Instruction of(List<Entry> entries) {
        if (entries.isEmpty() || entries.size() > 255) {
            throw new IllegalArgumentException("an Ed25519 instruction has 1 to 255 signatures, not " + entries.size());
        }
        var messages = new ArrayList<byte[]>();
        int keys = HEADER + entries.size() * OFFSETS;
        int messagesAt = keys + entries.size() * (PublicKey.PUBLIC_KEY_LENGTH + Signature.LENGTH);
        var writer = new BorshWriter(messagesAt + 64).u8(entries.size()).u8(0);
        int end = messagesAt;
        var starts = new ArrayList<Integer>();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            int known = indexOf(messages, entry.message);
            if (known < 0) {
                known = messages.size();
                messages.add(entry.message);
                starts.add(end);
                end += entry.message.length;
            }
            int key = keys + i * (PublicKey.PUBLIC_KEY_LENGTH + Signature.LENGTH);
            writer.u16(key + PublicKey.PUBLIC_KEY_LENGTH).u16(SELF).u16(key).u16(SELF).u16(starts.get(known)).u16(entry.message.length).u16(SELF);
        }
        for (Entry entry : entries) {
            writer.publicKey(entry.key).bytes(entry.signature.bytes(), Signature.LENGTH);
        }
        messages.forEach(message -> writer.bytes(message, message.length));
        return Instruction.createInstruction(WellKnown.ED25519, List.of(), writer.toByteArray());
    }

    private static int indexOf(List<byte[]> messages, byte[] message) {
        for (int i = 0; i < messages.size(); i++) {
            if (Arrays.equals(messages.get(i), message)) {
                return i;
            }
        }
        return -1;
    }

    /// Reads the data of an instruction that holds everything inside itself. Whether the signatures verify is not checked here.
    ///
    /// @throws ProtocolException `ed25519_instruction_malformed`
    public static List<Entry> decode(byte[] data) {
        try {
            var reader = new BorshReader(data);
            int count = reader.u8();
            reader.zeros(1);
            return reader.array(count, offsets -> {
                int signature = offsets.u16();
                self(offsets.u16());
                int key = offsets.u16();
                self(offsets.u16());
                int message = offsets.u16();
                int length = offsets.u16();
                self(offsets.u16());
                return new Entry(new BorshReader(data, key, PublicKey.PUBLIC_KEY_LENGTH).publicKey(),
                    Signature.of(new BorshReader(data, signature, Signature.LENGTH).bytes(Signature.LENGTH)),
                    new BorshReader(data, message, length).bytes(length));
            });
        } catch (BorshException e) {
            throw new ProtocolException("ed25519_instruction_malformed", e.getMessage(), e);
        }
    }

    private static void self(int index) {
        if (index != SELF) {
            throw new ProtocolException("ed25519_instruction_malformed", "refers to instruction " + index + ", must refer to itself");
        }
    }
}
