package network.nyxos.escrow.transaction;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.borsh.BorshReader;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.token.WellKnown;
import software.sava.core.accounts.PublicKey;

/// A transaction as it came over the wire, legacy or version 0, decoded strictly: at most 1 232 bytes, lengths in their shortest form, indexes inside their
/// lists, no account twice, nothing behind the end. What it is good for is not decided here. Immutable.
public final class WireTransaction {
    /// The most bytes of a transaction.
    public static final int MAX_LENGTH = 1_232;
    private static final byte[] ADVANCE_NONCE = {4, 0, 0, 0};
    static final String MALFORMED = "transaction_malformed";

    private final byte[] bytes;
    private final int messageOffset;
    private final int version;
    private final List<Signature> signatures;
    private final int readonlySigned;
    private final int readonlyUnsigned;
    private final List<PublicKey> accounts;
    private final Hash blockhash;
    private final List<WireInstruction> instructions;
    private final boolean lookups;
    private final List<PublicKey> loaded;
    private final List<PublicKey> programs;
    private final boolean durableNonce;

    /// An instruction of the message.
    ///
    /// @param program  the program called
    /// @param accounts the accounts it is given, in order
    /// @param data     its data
    public record WireInstruction(PublicKey program, List<PublicKey> accounts, byte[] data) {
        /// Copies the data.
        public WireInstruction {
            data = data.clone();
            accounts = List.copyOf(accounts);
        }

        @Override
        public byte[] data() {
            return data.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof WireInstruction that && program.equals(that.program) && accounts.equals(that.accounts) && Arrays.equals(data, that.data);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(data) + accounts.hashCode();
        }
    }

    private WireTransaction(byte[] bytes, Lookups mode) {
        this.bytes = bytes;
        var reader = new BorshReader(bytes);
        int signatureCount = CompactU16.read(reader);
        this.signatures = reader.array(checked(signatureCount, reader, Signature.LENGTH), each -> Signature.of(each.bytes(Signature.LENGTH)));
        this.messageOffset = bytes.length - reader.remaining();
        int first = reader.u8();
        boolean versioned = (first & 0x80) != 0;
        this.version = versioned ? first & 0x7F : -1;
        if (versioned && version != 0) {
            throw new ProtocolException("transaction_version", "version " + version + " is not known; send a legacy or version 0 transaction");
        }
        int required = versioned ? reader.u8() : first;
        this.readonlySigned = reader.u8();
        this.readonlyUnsigned = reader.u8();
        int accountCount = CompactU16.read(reader);
        this.accounts = reader.array(checked(accountCount, reader, PublicKey.PUBLIC_KEY_LENGTH), BorshReader::publicKey);
        if (required != signatureCount || required == 0 || required > accountCount || readonlySigned >= required || readonlyUnsigned > accountCount - required) {
            throw new ProtocolException(MALFORMED, "the header (" + required + " signers, " + readonlySigned + " and " + readonlyUnsigned + " read-only) does not fit "
                + signatureCount + " signatures and " + accountCount + " accounts");
        }
        if (new HashSet<>(accounts).size() != accountCount) {
            throw new ProtocolException(MALFORMED, "an account is named twice");
        }
        this.blockhash = Hash.of(reader.bytes(Hash.LENGTH));
        int instructionCount = CompactU16.read(reader);
        List<RawInstruction> raw = reader.array(checked(instructionCount, reader, 3),
            each -> new RawInstruction(each.u8(), each.bytes(CompactU16.read(each)), each.bytes(CompactU16.read(each))));
        int[] lookedUp = versioned ? readLookups(reader, mode) : new int[2];
        reader.end();
        this.lookups = lookedUp[0] + lookedUp[1] > 0;
        this.loaded = mode instanceof Loaded(List<PublicKey> writable, List<PublicKey> readonly) ? join(lookedUp, writable, readonly) : List.of();
        this.programs = raw.stream().map(this::program).toList();
        this.durableNonce = !raw.isEmpty() && programs.getFirst().equals(WellKnown.SYSTEM) && raw.getFirst().data.length >= 4
            && Arrays.equals(raw.getFirst().data, 0, 4, ADVANCE_NONCE, 0, 4);
        this.instructions = lookups && mode instanceof Unresolved ? List.of() : raw.stream().map(this::resolve).toList();
    }

