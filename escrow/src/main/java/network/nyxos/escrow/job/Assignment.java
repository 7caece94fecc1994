package network.nyxos.escrow.job;

import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshReader;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.money.Price;
import software.sava.core.accounts.PublicKey;

/// A gateway's order to a node: do this job, under these terms. Signed by the gateway over {@link #digest}. Borsh, in the order of the components, with a
/// version byte (1) in front.
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
/// @param issuedMs    unix milliseconds
/// @param deadlineMs  unix milliseconds; a receipt that ends later is not paid
public record Assignment(Hash jobId, PublicKey gateway, PublicKey node, Hash modelId, Tier tier, int attempt, int maxOutput, PublicKey mint, Price price,
                         long ceiling, Payment payment, Hash requestHash, long seed, Sampler sampler, long issuedMs, long deadlineMs) {
    private static final String MALFORMED = "assignment_malformed";
    private static final int VERSION = 1;

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
        Counts.version(MALFORMED, reader.u8());
        return new Assignment(Hash.of(reader.bytes(32)), reader.publicKey(), reader.publicKey(), Hash.of(reader.bytes(32)), Tier.ofCode(reader.u8()),
            reader.u8(), Counts.int31("max_output", reader.u32()), reader.publicKey(), new Price(reader.u64(), reader.u64()), reader.u64(),
            Payment.ofCode(reader.u8()), Hash.of(reader.bytes(32)), reader.u64(), Sampler.read(reader), reader.i64(), reader.i64());
    }

    /// The canonical bytes.
    public byte[] encode() {
        var writer = new BorshWriter(320).u8(VERSION).bytes(jobId.bytes(), 32).publicKey(gateway).publicKey(node).bytes(modelId.bytes(), 32).u8(tier.code())
            .u8(attempt).u32(maxOutput).publicKey(mint).u64(price.perMillionIn()).u64(price.perMillionOut()).u64(ceiling).u8(payment.code())
            .bytes(requestHash.bytes(), 32).u64(seed);
        sampler.write(writer);
        return writer.i64(issuedMs).i64(deadlineMs).toByteArray();
    }

    /// What the gateway signs, and what a receipt names: `H("nyxos:assignment:v1" ‖ bytes)`.
    public Hash digest() {
        return Hash.domain("nyxos:assignment:v1", encode());
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
