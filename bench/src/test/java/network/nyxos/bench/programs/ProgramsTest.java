package network.nyxos.bench.programs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.Settlement;
import network.nyxos.escrow.program.Slash;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.escrow.program.escrow.EscrowEvent.VouchersSettled;
import network.nyxos.escrow.program.escrow.SettledEntry;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.program.registry.Model;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.program.registry.Validator;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.transaction.UnsignedTransaction;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.localnet.ExecutedTransaction;
import network.nyxos.localnet.LocalChain;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.lookup.AddressLookupTable;

/** The built programs on the local chain, driven through the Java bindings; every test runs with both token programs. */
class ProgramsTest {

    private static final Hash RECEIPTS = Hash.sha256(new byte[] {1});

    static Stream<PublicKey> tokenPrograms() {
        return Stream.of(LocalChain.TOKEN_PROGRAM, LocalChain.TOKEN_2022_PROGRAM);
    }

    /** An escrow of a payer with its session key. */
    private record Session(Keypair payer, Keypair key, PublicKey escrow, long openSlot) {

        Settlement settle(long bound, long cumulative) {
            Voucher voucher = new Voucher(escrow, bound, 0);
            return new Settlement(key.publicKey(), voucher, voucher.sign(key), cumulative);
        }
    }

    private static Session open(Ground ground, long deposit) {
        Keypair payer = ground.wallet(deposit);
        Keypair key = Keypair.generate();
        long slot = ground.chain.slot();
        ground.send(ground.pool.open(ground.operator.publicKey(), payer.publicKey(), slot, key.publicKey(), 0, 0, deposit), ground.operator, payer);
        return new Session(payer, key, ground.pool.escrow(payer.publicKey(), slot), slot);
    }

    private static void collect(Ground ground, List<Session> sessions) {
        ground.send(ground.pool.collect(sessions.stream().map(Session::escrow).toList()), ground.admin);
    }

    private static long settled(Ground ground, Session session) {
        return Escrow.decode(ground.data(session.escrow())).settled();
    }

    private static List<VouchersSettled> settlements(ExecutedTransaction sent) {
        return sent.execution().inner().stream().flatMap(List::stream).map(inner -> EscrowEvent.decode(inner.data()).orElseThrow())
                .map(VouchersSettled.class::cast).toList();
    }

    private static Keypair register(Ground ground, Keypair operator, PublicKey payout) {
        Keypair node = Keypair.generate();
        ground.send(ground.registry.register(operator.publicKey(), operator.publicKey(), node.publicKey(), Set.of(Tier.OPEN), Keypair.generate().publicKey(),
                PublicKey.NONE, payout, Ground.MIN_BOND), operator, node);
        return node;
    }

    private static void post(Ground ground, long seq, CreditTree tree) {
        Hash digest = ground.pool.batchDigest(seq, RECEIPTS, 1, tree.root(), tree.size());
        ground.send(ground.pool.post(ground.operator.publicKey(), ground.operator.publicKey(), seq, RECEIPTS, 1, tree.root(), tree.size(), ground.quorum(digest, 0, 2)),
                ground.operator);
    }

    private static void finish(Ground ground, long seq) {
        ground.chain.advanceSlots(Ground.WINDOW);
        ground.send(ground.pool.finalizeBatch(seq), ground.admin);
    }

