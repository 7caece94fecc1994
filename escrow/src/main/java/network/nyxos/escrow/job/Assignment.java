package network.nyxos.escrow.job;

import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshReader;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.money.Price;
import software.sava.core.accounts.PublicKey;

/// A gateway's order to a node: do this job, under these terms. Signed by the gateway over {@link #digest}. Borsh (docs/protocol.md §6): a *head*, which a program
/// has to know to settle the job, and the *work*, of which it needs the hash alone.
///
/// @param jobId       see {@link JobId}
/// @param gateway     the key that signs
/// @param node        the node's key
/// @param modelId     see {@link ModelId}
/// @param tier        what the payer asked for
/// @param attempt     0 to 255; counts the nodes tried for this job
/// @param maxOutput   the most output tokens
/// @param mint        what is paid in
/// @param price       per million tokens, base units
/// @param ceiling     the most the job may cost, base units
/// @param payment     how it is paid
/// @param requestHash hash of the request it answers ({@link network.nyxos.escrow.voucher.RequestBinding#requestHash})
/// @param seed        of the sampler, any 64 bits
/// @param sampler     how tokens are drawn
/// @param constraints {@link Constraints#hash}, zero where there are none or the prompt is sealed
/// @param routing     {@link network.nyxos.escrow.program.Digests#routing} of why the gateway chose this node
/// @param issuedMs    unix milliseconds
/// @param deadlineMs  unix milliseconds; a receipt that ends later is not paid
public record Assignment(Hash jobId, PublicKey gateway, PublicKey node, Hash modelId, Tier tier, int attempt, int maxOutput, PublicKey mint, Price price,
                         long ceiling, Payment payment, Hash requestHash, long seed, Sampler sampler, Hash constraints, Hash routing, long issuedMs, long deadlineMs) {
    private static final String MALFORMED = "assignment_malformed";
    private static final int VERSION = 2;

    /// @throws ProtocolException `count_range` or `amount_range` for a number outside its range
    public Assignment {
        if (attempt < 0 || attempt > 255) {
            throw new ProtocolException("count_range", "attempt must be 0 to 255, is " + attempt);
        }
        Counts.atLeastZero("max_output", maxOutput);
        Counts.amount("ceiling", ceiling);
    }

    /// Reads canonical bytes; nothing may follow them.
    ///
    /// @throws ProtocolException `assignment_malformed`, or the code of the field that is out of range
    public static Assignment decode(byte[] bytes) {
        return Counts.decode(MALFORMED, bytes, Assignment::read);
    }

    private static Assignment read(BorshReader reader) {
        Counts.version(MALFORMED, VERSION, reader.u8());
        Hash jobId = hash(reader);
        PublicKey gateway = reader.publicKey();
        PublicKey node = reader.publicKey();
        PublicKey mint = reader.publicKey();
        Tier tier = Tier.ofCode(reader.u8());
        long ceiling = reader.u64();
        Payment payment = Payment.ofCode(reader.u8());
        Hash requestHash = hash(reader);
        Hash modelId = hash(reader);
        int attempt = reader.u8();
        int maxOutput = Counts.int31("max_output", reader.u32());
        var price = new Price(reader.u64(), reader.u64());
        return new Assignment(jobId, gateway, node, modelId, tier, attempt, maxOutput, mint, price, ceiling, payment, requestHash, reader.u64(), Sampler.read(reader),
            hash(reader), hash(reader), reader.i64(), reader.i64());
    }

    private static Hash hash(BorshReader reader) {
        return Hash.of(reader.bytes(Hash.LENGTH));
    }

    /// The canonical bytes.
    public byte[] encode() {
        return work(head(new BorshWriter(384))).toByteArray();
    }

    private BorshWriter head(BorshWriter writer) {
        return writer.u8(VERSION).bytes(jobId.bytes(), Hash.LENGTH).publicKey(gateway).publicKey(node).publicKey(mint).u8(tier.code()).u64(ceiling).u8(payment.code())
            .bytes(requestHash.bytes(), Hash.LENGTH);
    }

    private BorshWriter work(BorshWriter writer) {
        writer.bytes(modelId.bytes(), Hash.LENGTH).u8(attempt).u32(maxOutput).u64(price.perMillionIn()).u64(price.perMillionOut()).u64(seed);
        sampler.write(writer);
        return writer.bytes(constraints.bytes(), Hash.LENGTH).bytes(routing.bytes(), Hash.LENGTH).i64(issuedMs).i64(deadlineMs);
    }

    /// What a program knows of the work: `H("nyxos:assignment-work:v2" ‖ work)`.
    public Hash workHash() {
        return Hash.domain("nyxos:assignment-work:v2", work(new BorshWriter(192)).toByteArray());
    }

    /// What the gateway signs, and what a receipt names: `H("nyxos:assignment:v2" ‖ head ‖ hash of the work)`.
    public Hash digest() {
        return Hash.domain("nyxos:assignment:v2", head(new BorshWriter(192)).toByteArray(), workHash().bytes());
    }

    /// Signs as the gateway it names.
    ///
    /// @throws IllegalArgumentException when the keypair is another's
    public SignedAssignment sign(Keypair gatewayKey) {
        if (!gatewayKey.publicKey().equals(gateway)) {
            throw new IllegalArgumentException("assignment of gateway " + gateway + " signed by " + gatewayKey);
        }
        return new SignedAssignment(this, gatewayKey.sign(digest()));
    }
}
