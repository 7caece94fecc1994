package network.nyxos.escrow.program;

import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.program.registry.Model;
import software.sava.core.accounts.PublicKey;

/// What the registry says of a model.
///
/// @param model        its id
/// @param publisher    who registered it: its author
/// @param payee        the wallet that gets the royalty
/// @param retired      the publisher took it back: no royalty any more
/// @param royaltyBps   hundredths of a percent
/// @param pendingBps   a higher one that was announced
/// @param pendingSlot  from when on that one is in force, 0 = none was announced
/// @param measurements under which it may be served confidentially; none: any
public record RegisteredModel(Hash model, PublicKey publisher, PublicKey payee, boolean retired, int royaltyBps, int pendingBps, long pendingSlot,
                              List<Measurement> measurements) {
    private static final int RETIRED = 2;

    /// Copies.
    public RegisteredModel {
        measurements = List.copyOf(measurements);
    }

    /// What an account says.
    public static RegisteredModel of(Model account) {
        return new RegisteredModel(account.modelId(), account.publisher(), account.payee(), account.state() == RETIRED, account.royaltyBps(),
            account.pendingRoyaltyBps(), account.pendingSlot(), account.measurements().subList(0, account.measurementCount()));
    }

    /// The royalty in force at a slot, hundredths of a percent: nobody has to send anything for an announced one to come.
    public int royaltyBps(long slot) {
        if (retired) {
            return 0;
        }
        return pendingSlot != 0 && slot >= pendingSlot ? pendingBps : royaltyBps;
    }

    /// Whether a TEE that was measured so may serve it. A retired model stays bound to what its publisher allowed.
    public boolean allows(Measurement measurement) {
        return measurements.isEmpty() || measurements.contains(measurement);
    }
}
