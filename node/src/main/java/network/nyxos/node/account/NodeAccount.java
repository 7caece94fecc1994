package network.nyxos.node.account;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.chain.Account;
import network.nyxos.chain.ClaimTables;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.escrow.program.escrow.Claim;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditNode;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.wire.ProofDocument;
import network.nyxos.node.NodeKeys;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/**
 * A node's standing on chain. Every call reads the chain first and does only what is left to do, so that any of them may be
 * made again after an unknown outcome.
 */
public final class NodeAccount {
    private static final int ACTIVE = 1;
    private static final int FINAL = 2;
    private static final Duration WAIT = Duration.ofSeconds(90);

    /**
     * A claim.
     *
     * @param amount      base units paid by this call; 0 where nothing was left to claim
     * @param cumulative  base units claimed for all time
     * @param destination the token account that was paid
     * @param signature   of the transaction; empty where none was needed
     */
    public record Claimed(long amount, long cumulative, PublicKey destination, Optional<Signature> signature) {
    }

    private final SolanaRpc rpc;
    private final ChainWriter writer;
    private final Programs programs;
    private final PublicKey market;
    private final PublicKey registryConfig;
    private final Keypair operator;
    private final NodeKeys keys;

    /**
     * Opens the standing of a node in a market.
     *
     * @param market   the market's account, from which the registry follows
     * @param operator pays fees and rent, owns the bond
     * @throws NodeAccountException {@code market_missing}
     */
    public NodeAccount(SolanaRpc rpc, ChainWriter writer, Programs programs, PublicKey market, Keypair operator, NodeKeys keys) {
        this.rpc = rpc;
        this.writer = writer;
        this.programs = programs;
        this.market = market;
        this.registryConfig = Market.decode(require(market, "market_missing", "the market").data()).registryConfig();
        this.operator = operator;
        this.keys = keys;
    }

    /** The node's account, where it is registered. */
    public Optional<Node> read() {
        return rpc.account(programs.node(registryConfig, nodeKey()), Commitment.CONFIRMED).map(account -> Node.decode(account.data()));
    }