    private record RawInstruction(int program, byte[] accounts, byte[] data) {
    }

    private static int checked(int count, BorshReader reader, int minimum) {
        if ((long) count * minimum > reader.remaining()) {
            throw new ProtocolException(MALFORMED, count + " entries do not fit into the " + reader.remaining() + " bytes left");
        }
        return count;
    }

    /// How accounts named through lookup tables are taken.
    private sealed interface Lookups {
    }

    private record Forbidden() implements Lookups {
    }

    private record Unresolved() implements Lookups {
    }

    private record Loaded(List<PublicKey> writable, List<PublicKey> readonly) implements Lookups {
    }

    /// How many accounts are looked up: writable, read-only.
    private static int[] readLookups(BorshReader reader, Lookups mode) {
        int tables = CompactU16.read(reader);
        if (tables > 0 && mode instanceof Forbidden) {
            throw new ProtocolException("transaction_lookups", "lookup tables are not accepted; name every account in the transaction");
        }
        var counts = new int[2];
        for (int i = 0; i < tables; i++) {
            reader.publicKey();
            for (int kind = 0; kind < 2; kind++) {
                int count = CompactU16.read(reader);
                reader.bytes(count);
                counts[kind] += count;
            }
        }
        return counts;
    }

    private static List<PublicKey> join(int[] lookedUp, List<PublicKey> writable, List<PublicKey> readonly) {
        if (lookedUp[0] != writable.size() || lookedUp[1] != readonly.size()) {
            throw new ProtocolException(MALFORMED, "looks up " + lookedUp[0] + " and " + lookedUp[1] + " accounts, given were " + writable.size() + " and " + readonly.size());
        }
        return Stream.concat(writable.stream(), readonly.stream()).toList();
    }

    private WireInstruction resolve(RawInstruction raw) {
        var given = new ArrayList<PublicKey>(raw.accounts.length);
        for (byte index : raw.accounts) {
            given.add(account(index & 0xFF));
        }
        return new WireInstruction(program(raw), given, raw.data);
    }

    private PublicKey program(RawInstruction raw) {
        if (raw.program == 0 || raw.program >= accounts.size()) {
            throw new ProtocolException(MALFORMED, "account " + raw.program + " of " + accounts.size() + " cannot be the program of an instruction");
        }
        return accounts.get(raw.program);
    }

    private PublicKey account(int index) {
        if (index < accounts.size()) {
            return accounts.get(index);
        }
        if (index - accounts.size() < loaded.size()) {
            return loaded.get(index - accounts.size());
        }
        throw new ProtocolException(MALFORMED, "an instruction names account " + index + " of " + (accounts.size() + loaded.size()));
    }

    /// Decodes a transaction of our own, which may name accounts through lookup tables; {@link #instructions} then cannot be asked for.
    ///
    /// @throws ProtocolException as {@link #decode(byte[])}
    public static WireTransaction ofOwn(byte[] bytes) {
        return parse(bytes, new Unresolved());
    }

    private static WireTransaction parse(byte[] bytes, Lookups mode) {
        if (bytes.length > MAX_LENGTH) {
            throw new ProtocolException("transaction_too_large", "a transaction has at most " + MAX_LENGTH + " bytes, this has " + bytes.length);
        }
        try {
            return new WireTransaction(bytes.clone(), mode);
        } catch (BorshException e) {
            throw new ProtocolException(MALFORMED, e.getMessage(), e);
        }
    }

    /// Decodes a transaction that names all its accounts itself.
    ///
    /// @throws ProtocolException `transaction_too_large`, `transaction_version`, `transaction_lookups` or `transaction_malformed`
    public static WireTransaction decode(byte[] bytes) {
        return parse(bytes, new Forbidden());
    }

