package network.nyxos.gateway.client;

import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.seal.SealingPublicKey;
import network.nyxos.escrow.wire.JobProof;
import software.sava.core.accounts.PublicKey;

/// A node whose evidence meets a client's policy and binds these keys.
///
/// @param node       its key
/// @param receiptKey signs its receipts
/// @param sealing    prompts are sealed to it; its secret half is in the TEE alone
/// @param model      {@link network.nyxos.escrow.job.ModelId} of what it runs
/// @param registered whether the registry on chain was asked, and has these keys for it
/// @param verdict    every check of its evidence
/// @param evidence   as it was shown
/// @param judgedMs   when it was judged, unix milliseconds
public record TrustedNode(PublicKey node, PublicKey receiptKey, SealingPublicKey sealing, Hash model, boolean registered, Verdict verdict,
                          JobProof.Shown evidence, long judgedMs) {
    /// Whether a development TEE vouches for it, so that no hardware protects anything.
    public boolean development() {
        return verdict.development();
    }
}
