package network.nyxos.node.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.Quorum;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.wire.ProofDocument;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import network.nyxos.node.NodeKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/** Registration and claims against the built programs on a local chain, over its RPC. */
@Timeout(120)
class NodeAccountTest {
    private static final long BOND = 1_000_000;
    private static final Programs PROGRAMS = Programs.LOCAL;

    private static LocalChain chain;
    private static LocalRpcServer server;
    private static SolanaRpc rpc;
    private static final Keypair ADMIN = Keypair.generate();
    private static final Keypair VERIFIER = Keypair.generate();
    private static final PublicKey MINT = Keypair.generate().publicKey();
    private static PublicKey market;
    private static PoolCalls pool;

    private final Keypair operator = Keypair.generate();
    private final NodeKeys keys = NodeKeys.of(Keypair.generate(), Keypair.generate());
    private final PublicKey payout = Keypair.generate().publicKey();

    @BeforeAll
    static void ground() throws IOException {
        chain = LocalChain.start(ChainOptions.defaults());
        server = LocalRpcServer.start(chain, 0);
        rpc = SolanaRpc.connect(server.httpUrl());
        chain.deploy(PROGRAMS.registry(), artifact("registry"));
        chain.deploy(PROGRAMS.escrow(), artifact("escrow"));
        chain.airdrop(ADMIN.publicKey(), 100 * LocalChain.LAMPORTS_PER_SOL);
        chain.createMint(MINT, LocalChain.TOKEN_PROGRAM, ADMIN.publicKey(), 6);
        PublicKey config = PROGRAMS.config(ADMIN.publicKey(), 1);
        send(List.of(new RegistryCalls(PROGRAMS, config, MINT, LocalChain.TOKEN_PROGRAM).initialize(ADMIN.publicKey(), ADMIN.publicKey(),
                new RegistryCalls.Terms(1, ADMIN.publicKey(), BOND, BOND, 200, 1, List.of(VERIFIER.publicKey()), 0))), ADMIN);
        Hash cluster = Hash.of(PublicKey.fromBase58Encoded(ChainOptions.DEVNET_GENESIS_HASH).toByteArray());
        market = PROGRAMS.market(cluster, ADMIN.publicKey(), 1);
        MarketCalls calls = new MarketCalls(PROGRAMS, market, config);
        send(List.of(calls.initialize(ADMIN.publicKey(), ADMIN.publicKey(), calls.posters(MINT, LocalChain.TOKEN_PROGRAM), new MarketCalls.Terms(1, cluster, ADMIN.publicKey(), ADMIN.publicKey(), ADMIN.publicKey(), 200, 1,
                150, 1000, 0, 1, List.of(VERIFIER.publicKey()), List.of()))), ADMIN);
        pool = calls.pool(MINT, LocalChain.TOKEN_PROGRAM);
        send(pool.initialize(ADMIN.publicKey(), ADMIN.publicKey()), ADMIN);
    }

    @AfterAll
    static void close() {
        if (chain != null) {
            rpc.close();
            server.close();
            chain.close();
        }
    }

