package network.nyxos.gateway.offer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.money.Price;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.openai.ChatRequest;

/// What is sold, and for how much.
public final class Catalogue {
    // No tokenizer gets more bytes of ordinary text into a token on average; a prompt too long even so is refused before it is paid for.
    private static final long BYTES_PER_TOKEN = 8;

    private final Map<String, ModelTerms> models;
    private final List<MintTerms> mints;

    /// @param mints in the order in which they are offered
    public Catalogue(List<ModelTerms> models, List<MintTerms> mints) {
        this.models = models.stream().collect(Collectors.toMap(ModelTerms::name, Function.identity(), (a, _) -> {
            throw new IllegalArgumentException("model '" + a.name() + "' is configured twice");
        }, java.util.LinkedHashMap::new));
        this.mints = List.copyOf(mints);
        for (ModelTerms model : models) {
            if (model.prices().values().stream().anyMatch(prices -> prices.keySet().stream().anyMatch(mint -> mints.stream().noneMatch(each -> each.mint().equals(mint))))) {
                throw new IllegalArgumentException("model '" + model.name() + "' has a price in a mint that is not configured");
            }
        }
    }

    /// A request with its terms.
    ///
    /// @param model     what was asked for
    /// @param maxOutput the most output tokens
    /// @param quotes    the cost in each mint, at least one
    public record Priced(ModelTerms model, int maxOutput, List<Quote> quotes) {
    }

    /// All models.
    public List<ModelTerms> models() {
        return List.copyOf(models.values());
    }

    /// The mints that are taken.
    public List<MintTerms> mints() {
        return mints;
    }

    /// A model by its name.
    public Optional<ModelTerms> model(String name) {
        return Optional.ofNullable(models.get(name));
    }

    /// Why a model is not served: there is none of that name.
    public static ApiException unknownModel() {
        return ApiException.refused(404, "model_not_found", "The model does not exist; see GET /v1/models.");
    }

    /// The terms of a request.
    ///
    /// @throws ApiException 404 `model_not_found`, 400 `tier_unavailable` or `context_length_exceeded`
    public Priced price(ChatRequest request) {
        ModelTerms model = model(request.model()).orElseThrow(Catalogue::unknownModel);
        int maxOutput = maxOutput(request, model);
        var quotes = new ArrayList<Quote>();
        for (MintTerms mint : mints) {
            model.price(request.tier(), mint.mint()).ifPresent(price -> quotes.add(new Quote(mint, price, ceiling(price, request, maxOutput))));
        }
        if (quotes.isEmpty()) {
            throw ApiException.badRequest("tier_unavailable", "peer_tier", "model '" + model.name() + "' is not offered with tier " + request.tier().wireName());
        }
        return new Priced(model, maxOutput, List.copyOf(quotes));
    }

    private static int maxOutput(ChatRequest request, ModelTerms model) {
        long bound = request.prompt().bound();
        long atLeast = bound / BYTES_PER_TOKEN;
        int asked = request.maxOutput().orElse(model.defaultMaxOutput());
        if (asked >= model.context() || atLeast + asked > model.context()) {
            throw ApiException.badRequest("context_length_exceeded", "messages", "prompt and output together may have " + model.context()
                + " tokens; the prompt has at least " + atLeast + " and " + asked + " output tokens are asked for");
        }
        return asked;
    }

    private static long ceiling(Price price, ChatRequest request, int maxOutput) {
        try {
            return price.charge(request.prompt().bound(), maxOutput);
        } catch (ProtocolException e) {
            throw ApiException.badRequest(e.code(), e.getMessage());
        }
    }
}
