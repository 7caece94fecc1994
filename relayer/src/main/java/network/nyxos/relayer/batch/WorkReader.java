package network.nyxos.relayer.batch;

import java.util.Optional;
import java.util.function.Function;
import network.nyxos.relayer.gate.FinalWork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Writes down what this relayer's final batches say that nodes did, as soon as the chain has them as final.
public final class WorkReader {
    private static final Logger LOG = LoggerFactory.getLogger(WorkReader.class);

    private final BatchStore batches;
    private final PoolChain chain;
    private final FinalWork work;
    private final Function<String, BatchDocument> reader;

    /// @param reader reads a stored document
    public WorkReader(BatchStore batches, PoolChain chain, FinalWork work, Function<String, BatchDocument> reader) {
        this.batches = batches;
        this.chain = chain;
        this.work = work;
        this.reader = reader;
    }

    /// Reads on from the last one that is known.
    public void read(PublicKey mint) {
        long until = batches.finalSeq(mint);
        for (long seq = work.known(mint) + 1; seq <= until; seq++) {
            Optional<BatchDocument> document = batches.find(mint, seq).filter(row -> row.state() == BatchState.FINAL).flatMap(BatchRow::document).map(reader);
            if (document.isPresent()) {
                keep(mint, document.get());
            }
        }
    }

    private void keep(PublicKey mint, BatchDocument document) {
        Optional<PostedBatch> posted = chain.batch(mint, document.seq());
        if (posted.isEmpty()) {
            // Its account was closed before it was read here: its jobs count for nothing, and their nodes are replayed more often than they must be.
            LOG.warn("batch {} of mint {} is not on chain any more; its jobs earn nobody standing here", document.seq(), mint);
            return;
        }
        work.keep(mint, document.seq(), posted.get().postedSlot(), posted.get().finalSlot(), document.verifiedBy());
    }
}
