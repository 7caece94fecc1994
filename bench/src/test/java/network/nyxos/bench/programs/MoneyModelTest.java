package network.nyxos.bench.programs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.DirectSettlement;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Settlement;
import network.nyxos.escrow.program.Slash;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.localnet.LocalChain;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.sava.core.accounts.PublicKey;

/**
 * Random sequences of instructions over many parties, against a plain model of who has what. After every step the chain's balances are
 * the model's, to the unit, and the invariants of the design hold: what is in the vaults is what came in less what went out, no debit is above its voucher,
 * no claim above its credit, no credit above the inflow.
 */
class MoneyModelTest {

    private static final int STEPS = 250;
    private static final int PAYERS = 4;
    private static final int NODES = 3;
    private static final long WEALTH = 1_000_000;

    /** An escrow as the model sees it. */
    private static final class Escrow {
        final Keypair payer;
        final Keypair session = Keypair.generate();
        final PublicKey address;
        final long openSlot;
        final boolean prepaid;
        final long limit;
        long deposited;
        long settled;
        long collected;
        long exitSlot;
        /** What plain transfers brought and nobody has counted or given back; none while there is no inbox. */
        Optional<Long> inbox = Optional.empty();

        /** One that its payer opens. */
        Escrow(Keypair payer, PoolCalls pool, long openSlot, long limit, long deposited) {
            this.payer = payer;
            this.address = pool.escrow(payer.publicKey(), openSlot);
            this.openSlot = openSlot;
            this.prepaid = false;
            this.limit = limit;
            this.deposited = deposited;
        }

        /** One that anybody opens. */
        Escrow(Keypair payer, PoolCalls pool, long openSlot) {
            this.payer = payer;
            this.address = pool.prepaid().address(payer.publicKey(), session.publicKey(), openSlot);
            this.openSlot = openSlot;
            this.prepaid = true;
            this.limit = 0;
        }
    }

    /** An amount locked for a node's work. */
    private static final class Job {
        final Keypair payer;
        final PublicKey address;
        final Payee node;
        final long amount;
        final long openSlot;
        final long deadline;
        long released;

        Job(Keypair payer, PublicKey address, Payee node, long amount, long openSlot, long deadline) {
            this.payer = payer;
            this.address = address;
            this.node = node;
            this.amount = amount;
            this.openSlot = openSlot;
            this.deadline = deadline;
        }
    }

    /** What a node settled by itself. */
    private static final class Direct {
        final Escrow escrow;
        final Payee node;
        final DirectSettlement settlement;
        final PublicKey address;
        final long finalSlot;
        int state = OPEN;

        Direct(Escrow escrow, Payee node, DirectSettlement settlement, PublicKey address, long finalSlot) {
            this.escrow = escrow;
            this.node = node;
            this.settlement = settlement;
            this.address = address;
            this.finalSlot = finalSlot;
        }

        /** What the record holds. */
        long held() {
            return state == OPEN || state == VOID ? settlement.charge() : 0;
        }
    }

    private static final int OPEN = 1;
    private static final int PAID = 2;
    private static final int VOID = 3;
    private static final int RETURNED = 4;

    /** A leaf's owner. */
    private record Payee(PublicKey key, CreditKind kind, PublicKey wallet) {
    }

    /** A posted batch. */
    private record Batch(long seq, CreditTree tree, long finalSlot) {
    }

    private static final class World implements AutoCloseable {
        final Ground ground;
        final SplittableRandom random;
        final Map<PublicKey, Long> wallets = new HashMap<>();
        final List<Keypair> payers = new ArrayList<>();
        final List<Keypair> nodes = new ArrayList<>();
        final List<Payee> payees = new ArrayList<>();
        final List<Escrow> escrows = new ArrayList<>();
        /** Closed since, or never opened: addresses that somebody may pay all the same. */
        final List<Escrow> nobodys = new ArrayList<>();
        final List<Job> jobs = new ArrayList<>();
        final List<Direct> directs = new ArrayList<>();
        final Set<String> paid = new HashSet<>();
        final List<PublicKey> payments = new ArrayList<>();
        final Set<Long> voided = new HashSet<>();
        final Set<Long> finalized = new HashSet<>();
        final Set<Long> closedBatches = new HashSet<>();
        final Map<Payee, Long> credited = new HashMap<>();
        final Map<Payee, Long> claimed = new HashMap<>();
        final List<PublicKey> slashed = new ArrayList<>();
        Batch pending;
        Batch last;
        long nextSeq = 1;
        long vault;
        long depositVault;
        long deposited;
        long collected;
        long exited;
        long direct;
        long uncollected;
        long serial;
        long inflow;
        long finalSum;
        long lastPost;
        long nonces;
        int moved;

