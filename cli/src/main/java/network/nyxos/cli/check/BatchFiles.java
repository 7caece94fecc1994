package network.nyxos.cli.check;

import java.util.Optional;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import software.sava.core.accounts.PublicKey;

/** Batch documents, from a relayer or from files that were kept. */
final class BatchFiles {

    private BatchFiles() {
    }

    /** Asks a relayer for a document's bytes; empty when it has none. */
    static Optional<byte[]> fetch(Service relayer, PublicKey mint, long seq) {
        return relayer.get("/v1/batches/" + mint.toBase58() + "/" + seq);
    }

    /**
     * Reads a document, whose own roots must be those of its content.
     *
     * @param from where it comes from, for the message
     * @throws StackException {@code batch_malformed}, {@code batch_roots}
     */
    static BatchDocument parse(byte[] json, String from) {
        try {
            return BatchJson.read(Fields.parse(json));
        } catch (ProtocolException e) {
            // Roots that are not the content's are another matter than a file that is something else.
            throw new StackException(e.code().equals("batch_roots") ? e.code() : "batch_malformed", "the batch document of " + from + " does not hold: " + e.getMessage());
        }
    }
}
