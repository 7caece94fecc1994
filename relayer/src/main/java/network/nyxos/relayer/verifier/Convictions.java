package network.nyxos.relayer.verifier;

import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.relayer.gate.Accusation;
import software.sava.core.accounts.PublicKey;

/// What a verifier has convicted nodes on.
public interface Convictions {
    /// A node that was convicted on papers.
    ///
    /// @param papers  the papers
    /// @param accused whose bond was to be taken
    record Conviction(Accusation papers, PublicKey accused) {
    }

    /// Keeps one; the same again changes nothing.
    void keep(Conviction conviction, long nowMs);

    /// Those on papers of a hash: one, or two where both nodes lied.
    List<Conviction> on(Hash evidence);
}
