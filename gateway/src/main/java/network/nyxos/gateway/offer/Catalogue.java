package network.nyxos.gateway.offer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.text.WordPiece;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.openai.ChatRequest;
import network.nyxos.gateway.openai.EmbeddingRequest;
import network.nyxos.gateway.openai.InferenceRequest;
import network.nyxos.gateway.openai.ServiceRequest;

/// What is sold, and for how much.
public final class Catalogue {
    // No tokenizer gets more bytes of ordinary text into a token on average; a prompt too long even so is refused before it is paid for.
    private static final long BYTES_PER_TOKEN = 8;
    /// The most tokens of all inputs of a request for embeddings together.
    public static final long MAX_EMBEDDED = 100_000;

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
    /// @param model  what was asked for
    /// @param work   how much it is to do
    /// @param quotes the cost in each mint, at least one
    public record Priced(ModelTerms model, Work work, List<Quote> quotes) {
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
    /// @throws ApiException 404 `model_not_found`; 400 `unsupported_model` when the model does something else, `tier_unavailable`, `context_length_exceeded`,
    ///                      `unsupported_value` or `max_tokens_per_request`
    public Priced price(InferenceRequest request) {
        ModelTerms model = model(request.model()).orElseThrow(Catalogue::unknownModel);
        Work work = switch (request) {
            case ChatRequest chat when model.product() instanceof Product.Chat product -> work(chat, model, product);
            case EmbeddingRequest embedding when model.product() instanceof Product.Vectors product -> work(embedding, model, product);
            case ServiceRequest call when model.product() instanceof Product.Service product -> new Work.Call(call.body().hash(), product.sellers(), product.patience());
            case ChatRequest _, EmbeddingRequest _, ServiceRequest _ -> throw ApiException.badRequest("unsupported_model", "model", "model '" + model.name() + "' " + switch (model.product()) {
                case Product.Chat _ -> "continues chats; send it to /v1/chat/completions";
                case Product.Vectors _ -> "makes embeddings; send it to /v1/embeddings";
                case Product.Service _ -> "is a service; send it to /v1/services/" + model.name();
            });
        };
        var quotes = new ArrayList<Quote>();
        for (MintTerms mint : mints) {
            model.price(request.tier(), mint.mint()).ifPresent(price -> quotes.add(new Quote(mint, price, ceiling(price, work))));
        }
        if (quotes.isEmpty()) {
            throw ApiException.badRequest("tier_unavailable", "peer_tier", "model '" + model.name() + "' is not offered with tier " + request.tier().wireName()
                + switch (work) {
                    case Work.Vectors _ when request.tier() == Tier.VERIFIED -> ": vectors differ in their last bits from machine to machine, so no replay can check them";
                    case Work.Call _ -> ": what a service says is its node's word, which nobody can check";
                    case Work.Completion _, Work.Vectors _ -> "";
                });
        }
        return new Priced(model, work, List.copyOf(quotes));
    }

    private static Work work(ChatRequest request, ModelTerms model, Product.Chat product) {
        long bound = request.prompt().bound();
        long atLeast = bound / BYTES_PER_TOKEN;
        int asked = request.maxOutput().orElse(product.defaultMaxOutput());
        if (asked >= model.context() || atLeast + asked > model.context()) {
            throw ApiException.badRequest("context_length_exceeded", "messages", "prompt and output together may have " + model.context()
                + " tokens; the prompt has at least " + atLeast + " and " + asked + " output tokens are asked for");
        }
        return new Work.Completion(bound, request.choices(), asked);
    }

    private static Work work(EmbeddingRequest request, ModelTerms model, Product.Vectors product) {
        if (request.dimensions().isPresent() && request.dimensions().getAsInt() != product.dimensions()) {
            throw ApiException.badRequest("unsupported_value", "dimensions", "Unsupported value: 'dimensions': the vectors of model '" + model.name() + "' have " + product.dimensions()
                + " numbers and mean nothing when they are cut; leave it out.");
        }
        return product.tokenizer().map(tokenizer -> counted(request, model, product, tokenizer))
            .orElseGet(() -> new Work.Vectors(request.inputs().size(), product.dimensions(), Price.promptBound(request.inputs()), 0, false));
    }

    private static Work.Vectors counted(EmbeddingRequest request, ModelTerms model, Product.Vectors product, WordPiece tokenizer) {
        long all = 0;
        int longest = 0;
        for (int i = 0; i < request.inputs().size(); i++) {
            int tokens = tokenizer.encode(request.inputs().get(i)).length;
            if (tokens > model.context()) {
                throw ApiException.badRequest("context_length_exceeded", "input", "an input may have " + model.context() + " tokens, input " + i + " has " + tokens
                    + "; it is never cut: shorten or split it");
            }
            all += tokens;
            longest = Math.max(longest, tokens);
        }
        if (all > MAX_EMBEDDED) {
            throw ApiException.badRequest("max_tokens_per_request", "input", "all inputs of a request together may have " + MAX_EMBEDDED + " tokens, these have " + all
                + "; send them in several requests");
        }
        return new Work.Vectors(request.inputs().size(), product.dimensions(), all, longest, true);
    }

    private static long ceiling(Price price, Work work) {
        try {
            return price.charge(work.promptTokens(), work.maxOutput());
        } catch (ProtocolException e) {
            throw ApiException.badRequest(e.code(), e.getMessage());
        }
    }
}
