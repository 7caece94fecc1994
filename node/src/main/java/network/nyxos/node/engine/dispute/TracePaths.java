package network.nyxos.node.engine.dispute;

import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.Trace;
import network.nyxos.node.engine.int8.HashTree;

/** Leaves of blocks of steps before the one in dispute, with what leads from them to the root of the node's trace. */
final class TracePaths {
    private final Recomputation honest;
    private final HashTree steps;
    private final Descent descent;
    private final int end;

    /**
     * @param steps   over the steps as they should be
     * @param descent the way to the step in dispute
     * @param end     that step; the number of steps where the reply's last token is in dispute: then no way was gone, and the trace is as it should be
     */
    TracePaths(Recomputation honest, HashTree steps, Descent descent, int end) {
        this.honest = honest;
        this.steps = steps;
        this.descent = descent;
        this.end = end;
    }

    /** The tree over the steps of a trace, and of as many more that nobody has computed. */
    static HashTree steps(Trace trace, int count) {
        byte[] hashes = new byte[count * Hash.LENGTH];
        for (int position = 0; position < Math.min(count, trace.steps().size()); position++) {
            trace.steps().get(position).hash(position).write(hashes, position * Hash.LENGTH);
        }
        return new HashTree(hashes);
    }

    /** The tree over a step's blocks. */
    static HashTree blocks(Trace.Step step) {
        List<Hash> blocks = step.blocks();
        byte[] hashes = new byte[blocks.size() * Hash.LENGTH];
        for (int layer = 0; layer < blocks.size(); layer++) {
            blocks.get(layer).write(hashes, layer * Hash.LENGTH);
        }
        return new HashTree(hashes);
    }

    /** The tree over the blocks of a step as it should be. */
    HashTree blocks(int position) {
        return blocks(honest.trace().steps().get(position));
    }

    /** Opens a chunk of a block of an earlier step: to the block, to the step, and with its token to the trace. */
    Evidence leaf(Evidence evidence, int position, int layer, int chunk) {
        ChunkVector block = honest.vectors(position, layer).vector(BlockVectors.BLOCK);
        return evidence.part(block.chunk(chunk)).path(block.tree().path(chunk)).path(blocks(position).path(layer))
                .number(honest.job().token(position)).path(end == steps.size() ? steps.path(position) : descent.path(position, end, steps));
    }
}
