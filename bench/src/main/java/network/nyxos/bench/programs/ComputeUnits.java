package network.nyxos.bench.programs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.Settlement;
import network.nyxos.escrow.program.Slash;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.localnet.ExecutedTransaction;
import network.nyxos.localnet.LocalChain;
import software.sava.core.accounts.PublicKey;

/** Drives every instruction of both programs once and reads what it cost. */
public final class ComputeUnits {

    /**
     * One instruction's cost.
     *
     * @param units compute units of the whole transaction, token program and self-CPI event included
     * @param bytes bytes of the whole transaction, signatures and precompile instruction included
     */
    public record Cost(long units, int bytes) {
    }

    private final Map<String, Cost> costs = new LinkedHashMap<>();

    private ComputeUnits() {
    }

    /**
     * @param tokenProgram SPL Token or Token-2022
     * @return cost by instruction, in the order of a run
     */
    public static Map<String, Cost> measure(PublicKey tokenProgram) {
        var measured = new ComputeUnits();
        try (var ground = new Ground(tokenProgram)) {
            measured.drive(ground);
        }
        return measured.costs;
    }

    private void record(String name, ExecutedTransaction sent) {
        costs.put(name, new Cost(sent.execution().computeUnits(), sent.wire().length));
    }

    private void drive(Ground ground) {
        Keypair provider = ground.wallet(10 * Ground.MIN_BOND);
        PublicKey receiptKey = Keypair.generate().publicKey();
        PublicKey sealingKey = Keypair.generate().publicKey();
        var nodes = new ArrayList<Keypair>();
        for (int i = 0; i < 2; i++) {
            Keypair node = Keypair.generate();
            record("register_node", ground.send(ground.registry.register(provider.publicKey(), provider.publicKey(), node.publicKey(), Set.of(Tier.OPEN), receiptKey,
                    sealingKey, provider.publicKey(), Ground.MIN_BOND), provider, node));
            nodes.add(node);
        }
        PublicKey first = nodes.getFirst().publicKey();
        record("add_bond", ground.send(ground.registry.addBond(provider.publicKey(), first, 1), provider));
        record("update_node", ground.send(ground.registry.update(provider.publicKey(), first, Set.of(Tier.CONFIDENTIAL), receiptKey, sealingKey, provider.publicKey()),
                provider));
        attestation(ground, first, receiptKey, sealingKey);
        vouchers(ground);
        batch(ground, first, provider.publicKey());
        leave(ground, provider, first, nodes.getLast().publicKey());
    }

    private void attestation(Ground ground, PublicKey node, PublicKey receiptKey, PublicKey sealingKey) {
        long expiry = ground.chain.slot() + 1000;
        Hash quote = Hash.sha256(new byte[] {1});
        Hash digest = Digests.attestation(Ground.PROGRAMS.registry(), ground.registry.node(node), 1, new byte[48], quote, receiptKey, sealingKey, expiry);
        record("record_attestation", ground.send(ground.registry.recordAttestation(node, 1, new byte[48], quote, receiptKey, sealingKey, expiry,
                ground.quorum(digest, 0, 1)), ground.admin));
    }

    private void vouchers(Ground ground) {
        var settlements = new ArrayList<Settlement>();
        var escrows = new ArrayList<PublicKey>();
        var payers = new ArrayList<Keypair>();
        IntStream.range(0, 5).forEach(i -> {
            Keypair payer = ground.wallet(2_000);
            Keypair session = Keypair.generate();
            long slot = ground.chain.slot();
            record("open_escrow", ground.send(ground.pool.open(ground.operator.publicKey(), payer.publicKey(), slot, session.publicKey(), 0, 0, 1_000), ground.operator,
                    payer));
            PublicKey escrow = ground.pool.escrow(payer.publicKey(), slot);
            Voucher voucher = new Voucher(escrow, 900, 0);
            settlements.add(new Settlement(session.publicKey(), voucher, voucher.sign(session), 900));
            escrows.add(escrow);
            payers.add(payer);
        });
        Keypair payer = payers.getFirst();
        record("deposit", ground.send(ground.pool.deposit(payer.publicKey(), escrows.getFirst(), 500), payer));
        record("settle_vouchers (5)", ground.send(ground.pool.settle(ground.operator.publicKey(), settlements), ground.operator));
        record("collect (5)", ground.send(ground.pool.collect(escrows), ground.admin));
        record("request_exit", ground.send(ground.market.requestExit(payer.publicKey(), escrows.getFirst()), payer));
        ground.chain.advanceSlots(Ground.EXIT);
        record("exit", ground.send(ground.pool.exit(escrows.getFirst(), payer.publicKey(), ground.operator.publicKey()), ground.admin));
        ground.chain.mintTo(ground.mint, ground.pool.pool(), 10);
        record("sync_inflow", ground.send(ground.pool.syncInflow(), ground.admin));
    }