    /**
     * Makes sure that the node is registered with these tiers, keys and payout: registers it with a bond, or updates it.
     *
     * @param payout the wallet that is paid
     * @param bond   base units of the registry's bond mint, from the operator's associated token account; of no effect where
     *               the node is registered already
     * @return the account as it is now
     * @throws NodeAccountException {@code bond_too_low}, {@code bond_missing}, {@code node_inactive}, {@code operator_other}, or the transaction's code
     */
    public Node register(Set<Tier> tiers, PublicKey payout, long bond) {
        Config config = Config.decode(require(registryConfig, "registry_missing", "the registry's config").data());
        PublicKey tokenProgram = require(config.bondMint(), "mint_missing", "the bond mint").owner();
        RegistryCalls calls = new RegistryCalls(programs, registryConfig, config.bondMint(), tokenProgram);
        PublicKey sealingKey = keys.sealingKey();
        Optional<Node> present = read();
        if (present.isPresent()) {
            Node node = present.get();
            if (node.state() != ACTIVE) {
                throw new NodeAccountException("node_inactive", "node " + nodeKey() + " is registered but not active (state " + node.state()
                        + "): register another node key");
            }
            if (!node.operator().equals(operator.publicKey())) {
                throw new NodeAccountException("operator_other", "node " + nodeKey() + " is operated by " + node.operator() + ", not " + operator.publicKey());
            }
            if (node.tiers() == Tier.mask(tiers) && node.payout().equals(payout) && node.receiptKey().equals(keys.receipt().publicKey())
                    && node.sealingKey().equals(sealingKey)) {
                return node;
            }
            Hash change = Hash.sha256(new byte[] {(byte) Tier.mask(tiers)}, payout.toByteArray(), keys.receipt().publicKey().toByteArray(), sealingKey.toByteArray(),
                    // A change back to what it once was is another intent than the first one.
                    Long.toString(rpc.slot(Commitment.CONFIRMED)).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            send("update:" + nodeKey() + ":" + change, List.of(calls.update(operator.publicKey(), nodeKey(), tiers, keys.receipt().publicKey(), sealingKey, payout)),
                    operator);
        } else {
            if (Long.compareUnsigned(bond, config.minBond()) < 0) {
                throw new NodeAccountException("bond_too_low", "the bond is " + bond + " base units, the registry asks for " + Long.toUnsignedString(config.minBond()));
            }
            PublicKey source = Tokens.associated(operator.publicKey(), config.bondMint(), tokenProgram);
            long held = rpc.tokenBalance(source, Commitment.CONFIRMED).orElse(0L);
            if (Long.compareUnsigned(held, bond) < 0) {
                throw new NodeAccountException("bond_missing", "the operator " + operator.publicKey() + " holds " + Long.toUnsignedString(held)
                        + " base units of the bond mint " + config.bondMint() + ", the bond is " + bond);
            }
            send("register:" + nodeKey(), List.of(calls.register(operator.publicKey(), operator.publicKey(), nodeKey(), tiers, keys.receipt().publicKey(),
                    sealingKey, payout, bond)), operator, keys.node());
        }
        return read().orElseThrow(() -> new NodeAccountException("node_missing", "the transaction was confirmed, but the node's account is not there"));
    }

    /**
     * Collects what the node has earned in a mint. The relayer's proof is checked against the batch on chain first.
     *
     * @throws NodeAccountException {@code proof_invalid}, {@code batch_not_final}, {@code node_missing}, {@code claim_needs_table}, or the transaction's code
     */
    public Claimed claim(PublicKey mint, ProofDocument proof) {
        PublicKey tokenProgram = require(mint, "mint_missing", "the mint").owner();
        PoolCalls pool = new MarketCalls(programs, market, registryConfig).pool(mint, tokenProgram);
        Credit credit = new Credit(nodeKey(), CreditKind.NODE, proof.cumulative());
        verify(pool, proof, credit);
        Node node = read().orElseThrow(() -> new NodeAccountException("node_missing", "node " + nodeKey() + " is not registered"));
        PublicKey destination = Tokens.associated(node.payout(), mint, tokenProgram);
        long before = claimed(pool);
        if (before >= proof.cumulative()) {
            return new Claimed(0, before, destination, Optional.empty());
        }
        String intent = "claim:" + pool.pool() + ":" + nodeKey() + ":" + proof.cumulative();
        List<TransactionBuilder> transactions = transactions(pool, node.payout(), proof, credit);
        transactions.subList(0, transactions.size() - 1).forEach(transaction -> send(intent + ":account", transaction, operator));
        Outcome outcome = send(intent, transactions.getLast(), operator);
        return new Claimed(Math.subtractExact(proof.cumulative(), before), proof.cumulative(), destination, Optional.of(outcome.signature()));
    }

    private List<TransactionBuilder> transactions(PoolCalls pool, PublicKey payout, ProofDocument proof, Credit credit) {
        try {
            return new ClaimTables(rpc, List.of(operator.publicKey())).claims(pool).of(operator.publicKey(), payout, proof.seq(), credit, proof.index(), proof.proof());
        } catch (ProtocolException e) {
            throw new NodeAccountException(e.code(), e.getMessage());
        }
    }

    private void verify(PoolCalls pool, ProofDocument proof, Credit credit) {
        PublicKey address = pool.batch(proof.seq());
        Batch batch = Batch.decode(require(address, "proof_invalid", "batch " + proof.seq()).data());
        if (batch.state() != FINAL) {
            throw new NodeAccountException("batch_not_final", "batch " + proof.seq() + " is not final yet");
        }
        if (!proof.batch().equals(address) || batch.payeeCount() != proof.payeeCount()
                || !CreditTree.verify(pool.pool(), new CreditNode(batch.creditRoot(), batch.creditSum()), credit, proof.index(), proof.payeeCount(), proof.proof())) {
            throw new NodeAccountException("proof_invalid", "the relayer's proof of " + proof.cumulative() + " base units does not lead to the credit root of batch "
                    + proof.seq() + " on chain");
        }
    }

    private long claimed(PoolCalls pool) {
        return rpc.account(pool.claimAccount(nodeKey(), CreditKind.NODE), Commitment.CONFIRMED).map(account -> Claim.decode(account.data()).claimed()).orElse(0L);
    }

    private Outcome send(String intent, List<Instruction> instructions, Keypair... signers) {
        return send(intent, TransactionBuilder.legacy(operator.publicKey()).addAll(instructions), signers);
    }

    private Outcome send(String intent, TransactionBuilder transaction, Keypair... signers) {
        Outcome outcome = writer.execute(intent, blockhash -> transaction.compile(blockhash).sign(signers), WAIT);
        if (!outcome.isConfirmed()) {
            throw new NodeAccountException(outcome);
        }
        return outcome;
    }

    private Account require(PublicKey address, String code, String what) {
        return rpc.account(address, Commitment.CONFIRMED).orElseThrow(() -> new NodeAccountException(code, what + " is not on chain at " + address));
    }

    private PublicKey nodeKey() {
        return keys.node().publicKey();
    }
}
