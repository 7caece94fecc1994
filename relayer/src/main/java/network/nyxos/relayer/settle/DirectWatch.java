package network.nyxos.relayer.settle;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.DirectState;
import network.nyxos.escrow.program.escrow.Direct;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchRow;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.batch.Sent;
import network.nyxos.relayer.gate.JobCase;
import network.nyxos.relayer.gate.JobStore;
import network.nyxos.relayer.job.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Watches what nodes settle by themselves: a job that one of this relayer's batches pays is not paid so too, and what was voided goes back to its payer. A node
/// and a batch may both be right when each was begun; who comes second is known only here.
public final class DirectWatch {
    private static final Logger LOG = LoggerFactory.getLogger(DirectWatch.class);

    private final JobStore jobs;
    private final BatchStore batches;
    private final DirectChain chain;
    private final Function<String, BatchDocument> reader;
    /// What failed last, so that a look every few seconds says it once.
    private final Map<String, Reason> failing = new ConcurrentHashMap<>();

    /// @param reader reads a stored document
    public DirectWatch(JobStore jobs, BatchStore batches, DirectChain chain, Function<String, BatchDocument> reader) {
        this.jobs = jobs;
        this.batches = batches;
        this.chain = chain;
        this.reader = reader;
    }

    /// Looks at every record of a mint's pool that holds something. One that nothing can be done about does not keep the others waiting.
    public void look(PublicKey mint) {
        List<Direct> records = chain.directRecords(mint);
        if (records.isEmpty()) {
            return;
        }
        long slot = chain.slot();
        for (Direct record : records) {
            if (DirectState.of(record) == DirectState.VOID) {
                told("what was charged for job " + record.job() + " by itself", "given back", chain.giveBack(intent("give back", record), mint, record));
            } else if (slot < record.finalSlot()) {
                batch(mint, record.job()).ifPresent(document -> disprove(mint, record, document));
            }
        }
    }

    /// The batch that is on chain and pays a job, or is going to.
    private Optional<BatchDocument> batch(PublicKey mint, Hash job) {
        OptionalLong seq = jobs.find(job).map(JobCase::batchSeq).orElse(OptionalLong.empty());
        return seq.isEmpty() ? Optional.empty() : batches.find(mint, seq.getAsLong()).filter(row -> row.state() == BatchState.POSTED || row.state() == BatchState.FINAL)
            .flatMap(BatchRow::document).map(reader);
    }

    private void disprove(PublicKey mint, Direct record, BatchDocument document) {
        BatchDocument.Proven paid = document.receipt(record.job()).orElseThrow();
        told("node " + record.nodeKey() + "'s direct settlement of job " + record.job() + ", which batch " + document.seq() + " pays,", "disproved", chain.disprove(intent("disprove", record), mint, record, document.seq(), paid));
    }

    private static String intent(String verb, Direct record) {
        return verb + ":" + record.escrow() + ":" + record.job();
    }

    private void told(String what, String done, Sent sent) {
        switch (sent) {
            case Sent.Confirmed(String signature) -> {
                failing.remove(what);
                LOG.info("{} is {}: {}", what, done, signature);
            }
            case Sent.Failed(Reason reason) -> {
                if (!reason.equals(failing.put(what, reason))) {
                    LOG.warn("{} is not {}: {}", what, done, reason);
                }
            }
            case Sent.Unknown unknown -> LOG.info("{} is to be {}: {}", what, done, unknown.reason());
        }
    }
}