        World(long seed) {
            random = new SplittableRandom(seed);
            ground = new Ground(seed % 2 == 0 ? LocalChain.TOKEN_PROGRAM : LocalChain.TOKEN_2022_PROGRAM);
            lastPost = ground.poolOpened;
            for (int i = 0; i < PAYERS; i++) {
                Keypair payer = ground.wallet(WEALTH);
                payers.add(payer);
                wallets.put(payer.publicKey(), WEALTH);
                payees.add(new Payee(payer.publicKey(), CreditKind.REFUND, payer.publicKey()));
            }
            Keypair provider = ground.wallet(NODES * Ground.MIN_BOND);
            for (int i = 0; i < NODES; i++) {
                Keypair node = Keypair.generate();
                PublicKey payout = Keypair.generate().publicKey();
                ground.send(ground.registry.register(provider.publicKey(), provider.publicKey(), node.publicKey(), java.util.Set.of(Tier.OPEN), node.publicKey(),
                        PublicKey.NONE, payout, Ground.MIN_BOND), provider, node);
                ground.send(ground.openToken(ground.admin.publicKey(), payout), ground.admin);
                nodes.add(node);
                wallets.put(payout, 0L);
                payees.add(new Payee(node.publicKey(), CreditKind.NODE, payout));
            }
            ground.send(ground.openToken(ground.admin.publicKey(), ground.treasury), ground.admin);
            wallets.put(ground.treasury, 0L);
            payees.add(new Payee(ground.treasury, CreditKind.TREASURY, ground.treasury));
        }

        <T> T any(List<T> items) {
            return items.get(random.nextInt(items.size()));
        }

        void add(PublicKey wallet, long amount) {
            wallets.merge(wallet, amount, Math::addExact);
        }

        void step() {
            switch (random.nextInt(26)) {
                case 0 -> open();
                case 1 -> deposit();
                case 2, 3 -> settle();
                case 4 -> exact();
                case 5 -> leave();
                case 6 -> post();
                case 7 -> finish();
                case 8 -> claim();
                case 9, 10 -> collect();
                case 11 -> openJob();
                case 12, 13 -> job();
                case 14 -> pay();
                case 15 -> ground.chain.advanceSlots(random.nextInt(1, 60));
                case 16, 17 -> settleDirect();
                case 18, 19 -> direct();
                case 20 -> openPrepaid();
                case 21, 22 -> transfer();
                case 23 -> count();
                case 24 -> giveBack();
                default -> rare();
            }
        }

        void open() {
            Keypair payer = any(payers);
            long amount = random.nextLong(wallets.get(payer.publicKey()) / 3 + 1);
            long slot = ground.chain.slot();
            var escrow = new Escrow(payer, ground.pool, slot, random.nextBoolean() ? 0 : random.nextLong(1, 50_000), amount);
            if (escrows.stream().anyMatch(e -> e.address.equals(escrow.address))) {
                return;
            }
            ground.send(ground.pool.open(ground.operator.publicKey(), payer.publicKey(), slot, escrow.session.publicKey(), 0, escrow.limit, amount), ground.operator, payer);
            escrows.add(escrow);
            add(payer.publicKey(), -amount);
            depositVault += amount;
            deposited += amount;
        }

        /** Without a word of the payer's; now and then nobody opens it after all. */
        void openPrepaid() {
            var escrow = new Escrow(any(payers), ground.pool, ground.chain.slot());
            if (random.nextInt(5) == 0) {
                nobodys.add(escrow);
                return;
            }
            ground.send(ground.pool.prepaid().open(ground.operator.publicKey(), escrow.payer.publicKey(), escrow.session.publicKey(), escrow.openSlot), ground.operator);
            escrow.inbox = Optional.of(0L);
            escrows.add(escrow);
        }