    private static byte[] artifact(String name) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("onchain"))) {
            root = root.getParent();
        }
        return Files.readAllBytes(root.resolve("onchain/artifacts/" + name + ".so"));
    }

    private static void send(List<Instruction> instructions, Keypair... signers) {
        chain.advanceSlots(1);
        var transaction = TransactionBuilder.legacy(signers[0].publicKey()).addAll(instructions)
                .compile(Hash.of(PublicKey.fromBase58Encoded(chain.latestBlockhash()).toByteArray())).sign(signers);
        var sent = chain.send(transaction.bytes());
        assertThat(sent.execution().succeeded()).as("%s", sent.execution().logs()).isTrue();
    }

    private NodeAccount account(long bondHeld) {
        chain.airdrop(operator.publicKey(), 10 * LocalChain.LAMPORTS_PER_SOL);
        chain.mintTo(MINT, operator.publicKey(), bondHeld);
        return new NodeAccount(rpc, new DirectWriter(rpc, PROGRAMS), PROGRAMS, market, operator, keys);
    }

    /** Posts and finalises a batch that credits this node and a stranger. */
    private ProofDocument earn(long seq, long cumulative) {
        Keypair stranger = Keypair.generate();
        chain.mintTo(MINT, pool.pool(), 10_000_000);
        CreditTree tree = CreditTree.of(pool.pool(), java.util.stream.Stream.of(new Credit(keys.node().publicKey(), CreditKind.NODE, cumulative),
                new Credit(stranger.publicKey(), CreditKind.NODE, 5 + seq)).sorted(Credit.ORDER).toList());
        Hash receipts = Hash.sha256(new byte[] {1});
        Hash digest = pool.batchDigest(seq, receipts, 1, tree.root(), tree.size());
        Map<PublicKey, Signature> signatures = new LinkedHashMap<>();
        signatures.put(VERIFIER.publicKey(), VERIFIER.sign(digest));
        send(pool.post(ADMIN.publicKey(), ADMIN.publicKey(), seq, receipts, 1, tree.root(), tree.size(), new Quorum(digest, signatures)), ADMIN);
        chain.advanceSlots(3);
        send(List.of(pool.finalizeBatch(seq)), ADMIN);
        int index = tree.indexOf(keys.node().publicKey(), CreditKind.NODE).orElseThrow();
        return new ProofDocument(seq, pool.batch(seq), index, tree.size(), cumulative, tree.proof(index));
    }

    @Test
    void registersOnceAndUpdatesWhatChanged() {
        NodeAccount account = account(BOND);
        assertThat(account.read()).isEmpty();
        Node node = account.register(Set.of(Tier.OPEN), payout, BOND);
        assertThat(node.bond()).isEqualTo(BOND);
        assertThat(node.receiptKey()).isEqualTo(keys.receipt().publicKey());
        assertThat(account.register(Set.of(Tier.OPEN), payout, BOND)).as("a second time takes no second bond").isEqualTo(node);
        Node updated = account.register(Set.of(Tier.OPEN, Tier.VERIFIED), payout, BOND);
        assertThat(updated.tiers()).isEqualTo(3);
        assertThat(updated.bond()).isEqualTo(BOND);
    }

    @Test
    void saysWhatIsWrongWithTheBond() {
        NodeAccount account = account(BOND - 1);
        assertThatThrownBy(() -> account.register(Set.of(Tier.OPEN), payout, BOND - 1)).isInstanceOfSatisfying(NodeAccountException.class,
                e -> assertThat(e.code()).isEqualTo("bond_too_low"));
        assertThatThrownBy(() -> account.register(Set.of(Tier.OPEN), payout, BOND)).isInstanceOfSatisfying(NodeAccountException.class,
                e -> assertThat(e.code()).isEqualTo("bond_missing"));
        assertThat(account.read()).isEmpty();
    }

    @Test
    void claimsWhatTheProofProvesAndNothingTwice() {
        NodeAccount account = account(BOND);
        account.register(Set.of(Tier.OPEN), payout, BOND);
        ProofDocument first = earn(1, 700_000);
        NodeAccount.Claimed claimed = account.claim(MINT, first);
        assertThat(claimed.amount()).isEqualTo(700_000);
        PublicKey wallet = Tokens.associated(payout, MINT, LocalChain.TOKEN_PROGRAM);
        assertThat(claimed.destination()).isEqualTo(wallet);
        assertThat(chain.tokenBalance(wallet)).isEqualTo(700_000);
        assertThat(account.claim(MINT, first)).isEqualTo(new NodeAccount.Claimed(0, 700_000, wallet, java.util.Optional.empty()));

        ProofDocument second = earn(2, 900_001);
        ProofDocument greedy = new ProofDocument(2, second.batch(), second.index(), second.payeeCount(), 900_002, second.proof());
        assertThatThrownBy(() -> account.claim(MINT, greedy)).isInstanceOfSatisfying(NodeAccountException.class,
                e -> assertThat(e.code()).isEqualTo("proof_invalid"));
        ProofDocument absent = new ProofDocument(3, pool.batch(3), 0, 1, 1, List.of());
        assertThatThrownBy(() -> account.claim(MINT, absent)).isInstanceOfSatisfying(NodeAccountException.class,
                e -> assertThat(e.code()).isEqualTo("proof_invalid"));
        assertThat(account.claim(MINT, second).amount()).isEqualTo(200_001);
        assertThat(chain.tokenBalance(wallet)).isEqualTo(900_001);
    }
}
