package network.nyxos.escrow.program;

import java.nio.charset.StandardCharsets;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.tree.CreditNode;
import software.sava.core.accounts.PublicKey;

/// The 32-byte digests that keys sign besides vouchers, assignments and receipts (protocol §4). A quorum signs the digest itself as its message.
public final class Digests {
    private Digests() {
    }

    /// What the verifiers sign for a batch.
    ///
    /// @param program the escrow program
    /// @param credits root hash and sum of the credit tree
    public static Hash batch(PublicKey program, PublicKey pool, long seq, Hash receiptsRoot, long receiptsCount, CreditNode credits, long payeeCount) {
        return Hash.domain("nyxos:batch:v1", new BorshWriter(160).publicKey(program).publicKey(pool).u64(seq).bytes(receiptsRoot.bytes(), 32).u32(receiptsCount)
            .bytes(credits.hash().bytes(), 32).u64(credits.sum()).u32(payeeCount).toByteArray());
    }

    /// What the verifiers sign to void a batch in its window.
    ///
    /// @param program the escrow program
    /// @param batch   the batch's account
    /// @param reason  0 to 255
    public static Hash voidBatch(PublicKey program, PublicKey batch, Hash creditRoot, int reason) {
        return Hash.domain("nyxos:void:v1", new BorshWriter(97).publicKey(program).publicKey(batch).bytes(creditRoot.bytes(), 32).u8(reason).toByteArray());
    }

    /// What the verifiers sign to release a job's amount to its node.
    ///
    /// @param program    the escrow program
    /// @param job        the job's account
    /// @param cumulative released in the job's whole life, base units
    public static Hash award(PublicKey program, PublicKey job, long cumulative) {
        return Hash.domain("nyxos:award:v1", new BorshWriter(72).publicKey(program).publicKey(job).u64(cumulative).toByteArray());
    }

    /// What the verifiers sign to void what a node settled by itself.
    ///
    /// @param program the escrow program
    /// @param direct  the record's account
    /// @param charge  the record's, base units
    public static Hash voidDirect(PublicKey program, PublicKey direct, Hash receiptHash, long charge, int reason) {
        return Hash.domain("nyxos:direct-void:v1", new BorshWriter(105).publicKey(program).publicKey(direct).bytes(receiptHash.bytes(), 32).u64(charge).u8(reason)
            .toByteArray());
    }

    /// What the verifiers sign to record a node's attestation.
    ///
    /// @param program     the registry program
    /// @param node        the node's account
    /// @param kind        1 TDX, 2 SNP
    /// @param measurement 48 bytes
    public static Hash attestation(PublicKey program, PublicKey node, int kind, byte[] measurement, Hash quoteHash, PublicKey receiptKey, PublicKey sealingKey,
                                   long expirySlot) {
        return Hash.domain("nyxos:attestation:v1", new BorshWriter(224).publicKey(program).publicKey(node).u8(kind).bytes(measurement, 48)
            .bytes(quoteHash.bytes(), 32).publicKey(receiptKey).publicKey(sealingKey).u64(expirySlot).toByteArray());
    }

    /// What the verifiers sign to slash a node.
    ///
    /// @param program the registry program
    /// @param node    the node's account
    public static Hash slashNode(PublicKey program, PublicKey node, Slash slash) {
        return slash("nyxos:slash:v1", program, node, slash);
    }

    /// What the verifiers sign to slash a validator.
    ///
    /// @param program   the registry program
    /// @param validator the validator's account
    public static Hash slashValidator(PublicKey program, PublicKey validator, Slash slash) {
        return slash("nyxos:slash-validator:v1", program, validator, slash);
    }

    private static Hash slash(String domain, PublicKey program, PublicKey account, Slash slash) {
        return Hash.domain(domain, new BorshWriter(184).publicKey(program).publicKey(account).u64(slash.amount()).u64(Slash.share(slash.reward()))
            .u64(Slash.share(slash.refund())).publicKey(Slash.token(slash.reward(), program)).publicKey(Slash.token(slash.refund(), program))
            .bytes(slash.evidenceHash().bytes(), 32).toByteArray());
    }

    /// What the verifiers sign to end a node's attestation for good.
    ///
    /// @param program the registry program
    /// @param node    the node's account
    public static Hash revocation(PublicKey program, PublicKey node, Hash quoteHash) {
        return Hash.domain("nyxos:revoke:v1", new BorshWriter(96).publicKey(program).publicKey(node).bytes(quoteHash.bytes(), 32).toByteArray());
    }

    /// What a node's key signs when it dials in.
    ///
    /// @param nonce      the peer's challenge
    /// @param peer       the peer's key
    /// @param sealingKey all zero where the node has none ({@link PublicKey#NONE})
    public static Hash hello(Hash nonce, PublicKey peer, PublicKey nodeKey, PublicKey receiptKey, PublicKey sealingKey) {
        return Hash.domain("nyxos:hello:v1", nonce.bytes(), new BorshWriter(128).publicKey(peer).publicKey(nodeKey).publicKey(receiptKey).publicKey(sealingKey)
            .toByteArray());
    }

    /// What a gateway's key signs over the body of a job record.
    public static Hash jobRecord(byte[] body) {
        return Hash.domain("nyxos:job-record:v1", body);
    }

    /// What a node was given to replay. It is part of what the node signs, so that nobody can have it run something else and call that a false replay.
    ///
    /// @param salt        of the job's commitments
    /// @param promptIds   the prompt's tokens
    /// @param maxTokens   the most output tokens
    /// @param constraints what the reply has to keep to
    public static Hash replayOrder(Hash salt, Hash modelId, String engine, int[] promptIds, long seed, Sampler sampler, int maxTokens, Constraints constraints) {
        return Hash.domain("nyxos:replay-order:v2", new BorshWriter(256).bytes(salt.bytes(), 32).bytes(modelId.bytes(), 32).string(engine)
            .bytes(TokenHash.prompt(salt, promptIds).bytes(), 32).u64(seed).u32(sampler.temperatureMicro()).u32(sampler.topPMicro()).u32(sampler.topK())
            .u32(maxTokens).bytes(constraints.hash().bytes(), 32).toByteArray());
    }

    /// What a replaying node's receipt key signs.
    ///
    /// @param order      {@link #replayOrder}
    /// @param outputHash {@link network.nyxos.escrow.job.TokenHash#output} of the ids that the replay gave
    /// @param traceRoot  of what the replay computed, salted as a receipt's; zero where there is none
    /// @param finish     why it ended
    public static Hash replay(Hash jobId, Hash order, Hash outputHash, Hash traceRoot, Finish finish) {
        return Hash.domain("nyxos:replay:v2", jobId.bytes(), order.bytes(), outputHash.bytes(), traceRoot.bytes(), new byte[] {(byte) finish.code()});
    }

    /// What an assignment commits to of why its node was chosen.
    ///
    /// @param said the value of the header `Nyxos-Routing` for this node
    public static Hash routing(String said) {
        return Hash.domain("nyxos:routing:v1", said.getBytes(StandardCharsets.UTF_8));
    }

    /// What the market's operator signs over the body of a batch proposal.
    public static Hash proposal(byte[] body) {
        return Hash.domain("nyxos:proposal:v1", body);
    }
}