    /// Decodes a transaction that the chain has executed, with the accounts that it looked up.
    ///
    /// @param writable the looked-up accounts that it may write, in order
    /// @param readonly the other looked-up accounts, in order
    /// @throws ProtocolException as {@link #decode(byte[])}
    public static WireTransaction decode(byte[] bytes, List<PublicKey> writable, List<PublicKey> readonly) {
        return parse(bytes, new Loaded(List.copyOf(writable), List.copyOf(readonly)));
    }

    /// Decodes base64.
    ///
    /// @throws ProtocolException `transaction_base64`, or as {@link #decode(byte[])}
    public static WireTransaction decodeBase64(String base64) {
        if (base64.length() > 4 * (MAX_LENGTH / 3 + 1)) {
            throw new ProtocolException("transaction_too_large", "a transaction has at most " + MAX_LENGTH + " bytes");
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("transaction_base64", "the transaction is not base64", e);
        }
        return decode(bytes);
    }

    /// A copy of the whole transaction.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// A copy of the message: what the signers sign.
    public byte[] message() {
        return Arrays.copyOfRange(bytes, messageOffset, bytes.length);
    }

    /// SHA-256 of the message. It names the payment: slot 0 of the signatures is not the payer's to fix, the message is.
    public Hash messageHash() {
        return Hash.sha256(message());
    }

    /// −1 for a legacy transaction, else 0.
    public int version() {
        return version;
    }

    /// The signature slots, in the order of {@link #signers}; all zero where somebody has not signed.
    public List<Signature> signatures() {
        return signatures;
    }

    /// Who must sign, the fee payer first.
    public List<PublicKey> signers() {
        return accounts.subList(0, signatures.size());
    }

    /// The account that pays the fee.
    public PublicKey feePayer() {
        return accounts.getFirst();
    }

    /// The accounts that the message names.
    public List<PublicKey> accounts() {
        return accounts;
    }

    /// The accounts that were looked up, writable ones first; empty where there are none or they are not known.
    public List<PublicKey> loadedAccounts() {
        return loaded;
    }

    /// Whether the message lets an account be written.
    ///
    /// @param index into {@link #accounts}
    public boolean isWritable(int index) {
        int signed = signatures.size();
        return index < signed ? index < signed - readonlySigned : index < accounts.size() - readonlyUnsigned;
    }

    /// The blockhash it is bound to.
    public Hash blockhash() {
        return blockhash;
    }

    /// The instructions, in order.
    ///
    /// @throws IllegalStateException for a transaction of our own with lookup tables, whose instructions cannot be resolved from its bytes
    public List<WireInstruction> instructions() {
        if (lookups && loaded.isEmpty()) {
            throw new IllegalStateException("the instructions name accounts through lookup tables");
        }
        return instructions;
    }

    /// The program of each instruction, in order; programs are never looked up, so this is always known.
    public List<PublicKey> programs() {
        return programs;
    }

    /// Whether it is bound to a durable nonce instead of a blockhash: such a transaction never expires by itself.
    public boolean hasDurableNonce() {
        return durableNonce;
    }

    /// Those signers, in order, whose slot does not hold their valid signature.
    public List<PublicKey> unverifiedSigners() {
        byte[] message = message();
        var unverified = new ArrayList<PublicKey>();
        for (int i = 0; i < signatures.size(); i++) {
            if (!Ed25519.fastest().verify(accounts.get(i), message, signatures.get(i))) {
                unverified.add(accounts.get(i));
            }
        }
        return List.copyOf(unverified);
    }

    /// The transaction with one slot signed; the other slots stay as they are.
    ///
    /// @throws IllegalArgumentException when the keypair is not a signer's
    public WireTransaction sign(Keypair keypair) {
        int slot = signers().indexOf(keypair.publicKey());
        if (slot < 0) {
            throw new IllegalArgumentException(keypair + " is no signer of this transaction");
        }
        byte[] signed = bytes.clone();
        // One byte holds the number of signatures: 1 232 bytes have no room for more than 19.
        System.arraycopy(keypair.sign(message()).bytes(), 0, signed, 1 + slot * Signature.LENGTH, Signature.LENGTH);
        return new WireTransaction(signed, new Unresolved());
    }
}
