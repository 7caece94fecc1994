package network.nyxos.attestation.binding;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The 64 bytes of report data that bind a node's keys and the verifier's nonce to a TEE:
 * {@code SHA-512("nyxos:report-data:v1" ‖ field(nodeKey) ‖ field(receiptKey) ‖ field(sealingKey) ‖ field(nonce))},
 * where {@code field(x)} = length of x as u32 little-endian ‖ x.
 */
public final class ReportData {
    /** Length of report data. */
    public static final int LENGTH = 64;
    /** Length of each key. */
    public static final int KEY_LENGTH = 32;
    /** Shortest nonce: below this it could be guessed or met twice. */
    public static final int MIN_NONCE_LENGTH = 16;
    /** Longest nonce. */
    public static final int MAX_NONCE_LENGTH = 64;

    private static final byte[] DOMAIN = "nyxos:report-data:v1".getBytes(StandardCharsets.UTF_8);

    private ReportData() {
    }

    /**
     * Binds.
     *
     * @param nodeKey    the node's Ed25519 key, 32 bytes
     * @param receiptKey the Ed25519 key that signs receipts inside the TEE, 32 bytes
     * @param sealingKey what identifies the key that prompts are sealed to, 32 bytes; 32 zeros where the node has none
     * @param nonce      the verifier's, 16 to 64 bytes, used once
     * @return 64 bytes
     * @throws AttestationException {@code report-data.length} when a field has another length
     */
    public static Bytes bind(byte[] nodeKey, byte[] receiptKey, byte[] sealingKey, byte[] nonce) {
        requireKey("node key", nodeKey);
        requireKey("receipt key", receiptKey);
        requireKey("sealing key", sealingKey);
        if (nonce.length < MIN_NONCE_LENGTH || nonce.length > MAX_NONCE_LENGTH) {
            throw new AttestationException("report-data.length", "nonce has " + nonce.length + " bytes, must have "
                    + MIN_NONCE_LENGTH + " to " + MAX_NONCE_LENGTH);
        }
        MessageDigest digest = sha512();
        digest.update(DOMAIN);
        for (byte[] field : new byte[][] {nodeKey, receiptKey, sealingKey, nonce}) {
            digest.update(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(field.length).flip());
            digest.update(field);
        }
        return Bytes.of(digest.digest());
    }

    private static void requireKey(String name, byte[] key) {
        if (key.length != KEY_LENGTH) {
            throw new AttestationException("report-data.length", name + " has " + key.length + " bytes, must have " + KEY_LENGTH);
        }
    }

    private static MessageDigest sha512() {
        try {
            return MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has SHA-512", e);
        }
    }
}
