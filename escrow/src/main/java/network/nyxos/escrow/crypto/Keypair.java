package network.nyxos.escrow.crypto;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.StringJoiner;
import network.nyxos.escrow.ProtocolException;
import software.sava.core.accounts.PublicKey;

/// A secret Ed25519 key with its public key. Reads and writes the keypair files of the Solana tools: a JSON array of 64 numbers, seed then public key.
/// Thread-safe. `toString` shows the public key only.
public final class Keypair {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final byte[] seed;
    private final PublicKey publicKey;
    private final Ed25519.Signer signer;

    private Keypair(byte[] seed) {
        this.seed = seed.clone();
        this.publicKey = Ed25519.fastest().publicKey(this.seed);
        this.signer = Ed25519.fastest().signer(this.seed);
    }

    /// A new keypair from the system's secure random source.
    public static Keypair generate() {
        var seed = new byte[Ed25519.SEED_LENGTH];
        RANDOM.nextBytes(seed);
        return new Keypair(seed);
    }

    /// The keypair of 32 secret bytes.
    ///
    /// @throws ProtocolException `keypair_malformed` for another number of bytes
    public static Keypair fromSeed(byte[] seed) {
        if (seed.length != Ed25519.SEED_LENGTH) {
            throw new ProtocolException("keypair_malformed", "a seed has 32 bytes, this has " + seed.length);
        }
        return new Keypair(seed);
    }

    /// The keypair of 64 bytes, seed then public key; the two halves must belong together.
    ///
    /// @throws ProtocolException `keypair_malformed`
    public static Keypair fromBytes(byte[] bytes) {
        if (bytes.length != 64) {
            throw new ProtocolException("keypair_malformed", "a keypair has 64 bytes, this has " + bytes.length);
        }
        var keypair = new Keypair(Arrays.copyOf(bytes, 32));
        if (!Arrays.equals(keypair.publicKey.toByteArray(), 0, 32, bytes, 32, 64)) {
            throw new ProtocolException("keypair_malformed", "the public half does not belong to the secret half");
        }
        return keypair;
    }

    /// Reads a Solana keypair file.
    ///
    /// @throws ProtocolException     `keypair_malformed` when it is no keypair; the message names the file and nothing of its content
    /// @throws UncheckedIOException when the file cannot be read
    public static Keypair read(Path file) {
        try {
            int[] numbers = JSON.readValue(Files.readAllBytes(file), int[].class);
            var bytes = new byte[numbers.length];
            for (int i = 0; i < numbers.length; i++) {
                if (numbers[i] < 0 || numbers[i] > 255) {
                    throw new ProtocolException("keypair_malformed", file + ": number " + i + " is no byte");
                }
                bytes[i] = (byte) numbers[i];
            }
            return fromBytes(bytes);
        } catch (ProtocolException e) {
            throw new ProtocolException(e.code(), file + ": " + e.getMessage());
        } catch (JsonProcessingException e) {
            // Jackson's message quotes the source, which here is a secret.
            throw new ProtocolException("keypair_malformed", file + ": a keypair file is a JSON array of 64 numbers from 0 to 255");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read keypair file " + file, e);
        }
    }

    /// Reads the file, or makes a new keypair and writes it there when there is none.
    public static Keypair readOrCreate(Path file) {
        if (Files.exists(file)) {
            return read(file);
        }
        var created = generate();
        created.write(file);
        return created;
    }

    /// Writes a Solana keypair file that only its owner may read (0600). Never overwrites.
    ///
    /// @throws UncheckedIOException when the file exists or cannot be written
    public void write(Path file) {
        var numbers = new StringJoiner(",", "[", "]\n");
        for (byte b : bytes()) {
            numbers.add(Integer.toString(b & 0xFF));
        }
        try {
            SecretFile.create(file, numbers.toString().getBytes(StandardCharsets.US_ASCII));
        } catch (FileAlreadyExistsException e) {
            throw new UncheckedIOException("keypair file " + file + " exists; it is not overwritten", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write keypair file " + file, e);
        }
    }

    /// The public key; also the address of the wallet.
    public PublicKey publicKey() {
        return publicKey;
    }

    /// A copy of the 32 secret bytes.
    public byte[] seed() {
        return seed.clone();
    }

    /// Seed then public key, 64 bytes.
    public byte[] bytes() {
        byte[] bytes = Arrays.copyOf(seed, 64);
        publicKey.write(bytes, 32);
        return bytes;
    }

    /// Signs the message as it is.
    public Signature sign(byte[] message) {
        return signer.sign(message);
    }

    /// Signs the 32 bytes of a digest.
    public Signature sign(Hash digest) {
        return signer.sign(digest.bytes());
    }

    /// The public key.
    @Override
    public String toString() {
        return publicKey.toBase58();
    }
}