        /** Any wallet pays any escrow's address, one that is gone among them. */
        void transfer() {
            List<Escrow> addresses = Stream.concat(escrows.stream(), nobodys.stream()).toList();
            if (addresses.isEmpty()) {
                return;
            }
            Escrow escrow = any(addresses);
            PublicKey from = any(payers).publicKey();
            long amount = random.nextLong(wallets.get(from) / 10 + 1);
            Keypair signer = payers.stream().filter(payer -> payer.publicKey().equals(from)).findFirst().orElseThrow();
            ground.send(List.of(ground.openToken(ground.admin.publicKey(), escrow.address), Tokens.transferChecked(ground.token(from), ground.mint,
                    ground.token(escrow.address), from, amount, 6, ground.tokenProgram)), ground.admin, signer);
            escrow.inbox = Optional.of(escrow.inbox.orElse(0L) + amount);
            add(from, -amount);
        }

        void count() {
            if (escrows.isEmpty()) {
                return;
            }
            Escrow escrow = any(escrows);
            int refusal = ground.refusal(ground.pool.prepaid().count(escrow.address), ground.admin);
            if (escrow.inbox.isEmpty()) {
                assertThat(refusal).isEqualTo(6005);
            } else if (escrow.exitSlot != 0) {
                assertThat(refusal).isEqualTo(6025);
            } else {
                assertThat(refusal).isZero();
                long amount = escrow.inbox.get();
                escrow.inbox = Optional.of(0L);
                escrow.deposited += amount;
                deposited += amount;
                depositVault += amount;
                moved += amount > 0 ? 1 : 0;
            }
        }

        /** Gives what came to an escrow too late, or to none, back to whom it was meant for. */
        void giveBack() {
            if (!escrows.isEmpty() && random.nextBoolean()) {
                Escrow escrow = any(escrows);
                int refusal = ground.refusal(ground.pool.prepaid().giveBack(ground.admin.publicKey(), account(escrow)), ground.admin);
                assertThat(refusal).isEqualTo(escrow.exitSlot == 0 ? 6025 : 0);
                if (refusal == 0) {
                    returned(escrow);
                }
            } else if (!nobodys.isEmpty()) {
                Escrow escrow = any(nobodys);
                assertThat(ground.refusal(ground.pool.prepaid().giveBack(ground.admin.publicKey(), escrow.payer.publicKey(),
                        escrow.prepaid ? escrow.session.publicKey() : PublicKey.NONE, escrow.openSlot), ground.admin)).isZero();
                returned(escrow);
            }
        }

        private void returned(Escrow escrow) {
            add(escrow.payer.publicKey(), escrow.inbox.orElse(0L));
            escrow.inbox = Optional.empty();
        }

        private network.nyxos.escrow.program.escrow.Escrow account(Escrow escrow) {
            return network.nyxos.escrow.program.escrow.Escrow.decode(ground.data(escrow.address));
        }

        void deposit() {
            if (escrows.isEmpty()) {
                return;
            }
            Escrow escrow = any(escrows);
            Keypair depositor = any(payers);
            long amount = random.nextLong(1, 1000);
            boolean may = escrow.exitSlot == 0 && wallets.get(depositor.publicKey()) >= amount;
            if (!may) {
                return;
            }
            ground.send(ground.pool.deposit(depositor.publicKey(), escrow.address, amount), depositor);
            escrow.deposited += amount;
            add(depositor.publicKey(), -amount);
            depositVault += amount;
            deposited += amount;
        }

        void settle() {
            if (escrows.isEmpty()) {
                return;
            }
            var chosen = new ArrayList<Escrow>();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                chosen.add(any(escrows));
            }
            var settlements = new ArrayList<Settlement>();
            for (Escrow escrow : chosen) {
                long bound = random.nextLong(0, escrow.deposited + 200);
                long cumulative = random.nextLong(0, bound + 1);
                Keypair signer = random.nextInt(10) == 0 ? Keypair.generate() : escrow.session;
                var voucher = new Voucher(escrow.address, bound, 0);
                settlements.add(new Settlement(signer.publicKey(), voucher, voucher.sign(signer), cumulative));
            }
            if (ground.refusal(ground.pool.settle(ground.operator.publicKey(), settlements.subList(0, Settlement.fitting(settlements))), ground.operator) != 0) {
                throw new AssertionError("a bad entry stopped the others");
            }
            // The transaction ran in the slot that the chain is in now.
            long slot = ground.chain.slot();
            for (int i = 0; i < Settlement.fitting(settlements); i++) {
                Escrow escrow = chosen.get(i);
                Settlement settlement = settlements.get(i);
                long cumulative = settlement.cumulative();
                boolean valid = settlement.sessionKey().equals(escrow.session.publicKey()) && cumulative <= escrow.deposited && (escrow.limit == 0 || cumulative <= escrow.limit) && cumulative > escrow.settled
                        && (escrow.exitSlot == 0 || slot < escrow.exitSlot);
                if (valid) {
                    escrow.settled = cumulative;
                    moved++;
                }
            }
        }

