package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.escrow.CollectedEntry;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.escrow.program.escrow.SettledEntry;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.indexer.decode.ProgramEvent;
import software.sava.core.accounts.PublicKey;

/// A random course of events that the programs could have emitted, with the sums it must come to, kept independently of the projection.
public final class Story {
    public static final Programs PROGRAMS = Programs.LOCAL;

    public final List<ProgramEvent> registry = new ArrayList<>();
    public final List<ProgramEvent> escrow = new ArrayList<>();
    public final Map<String, BigInteger> bonds = new HashMap<>();
    public final Map<String, long[]> escrows = new HashMap<>();
    public long deposited;
    public long settled;
    public long exited;
    public long inflow;
    public long uncollected;
    public long credited;
    public long claimed;
    public final PublicKey pool;
    private final Random random;
    private final Map<String, Long> claims = new HashMap<>();

    private record Open(PublicKey address, PublicKey payer, long[] sums) {
    }

    public Story(long seed, int length) {
        random = new Random(seed);
        PublicKey config = key();
        add(new RegistryEvent.ConfigInitialized(config, key(), 1, key(), key(), 10, 10, 200, 1, List.of(key()), 20));
        PublicKey market = key();
        PublicKey mint = key();
        pool = key();
        add(new EscrowEvent.MarketInitialized(market, Hash.ZERO, key(), 1, key(), key(), key(), 200, 10, 150, 1_000, key(), 0, PROGRAMS.registry(), config, 1, List.of(key()), List.of(key())));
        add(new EscrowEvent.PoolInitialized(pool, market, mint, key(), key(), key(), 6));
        var nodes = new ArrayList<PublicKey>();
        var open = new ArrayList<Open>();
        long seq = 0;
        for (int step = 0; step < length; step++) {
            switch (random.nextInt(9)) {
                case 0 -> {
                    PublicKey nodeKey = key();
                    PublicKey node = PROGRAMS.node(config, nodeKey);
                    nodes.add(node);
                    add(new RegistryEvent.NodeRegistered(node, nodeKey, key(), key(), key(), PublicKey.NONE, 1, 100, step));
                    bonds.put(node.toBase58(), BigInteger.valueOf(100));
                }
                case 1 -> {
                    if (!nodes.isEmpty()) {
                        PublicKey node = nodes.get(random.nextInt(nodes.size()));
                        BigInteger bond = bonds.get(node.toBase58()).add(BigInteger.valueOf(7));
                        bonds.put(node.toBase58(), bond);
                        add(new RegistryEvent.BondAdded(node, 7, bond.longValue()));
                    }
                }
                case 2, 3 -> {
                    long amount = random.nextInt(1_000);
                    var one = new Open(key(), key(), new long[] {amount, 0, 0});
                    open.add(one);
                    escrows.put(one.address().toBase58(), one.sums());
                    deposited += amount;
                    if (random.nextBoolean()) {
                        add(new EscrowEvent.EscrowOpened(one.address(), market, one.payer(), mint, key(), 0, 0, step, key(), amount, key()));
                    } else {
                        add(new EscrowEvent.PrepaidOpened(one.address(), market, one.payer(), mint, key(), step, key(), key()));
                        add(new EscrowEvent.TransfersCounted(one.address(), pool, amount, amount));
                    }
                }
                case 4 -> settle(open);
                case 7 -> collect(open);
                case 5 -> {
                    if (!open.isEmpty()) {
                        Open gone = open.remove(random.nextInt(open.size()));
                        long rest = gone.sums()[0] - gone.sums()[1];
                        exited += rest;
                        add(new EscrowEvent.ExitRequested(gone.address(), step + 150));
                        long behind = gone.sums()[1] - gone.sums()[2];
                        uncollected += behind;
                        add(new EscrowEvent.EscrowExited(gone.address(), gone.payer(), rest, behind));
                    }
                }
                case 6 -> {
                    long paid = 1 + random.nextInt(50);
                    inflow += paid;
                    add(new EscrowEvent.InflowSynced(pool, paid, inflow));
                }
                default -> {
                    seq++;
                    batch(seq);
                }
            }
        }
    }

    private void settle(List<Open> open) {
        var entries = new ArrayList<SettledEntry>();
        for (Open one : open.stream().limit(5).toList()) {
            long left = one.sums()[0] - one.sums()[1];
            if (left > 0 && random.nextBoolean()) {
                long amount = 1 + random.nextLong(left);
                one.sums()[1] += amount;
                entries.add(new SettledEntry(one.address(), one.sums()[1], amount, 0));
            } else {
                entries.add(new SettledEntry(one.address(), one.sums()[1] + 1, 0, 6_070));
            }
        }
        add(new EscrowEvent.VouchersSettled(key(), entries));
    }

    private void collect(List<Open> open) {
        var entries = new ArrayList<CollectedEntry>();
        long total = uncollected;
        for (Open one : open) {
            long amount = one.sums()[1] - one.sums()[2];
            if (amount > 0 && random.nextBoolean()) {
                one.sums()[2] += amount;
                total += amount;
                entries.add(new CollectedEntry(one.address(), amount));
            }
        }
        settled += total;
        inflow += total;
        add(new EscrowEvent.SettledCollected(pool, total, inflow, uncollected, entries));
        uncollected = 0;
    }

    private void batch(long seq) {
        long sum = credited + (inflow == credited ? 0 : random.nextLong(inflow - credited + 1));
        PublicKey batch = PROGRAMS.batch(pool, seq);
        add(new EscrowEvent.BatchPosted(batch, pool, seq, key(), Hash.ZERO, 1, Hash.ZERO, sum, 1, seq + 10));
        if (random.nextInt(4) == 0) {
            add(new EscrowEvent.BatchVoided(batch, pool, seq, 2));
            return;
        }
        credited = sum;
        add(new EscrowEvent.BatchFinalized(batch, pool, seq, sum));
        PublicKey payee = PublicKey.createPubKey(new byte[] {(byte) random.nextInt(3), 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
        if (credited > claimed) {
            long amount = 1 + random.nextLong(credited - claimed);
            claimed += amount;
            long cumulative = claims.merge(payee.toBase58(), amount, Long::sum);
            add(new EscrowEvent.Claimed(pool, payee, 2, key(), amount, cumulative, seq));
        }
    }

    private PublicKey key() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return PublicKey.createPubKey(bytes);
    }

    private void add(RegistryEvent event) {
        registry.add(new ProgramEvent.OfRegistry(event));
    }

    private void add(EscrowEvent event) {
        escrow.add(new ProgramEvent.OfEscrow(event));
    }
}
