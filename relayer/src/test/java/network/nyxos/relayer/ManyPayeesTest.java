package network.nyxos.relayer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.nyxos.chain.Database;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionSender;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.Quorum;
import network.nyxos.escrow.transaction.LookupTables;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditNode;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.batch.Sent;
import network.nyxos.relayer.chain.MarketFacts;
import network.nyxos.relayer.chain.MarketTerms;
import network.nyxos.relayer.chain.MarketWriter;
import org.junit.jupiter.api.Test;

/// A relayer pays a refund among a million payees, whose proof fits into no legacy transaction.
class ManyPayeesTest {
    private static final int STEPS = 20;

    @Test
    void a_refund_among_a_million_payees_is_pushed_by_way_of_the_operators_lookup_table_and_once() {
        try (var world = new World(LocalChain.TOKEN_PROGRAM); SolanaRpc rpc = SolanaRpc.connect(world.rpc.httpUrl());
             Database database = Database.open(world.jdbcUrl(), "many_payees", "classpath:network/nyxos/relayer/store");
             TransactionSender sender = TransactionSender.start(rpc, database, World.PROGRAMS, Optional.empty(), TransactionSender.Options.DEFAULT)) {
            var facts = new MarketFacts(rpc, MarketTerms.read(rpc, World.PROGRAMS, world.market.market(), List.of(world.mint)));
            var writer = new MarketWriter(facts, sender, world.operator, Duration.ofSeconds(20));
            var refund = new Credit(Keypair.generate().publicKey(), CreditKind.REFUND, 4_321);
            world.chain.mintTo(world.mint, world.pool.pool(), 1_000_000);
            List<CreditNode> proof = finalBatch(world, refund);

            assertThat(writer.claim("claim", world.mint, 1, refund, 0, proof)).isInstanceOfSatisfying(Sent.Failed.class,
                failed -> assertThat(failed.reason().code()).isEqualTo("claim_needs_table"));
            long slot = world.chain.slot();
            world.chain.advanceSlots(1);
            world.send(LookupTables.create(world.operator.publicKey(), slot, world.pool.claimAccounts()).instructions(), world.operator);
            world.chain.advanceSlots(1);

            assertThat(writer.claim("claim", world.mint, 1, refund, 0, proof)).isInstanceOf(Sent.Confirmed.class).isEqualTo(writer.claim("claim", world.mint, 1, refund, 0, proof));
            assertThat(world.balance(refund.payee())).isEqualTo(4_321);
            assertThat(facts.claimed(world.mint, refund.payee(), CreditKind.REFUND)).isEqualTo(4_321);
        }
    }

    /// Makes a batch final whose first leaf is this credit; everybody else is in subtrees that are made up. Returns the credit's proof.
    private static List<CreditNode> finalBatch(World world, Credit credit) {
        CreditNode reached = CreditTree.of(world.pool.pool(), List.of(credit)).root();
        var proof = new ArrayList<CreditNode>();
        for (int level = 0; level < STEPS; level++) {
            var other = new CreditNode(Hash.sha256(new byte[] {(byte) level}), 1);
            proof.add(other);
            byte[] node = new BorshWriter(81).u8(1).bytes(reached.hash().bytes(), 32).u64(reached.sum()).bytes(other.hash().bytes(), 32).u64(other.sum()).toByteArray();
            reached = new CreditNode(Hash.sha256(node), reached.sum() + other.sum());
        }
        Hash digest = world.pool.batchDigest(1, Hash.sha256(), 0, reached, 1 << STEPS);
        var signatures = new Quorum(digest, Stream.of(0, 1).map(world.verifierKeys::get).collect(Collectors.toMap(Keypair::publicKey, key -> key.sign(digest))));
        world.send(world.pool.post(world.operator.publicKey(), world.operator.publicKey(), 1, Hash.sha256(), 0, reached, 1 << STEPS, signatures), world.operator);
        world.chain.advanceSlots(World.WINDOW + 1);
        world.send(List.of(world.pool.finalizeBatch(1)), world.operator);
        return proof;
    }
}
