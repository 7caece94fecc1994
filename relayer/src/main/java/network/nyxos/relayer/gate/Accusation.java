package network.nyxos.relayer.gate;

import java.util.Arrays;
import java.util.List;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshReader;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.wire.PromptText;
import software.sava.core.accounts.PublicKey;

/// Everything that two nodes have signed about one job and that cannot both be true. Whoever has it and the model finds out by arithmetic who lied
/// (docs/protocol.md §11). It holds a prompt and a reply; its text form shows neither.
///
/// @param assignment what was ordered
/// @param receipt    what the serving node says it did
/// @param revealed   what opens the commitments of both
/// @param replay     what a second node says came out
public record Accusation(SignedAssignment assignment, SignedReceipt receipt, Revealed revealed, Replay replay) {
    private static final int VERSION = 3;

    /// The job.
    public Hash job() {
        return receipt.receipt().jobId();
    }

    /// The node that served it.
    public PublicKey node() {
        return receipt.receipt().node();
    }

    /// The job as it must be run again. A reply that was cut off is run to where it was cut.
    public NodeCalls.Order order() {
        return NodeCalls.Order.of(receipt.receipt(), assignment.assignment(), revealed);
    }

    /// What a slash on this names as its evidence: `H("nyxos:dispute:v1" ‖ canonical form)`.
    public Hash hash() {
        return Hash.domain("nyxos:dispute:v1", encode());
    }

    /// The canonical form: `version u8, assignment bytes, its signature 64, receipt bytes, its signature 64, salt 32, prompt ids vec<u32>, output ids vec<u32>,
    /// stop vec<string>, format string, nonce of the prompt text 32, its messages vec<(role string, content string)>, replayer 32, order 32, output_hash 32, trace_root 32, finish u8, signature 64`, bytes with a u32 length.
    public byte[] encode() {
        byte[] text = revealed.text().encode();
        return new BorshWriter(1024).u8(VERSION).byteString(assignment.assignment().encode()).bytes(assignment.signature().bytes(), Signature.LENGTH)
            .byteString(receipt.receipt().encode()).bytes(receipt.signature().bytes(), Signature.LENGTH).bytes(revealed.salt().bytes(), Hash.LENGTH)
            .vec(list(revealed.promptIds()), BorshWriter::u32).vec(list(revealed.outputIds()), BorshWriter::u32).vec(revealed.constraints().stop(), BorshWriter::string)
            .string(revealed.constraints().format()).bytes(text, text.length).publicKey(replay.node()).bytes(replay.order().bytes(), Hash.LENGTH).bytes(replay.outputHash().bytes(), Hash.LENGTH)
            .bytes(replay.traceRoot().bytes(), Hash.LENGTH).u8(replay.finish().code()).bytes(replay.signature().bytes(), Signature.LENGTH).toByteArray();
    }

    /// Reads the canonical form.
    ///
    /// @throws ProtocolException `dispute_malformed`, or the code of what is wrong in a paper of it
    public static Accusation decode(byte[] bytes) {
        try {
            var reader = new BorshReader(bytes);
            int version = reader.u8();
            if (version != VERSION) {
                throw new ProtocolException("dispute_malformed", "this reads version " + VERSION + " of a dispute's papers, these are of version " + version);
            }
            var assignment = new SignedAssignment(Assignment.decode(reader.byteString()), signature(reader));
            var receipt = new SignedReceipt(Receipt.decode(reader.byteString()), signature(reader));
            Revealed revealed = revealed(reader);
            var replay = new Replay(reader.publicKey(), hash(reader), hash(reader), hash(reader), Finish.ofCode(reader.u8()), signature(reader));
            reader.end();
            return new Accusation(assignment, receipt, revealed, replay);
        } catch (ProtocolException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("dispute_malformed", "these are not a dispute's papers", e);
        }
    }

    /// The constraints' hash of the text is the text's own, so it does not stand there twice.
    private static Revealed revealed(BorshReader reader) {
        Hash salt = hash(reader);
        int[] prompt = ids(reader);
        int[] output = ids(reader);
        List<String> stop = reader.vec(BorshReader::string);
        String format = reader.string();
        var text = PromptText.read(reader);
        return new Revealed(salt, prompt, output, new Constraints(stop, format, text.hash()), text);
    }

    private static List<Long> list(int[] ids) {
        return Arrays.stream(ids).mapToObj(Integer::toUnsignedLong).toList();
    }

    private static int[] ids(BorshReader reader) {
        return reader.vec(BorshReader::u32).stream().mapToInt(Long::intValue).toArray();
    }

    private static Hash hash(BorshReader reader) {
        return Hash.of(reader.bytes(Hash.LENGTH));
    }

    private static Signature signature(BorshReader reader) {
        return Signature.of(reader.bytes(Signature.LENGTH));
    }

    @Override
    public String toString() {
        return "Accusation[job " + job() + ", node " + node() + ", replayed by " + replay.node() + "]";
    }
}
