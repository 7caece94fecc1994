package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.gateway.chain.EscrowMirror;
import network.nyxos.gateway.job.Job;
import network.nyxos.gateway.link.ConnectedNode;
import network.nyxos.gateway.link.NodePool;
import network.nyxos.gateway.link.Registry;
import network.nyxos.gateway.offer.Catalogue;
import network.nyxos.gateway.offer.MintTerms;
import network.nyxos.gateway.offer.ModelTerms;
import network.nyxos.gateway.offer.Product;
import network.nyxos.gateway.offer.Work;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.openai.ModelName;
import network.nyxos.gateway.payment.EscrowBalance;
import network.nyxos.gateway.payment.EscrowRules;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.store.EscrowStore;
import network.nyxos.gateway.store.JobStore;
import software.sava.core.accounts.PublicKey;

/// What can be asked without paying: models, jobs, escrows.
final class InfoRoutes {
    private final Catalogue catalogue;
    private final NodePool nodes;
    private final Registry registry;
    private final JobStore jobs;
    private final EscrowMirror escrows;
    private final EscrowStore balances;
    private final long started;

    InfoRoutes(Catalogue catalogue, NodePool nodes, Registry registry, JobStore jobs, EscrowMirror escrows, EscrowStore balances, long started) {
        this.catalogue = catalogue;
        this.nodes = nodes;
        this.registry = registry;
        this.jobs = jobs;
        this.escrows = escrows;
        this.balances = balances;
        this.started = started;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    void models(ServerRequest request, ServerResponse response) {
        Http.json(response, 200, Json.bytes(models()));
    }

    /// All models, with price, context, tiers and capacity now.
    ObjectNode models() {
        ObjectNode root = object().put("object", "list");
        ArrayNode data = root.putArray("data");
        for (ModelTerms model : catalogue.models()) {
            data.add(model(model, ModelName.of(model.name())));
            model.prices().keySet().stream().sorted().filter(tier -> tier != Tier.OPEN).forEach(tier -> data.add(model(model, new ModelName(model.name(), Optional.of(tier)))));
        }
        return root;
    }

    void model(ServerRequest request, ServerResponse response) {
        ModelName name = ModelName.of(request.path().pathParameters().get("name"));
        ModelTerms model = catalogue.model(name.name()).filter(found -> name.tier().isEmpty() || found.prices().containsKey(name.tier().get()))
            .orElseThrow(Catalogue::unknownModel);
        Http.json(response, 200, Json.bytes(model(model, name)));
    }

    /// @param name the model's own, or with one of its tiers, of which alone is spoken then
    private ObjectNode model(ModelTerms model, ModelName name) {
        ObjectNode node = object().put("id", name.toString()).put("object", "model").put("created", started).put("owned_by", "nyxos");
        switch (model.product()) {
            case Product.Chat chat -> node.put("context_length", model.context()).put("kind", "chat").put("default_max_tokens", chat.defaultMaxOutput());
            case Product.Vectors vectors -> node.put("context_length", model.context()).put("kind", "embedding").put("dimensions", vectors.dimensions());
            case Product.Service service -> {
                node.put("kind", "service").put("endpoint", "/v1/services/" + model.name()).put("description", service.description()).put("max_request_bytes", model.context());
                service.input().ifPresent(schema -> node.set("input_schema", schema));
                service.output().ifPresent(schema -> node.set("output_schema", schema));
            }
        }
        model.modelId().ifPresent(id -> node.put("model_id", id.hex()));
        model.modelId().flatMap(registry::model).ifPresent(registered -> registration(node, registered));
        ObjectNode tiers = node.putObject("tiers");
        Collection<ConnectedNode> connected = nodes.all();
        for (Tier tier : name.tier().map(List::of).orElse(List.of(Tier.values()))) {
            Optional.ofNullable(model.prices().get(tier)).ifPresent(prices -> tiers.set(tier.wireName(), tier(model, tier, prices, connected)));
        }
        return node;
    }

    /// Whose model it is and what of each charge is theirs, as the registry has it.
    private void registration(ObjectNode node, RegisteredModel model) {
        node.put("author", model.publisher().toBase58()).put("retired", model.retired());
        ObjectNode royalty = node.putObject("royalty").put("bps", model.royaltyBps(registry.slot())).put("payee", model.payee().toBase58());
        if (!model.retired() && model.pendingSlot() > registry.slot()) {
            royalty.putObject("announced").put("bps", model.pendingBps()).put("slot", model.pendingSlot());
        }
        ArrayNode measurements = node.putArray("measurements");
        model.measurements().forEach(measurement -> measurements.add(HexFormat.of().formatHex(measurement.bytes())));
    }

    private ObjectNode tier(ModelTerms model, Tier tier, Map<PublicKey, Price> prices, Collection<ConnectedNode> connected) {
        ObjectNode node = object();
        ArrayNode pricing = node.putArray("pricing");
        for (MintTerms mint : catalogue.mints()) {
            Optional.ofNullable(prices.get(mint.mint())).ifPresent(price -> {
                ObjectNode each = pricing.addObject().put("mint", mint.mint().toBase58()).put("symbol", mint.symbol()).put("decimals", mint.decimals())
                    .put("token_program", mint.tokenProgram().toBase58()).put("per_million_in", Long.toString(price.perMillionIn())).put("per_million_out", Long.toString(price.perMillionOut()));
                if (model.product() instanceof Product.Service) {
                    each.put("per_call", Long.toString(price.charge(0, 1)));
                }
            });
        }
        var need = NodePool.Need.of(model.name(), model.modelId(), tier, switch (model.product()) {
            case Product.Chat _ -> new Work.Completion(0, 1);
            case Product.Vectors vectors -> Work.Vectors.any(vectors.dimensions());
            case Product.Service service -> Work.Call.any(service);
        });
        int able = 0;
        int formats = 0;
        int logprobs = 0;
        int capacity = 0;
        int busy = 0;
        for (ConnectedNode each : connected) {
            if (nodes.able(each, need)) {
                able++;
                formats += each.model(model.name()).filter(WireMessage.ModelOffer::formats).isPresent() ? 1 : 0;
                logprobs += each.model(model.name()).filter(offer -> offer.kind() instanceof ModelKind.Chat chat && chat.logprobs()).isPresent() ? 1 : 0;
                capacity += each.capacity();
                busy += each.inFlight();
            }
        }
        node.putObject("capacity").put("nodes", able).put("formats", formats).put("logprobs", logprobs).put("jobs", capacity).put("busy", busy);
        return node;
    }

    /// The nodes connected now, with the evidence that a client verifies by itself before it seals a prompt to one.
    void nodes(ServerRequest request, ServerResponse response) {
        ObjectNode root = object();
        ArrayNode list = root.putArray("nodes");
        nodes.all().stream().filter(node -> nodes.able(node)).sorted(Comparator.comparing(node -> node.hello().node().toBase58())).forEach(node -> list.add(node(node)));
        Http.json(response, 200, Json.bytes(root));
    }

    private static ObjectNode node(ConnectedNode connected) {
        WireMessage.Hello hello = connected.hello();
        ObjectNode node = object().put("node", hello.node().toBase58()).put("receipt_key", hello.receiptKey().toBase58()).put("capacity", connected.capacity())
            .put("busy", connected.inFlight());
        hello.sealingKey().ifPresentOrElse(key -> node.put("sealing_key", key.toBase58()), () -> node.putNull("sealing_key"));
        hello.sealing().ifPresent(key -> node.putObject("sealing").put("suite", key.suite().wireName()).put("key", Base64.getEncoder().encodeToString(key.bytes())));
        ArrayNode tiers = node.putArray("tiers");
        hello.tiers().forEach(tier -> tiers.add(tier.wireName()));
        ArrayNode models = node.putArray("models");
        hello.models().forEach(model -> {
            ObjectNode each = models.addObject().put("name", model.name()).put("model_id", model.id().hex()).put("engine", model.engine()).put("context_length", model.context());
            switch (model.kind()) {
                case ModelKind.Chat chat -> each.put("formats", chat.formats()).put("logprobs", chat.logprobs());
                case ModelKind.Embedding embedding -> each.put("dimensions", embedding.dimensions());
                case ModelKind.Service _ -> each.put("service", true);
            }
        });
        connected.attested().ifPresent(attested -> {
            WireMessage.Evidence evidence = attested.evidence();
            ObjectNode shown = node.putObject("evidence").put("kind", evidence.kind()).put("nonce", evidence.nonce().hex())
                .put("quote", Base64.getEncoder().encodeToString(evidence.quote())).put("until_ms", attested.until().toEpochMilli()).put("development", evidence.development());
            evidence.collateral().ifPresent(collateral -> shown.put("collateral", new String(collateral, StandardCharsets.UTF_8)));
            attested.devices().ifPresent(devices -> shown.put("devices", devices));
        });
        return node;
    }

    void job(ServerRequest request, ServerResponse response) {
        Hash id;
        try {
            id = Hash.fromHex(request.path().pathParameters().get("id"));
        } catch (ProtocolException e) {
            throw ApiException.badRequest("invalid_job_id", "id", e.getMessage());
        }
        Job job = jobs.find(id).orElseThrow(() -> ApiException.refused(404, "job_not_found", "no such job is known to this gateway"));
        Http.json(response, 200, Json.bytes(new JobView(jobs).of(job)));
    }

    void escrow(ServerRequest request, ServerResponse response) {
        PublicKey address = Json.key(object().put("address", request.path().pathParameters().get("address")), "address")
            .orElseThrow(() -> ApiException.badRequest("invalid_address", "address", "an escrow is named by its base58 address"));
        EscrowBalance balance = escrows.find(address).flatMap(_ -> balances.balance(address))
            .orElseThrow(() -> ApiException.refused(404, EscrowRules.UNKNOWN, "no such escrow of this market is known here; one just opened takes a moment"));
        Http.json(response, 200, Json.bytes(object().put("escrow", address.toBase58()).put("deposited", Long.toString(balance.deposited()))
            .put("settled", Long.toString(balance.settled())).put("used", Long.toString(balance.used())).put("reserved", Long.toString(balance.reserved()))
            .put("spendable", Long.toString(balance.spendable()))));
    }
}
