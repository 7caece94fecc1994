package network.nyxos.relayer.gate;

import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/// What the chain says of a payment's transaction now.
public sealed interface PaymentFacts {
    /// The chain does not know it (yet).
    record Absent() implements PaymentFacts {
    }

    /// It is on chain and failed: nothing was transferred.
    ///
    /// @param error as the chain words it
    record Failed(String error) implements PaymentFacts {
    }

    /// It is on chain, confirmed, and succeeded.
    ///
    /// @param messageHash SHA-256 of its message bytes
    /// @param intoVault   its top-level TransferChecked instructions into the pool's vault
    record Landed(Hash messageHash, List<Transfer> intoVault) implements PaymentFacts {
        /// Copies.
        public Landed {
            intoVault = List.copyOf(intoVault);
        }
    }

    /// One transfer.
    ///
    /// @param authority who signed for the source account
    /// @param mint      what
    /// @param amount    base units
    record Transfer(PublicKey authority, PublicKey mint, long amount) {
    }
}
