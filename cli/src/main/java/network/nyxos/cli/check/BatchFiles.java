package network.nyxos.cli.check;

import java.nio.file.Path;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.InputFiles;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import software.sava.core.accounts.PublicKey;

/** Batch documents, from a relayer or from files that were kept. */
public final class BatchFiles {

    private BatchFiles() {
    }

    /**
     * The document of a batch: from a file where one is named, else from the relayer.
     *
     * @throws StackException {@code relayer_missing}, {@code batch_unknown}, {@code file_unreadable}, {@code batch_malformed}, {@code batch_roots}
     */
    public static BatchDocument of(Optional<Path> file, Attachment attachment, PublicKey mint, long seq) {
        if (file.isPresent()) {
            return parse(InputFiles.bytes(file.get()), file.get().toString());
        }
        try (Service relayer = new Service("relayer", attachment.relayer())) {
            return parse(fetch(relayer, mint, seq).orElseThrow(() -> new StackException("batch_unknown", "the relayer has no batch " + seq + " of mint " + mint)), "the relayer");
        }
    }

    /**
     * Says that a document is not of the batch that is on chain.
     *
     * @param file where it is from; empty: from the relayer
     * @param root which of the roots is another
     */
    public static StackException other(Optional<Path> file, long seq, Mint mint, String root) {
        return new StackException("batch_other", "the document " + file.map(Path::toString).orElse("of the relayer") + " is not what batch " + seq + " of " + mint.symbol()
                + " is on chain: another " + root);
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
