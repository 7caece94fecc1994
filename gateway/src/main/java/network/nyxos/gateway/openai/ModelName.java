package network.nyxos.gateway.openai;

import java.util.Optional;
import network.nyxos.escrow.job.Tier;

/// A model as clients name it: its name, with the tier behind a colon for clients that have no other way to say it (`smollm2-135m-instruct:verified`).
///
/// @param name the model's own name
/// @param tier where the name says one
public record ModelName(String name, Optional<Tier> tier) {
    /// Reads a name.
    public static ModelName of(String text) {
        for (Tier tier : Tier.values()) {
            String suffix = ":" + tier.wireName();
            if (text.endsWith(suffix) && text.length() > suffix.length()) {
                return new ModelName(text.substring(0, text.length() - suffix.length()), Optional.of(tier));
            }
        }
        return new ModelName(text, Optional.empty());
    }

    /// As clients write it.
    @Override
    public String toString() {
        return name + tier.map(each -> ":" + each.wireName()).orElse("");
    }
}
