package network.nyxos.node;

import java.nio.file.Path;
import network.nyxos.escrow.crypto.Keypair;

/**
 * A node's keys.
 *
 * @param node       who it is on chain and towards peers
 * @param receipt    signs receipts and replay statements
 * @param sealingKey the X25519 key prompts are sealed to, 32 bytes; all zero where the node has none
 */
public record NodeKeys(Keypair node, Keypair receipt, byte[] sealingKey) {
    private static final int LENGTH = 32;

    public NodeKeys {
        if (sealingKey.length != LENGTH) {
            throw new IllegalArgumentException("a sealing key has 32 bytes, this has " + sealingKey.length);
        }
        sealingKey = sealingKey.clone();
    }

    /** Keys without a sealing key. */
    public static NodeKeys of(Keypair node, Keypair receipt) {
        return new NodeKeys(node, receipt, new byte[LENGTH]);
    }

    /** Reads {@code node.json} and {@code receipt.json} (Solana keypair files) from a folder, making what is missing. */
    public static NodeKeys readOrCreate(Path folder) {
        return of(Keypair.readOrCreate(folder.resolve("node.json")), Keypair.readOrCreate(folder.resolve("receipt.json")));
    }

    @Override
    public byte[] sealingKey() {
        return sealingKey.clone();
    }

    /** Whether there is a sealing key. */
    public boolean seals() {
        for (byte b : sealingKey) {
            if (b != 0) {
                return true;
            }
        }
        return false;
    }

    /** Public keys only. */
    @Override
    public String toString() {
        return "NodeKeys[node=" + node.publicKey() + ", receipt=" + receipt.publicKey() + "]";
    }
}
