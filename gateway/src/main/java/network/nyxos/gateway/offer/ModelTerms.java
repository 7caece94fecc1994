package network.nyxos.gateway.offer;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.gateway.openai.ModelName;
import software.sava.core.accounts.PublicKey;

/// A model that is sold.
///
/// @param name             what clients ask for
/// @param modelId          the one set of weights, tokenizer and engine that the name stands for; empty takes any node's word for it
/// @param context          the most tokens of prompt and output together
/// @param defaultMaxOutput output tokens where the client does not say; at most the context
/// @param prices           for each tier offered, the price in each mint
public record ModelTerms(String name, Optional<Hash> modelId, int context, int defaultMaxOutput, Map<Tier, Map<PublicKey, Price>> prices) {
    /// Copies the maps.
    public ModelTerms {
        if (name.isBlank() || context < 2 || defaultMaxOutput < 1 || defaultMaxOutput >= context || prices.isEmpty()) {
            throw new IllegalArgumentException("model '" + name + "' needs a name, a context of 2 or more, a default output below that, and a price");
        }
        if (ModelName.of(name).tier().isPresent()) {
            throw new IllegalArgumentException("model '" + name + "' is named like a model with a tier behind its name; choose another name");
        }
        prices = prices.entrySet().stream().collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> Map.copyOf(entry.getValue())));
    }

    /// The price of a tier in a mint.
    public Optional<Price> price(Tier tier, PublicKey mint) {
        return Optional.ofNullable(prices.getOrDefault(tier, Map.of()).get(mint));
    }
}
