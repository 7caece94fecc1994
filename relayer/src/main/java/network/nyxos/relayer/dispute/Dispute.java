package network.nyxos.relayer.dispute;

import java.util.List;
import network.nyxos.relayer.gate.Accusation;

/// A dispute with both nodes' parts in it.
///
/// @param papers what the two have signed
/// @param cases  the serving node's and the replaying one's
public record Dispute(Accusation papers, List<SlashCase> cases) {
    /// Copies.
    public Dispute {
        cases = List.copyOf(cases);
    }

    /// Whether somebody was slashed on it. From then on the papers are everybody's, so that everybody can check (docs/decisions/042).
    public boolean convicted() {
        return cases.stream().anyMatch(part -> part.state() == SlashState.SLASHED);
    }
}
