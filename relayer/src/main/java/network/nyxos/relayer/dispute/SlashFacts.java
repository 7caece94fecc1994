package network.nyxos.relayer.dispute;

import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Slash;
import network.nyxos.relayer.gate.ChainFacts;
import software.sava.core.accounts.PublicKey;

/// What the rules of a slash look up on chain. Every method throws an unchecked exception where the chain cannot be reached.
public interface SlashFacts extends ChainFacts {
    /// A node and its bond; empty when the registry knows no such node.
    Optional<Bonded> bonded(PublicKey node);

    /// The token account that a wallet is rewarded on: its associated one of the bond mint.
    PublicKey rewardToken(PublicKey wallet);

    /// The slash of a node that names this evidence, where the chain has one. A dispute before the registry's program names the receipt's hash.
    Optional<Executed> slashed(PublicKey node, Hash evidence);

    /// How long each move of a dispute before the registry's program may take, slots; 0 where it has none.
    long answerSlots();

    /// A dispute about a receipt that is open before the registry's program, whoever accuses.
    Optional<PublicKey> openDispute(PublicKey node, Hash receipt);

    /// A slash on chain.
    ///
    /// @param transaction that took the bond, base58
    /// @param amount      taken, base units
    /// @param reward      of it, to who was right
    /// @param refund      of it, to who was wronged; by the rules nothing
    /// @param burned      of it
    /// @param left        of the bond, after it; by the rules nothing
    record Executed(String transaction, long amount, long reward, long refund, long burned, long left) {
        /// Whether this is what a slash says.
        public boolean is(Slash slash) {
            return amount == slash.amount() && reward == slash.reward().map(Slash.Share::amount).orElse(0L) && refund == slash.refund().map(Slash.Share::amount).orElse(0L);
        }
    }
}
