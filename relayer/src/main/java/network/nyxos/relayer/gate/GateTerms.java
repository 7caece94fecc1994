package network.nyxos.relayer.gate;

import java.time.Duration;
import network.nyxos.escrow.ProtocolException;
import software.sava.core.accounts.PublicKey;

/// How strict the gate is and how patient.
///
/// @param market           the market whose jobs these are
/// @param allowDevelopment whether evidence without hardware behind it counts
/// @param reserveTimeout   how long a job without an assignment may stay reserved
/// @param patience         how long behind its deadline a job may wait for what its gate needs
/// @param retry            how long until a waiting job is looked at again
public record GateTerms(PublicKey market, boolean allowDevelopment, Duration reserveTimeout, Duration patience, Duration retry) {
    /// @throws ProtocolException `config_gate`
    public GateTerms {
        if (reserveTimeout.isNegative() || patience.isNegative() || !retry.isPositive()) {
            throw new ProtocolException("config_gate", "the gate's timeouts must be 0 or more, the retry time more than 0");
        }
    }
}