    private static int claim(Ground ground, long seq, CreditTree tree, int leaf, PublicKey wallet) {
        ground.send(ground.openToken(ground.admin.publicKey(), wallet), ground.admin);
        return ground.refusal(ground.pool.claim(ground.admin.publicKey(), wallet, seq, tree.credits().get(leaf), leaf, tree.proof(leaf)), ground.admin);
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void money_goes_from_deposit_through_a_batch_to_the_node_and_the_rest_back_to_the_payer(PublicKey tokenProgram) {
        try (var ground = new Ground(tokenProgram)) {
            Keypair provider = ground.wallet(Ground.MIN_BOND);
            PublicKey payout = Keypair.generate().publicKey();
            Keypair node = register(ground, provider, payout);
            assertThat(ground.balance(provider.publicKey())).isZero();

            Session session = open(ground, 1_000);
            assertThat(ground.balance(session.payer().publicKey())).isZero();
            ground.send(ground.pool.settle(ground.operator.publicKey(), List.of(session.settle(700, 600))), ground.operator);
            assertThat(ground.chain.tokenBalance(ground.pool.vault())).as("counted, not moved").isZero();
            ground.send(ground.pool.collect(List.of(session.escrow())), ground.admin);
            assertThat(ground.chain.tokenBalance(ground.pool.vault())).isEqualTo(600);

            // An exact payment of 50 arrives by itself: 40 for the node, 10 refunded.
            ground.chain.mintTo(ground.mint, ground.pool.pool(), 50);
            PublicKey refunded = Keypair.generate().publicKey();
            CreditTree tree = CreditTree.of(ground.pool.pool(), Stream.of(new Credit(node.publicKey(), CreditKind.NODE, 628),
                    new Credit(ground.treasury, CreditKind.TREASURY, 12), new Credit(refunded, CreditKind.REFUND, 10)).sorted(Credit.ORDER).toList());
            post(ground, 1, tree);
            finish(ground, 1);
            for (int leaf = 0; leaf < tree.size(); leaf++) {
                Credit credit = tree.credits().get(leaf);
                PublicKey wallet = credit.kind() == CreditKind.NODE ? payout : credit.payee();
                assertThat(claim(ground, 1, tree, leaf, wallet)).isZero();
                assertThat(ground.balance(wallet)).isEqualTo(credit.cumulative());
                assertThat(claim(ground, 1, tree, leaf, wallet)).as("a second time").isEqualTo(6101);
            }
            assertThat(ground.chain.tokenBalance(ground.pool.vault())).isZero();

            ground.send(ground.market.requestExit(session.payer().publicKey(), session.escrow()), session.payer());
            var exit = ground.pool.exit(session.escrow(), session.payer().publicKey(), ground.operator.publicKey());
            assertThat(ground.refusal(exit, ground.admin)).as("too early").isEqualTo(6026);
            ground.chain.advanceSlots(Ground.EXIT);
            ground.send(exit, ground.admin);
            assertThat(ground.balance(session.payer().publicKey())).isEqualTo(400);
            assertThat(ground.chain.account(session.escrow())).isEmpty();
            assertThat(ground.chain.tokenBalance(ground.pool.depositVault())).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void one_bad_voucher_does_not_stop_the_others(PublicKey tokenProgram) {
        try (var ground = new Ground(tokenProgram)) {
            List<Session> sessions = IntStream.range(0, 3).mapToObj(i -> open(ground, 100)).toList();
            ground.send(ground.pool.settle(ground.operator.publicKey(), List.of(sessions.get(0).settle(50, 50), sessions.get(1).settle(500, 101),
                    sessions.get(2).settle(100, 100))), ground.operator);
            collect(ground, sessions);
            assertThat(ground.chain.tokenBalance(ground.pool.vault())).isEqualTo(150);
            // The settled one again, and lower: nothing moves.
            ground.send(ground.pool.settle(ground.operator.publicKey(), List.of(sessions.get(0).settle(50, 50), sessions.get(2).settle(100, 30))), ground.operator);
            collect(ground, sessions);
            assertThat(ground.chain.tokenBalance(ground.pool.vault())).isEqualTo(150);
        }
    }

    /** What a validator takes at most. */
    private static final int TRANSACTION_BYTES = 1_232;
    private static final long UNITS_A_VOUCHER = 8_000;

    private static void debited(Ground ground, ExecutedTransaction sent, List<Session> sessions, long amount) {
        assertThat(sent.wire().length).isLessThanOrEqualTo(TRANSACTION_BYTES);
        assertThat(sent.execution().computeUnits()).isLessThan(sessions.size() * UNITS_A_VOUCHER);
        assertThat(sessions).allSatisfy(session -> assertThat(settled(ground, session)).isEqualTo(amount));
        assertThat(settlements(sent)).containsExactly(new VouchersSettled(ground.operator.publicKey(),
                sessions.stream().map(session -> new SettledEntry(session.escrow(), amount, amount, 0)).toList()));
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void five_unrelated_vouchers_are_settled_in_a_legacy_transaction_and_the_sixth_waits(PublicKey tokenProgram) {
        try (var ground = new Ground(tokenProgram)) {
            List<Session> sessions = IntStream.range(0, 5).mapToObj(i -> open(ground, 100)).toList();
            // Up to 268 units of six decimals may be unused of four of the vouchers, and more of the fifth.
            List<Settlement> settlements = IntStream.range(0, 5).mapToObj(i -> sessions.get(i).settle((i == 0 ? 1L << 54 : 1L << 28) - 2, 98)).toList();
            assertThat(Settlement.fitting(settlements)).isEqualTo(5);
            ExecutedTransaction sent = ground.send(ground.pool.settle(ground.operator.publicKey(), settlements), ground.operator);
            debited(ground, sent, sessions, 98);
            assertThat(sent.wire()).as("to the last byte").hasSize(TRANSACTION_BYTES);

            ground.send(ground.pool.collect(sessions.stream().map(Session::escrow).toList()), ground.admin);
            assertThat(ground.chain.tokenBalance(ground.pool.vault())).isEqualTo(5 * 98);

            var more = new ArrayList<>(settlements);
            more.add(open(ground, 100).settle(1, 1));
            assertThat(Settlement.fitting(more)).isEqualTo(5);
            more.set(1, sessions.get(1).settle(1L << 28, 98 - 98));
            assertThat(Settlement.fitting(more)).as("one byte too many").isEqualTo(4);
        }
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void six_vouchers_are_settled_in_a_transaction_of_version_0_with_a_lookup_table(PublicKey tokenProgram) {
        try (var ground = new Ground(tokenProgram)) {
            List<Session> sessions = IntStream.range(0, 6).mapToObj(i -> open(ground, 20_000)).toList();
            List<Settlement> settlements = sessions.stream().map(session -> session.settle(20_000, 20_000 - 16_383)).toList();
            AddressLookupTable table = ground.lookupTable(Stream.concat(Stream.of(WellKnown.INSTRUCTIONS_SYSVAR), sessions.stream().map(Session::escrow)).toList());
            UnsignedTransaction unsigned = TransactionBuilder.v0(ground.operator.publicKey(), List.of(table))
                    .addAll(ground.pool.settle(ground.operator.publicKey(), settlements)).compile(Hash.fromBase58(ground.chain.latestBlockhash()));
            ExecutedTransaction sent = ground.chain.send(unsigned.sign(ground.operator).bytes());
            assertThat(sent.execution().failure()).isEmpty();
            debited(ground, sent, sessions, 20_000 - 16_383);
            assertThat(sent.wire()).as("to the last byte").hasSize(TRANSACTION_BYTES);
        }
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void a_voucher_counts_for_its_own_escrow_and_key_only(PublicKey tokenProgram) {
        try (var ground = new Ground(tokenProgram)) {
            Session mine = open(ground, 100);
            Session other = open(ground, 100);
            Voucher voucher = new Voucher(mine.escrow(), 100, 0);
            Settlement forged = new Settlement(other.key().publicKey(), voucher, voucher.sign(other.key()), 100);
            ground.send(ground.pool.settle(ground.operator.publicKey(), List.of(forged)), ground.operator);
            assertThat(settled(ground, mine)).isZero();
            Voucher expired = new Voucher(mine.escrow(), 100, ground.chain.unixTime() - 1);
            ground.send(ground.pool.settle(ground.operator.publicKey(), List.of(new Settlement(mine.key().publicKey(), expired, expired.sign(mine.key()), 100))),
                    ground.operator);
            assertThat(settled(ground, mine)).isZero();
            assertThat(ground.refusal(ground.pool.settle(mine.payer().publicKey(), List.of(mine.settle(100, 100))), mine.payer())).as("not the operator")
                    .isEqualTo(6011);
            assertThat(ground.refusal(ground.pool.settle(ground.operator.publicKey(), List.of(mine.settle(100, 100))).subList(1, 2), ground.operator))
                    .as("no precompile").isEqualTo(6040);
        }
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void a_batch_needs_its_quorum_its_inflow_its_number_and_its_window(PublicKey tokenProgram) {
        try (var ground = new Ground(tokenProgram)) {
            ground.chain.mintTo(ground.mint, ground.pool.pool(), 100);
            PublicKey payee = Keypair.generate().publicKey();
            CreditTree tree = CreditTree.of(ground.pool.pool(), List.of(new Credit(payee, CreditKind.TREASURY, 100)));
            CreditTree more = CreditTree.of(ground.pool.pool(), List.of(new Credit(payee, CreditKind.TREASURY, 101)));
            PublicKey operator = ground.operator.publicKey();
            Hash digest = ground.pool.batchDigest(1, RECEIPTS, 1, tree.root(), 1);
            assertThat(ground.refusal(ground.pool.post(operator, operator, 1, RECEIPTS, 1, tree.root(), 1, ground.quorum(digest, 1)), ground.operator)).isEqualTo(6045);
            assertThat(ground.refusal(ground.pool.post(operator, operator, 1, Hash.ZERO, 1, tree.root(), 1, ground.quorum(digest, 0, 1)), ground.operator))
                    .as("signed for other receipts").isEqualTo(6043);
            Hash digestMore = ground.pool.batchDigest(1, RECEIPTS, 1, more.root(), 1);
            assertThat(ground.refusal(ground.pool.post(operator, operator, 1, RECEIPTS, 1, more.root(), 1, ground.quorum(digestMore, 0, 1)), ground.operator))
                    .isEqualTo(6082);
            Hash digestTwo = ground.pool.batchDigest(2, RECEIPTS, 1, tree.root(), 1);
            assertThat(ground.refusal(ground.pool.post(operator, operator, 2, RECEIPTS, 1, tree.root(), 1, ground.quorum(digestTwo, 0, 1)), ground.operator))
                    .isEqualTo(6081);
            post(ground, 1, tree);
            assertThat(ground.refusal(ground.pool.post(operator, operator, 2, RECEIPTS, 1, tree.root(), 1, ground.quorum(digestTwo, 0, 1)), ground.operator))
                    .as("one in its window").isEqualTo(6080);
            assertThat(ground.refusal(ground.pool.finalizeBatch(1), ground.admin)).isEqualTo(6026);
            assertThat(claim(ground, 1, tree, 0, payee)).as("not final").isEqualTo(6084);

            Hash voiding = Digests.voidBatch(Ground.PROGRAMS.escrow(), ground.pool.batch(1), tree.root().hash(), 7);
            ground.send(ground.pool.voidBatch(1, 7, ground.quorum(voiding, 1, 2)), ground.admin);
            ground.chain.advanceSlots(Ground.WINDOW);
            assertThat(ground.refusal(ground.pool.finalizeBatch(1), ground.admin)).as("void").isEqualTo(6025);
            post(ground, 2, tree);
            finish(ground, 2);
            assertThat(claim(ground, 2, more, 0, payee)).as("another tree's leaf").isEqualTo(6100);
            assertThat(claim(ground, 2, tree, 0, payee)).isZero();
            assertThat(ground.balance(payee)).isEqualTo(100);
        }
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void a_bond_leaves_only_after_its_time_and_a_slashed_node_is_not_paid(PublicKey tokenProgram) {
        try (var ground = new Ground(tokenProgram)) {
            Keypair provider = ground.wallet(3 * Ground.MIN_BOND);
            Keypair leaving = register(ground, provider, provider.publicKey());
            Keypair cheating = register(ground, provider, provider.publicKey());
            ground.send(ground.registry.addBond(provider.publicKey(), leaving.publicKey(), 5), provider);
            var withdraw = ground.registry.withdrawBond(provider.publicKey(), leaving.publicKey());
            assertThat(ground.refusal(withdraw, provider)).isEqualTo(6025);
            ground.send(ground.registry.requestUnbond(provider.publicKey(), leaving.publicKey()), provider);
            assertThat(ground.refusal(withdraw, provider)).isEqualTo(6026);
            ground.chain.advanceSlots(Ground.UNBONDING);
            ground.send(withdraw, provider);
            assertThat(ground.balance(provider.publicKey())).isEqualTo(2 * Ground.MIN_BOND);
            assertThat(ground.refusal(withdraw, provider)).isEqualTo(6025);

            Keypair hunter = ground.wallet(0);
            Hash evidence = Hash.sha256(new byte[] {9});
            long amount = Ground.MIN_BOND - 10;
            Keypair wronged = ground.wallet(0);
            Slash slash = Slash.burning(amount, evidence).rewarding(ground.token(hunter.publicKey()), 1000).refunding(ground.token(wronged.publicKey()), 300);
            Hash digest = Digests.slashNode(Ground.PROGRAMS.registry(), ground.registry.node(cheating.publicKey()), slash);
            var slashing = ground.registry.slashNode(cheating.publicKey(), slash, ground.quorum(digest, 0, 1));
            ground.send(slashing, hunter);
            assertThat(List.of(ground.balance(hunter.publicKey()), ground.balance(wronged.publicKey()))).containsExactly(1000L, 300L);
            assertThat(ground.refusal(slashing, hunter)).as("twice").isEqualTo(6025);
            ground.chain.mintTo(ground.mint, ground.pool.pool(), 10);
            CreditTree tree = CreditTree.of(ground.pool.pool(), List.of(new Credit(cheating.publicKey(), CreditKind.NODE, 10)));
            post(ground, 1, tree);
            finish(ground, 1);
            assertThat(claim(ground, 1, tree, 0, provider.publicKey())).isEqualTo(6102);
            ground.chain.advanceSlots(Ground.UNBONDING);
            ground.send(ground.registry.withdrawBond(provider.publicKey(), cheating.publicKey()), provider);
            assertThat(ground.balance(provider.publicKey())).as("what the slash left").isEqualTo(2 * Ground.MIN_BOND + 10);
        }
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void a_validator_answers_with_a_bond_of_its_own(PublicKey tokenProgram) {
        try (var ground = new Ground(tokenProgram)) {
            Keypair provider = ground.wallet(2 * Ground.MIN_VALIDATOR_BOND + 5);
            PublicKey operator = provider.publicKey();
            Keypair honest = Keypair.generate();
            Keypair lying = Keypair.generate();
            var calls = ground.registry;
            assertThat(ground.refusal(calls.registerValidator(operator, operator, honest.publicKey(), operator, Ground.MIN_VALIDATOR_BOND - 1), provider, honest)).isEqualTo(6140);
            for (Keypair key : List.of(honest, lying)) {
                ground.send(calls.registerValidator(operator, operator, key.publicKey(), operator, Ground.MIN_VALIDATOR_BOND), provider, key);
            }
            ground.send(calls.addValidatorBond(operator, honest.publicKey(), 5), provider);
            ground.send(calls.updateValidator(operator, honest.publicKey(), ground.treasury), provider);
            Validator account = Validator.decode(ground.data(calls.validator(honest.publicKey())));
            assertThat(List.of(account.payout(), account.operator(), account.validatorKey())).containsExactly(ground.treasury, operator, honest.publicKey());
            assertThat(account.bond()).isEqualTo(Ground.MIN_VALIDATOR_BOND + 5);

            Slash slash = Slash.burning(Ground.MIN_VALIDATOR_BOND, Hash.ZERO);
            PublicKey liar = calls.validator(lying.publicKey());
            Hash ofNode = Digests.slashNode(Ground.PROGRAMS.registry(), liar, slash);
            assertThat(ground.refusal(calls.slashValidator(lying.publicKey(), slash, ground.quorum(ofNode, 0, 1)), ground.admin)).as("a word about a node").isEqualTo(6043);
            Hash digest = Digests.slashValidator(Ground.PROGRAMS.registry(), liar, slash);
            ground.send(calls.slashValidator(lying.publicKey(), slash, ground.quorum(digest, 0, 1)), ground.admin);
            assertThat(Validator.decode(ground.data(liar)).slashedTotal()).isEqualTo(Ground.MIN_VALIDATOR_BOND);

            ground.send(calls.requestValidatorUnbond(operator, honest.publicKey()), provider);
            assertThat(ground.refusal(calls.withdrawValidatorBond(operator, honest.publicKey()), provider)).isEqualTo(6026);
            ground.chain.advanceSlots(Ground.UNBONDING);
            ground.send(calls.withdrawValidatorBond(operator, honest.publicKey()), provider);
            assertThat(ground.balance(operator)).isEqualTo(Ground.MIN_VALIDATOR_BOND + 5);
            ground.send(calls.closeValidator(operator, honest.publicKey(), operator), provider);
            assertThat(ground.chain.account(calls.validator(honest.publicKey()))).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void an_attestation_is_recorded_on_the_quorums_word_and_ends_with_its_keys(PublicKey tokenProgram) {
        try (var ground = new Ground(tokenProgram)) {
            Keypair provider = ground.wallet(Ground.MIN_BOND);
            Keypair node = Keypair.generate();
            PublicKey receiptKey = Keypair.generate().publicKey();
            PublicKey sealingKey = Keypair.generate().publicKey();
            ground.send(ground.registry.register(provider.publicKey(), provider.publicKey(), node.publicKey(), Set.of(Tier.CONFIDENTIAL), receiptKey, sealingKey,
                    provider.publicKey(), Ground.MIN_BOND), provider, node);
            byte[] measurement = new byte[48];
            long expiry = ground.chain.slot() + 100;
            Hash digest = Digests.attestation(Ground.PROGRAMS.registry(), ground.registry.node(node.publicKey()), 1, measurement, RECEIPTS, receiptKey, sealingKey, expiry);
            ground.send(ground.registry.recordAttestation(node.publicKey(), 1, measurement, RECEIPTS, receiptKey, sealingKey, expiry, ground.quorum(digest, 0, 1)),
                    ground.admin);
            assertThat(ground.data(ground.registry.node(node.publicKey()))[5]).isEqualTo((byte) 1);
            ground.send(ground.registry.update(provider.publicKey(), node.publicKey(), Set.of(Tier.OPEN), Keypair.generate().publicKey(), sealingKey,
                    provider.publicKey()), provider);
            assertThat(ground.data(ground.registry.node(node.publicKey()))[5]).isZero();
            assertThat(ground.refusal(ground.registry.recordAttestation(node.publicKey(), 1, measurement, RECEIPTS, receiptKey, sealingKey, expiry,
                    ground.quorum(digest, 0, 1)), ground.admin)).as("for keys it no longer has").isEqualTo(6022);
        }
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void a_registry_changes_hands_and_verifiers_and_stops_only_what_comes_in(PublicKey tokenProgram) {
        try (var ground = new Ground(tokenProgram)) {
            PublicKey admin = ground.admin.publicKey();
            Keypair next = ground.wallet(0);
            Keypair provider = ground.wallet(2 * Ground.MIN_BOND);
            Keypair node = register(ground, provider, provider.publicKey());
            ground.send(ground.registry.proposeAuthority(admin, next.publicKey()), ground.admin);
            assertThat(ground.refusal(ground.registry.setPaused(next.publicKey(), true), next)).as("not accepted yet").isEqualTo(6011);
            ground.send(ground.registry.acceptAuthority(next.publicKey()), next);
            assertThat(ground.refusal(ground.registry.setPaused(admin, true), ground.admin)).isEqualTo(6011);
            ground.send(ground.registry.setPaused(next.publicKey(), true), next);
            assertThat(ground.refusal(ground.registry.addBond(provider.publicKey(), node.publicKey(), 1), provider)).isEqualTo(6024);
            ground.send(ground.registry.requestUnbond(provider.publicKey(), node.publicKey()), provider);

            List<PublicKey> set = List.of(ground.verifiers.get(2).publicKey());
            ground.send(ground.registry.proposeVerifiers(next.publicKey(), next.publicKey(), 1, set), next);
            assertThat(ground.refusal(ground.registry.applyVerifiers(next.publicKey()), provider)).isEqualTo(6026);
            ground.send(ground.registry.cancelVerifiers(next.publicKey(), next.publicKey()), next);
            ground.send(ground.registry.proposeVerifiers(next.publicKey(), next.publicKey(), 1, set), next);
            ground.chain.advanceSlots(Ground.NOTICE);
            ground.send(ground.registry.applyVerifiers(next.publicKey()), provider);
            Config config = Config.decode(ground.data(ground.registry.config()));
            assertThat(config.verifiers().getFirst()).isEqualTo(set.getFirst());
            assertThat(List.of(config.verifierCount(), config.threshold(), config.paused())).containsExactly(1, 1, 1);
            assertThat(config.authority()).isEqualTo(next.publicKey());
            ground.send(ground.registry.withdrawBond(provider.publicKey(), node.publicKey()), provider);
            assertThat(ground.balance(provider.publicKey())).isEqualTo(2 * Ground.MIN_BOND);
        }
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void a_revoked_attestation_stays_revoked_and_a_closed_nodes_key_begins_anew(PublicKey tokenProgram) {
        try (var ground = new Ground(tokenProgram)) {
            Keypair provider = ground.wallet(Ground.MIN_BOND);
            PublicKey operator = provider.publicKey();
            Keypair node = register(ground, provider, operator);
            Node account = Node.decode(ground.data(ground.registry.node(node.publicKey())));
            long expiry = ground.chain.slot() + 100;
            Hash digest = Digests.attestation(Ground.PROGRAMS.registry(), ground.registry.node(node.publicKey()), 2, new byte[48], RECEIPTS, account.receiptKey(),
                    account.sealingKey(), expiry);
            var record = ground.registry.recordAttestation(node.publicKey(), 2, new byte[48], RECEIPTS, account.receiptKey(), account.sealingKey(), expiry,
                    ground.quorum(digest, 0, 1));
            ground.send(record, ground.admin);
            Hash revocation = Digests.revocation(Ground.PROGRAMS.registry(), ground.registry.node(node.publicKey()), RECEIPTS);
            ground.send(ground.registry.revokeAttestation(node.publicKey(), RECEIPTS, ground.quorum(revocation, 1, 2)), ground.admin);
            assertThat(ground.refusal(record, ground.admin)).isEqualTo(6160);
            assertThat(ground.refusal(ground.registry.withdrawAttestation(operator, node.publicKey()), provider)).as("nothing left to end").isEqualTo(6025);

            ground.send(ground.registry.requestUnbond(operator, node.publicKey()), provider);
            ground.chain.advanceSlots(Ground.UNBONDING);
            var close = ground.registry.closeNode(operator, node.publicKey(), operator);
            assertThat(ground.refusal(close, provider)).as("its bond is here").isEqualTo(6025);
            ground.send(ground.registry.withdrawBond(operator, node.publicKey()), provider);
            ground.send(close, provider);
            assertThat(ground.chain.account(ground.registry.node(node.publicKey()))).isEmpty();
            ground.send(ground.registry.register(operator, operator, node.publicKey(), Set.of(Tier.CONFIDENTIAL), account.receiptKey(), account.sealingKey(), operator,
                    Ground.MIN_BOND), provider, node);
            assertThat(ground.refusal(record, ground.admin)).isEqualTo(6027);
        }
    }

    @ParameterizedTest
    @MethodSource("tokenPrograms")
    void a_models_royalty_rises_only_after_its_time_and_the_authority_lists_it(PublicKey tokenProgram) {
        try (var ground = new Ground(tokenProgram)) {
            Keypair publisher = ground.wallet(0);
            PublicKey key = publisher.publicKey();
            Hash id = Hash.sha256(new byte[] {5});
            var measurement = new Measurement(new byte[48]);
            assertThat(ground.refusal(ground.registry.registerModel(key, key, key, id, 500, key, List.of()), publisher)).isEqualTo(6011);
            assertThat(ground.refusal(ground.registry.registerModel(key, key, ground.admin.publicKey(), id, 3001, key, List.of()), publisher, ground.admin)).isEqualTo(6180);
            ground.send(ground.registry.registerModel(key, key, ground.admin.publicKey(), id, 500, key, List.of(measurement)), publisher, ground.admin);
            ground.send(ground.registry.updateModel(key, id, 900, key, List.of()), publisher);
            Model model = Model.decode(ground.data(Ground.PROGRAMS.model(ground.registry.config(), id)));
            assertThat(List.of(model.royaltyBps(), model.pendingRoyaltyBps(), model.measurementCount())).containsExactly(500, 900, 0);
            assertThat(model.pendingSlot()).isEqualTo(ground.chain.slot() + Ground.UNBONDING);
            ground.send(ground.registry.retireModel(key, id), publisher);
            assertThat(ground.refusal(ground.registry.updateModel(key, id, 0, key, List.of()), publisher)).isEqualTo(6025);
        }
    }
}
