package network.nyxos.escrow.crypto;

import java.util.List;
import java.util.stream.Stream;

/// Chooses once, when the first signature is needed.
final class Ed25519Providers {
    static final List<Ed25519> PRESENT = Stream.concat(CorrettoEd25519.load().<Ed25519>map(found -> found).stream(),
        Stream.<Ed25519>of(new BouncyCastleEd25519())).toList();

    private Ed25519Providers() {
    }
}
