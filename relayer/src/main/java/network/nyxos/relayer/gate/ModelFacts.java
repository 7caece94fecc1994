package network.nyxos.relayer.gate;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.relayer.credit.CreditRules;
import software.sava.core.accounts.PublicKey;

/// What the registry says of a model.
///
/// @param model        its id
/// @param publisher    who registered it
/// @param payee        the wallet that gets the royalty
/// @param retired      the publisher took it back: no royalty any more
/// @param royaltyBps   hundredths of a percent
/// @param pendingBps   a higher one that was announced
/// @param pendingSlot  from when on that one is in force, 0 = none was announced
/// @param measurements under which it may be served confidentially; none: any
public record ModelFacts(Hash model, PublicKey publisher, PublicKey payee, boolean retired, int royaltyBps, int pendingBps, long pendingSlot,
                         List<Measurement> measurements) {
    /// Copies.
    public ModelFacts {
        measurements = List.copyOf(measurements);
    }

    /// The royalty in force at a slot; empty where nothing is due.
    public Optional<CreditRules.Royalty> royalty(long slot) {
        int bps = pendingSlot != 0 && slot >= pendingSlot ? pendingBps : royaltyBps;
        return retired || bps == 0 ? Optional.empty() : Optional.of(new CreditRules.Royalty(model, bps, payee));
    }

    /// Whether a TEE that was measured so may serve it. A retired model stays bound to what its publisher allowed.
    public boolean allows(Measurement measurement) {
        return measurements.isEmpty() || measurements.contains(measurement);
    }
}
