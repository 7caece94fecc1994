package network.nyxos.cli.check;

import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.wire.DisputeJson;
import network.nyxos.relayer.wire.Fields;

/** A dispute's papers, as relayers and verifiers give them and {@code nyxos verify --save} keeps them. */
public final class PapersFile {

    private PapersFile() {
    }

    /**
     * Reads them.
     *
     * @param source where they are from, for messages
     * @throws StackException {@code dispute_open} where they are withheld, or the code of what is wrong with them
     */
    public static Accusation read(byte[] json, String source) {
        try {
            Fields fields = Fields.parse(json);
            if (!fields.has("papers") && fields.has("parts")) {
                throw new StackException("dispute_open", "nobody was slashed on this dispute, so its papers, which hold a prompt, are not shown");
            }
            return DisputeJson.read(fields.has("papers") ? fields.child("papers") : fields);
        } catch (ProtocolException e) {
            throw new StackException(e.code(), "the papers of " + source + " cannot be read: " + e.getMessage());
        }
    }
}