    private void batch(Ground ground, PublicKey node, PublicKey payout) {
        // 128 payees: a proof of seven steps, the deepest that a legacy transaction has room for beside its accounts.
        List<Credit> credits = Stream.concat(Stream.of(new Credit(node, CreditKind.NODE, 100)),
                IntStream.range(0, 127).mapToObj(i -> new Credit(Keypair.generate().publicKey(), CreditKind.REFUND, 1))).sorted(Credit.ORDER).toList();
        CreditTree tree = CreditTree.of(ground.pool.pool(), credits);
        PublicKey operator = ground.operator.publicKey();
        Hash first = ground.pool.batchDigest(1, Hash.ZERO, 1, tree.root(), tree.size());
        record("post_batch", ground.send(ground.pool.post(operator, operator, 1, Hash.ZERO, 1, tree.root(), tree.size(), ground.quorum(first, 0, 1)), ground.operator));
        Hash voiding = Digests.voidBatch(Ground.PROGRAMS.escrow(), ground.pool.batch(1), tree.root().hash(), 1);
        record("void_batch", ground.send(ground.pool.voidBatch(1, 1, ground.quorum(voiding, 0, 1)), ground.admin));
        Hash second = ground.pool.batchDigest(2, Hash.ZERO, 1, tree.root(), tree.size());
        ground.send(ground.pool.post(operator, operator, 2, Hash.ZERO, 1, tree.root(), tree.size(), ground.quorum(second, 0, 1)), ground.operator);
        ground.chain.advanceSlots(Ground.WINDOW);
        record("finalize_batch", ground.send(ground.pool.finalizeBatch(2), ground.admin));
        int leaf = tree.indexOf(node, CreditKind.NODE).orElseThrow();
        record("claim (7 steps, first)", ground.send(ground.pool.claim(ground.admin.publicKey(), payout, 2, tree.credits().get(leaf), leaf, tree.proof(leaf)), ground.admin));
    }

    private void leave(Ground ground, Keypair provider, PublicKey leaving, PublicKey cheating) {
        record("request_unbond", ground.send(ground.registry.requestUnbond(provider.publicKey(), leaving), provider));
        ground.chain.advanceSlots(Ground.UNBONDING);
        record("withdraw_bond", ground.send(ground.registry.withdrawBond(provider.publicKey(), leaving), provider));
        Keypair hunter = ground.wallet(0);
        Slash slash = Slash.burning(Ground.MIN_BOND, Hash.ZERO).rewarding(ground.token(hunter.publicKey()), 1000).refunding(ground.token(provider.publicKey()), 500);
        Hash digest = Digests.slashNode(Ground.PROGRAMS.registry(), ground.registry.node(cheating), slash);
        record("slash_node", ground.send(ground.registry.slashNode(cheating, slash, ground.quorum(digest, 0, 1)), hunter));
    }

    /** Prints both token programs' tables as Markdown. */
    public static void main(String[] args) {
        for (PublicKey program : List.of(LocalChain.TOKEN_PROGRAM, LocalChain.TOKEN_2022_PROGRAM)) {
            System.out.println("| instruction (" + (program.equals(LocalChain.TOKEN_PROGRAM) ? "SPL Token" : "Token-2022") + ") | compute units | transaction bytes |\n|---|---:|---:|");
            measure(program).forEach((name, cost) -> System.out.printf("| %s | %,d | %,d |%n", name, cost.units(), cost.bytes()));
        }
    }
}
