package network.nyxos.node.outbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receipts that the relayer has not recorded yet, one file each, written whole and flushed before {@link #add} returns.
 *
 * <p>A file is named by job and assignment. A receipt that the relayer refused for good is kept beside the others under
 * {@code rejected}, for the operator. Safe for use by many threads.
 */
public final class ReceiptOutbox {
    private static final Logger LOG = LoggerFactory.getLogger(ReceiptOutbox.class);
    private static final String SUFFIX = ".receipt.json";

    /** A receipt with the assignment that it answers. */
    public record Entry(SignedAssignment assignment, SignedReceipt receipt) {
        /** The job. */
        public Hash job() {
            return receipt.receipt().jobId();
        }

        private String name() {
            return job().hex() + "-" + assignment.assignment().digest().hex();
        }
    }

    private final Path rejected;
    private final Shelf shelf;
    private final ConcurrentSkipListMap<String, Entry> waiting = new ConcurrentSkipListMap<>();

    /** Opens the folder, making it where it is missing, and reads what an earlier run left. */
    public ReceiptOutbox(Path folder) {
        this.rejected = folder.resolve("rejected");
        this.shelf = new Shelf(folder, SUFFIX);
        try {
            Files.createDirectories(rejected);
            shelf.open();
            shelf.each(json -> {
                Entry entry = read(json);
                waiting.put(entry.name(), entry);
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the receipt outbox " + folder, e);
        }
    }

    /** Keeps a receipt; it is on disk when this returns. */
    public void add(Entry entry) {
        shelf.put(entry.name(), json(entry));
        waiting.put(entry.name(), entry);
    }

    static Entry read(JsonNode json) {
        Base64.Decoder base64 = Base64.getDecoder();
        return new Entry(
                new SignedAssignment(Assignment.decode(base64.decode(json.path("assignment").asText())), Signature.fromBase64(json.path("assignmentSignature").asText())),
                new SignedReceipt(Receipt.decode(base64.decode(json.path("receipt").asText())), Signature.fromBase64(json.path("signature").asText())));
    }

    static ObjectNode json(Entry entry) {
        Base64.Encoder base64 = Base64.getEncoder();
        return Shelf.object().put("assignment", base64.encodeToString(entry.assignment().assignment().encode()))
                .put("assignmentSignature", entry.assignment().signature().base64())
                .put("receipt", base64.encodeToString(entry.receipt().receipt().encode()))
                .put("signature", entry.receipt().signature().base64());
    }

    /** What waits to be recorded. */
    public List<Entry> waiting() {
        return List.copyOf(waiting.values());
    }

    /** The relayer has recorded the job's receipt. */
    public void recorded(Hash job) {
        for (Map.Entry<String, Entry> entry : of(job).entrySet()) {
            waiting.remove(entry.getKey());
            // One that cannot be removed is sent again after a restart, and recorded again.
            shelf.remove(entry.getKey());
        }
    }

    /** The relayer will never take the job's receipt. */
    public void rejected(Hash job) {
        for (Map.Entry<String, Entry> entry : of(job).entrySet()) {
            waiting.remove(entry.getKey());
            try {
                Files.move(shelf.path(entry.getKey()), rejected.resolve(entry.getKey() + SUFFIX), StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                LOG.warn("cannot put a rejected receipt aside in {}: {}", rejected, e.getMessage());
            }
        }
    }

    private Map<String, Entry> of(Hash job) {
        return Map.copyOf(waiting.subMap(job.hex() + "-", job.hex() + "."));
    }
}
