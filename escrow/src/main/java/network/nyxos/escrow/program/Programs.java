package network.nyxos.escrow.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.tree.CreditKind;
import software.sava.core.accounts.PublicKey;

/// The ids of the two programs of a deployment, and every address that follows from them. Deriving an address costs some tens of microseconds: keep it
/// where it is needed often.
///
/// @param registry id of the registry program
/// @param escrow   id of the escrow program
public record Programs(PublicKey registry, PublicKey escrow) {
    /// The ids on the local chain.
    public static final Programs LOCAL = new Programs(PublicKey.fromBase58Encoded("NyxosRegistry111111111111111111111111111111"),
        PublicKey.fromBase58Encoded("NyxosEscrow11111111111111111111111111111111"));

    private static byte[] seed(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] u16(int value) {
        return ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort((short) value).array();
    }

    private static byte[] u32(long value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt((int) value).array();
    }

    private static byte[] u64(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    }

    private static PublicKey derive(PublicKey program, byte[]... seeds) {
        return PublicKey.findProgramAddress(List.of(seeds), program).publicKey();
    }

    /// The registry's Config: `["config", creator, id]`.
    public PublicKey config(PublicKey creator, int id) {
        return derive(registry, seed("config"), creator.toByteArray(), u16(id));
    }

    /// The token account of all bonds of a config: `["bonds", config]`.
    public PublicKey bondVault(PublicKey config) {
        return derive(registry, seed("bonds"), config.toByteArray());
    }

    /// The verifier set that waits to be a config's: `["verifiers", config]`.
    public PublicKey registryProposal(PublicKey config) {
        return derive(registry, seed("verifiers"), config.toByteArray());
    }

    /// A validator's account: `["validator", config, validator_key]`.
    public PublicKey validator(PublicKey config, PublicKey validatorKey) {
        return derive(registry, seed("validator"), config.toByteArray(), validatorKey.toByteArray());
    }

    /// A node's account: `["node", config, node_key]`.
    public PublicKey node(PublicKey config, PublicKey nodeKey) {
        return derive(registry, seed("node"), config.toByteArray(), nodeKey.toByteArray());
    }

    /// A dispute about a node's receipt: `["dispute", node account, receipt_hash, accuser]`.
    ///
    /// @param node the node's account
    public PublicKey dispute(PublicKey node, Hash receiptHash, PublicKey accuser) {
        return derive(registry, seed("dispute"), node.toByteArray(), receiptHash.bytes(), accuser.toByteArray());
    }

    /// What is written down for a dispute's proof: `["evidence", dispute]`.
    public PublicKey evidence(PublicKey dispute) {
        return derive(registry, seed("evidence"), dispute.toByteArray());
    }

    /// A registered model: `["model", config, model_id]`.
    public PublicKey model(PublicKey config, Hash modelId) {
        return derive(registry, seed("model"), config.toByteArray(), modelId.bytes());
    }

    /// A market: `["market", cluster, creator, id]`.
    ///
    /// @param cluster the chain's genesis hash
    public PublicKey market(Hash cluster, PublicKey creator, int id) {
        return derive(escrow, seed("market"), cluster.bytes(), creator.toByteArray(), u16(id));
    }

    /// The terms proposed for a market: `["terms", market]`.
    public PublicKey terms(PublicKey market) {
        return derive(escrow, seed("terms"), market.toByteArray());
    }

    /// A market's pool for one mint: `["pool", market, mint]`.
    public PublicKey pool(PublicKey market, PublicKey mint) {
        return derive(escrow, seed("pool"), market.toByteArray(), mint.toByteArray());
    }

    /// The token account of a pool's deposits: `["deposits", pool]`.
    public PublicKey depositVault(PublicKey pool) {
        return derive(escrow, seed("deposits"), pool.toByteArray());
    }

    /// A payer's escrow: `["escrow", market, payer, mint, open_slot]`.
    public PublicKey escrow(PublicKey market, PublicKey payer, PublicKey mint, long openSlot) {
        return derive(escrow, seed("escrow"), market.toByteArray(), payer.toByteArray(), mint.toByteArray(), u64(openSlot));
    }

    /// A prepaid escrow, which anybody may open for its payer: `["prepaid", market, payer, mint, session_key, open_slot]`.
    public PublicKey prepaid(PublicKey market, PublicKey payer, PublicKey mint, PublicKey sessionKey, long openSlot) {
        return derive(escrow, seed("prepaid"), market.toByteArray(), payer.toByteArray(), mint.toByteArray(), sessionKey.toByteArray(), u64(openSlot));
    }

    /// A batch: `["batch", pool, seq]`.
    public PublicKey batch(PublicKey pool, long seq) {
        return derive(escrow, seed("batch"), pool.toByteArray(), u64(seq));
    }

    /// Who posts batches in a market: `["poster", market, operator]`.
    public PublicKey poster(PublicKey market, PublicKey operator) {
        return derive(escrow, seed("poster"), market.toByteArray(), operator.toByteArray());
    }

    /// The token account of all bonds of a market's posters: `["bonds", market]`.
    public PublicKey posterBondVault(PublicKey market) {
        return derive(escrow, seed("bonds"), market.toByteArray());
    }

    /// A credit that was proven to stand in a batch: `["leaf", batch, prover, index]`.
    ///
    /// @param index its place in the batch's tree, a u32
    public PublicKey leaf(PublicKey batch, PublicKey prover, long index) {
        return derive(escrow, seed("leaf"), batch.toByteArray(), prover.toByteArray(), u32(index));
    }

    /// A job's account: `["job", pool, payer, open_slot]`.
    public PublicKey job(PublicKey pool, PublicKey payer, long openSlot) {
        return derive(escrow, seed("job"), pool.toByteArray(), payer.toByteArray(), u64(openSlot));
    }

    /// The record of a payment: `["payment", pool, payer, reference]`.
    public PublicKey payment(PublicKey pool, PublicKey payer, Hash reference) {
        return derive(escrow, seed("payment"), pool.toByteArray(), payer.toByteArray(), reference.bytes());
    }

    /// The record of a voucher-paid job that its node settles by itself.
    public PublicKey direct(PublicKey escrowAccount, Hash jobId) {
        return derive(escrow, seed("direct"), escrowAccount.toByteArray(), jobId.bytes());
    }

    /// What a payee has claimed: `["claim", pool, payee, kind]`.
    public PublicKey claim(PublicKey pool, PublicKey payee, CreditKind kind) {
        return derive(escrow, seed("claim"), pool.toByteArray(), payee.toByteArray(), new byte[] {(byte) kind.code()});
    }

    /// The signer of the registry's events: `["__event_authority"]`.
    public PublicKey registryEventAuthority() {
        return derive(registry, seed("__event_authority"));
    }

    /// The signer of the escrow program's events: `["__event_authority"]`.
    public PublicKey escrowEventAuthority() {
        return derive(escrow, seed("__event_authority"));
    }
}
