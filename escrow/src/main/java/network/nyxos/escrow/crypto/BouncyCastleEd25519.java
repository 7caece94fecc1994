package network.nyxos.escrow.crypto;

import software.sava.core.accounts.PublicKey;

/// BouncyCastle's pure-Java implementation: present everywhere.
final class BouncyCastleEd25519 implements Ed25519 {
    private final ValidKeys<byte[]> keys = new ValidKeys<>(byte[]::clone);

    @Override
    public String name() {
        return "BouncyCastle";
    }

    @Override
    public PublicKey publicKey(byte[] seed) {
        return PublicKey.createPubKey(derive(seed));
    }

    static byte[] derive(byte[] seed) {
        if (seed.length != SEED_LENGTH) {
            throw new IllegalArgumentException("an Ed25519 seed has 32 bytes, this has " + seed.length);
        }
        var key = new byte[PublicKey.PUBLIC_KEY_LENGTH];
        org.bouncycastle.math.ec.rfc8032.Ed25519.generatePublicKey(seed, 0, key, 0);
        return key;
    }

    @Override
    public Signer signer(byte[] seed) {
        byte[] key = derive(seed);
        byte[] secret = seed.clone();
        return message -> {
            var signature = new byte[Signature.LENGTH];
            org.bouncycastle.math.ec.rfc8032.Ed25519.sign(secret, 0, key, 0, message, 0, message.length, signature, 0);
            return Signature.of(signature);
        };
    }

    @Override
    public boolean verify(PublicKey key, byte[] message, Signature signature) {
        byte[] bytes = signature.bytes();
        // BouncyCastle checks the equation times a factor that may be a multiple of the cofactor, so a small-order part of R could vanish from it:
        // with both points known to be of prime order the equations with and without the factor say the same.
        return keys.find(key).filter(known -> ValidKeys.isPrimeOrder(bytes)
            && org.bouncycastle.math.ec.rfc8032.Ed25519.verify(bytes, 0, known, 0, message, 0, message.length)).isPresent();
    }

    @Override
    public boolean isValidKey(PublicKey key) {
        return keys.find(key).isPresent();
    }
}
