package network.nyxos.relayer.batch;

import network.nyxos.escrow.crypto.Signature;
import software.sava.core.accounts.PublicKey;

/// One verifier's signature over a batch's digest.
///
/// @param verifier  its key
/// @param signature over {@link BatchDocument.Header#digest}
public record VerifierSignature(PublicKey verifier, Signature signature) {
}
