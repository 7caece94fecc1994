package network.nyxos.node.outbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.wire.WireCodec;
import network.nyxos.escrow.wire.WireMessage;

/**
 * What this node accuses others with, one file a receipt, on disk before a stake is paid and until the dispute is over: who forgot it could not make its next
 * move, and would lose the stake. Files are their owner's alone, for each holds a prompt and a reply (docs/decisions/055). Safe for use by many threads.
 */
public final class AccusedReceipts {
    private static final String SUFFIX = ".accused.json";

    private final Shelf shelf;

    /** Opens the folder, making it where it is missing. */
    public AccusedReceipts(Path folder) {
        shelf = new Shelf(folder, SUFFIX);
        try {
            shelf.open();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the accused receipts in " + folder, e);
        }
    }

    /** What an earlier run left. */
    public List<WireMessage.Accuse> all() {
        var found = new ArrayList<WireMessage.Accuse>();
        try {
            shelf.each(json -> {
                if (!(WireCodec.decode(json.toString()) instanceof WireMessage.Accuse accuse)) {
                    throw new ProtocolException("message_malformed", "not an accusation");
                }
                found.add(accuse);
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the accused receipts", e);
        }
        return List.copyOf(found);
    }

    /** Keeps an accusation; it is on disk when this returns. */
    public void put(WireMessage.Accuse accuse) {
        ObjectNode json = Shelf.object(WireCodec.encode(accuse).getBytes(StandardCharsets.UTF_8));
        shelf.put(receipt(accuse).hex(), json);
    }

    /** The dispute is over, or never began. */
    public void remove(Hash receipt) {
        shelf.remove(receipt.hex());
    }

    private static Hash receipt(WireMessage.Accuse accuse) {
        return accuse.receipt().receipt().hash();
    }
}