        void collect() {
            // Some that are closed already among them, and some twice.
            var chosen = new ArrayList<PublicKey>();
            long amount = uncollected;
            for (int i = random.nextInt(4); i > 0 && !escrows.isEmpty(); i--) {
                Escrow escrow = any(escrows);
                chosen.add(escrow.address);
                amount += escrow.settled - escrow.collected;
                escrow.collected = escrow.settled;
            }
            nobodys.stream().limit(2).forEach(escrow -> chosen.add(escrow.address));
            ground.send(ground.pool.collect(chosen), ground.admin);
            uncollected = 0;
            collected += amount;
            depositVault -= amount;
            vault += amount;
            inflow += amount;
        }

        void exact() {
            Keypair payer = any(payers);
            long amount = random.nextLong(wallets.get(payer.publicKey()) / 10 + 1);
            if (amount == 0) {
                return;
            }
            ground.send(Tokens.transferChecked(ground.token(payer.publicKey()), ground.mint, ground.pool.vault(), payer.publicKey(), amount, 6,
                    ground.tokenProgram), payer);
            add(payer.publicKey(), -amount);
            vault += amount;
            inflow += amount;
        }

        void openJob() {
            Keypair payer = any(payers);
            long amount = random.nextLong(wallets.get(payer.publicKey()) / 5 + 1);
            long slot = ground.chain.slot();
            PublicKey address = ground.pool.job(payer.publicKey(), slot);
            if (amount == 0 || jobs.stream().anyMatch(job -> job.address.equals(address))) {
                return;
            }
            Keypair node = any(nodes);
            long deadline = slot + 150 + random.nextInt(100);
            ground.send(ground.pool.openJob(ground.operator.publicKey(), payer.publicKey(), slot, node.publicKey(), amount, deadline, Hash.ZERO), ground.operator, payer);
            jobs.add(new Job(payer, address, payees.stream().filter(payee -> payee.key().equals(node.publicKey())).findFirst().orElseThrow(), amount, slot, deadline));
            add(payer.publicKey(), -amount);
            deposited += amount;
            depositVault += amount;
        }

        /** Releases of a job by its payer or the verifiers, or gives its rest back. */
        void job() {
            if (jobs.isEmpty()) {
                return;
            }
            Job job = any(jobs);
            if (random.nextInt(3) == 0) {
                int refusal = ground.refusal(ground.pool.refundJob(job.address, job.payer.publicKey(), ground.operator.publicKey()), ground.admin);
                long rest = job.amount - job.released;
                if (ground.chain.slot() < (rest > 0 ? job.deadline : job.openSlot + 150)) {
                    assertThat(refusal).isEqualTo(6026);
                    return;
                }
                assertThat(refusal).isZero();
                add(job.payer.publicKey(), rest);
                exited += rest;
                depositVault -= rest;
                jobs.remove(job);
                return;
            }
            long cumulative = random.nextLong(job.amount + 10);
            boolean byPayer = random.nextBoolean();
            PublicKey node = job.node.key();
            int refusal = byPayer
                    ? ground.refusal(ground.pool.releaseJob(job.payer.publicKey(), job.address, node, job.node.wallet(), ground.treasury, cumulative), job.payer)
                    : ground.refusal(ground.pool.awardJob(job.address, node, job.node.wallet(), ground.treasury, cumulative,
                            ground.quorum(Digests.award(Ground.PROGRAMS.escrow(), job.address, cumulative), 0, 2)), ground.admin);
            if (!byPayer && ground.chain.slot() >= job.deadline) {
                assertThat(refusal).isEqualTo(6027);
            } else if (cumulative <= job.released) {
                assertThat(refusal).isEqualTo(6063);
            } else if (cumulative > job.amount) {
                assertThat(refusal).isEqualTo(6062);
            } else if (slashed.contains(node)) {
                assertThat(refusal).isEqualTo(6102);
            } else {
                assertThat(refusal).isZero();
                long fee = cumulative * Ground.FEE_BPS / 10_000 - job.released * Ground.FEE_BPS / 10_000;
                long paid = cumulative - job.released;
                add(job.node.wallet(), paid - fee);
                add(ground.treasury, fee);
                direct += paid;
                depositVault -= paid;
                job.released = cumulative;
                moved++;
            }
        }

