package network.nyxos.node.outbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.wire.PaymentRecord;

/**
 * Voucher-paid jobs that this node has served and whose credit is not final, each in a file of its own with everything that settles it: the payer's words, the
 * gateway's, the node's. Whatever becomes of gateway and relayer, the node can settle it by itself ({@code nyxos node settle}). Holds hashes, keys and amounts,
 * nothing of what was said. Safe for use by many threads.
 */
public final class UnsettledJobs {

    private static final String SUFFIX = ".job.json";
    private static final String BATCHED = "batched";
    /** States in which nothing is left to settle. A released job stays: who released it may be wrong, and gone. */
    private static final Set<String> OVER = Set.of("final", "claimed", "refunded", "disputed", "slashed");

    /**
     * A job.
     *
     * @param payment what pays it
     * @param batched whether the relayer said last that it is in a batch on chain
     */
    public record Entry(PaymentRecord.ByVoucher payment, SignedAssignment assignment, SignedReceipt receipt, boolean batched) {
        /** The job. */
        public Hash job() {
            return receipt.receipt().jobId();
        }

        private Entry withBatched(boolean now) {
            return new Entry(payment, assignment, receipt, now);
        }
    }

    private final Shelf shelf;
    private final Map<Hash, Entry> jobs = new ConcurrentHashMap<>();

    /** Opens the folder, making it where it is missing, and reads what an earlier run left. */
    public UnsettledJobs(Path folder) {
        shelf = new Shelf(folder, SUFFIX);
        try {
            shelf.open();
            shelf.each(json -> {
                Entry entry = read(json);
                jobs.put(entry.job(), entry);
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the unsettled jobs in " + folder, e);
        }
    }

    /** What is in a folder, which may be another process's; nothing of it is changed. Empty where there is no such folder. */
    public static List<Entry> in(Path folder) throws IOException {
        var found = new ArrayList<Entry>();
        if (Files.isDirectory(folder)) {
            new Shelf(folder, SUFFIX).each(json -> found.add(read(json)));
        }
        return List.copyOf(found);
    }

    /** Removes a job from a folder: nothing is left to settle. */
    public static void remove(Path folder, Hash job) {
        new Shelf(folder, SUFFIX).remove(job.hex());
    }

    /** Keeps a job; it is on disk when this returns. */
    public void add(PaymentRecord.ByVoucher payment, SignedAssignment assignment, SignedReceipt receipt) {
        put(new Entry(payment, assignment, receipt, false));
    }

    private void put(Entry entry) {
        shelf.put(entry.job().hex(), json(entry));
        jobs.put(entry.job(), entry);
    }

    /** Those that are kept. */
    public List<Entry> all() {
        return List.copyOf(jobs.values());
    }

    /** The relayer says what state a job is in. */
    public void state(Hash job, String state) {
        Optional<Entry> entry = Optional.ofNullable(jobs.get(job));
        if (entry.isEmpty()) {
            return;
        }
        boolean batched = state.equals(BATCHED);
        if (OVER.contains(state)) {
            jobs.remove(job);
            shelf.remove(job.hex());
        } else if (entry.get().batched() != batched) {
            put(entry.get().withBatched(batched));
        }
    }

    private static Entry read(JsonNode json) {
        if (!(PaymentRecord.decode(json.path("payment").toString().getBytes(StandardCharsets.UTF_8)) instanceof PaymentRecord.ByVoucher payment)) {
            throw new IllegalArgumentException("its payment is no voucher");
        }
        ReceiptOutbox.Entry served = ReceiptOutbox.read(json);
        return new Entry(payment, served.assignment(), served.receipt(), json.path("batched").asBoolean());
    }

    private static ObjectNode json(Entry entry) {
        return ReceiptOutbox.json(new ReceiptOutbox.Entry(entry.assignment(), entry.receipt())).put("batched", entry.batched())
                .putRawValue("payment", new com.fasterxml.jackson.databind.util.RawValue(new String(entry.payment().encode(), StandardCharsets.UTF_8)));
    }
}
