package network.nyxos.node;

import java.nio.file.Path;
import java.util.Optional;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import software.sava.core.accounts.PublicKey;

/**
 * A node's keys.
 *
 * @param node    who it is on chain and towards peers
 * @param receipt signs receipts and replay statements
 * @param sealing opens prompts that were sealed to this node; where there is none, it takes prompts in the clear only
 */
public record NodeKeys(Keypair node, Keypair receipt, Optional<SealingKey> sealing) {

    /** Keys without a sealing key. */
    public static NodeKeys of(Keypair node, Keypair receipt) {
        return new NodeKeys(node, receipt, Optional.empty());
    }

    /** These keys with a new sealing key of this suite. It is made anew at every start and never written down, so that what was sealed to it dies with the process. */
    public NodeKeys withSealing(SealingSuite suite) {
        return new NodeKeys(node, receipt, Optional.of(SealingKey.generate(suite)));
    }

    /** Reads {@code node.json} and {@code receipt.json} (Solana keypair files) from a folder, making what is missing. */
    public static NodeKeys readOrCreate(Path folder) {
        return of(Keypair.readOrCreate(folder.resolve("node.json")), Keypair.readOrCreate(folder.resolve("receipt.json")));
    }

    /** The id of the sealing key; all zero where there is none, as registry and evidence have it. */
    public PublicKey sealingKey() {
        return sealing.map(SealingKey::id).orElse(PublicKey.NONE);
    }

    /** Public keys only. */
    @Override
    public String toString() {
        return "NodeKeys[node=" + node.publicKey() + ", receipt=" + receipt.publicKey() + "]";
    }
}
