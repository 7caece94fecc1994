package network.nyxos.node.dispute;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.program.registry.Dispute;

/**
 * What a receipt in dispute commits to.
 *
 * @param salt   of prompt and trace
 * @param prompt its ids
 * @param reply  its ids
 */
record DisputedText(Hash salt, int[] prompt, int[] reply) {

    /** Whether these are the ids of the receipt. */
    boolean opens(Dispute dispute) {
        return TokenHash.output(reply).equals(dispute.outputHash()) && TokenHash.prompt(salt, prompt).equals(dispute.promptCommitment());
    }

    /** Reads {@code salt ‖ count u32 ‖ ids ‖ count u32 ‖ ids}; empty where that is not what stands there. */
    static Optional<DisputedText> read(byte[] evidence) {
        ByteBuffer bytes = ByteBuffer.wrap(evidence).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() < Hash.LENGTH) {
            return Optional.empty();
        }
        byte[] salt = new byte[Hash.LENGTH];
        bytes.get(salt);
        Optional<int[]> prompt = ids(bytes);
        Optional<int[]> reply = prompt.flatMap(_ -> ids(bytes));
        return reply.filter(_ -> !bytes.hasRemaining()).map(ids -> new DisputedText(Hash.of(salt), prompt.orElseThrow(), ids));
    }

    private static Optional<int[]> ids(ByteBuffer bytes) {
        if (bytes.remaining() < Integer.BYTES) {
            return Optional.empty();
        }
        int count = bytes.getInt();
        if (count < 0 || count > bytes.remaining() / Integer.BYTES) {
            return Optional.empty();
        }
        int[] ids = new int[count];
        bytes.asIntBuffer().get(ids);
        bytes.position(bytes.position() + count * Integer.BYTES);
        return Optional.of(ids);
    }
}