        /** A node settles a job by itself, now and then one that it has settled before. */
        void settleDirect() {
            if (escrows.isEmpty()) {
                return;
            }
            Escrow escrow = any(escrows);
            Payee node = any(payees.stream().filter(payee -> payee.kind() == CreditKind.NODE).toList());
            boolean again = nonces > 0 && random.nextInt(4) == 0;
            Hash nonce = Hash.sha256(Long.toString(again ? random.nextLong(1, nonces + 1) : ++nonces).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            long charge = random.nextLong(1, 2_000);
            var voucher = new Voucher(escrow.address, random.nextLong(0, escrow.deposited + 200), 0);
            var binding = new RequestBinding(escrow.address, random.nextLong(0, 1_000), nonce, Hash.ZERO);
            var order = new Assignment(JobId.voucher(escrow.address, nonce), ground.gateway.publicKey(), node.key(), Hash.ZERO, Tier.OPEN, 1, 64, ground.mint,
                    new Price(10, 20), 2_000, Payment.VOUCHER, Hash.ZERO, 7, Sampler.GREEDY, Hash.ZERO, Hash.ZERO, 1, 2);
            var settlement = new DirectSettlement(escrow.session.publicKey(), voucher, voucher.sign(escrow.session), binding, binding.sign(escrow.session),
                    order.sign(ground.gateway), charge, Hash.ZERO);
            PublicKey address = ground.pool.direct(escrow.address, settlement.jobId());
            Keypair key = nodes.stream().filter(one -> one.publicKey().equals(node.key())).findFirst().orElseThrow();
            int refusal = ground.refusal(ground.pool.settleDirect(ground.operator.publicKey(), settlement), ground.operator, key);
            long slot = ground.chain.slot();
            long sum = escrow.settled + charge;
            if (slot < lastPost + Ground.SILENCE) {
                assertThat(refusal).isEqualTo(6026);
            } else if (slashed.contains(node.key())) {
                assertThat(refusal).isEqualTo(6105);
            } else if (escrow.exitSlot != 0 && slot >= escrow.exitSlot) {
                assertThat(refusal).isEqualTo(6067);
            } else if (sum > voucher.cumulative()) {
                assertThat(refusal).isEqualTo(6061);
            } else if (sum > escrow.deposited) {
                assertThat(refusal).isEqualTo(6062);
            } else if (escrow.limit != 0 && sum > escrow.limit) {
                assertThat(refusal).isEqualTo(6065);
            } else if (directs.stream().anyMatch(direct -> direct.address.equals(address))) {
                assertThat(refusal).as("a job is settled once").isEqualTo(6008);
            } else {
                assertThat(refusal).isZero();
                escrow.settled += charge;
                escrow.collected += charge;
                directs.add(new Direct(escrow, node, settlement, address, slot + Ground.WINDOW));
                moved++;
            }
        }

        /** Pays, voids or returns what a node settled by itself. */
        void direct() {
            if (directs.isEmpty()) {
                return;
            }
            Direct direct = any(directs);
            PublicKey node = direct.node.key();
            long charge = direct.settlement.charge();
            switch (random.nextInt(3)) {
                case 0 -> {
                    Hash digest = Digests.voidDirect(Ground.PROGRAMS.escrow(), direct.address, direct.settlement.receiptHash(), charge, 1);
                    int refusal = ground.refusal(ground.pool.voidDirect(direct.address, 1, ground.quorum(digest, 0, 1)), ground.admin);
                    boolean late = ground.chain.slot() >= direct.finalSlot;
                    assertThat(refusal).isEqualTo(direct.state != OPEN ? 6025 : late ? 6027 : 0);
                    direct.state = refusal == 0 ? VOID : direct.state;
                }
                case 1 -> {
                    int refusal = ground.refusal(ground.pool.finishDirect(direct.address, node, direct.node.wallet(), ground.treasury), ground.admin);
                    boolean early = ground.chain.slot() < direct.finalSlot;
                    assertThat(refusal).isEqualTo(direct.state != OPEN ? 6025 : early ? 6026 : slashed.contains(node) ? 6102 : 0);
                    if (refusal == 0) {
                        long fee = charge * Ground.FEE_BPS / 10_000;
                        add(direct.node.wallet(), charge - fee);
                        add(ground.treasury, fee);
                        this.direct += charge;
                        depositVault -= charge;
                        direct.state = PAID;
                        moved++;
                    }
                }
                default -> returned(direct, node, charge);
            }
        }

        private void returned(Direct direct, PublicKey node, long charge) {
            PublicKey payer = direct.escrow.payer.publicKey();
            int refusal = ground.refusal(ground.pool.returnDirect(direct.address, direct.escrow.address, node, payer), ground.admin);
            boolean lost = direct.state == OPEN && slashed.contains(node);
            if (lost && ground.chain.slot() < direct.finalSlot) {
                assertThat(refusal).isEqualTo(6026);
            } else if (direct.state != VOID && !lost) {
                assertThat(refusal).isEqualTo(6025);
            } else {
                assertThat(refusal).isZero();
                direct.state = RETURNED;
                if (escrows.contains(direct.escrow)) {
                    direct.escrow.settled -= charge;
                    direct.escrow.collected -= charge;
                } else {
                    add(payer, charge);
                    exited += charge;
                    depositVault -= charge;
                }
            }
        }

        void pay() {
            Keypair payer = any(payers);
            long amount = random.nextLong(wallets.get(payer.publicKey()) / 10 + 1);
            if (amount == 0) {
                return;
            }
            boolean again = serial > 0 && random.nextInt(4) == 0;
            Hash reference = Hash.sha256(Long.toString(again ? serial : ++serial).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            int refusal = ground.refusal(List.of(ground.pool.pay(ground.operator.publicKey(), payer.publicKey(), reference, amount)), ground.operator, payer);
            if (!paid.add(payer.publicKey() + " " + reference)) {
                assertThat(refusal).as("the same reference").isEqualTo(6008);
                return;
            }
            assertThat(refusal).isZero();
            payments.add(ground.pool.payment(payer.publicKey(), reference));
            add(payer.publicKey(), -amount);
            vault += amount;
            inflow += amount;
        }

        void leave() {
            if (escrows.isEmpty()) {
                return;
            }
            Escrow escrow = any(escrows);
            if (escrow.exitSlot == 0) {
                ground.send(ground.market.requestExit(escrow.payer.publicKey(), escrow.address), escrow.payer);
                escrow.exitSlot = ground.chain.slot() + Ground.EXIT;
                return;
            }
            // What lies in an inbox goes back first, or along with the rest; a prepaid one's must.
            boolean alone = random.nextBoolean();
            int refusal = alone && !escrow.prepaid ? ground.refusal(ground.pool.exit(escrow.address, escrow.payer.publicKey(), ground.operator.publicKey()), ground.admin)
                    : ground.refusal(ground.pool.prepaid().exit(ground.admin.publicKey(), account(escrow)), ground.admin);
            if (ground.chain.slot() < escrow.exitSlot) {
                assertThat(refusal).isEqualTo(6026);
                return;
            }
            assertThat(refusal).isZero();
            add(escrow.payer.publicKey(), escrow.deposited - escrow.settled);
            depositVault -= escrow.deposited - escrow.settled;
            exited += escrow.deposited - escrow.settled;
            uncollected += escrow.settled - escrow.collected;
            if (!alone || escrow.prepaid) {
                returned(escrow);
            }
            escrows.remove(escrow);
            nobodys.add(escrow);
        }

        void post() {
            var next = new HashMap<>(credited);
            long room = inflow - credited.values().stream().mapToLong(Long::longValue).sum();
            for (int i = random.nextInt(1, 4); i > 0 && room > 0; i--) {
                long share = random.nextLong(1, room + 1);
                next.merge(any(payees), share, Math::addExact);
                room -= share;
            }
            boolean tooMuch = random.nextInt(8) == 0;
            if (tooMuch) {
                next.merge(payees.getFirst(), room + 1, Math::addExact);
            }
            if (next.isEmpty()) {
                return;
            }
            List<Credit> leaves = next.entrySet().stream().map(e -> new Credit(e.getKey().key(), e.getKey().kind(), e.getValue())).sorted(Credit.ORDER).toList();
            CreditTree tree = CreditTree.of(ground.pool.pool(), leaves);
            PublicKey operator = ground.operator.publicKey();
            Hash digest = ground.pool.batchDigest(nextSeq, Hash.ZERO, 0, tree.root(), tree.size());
            int refusal = ground.refusal(ground.pool.post(operator, operator, nextSeq, Hash.ZERO, 0, tree.root(), tree.size(), ground.quorum(digest, 0, 1)), ground.operator);
            if (pending != null) {
                assertThat(refusal).isEqualTo(6080);
            } else if (tooMuch) {
                assertThat(refusal).isEqualTo(6082);
            } else {
                assertThat(refusal).isZero();
                pending = new Batch(nextSeq++, tree, ground.chain.slot() + Ground.WINDOW);
                lastPost = ground.chain.slot();
            }
        }

        void finish() {
            if (pending == null) {
                tidy();
                return;
            }
            int refusal = ground.refusal(ground.pool.finalizeBatch(pending.seq()), ground.admin);
            if (ground.chain.slot() < pending.finalSlot()) {
                assertThat(refusal).isEqualTo(6026);
                return;
            }
            assertThat(refusal).isZero();
            last = pending;
            finalized.add(last.seq());
            pending = null;
            finalSum = last.tree().root().sum();
            credited.clear();
            for (Credit credit : last.tree().credits()) {
                credited.put(payees.stream().filter(p -> p.key().equals(credit.payee()) && p.kind() == credit.kind()).findFirst().orElseThrow(), credit.cumulative());
            }
        }

        /** Closes a batch that nobody needs any more, or one that somebody does, or a payment's record too early; counts what came in. No unit moves by it. */
        void tidy() {
            ground.send(ground.pool.syncInflow(), ground.admin);
            PublicKey operator = ground.operator.publicKey();
            if (!payments.isEmpty()) {
                assertThat(ground.refusal(ground.pool.closePayment(operator, any(payments)), ground.operator)).as("within a day").isEqualTo(6026);
            }
            if (nextSeq == 1) {
                return;
            }
            long seq = random.nextLong(1, nextSeq);
            boolean unneeded = voided.contains(seq) || finalized.contains(seq) && seq < last.seq();
            long rent = ground.chain.balance(ground.pool.batch(seq));
            long before = ground.chain.balance(operator);
            int refusal = ground.refusal(ground.pool.closeBatch(operator, seq), ground.operator);
            if (!closedBatches.add(seq)) {
                assertThat(refusal).as("closed already").isEqualTo(6005);
            } else if (unneeded) {
                assertThat(refusal).isZero();
                assertThat(ground.chain.balance(operator)).isGreaterThan(before).isLessThanOrEqualTo(before + rent);
            } else {
                assertThat(refusal).as("claims stand on it").isEqualTo(6025);
                closedBatches.remove(seq);
            }
        }

        /** Whoever opened one for another gets the rent back when nothing is in it. */
        private void closePrepaid() {
            PublicKey opener = ground.operator.publicKey();
            for (Escrow escrow : List.copyOf(escrows)) {
                boolean empty = escrow.deposited == escrow.collected && escrow.inbox.orElse(0L) == 0;
                int refusal = ground.refusal(ground.pool.prepaid().close(opener, escrow.address), ground.operator);
                assertThat(refusal).isEqualTo(!escrow.prepaid ? 6007 : escrow.exitSlot != 0 ? 6025 : empty ? 0 : 6070);
                if (refusal == 0) {
                    escrow.inbox = Optional.empty();
                    escrows.remove(escrow);
                    nobodys.add(escrow);
                }
            }
        }

        /** And nothing that was sent to any address is stuck: all inboxes are emptied, each to its payer. */
        private void everybodyLeaves() {
            for (Escrow escrow : escrows) {
                if (escrow.exitSlot == 0) {
                    ground.send(ground.market.requestExit(escrow.payer.publicKey(), escrow.address), escrow.payer);
                }
            }
            ground.chain.advanceSlots(Ground.EXIT);
            for (Escrow escrow : List.copyOf(escrows)) {
                ground.send(ground.pool.prepaid().exit(ground.admin.publicKey(), account(escrow)), ground.admin);
                returned(escrow);
                add(escrow.payer.publicKey(), escrow.deposited - escrow.settled);
                depositVault -= escrow.deposited - escrow.settled;
                exited += escrow.deposited - escrow.settled;
                uncollected += escrow.settled - escrow.collected;
                escrows.remove(escrow);
                nobodys.add(escrow);
            }
            for (Escrow escrow : nobodys) {
                ground.send(ground.pool.prepaid().giveBack(ground.admin.publicKey(), escrow.payer.publicKey(), escrow.prepaid ? escrow.session.publicKey() : PublicKey.NONE,
                        escrow.openSlot), ground.admin);
                returned(escrow);
                assertThat(ground.chain.account(ground.token(escrow.address))).isEmpty();
            }
        }

        /** A day later every payment's record is closed, once, and everybody can leave. */
        void aDayLater() {
            ground.chain.advanceSlots(216_000);
            PublicKey operator = ground.operator.publicKey();
            for (PublicKey payment : payments) {
                assertThat(ground.refusal(ground.pool.closePayment(operator, payment), ground.operator)).isZero();
                assertThat(ground.refusal(ground.pool.closePayment(operator, payment), ground.operator)).as("once").isEqualTo(6005);
            }
            closePrepaid();
            check();
            everybodyLeaves();
        }

        void claim() {
            if (last == null) {
                return;
            }
            int leaf = random.nextInt(last.tree().size());
            Credit credit = last.tree().credits().get(leaf);
            Payee payee = payees.stream().filter(p -> p.key().equals(credit.payee()) && p.kind() == credit.kind()).findFirst().orElseThrow();
            int refusal = ground.refusal(ground.pool.claim(ground.admin.publicKey(), payee.wallet(), last.seq(), credit, leaf, last.tree().proof(leaf)), ground.admin);
            long due = credit.cumulative() - claimed.getOrDefault(payee, 0L);
            if (payee.kind() == CreditKind.NODE && slashed.contains(payee.key())) {
                assertThat(refusal).isEqualTo(6102);
            } else if (due == 0) {
                assertThat(refusal).isEqualTo(6101);
            } else {
                assertThat(refusal).isZero();
                claimed.put(payee, credit.cumulative());
                add(payee.wallet(), due);
                vault -= due;
                moved++;
            }
        }

        void rare() {
            if (pending != null && random.nextBoolean() && ground.chain.slot() + 1 < pending.finalSlot()) {
                Hash digest = Digests.voidBatch(Ground.PROGRAMS.escrow(), ground.pool.batch(pending.seq()), pending.tree().root().hash(), 1);
                ground.send(ground.pool.voidBatch(pending.seq(), 1, ground.quorum(digest, 0, 2)), ground.admin);
                voided.add(pending.seq());
                pending = null;
            } else if (slashed.isEmpty() && random.nextInt(4) == 0) {
                PublicKey node = nodes.getFirst().publicKey();
                Slash slash = Slash.burning(Ground.MIN_BOND, Hash.ZERO);
                Hash digest = Digests.slashNode(Ground.PROGRAMS.registry(), ground.registry.node(node), slash);
                ground.send(ground.registry.slashNode(node, slash, ground.quorum(digest, 0, 1)), ground.admin);
                slashed.add(node);
            }
        }

        void check() {
            assertThat(ground.chain.tokenBalance(ground.pool.vault())).isEqualTo(vault);
            assertThat(ground.chain.tokenBalance(ground.pool.depositVault())).isEqualTo(depositVault);
            wallets.forEach((wallet, amount) -> assertThat(ground.balance(wallet)).as(wallet.toBase58()).isEqualTo(amount));
            long held = wallets.values().stream().mapToLong(Long::longValue).sum();
            List<Escrow> addresses = Stream.concat(escrows.stream(), nobodys.stream()).toList();
            addresses.forEach(escrow -> assertThat(ground.chain.account(ground.token(escrow.address)).map(account -> ground.chain.tokenBalance(ground.token(escrow.address))))
                    .isEqualTo(escrow.inbox));
            long underWay = addresses.stream().mapToLong(escrow -> escrow.inbox.orElse(0L)).sum();
            assertThat(held + vault + depositVault + underWay).as("no unit comes from nowhere or goes there").isEqualTo(PAYERS * WEALTH);
            assertThat(depositVault).isEqualTo(deposited - collected - exited - direct);
            assertThat(depositVault).isEqualTo(escrows.stream().mapToLong(e -> e.deposited - e.collected).sum() + uncollected
                    + jobs.stream().mapToLong(job -> job.amount - job.released).sum() + directs.stream().mapToLong(Direct::held).sum());
            long paid = claimed.values().stream().mapToLong(Long::longValue).sum();
            assertThat(vault).isEqualTo(inflow - paid);
            assertThat(paid).isLessThanOrEqualTo(finalSum);
            assertThat(finalSum).isLessThanOrEqualTo(inflow);
        }

        @Override
        public void close() {
            ground.close();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void the_chain_and_the_model_agree_to_the_unit(long seed) {
        try (var world = new World(seed)) {
            for (int step = 0; step < STEPS; step++) {
                world.step();
                world.check();
            }
            assertThat(world.moved).as("a run in which nothing moves proves nothing").isGreaterThan(10);
            world.aDayLater();
            world.check();
        }
    }
}
