package network.nyxos.escrow.crypto;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import software.sava.core.accounts.PublicKey;

/// Remembers keys already checked and prepared, because the same few thousand keys sign nearly everything and the check costs a scalar multiplication.
/// A fixed table in which a new key pushes out the one in its place: bounded, without locks, and no sender can make it grow.
final class ValidKeys<T> {
    private static final int SLOTS = 4096;

    private record Known<T>(PublicKey key, Optional<T> prepared) {
    }

    private final AtomicReferenceArray<Known<T>> slots = new AtomicReferenceArray<>(SLOTS);
    private final Function<byte[], T> prepare;

    ValidKeys(Function<byte[], T> prepare) {
        this.prepare = prepare;
    }

    /// What was prepared for the key; empty when it is no canonical point of the prime-order group.
    Optional<T> find(PublicKey key) {
        int hash = key.hashCode();
        int slot = (hash ^ hash >>> 16) & SLOTS - 1;
        Known<T> known = slots.get(slot);
        if (known == null || !known.key.equals(key)) {
            byte[] bytes = key.copyByteArray();
            known = new Known<>(PublicKey.createPubKey(bytes), isPrimeOrder(bytes) ? Optional.of(prepare.apply(bytes)) : Optional.empty());
            slots.set(slot, known);
        }
        return known.prepared;
    }

    /// Whether the first 32 bytes are the canonical encoding of a point of the prime-order group other than the identity.
    static boolean isPrimeOrder(byte[] bytes) {
        return org.bouncycastle.math.ec.rfc8032.Ed25519.validatePublicKeyFull(bytes, 0);
    }
}
