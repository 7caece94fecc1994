package network.nyxos.escrow.job;

import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Signature;
import software.sava.core.accounts.PublicKey;

/// A receipt with a signature.
///
/// @param receipt   the account
/// @param signature over {@link Receipt#hash}
public record SignedReceipt(Receipt receipt, Signature signature) {
    /// Whether the key signed it; the key must be the receipt key that the registry holds for the receipt's node.
    public boolean verify(PublicKey receiptKey) {
        return Ed25519.fastest().verify(receiptKey, receipt.hash().bytes(), signature);
    }
}
