package network.nyxos.escrow.program;

import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/// What the verifiers take from a bond and who gets of it; the rest is burned. They sign it by {@link Digests#slashNode} or {@link Digests#slashValidator}.
///
/// @param amount       base units of the bond mint, above 0
/// @param reward       who brought the evidence
/// @param refund       who was wronged
/// @param evidenceHash of the evidence
public record Slash(long amount, Optional<Share> reward, Optional<Share> refund, Hash evidenceHash) {
    /// A part of what is taken.
    ///
    /// @param token  a token account of the bond mint, not the registry's vault
    /// @param amount base units, above 0
    public record Share(PublicKey token, long amount) {
        /// @throws IllegalArgumentException when the amount is not above 0
        public Share {
            if (amount <= 0) {
                throw new IllegalArgumentException("a share of a slash is above 0, not " + amount);
            }
        }
    }

    /// @throws IllegalArgumentException when the amount is not above 0 or the shares are above it
    public Slash {
        long left = amount - share(reward);
        if (amount <= 0 || left < 0 || left < share(refund)) {
            throw new IllegalArgumentException("a slash of " + amount + " cannot give " + share(reward) + " and " + share(refund));
        }
    }

    /// One that burns all it takes.
    public static Slash burning(long amount, Hash evidenceHash) {
        return new Slash(amount, Optional.empty(), Optional.empty(), evidenceHash);
    }

    /// With a part for who brought the evidence.
    public Slash rewarding(PublicKey token, long share) {
        return new Slash(amount, Optional.of(new Share(token, share)), refund, evidenceHash);
    }

    /// With a part for who was wronged.
    public Slash refunding(PublicKey token, long share) {
        return new Slash(amount, reward, Optional.of(new Share(token, share)), evidenceHash);
    }

    static long share(Optional<Share> of) {
        return of.map(Share::amount).orElse(0L);
    }

    /// The account that stands for a share in call and digest: where there is none, the program itself.
    static PublicKey token(Optional<Share> of, PublicKey program) {
        return of.map(Share::token).orElse(program);
    }
}
