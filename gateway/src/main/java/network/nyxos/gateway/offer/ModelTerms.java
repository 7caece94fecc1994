package network.nyxos.gateway.offer;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.ModelId;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.gateway.openai.ModelName;
import software.sava.core.accounts.PublicKey;

/// A model that is sold.
///
/// @param name    what clients ask for
/// @param modelId the one set of weights, tokenizer and engine that the name stands for; empty takes any node's word for it
/// @param context the most tokens of prompt and output together; of an embedding model those of one input, of a service the most bytes of a request
/// @param product what it does
/// @param prices  for each tier offered, the price in each mint
public record ModelTerms(String name, Optional<Hash> modelId, int context, Product product, Map<Tier, Map<PublicKey, Price>> prices) {
    /// Copies the maps.
    ///
    /// @throws IllegalArgumentException saying what is wrong
    public ModelTerms {
        if (name.isBlank() || context < 2 || product instanceof Product.Chat chat && (chat.defaultMaxOutput() < 1 || chat.defaultMaxOutput() >= context) || prices.isEmpty()) {
            throw new IllegalArgumentException("model '" + name + "' needs a name, a context of 2 or more, a default output below that, and a price");
        }
        if (product instanceof Product.Vectors && prices.containsKey(Tier.VERIFIED)) {
            throw new IllegalArgumentException("model '" + name + "' makes embeddings, which no replay can check; it cannot be sold with tier verified");
        }
        if (product instanceof Product.Service) {
            requireService(name, modelId, prices);
        }
        if (ModelName.of(name).tier().isPresent()) {
            throw new IllegalArgumentException("model '" + name + "' is named like a model with a tier behind its name; choose another name");
        }
        prices = prices.entrySet().stream().collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> Map.copyOf(entry.getValue())));
    }

    /// A model that continues chats.
    ///
    /// @param defaultMaxOutput output tokens where the client does not say; below the context
    public ModelTerms(String name, Optional<Hash> modelId, int context, int defaultMaxOutput, Map<Tier, Map<PublicKey, Price>> prices) {
        this(name, modelId, context, new Product.Chat(defaultMaxOutput), prices);
    }

    /// An agent's own service.
    ///
    /// @param prices base units for a call in each mint
    /// @throws IllegalArgumentException saying what is wrong
    public static ModelTerms service(String name, Product.Service service, Map<PublicKey, Long> prices) {
        return new ModelTerms(name, Optional.of(ModelId.ofService(name)), ServiceBody.MAX_REQUEST, service,
            prices.isEmpty() ? Map.of() : Map.of(Tier.OPEN, prices.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, each -> Price.ofCall(each.getValue())))));
    }

    private static void requireService(String name, Optional<Hash> modelId, Map<Tier, Map<PublicKey, Price>> prices) {
        if (!modelId.equals(Optional.of(ModelId.ofService(name)))) {
            throw new IllegalArgumentException("service '" + name + "' has the model id of its name");
        }
        if (!prices.keySet().equals(Set.of(Tier.OPEN))) {
            throw new IllegalArgumentException("service '" + name + "' says what nobody can check; it is sold with tier open alone");
        }
        if (!prices.get(Tier.OPEN).values().stream().allMatch(Price::ofCalls)) {
            throw new IllegalArgumentException("service '" + name + "' needs a price of whole base units for a call");
        }
    }

    /// The price of a tier in a mint.
    public Optional<Price> price(Tier tier, PublicKey mint) {
        return Optional.ofNullable(prices.getOrDefault(tier, Map.of()).get(mint));
    }
}
