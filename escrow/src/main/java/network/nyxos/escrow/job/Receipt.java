package network.nyxos.escrow.job;

import java.nio.charset.StandardCharsets;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshReader;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import software.sava.core.accounts.PublicKey;

/// A node's account of a job done. Signed by the node's receipt key over {@link #hash}. Borsh, in the order of the components, with a version byte (1) in
/// front. It shows hashes and counts, never a prompt or a reply.
///
/// @param jobId            the job
/// @param node             the node's key
/// @param modelId          what ran
/// @param engine           the engine's specification string, at most 128 bytes of UTF-8
/// @param tier             as assigned
/// @param seed             as assigned
/// @param sampler          as assigned
/// @param promptCommitment {@link TokenHash#prompt}; of a service {@link ServiceBody#hash} of the request
/// @param outputHash       {@link TokenHash#output}; of several choices {@link ReplyChoice#hash}, of vectors {@link Embedding#hash}, of a service {@link ServiceBody#hash} of the reply
/// @param tokensIn         prompt tokens, by the model's own tokenizer; 0 of a service
/// @param tokensOut        output tokens, the end token included where one was produced; 1 of a service, whose unit is a call
/// @param mint             as assigned
/// @param charge           base units
/// @param finish           why it stopped
/// @param traceRoot        root over the engine's trace, or zero
/// @param quoteHash        hash of the attestation quote in force, or zero
/// @param assignmentHash   {@link Assignment#digest} of what it answers
/// @param startMs          unix milliseconds
/// @param endMs            unix milliseconds, not before the start
public record Receipt(Hash jobId, PublicKey node, Hash modelId, String engine, Tier tier, long seed, Sampler sampler, Hash promptCommitment, Hash outputHash,
                      int tokensIn, int tokensOut, PublicKey mint, long charge, Finish finish, Hash traceRoot, Hash quoteHash, Hash assignmentHash,
                      long startMs, long endMs) {
    /// The most bytes of an engine's specification string.
    public static final int MAX_ENGINE_LENGTH = 128;
    private static final String MALFORMED = "receipt_malformed";
    private static final int VERSION = 1;

    /// @throws ProtocolException `count_range`, `amount_range`, `engine_length` or `receipt_times`
    public Receipt {
        Counts.atLeastZero("tokens_in", tokensIn);
        Counts.atLeastZero("tokens_out", tokensOut);
        Counts.amount("charge", charge);
        if (engine.getBytes(StandardCharsets.UTF_8).length > MAX_ENGINE_LENGTH) {
            throw new ProtocolException("engine_length", "an engine's name has at most " + MAX_ENGINE_LENGTH + " bytes");
        }
        if (endMs < startMs) {
            throw new ProtocolException("receipt_times", "a receipt ends at " + endMs + ", before its start at " + startMs);
        }
    }

    /// Reads canonical bytes; nothing may follow them.
    ///
    /// @throws ProtocolException `receipt_malformed`, or the code of the field that is out of range
    public static Receipt decode(byte[] bytes) {
        return Counts.decode(MALFORMED, bytes, Receipt::read);
    }

    private static Receipt read(BorshReader reader) {
        Counts.version(MALFORMED, VERSION, reader.u8());
        return new Receipt(Hash.of(reader.bytes(32)), reader.publicKey(), Hash.of(reader.bytes(32)), reader.string(), Tier.ofCode(reader.u8()), reader.u64(),
            Sampler.read(reader), Hash.of(reader.bytes(32)), Hash.of(reader.bytes(32)), Counts.int31("tokens_in", reader.u32()),
            Counts.int31("tokens_out", reader.u32()), reader.publicKey(), reader.u64(), Finish.ofCode(reader.u8()), Hash.of(reader.bytes(32)),
            Hash.of(reader.bytes(32)), Hash.of(reader.bytes(32)), reader.i64(), reader.i64());
    }

    /// The canonical bytes.
    public byte[] encode() {
        var writer = new BorshWriter(512).u8(VERSION).bytes(jobId.bytes(), 32).publicKey(node).bytes(modelId.bytes(), 32).string(engine).u8(tier.code()).u64(seed);
        sampler.write(writer);
        return writer.bytes(promptCommitment.bytes(), 32).bytes(outputHash.bytes(), 32).u32(tokensIn).u32(tokensOut).publicKey(mint).u64(charge)
            .u8(finish.code()).bytes(traceRoot.bytes(), 32).bytes(quoteHash.bytes(), 32).bytes(assignmentHash.bytes(), 32).i64(startMs).i64(endMs).toByteArray();
    }

    /// What is signed, and the leaf of the receipts tree: `H("nyxos:receipt:v1" ‖ bytes)`.
    public Hash hash() {
        return Hash.domain("nyxos:receipt:v1", encode());
    }

    /// Signs with the node's receipt key.
    public SignedReceipt sign(Keypair receiptKey) {
        return new SignedReceipt(this, receiptKey.sign(hash()));
    }
}
