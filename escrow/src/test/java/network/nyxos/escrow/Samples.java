package network.nyxos.escrow;

import java.util.List;
import java.util.Random;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import software.sava.core.accounts.PublicKey;

/// Random but repeatable values: the same seed gives the same ones.
public final class Samples {
    private final Random random;

    public Samples(long seed) {
        this.random = new Random(seed);
    }

    public byte[] bytes(int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    public Hash hash() {
        return Hash.of(bytes(32));
    }

    public PublicKey key() {
        return PublicKey.createPubKey(bytes(32));
    }

    public Keypair keypair() {
        return Keypair.fromSeed(bytes(32));
    }

    public int below(int bound) {
        return random.nextInt(bound);
    }

    public long bits() {
        return random.nextLong();
    }

    /// 0 to 2^63 − 1, of every magnitude.
    public long amount() {
        return random.nextLong() >>> 1 + random.nextInt(62);
    }

    public <T> T one(T[] values) {
        return values[random.nextInt(values.length)];
    }

    public Sampler sampler() {
        return new Sampler(below(2_000_001), 1 + below(1_000_000), below(200));
    }

    public Assignment assignment(PublicKey gateway) {
        return new Assignment(hash(), gateway, key(), hash(), one(Tier.values()), below(256), below(1 << 20), key(), new Price(amount(), amount()), amount(),
            one(Payment.values()), hash(), bits(), sampler(), hash(), hash(), bits(), bits());
    }

    public Constraints constraints() {
        return new Constraints(List.of("END", "é" + below(100)), "{\"type\":\"json_object\"}", hash());
    }

    /// As they stand in a request: without the prompt's hash.
    public Constraints limits() {
        return new Constraints(List.of("END", "é" + below(100)), "{\"type\":\"json_object\"}", Hash.ZERO);
    }

    public Receipt receipt() {
        long start = amount() >>> 1;
        return new Receipt(hash(), key(), hash(), "nyx-int8-v1 é" + below(100), one(Tier.values()), bits(), sampler(), hash(), hash(), below(1 << 20), below(1 << 20),
            key(), amount(), one(Finish.values()), hash(), Hash.ZERO, hash(), start, start + below(100_000));
    }
}
