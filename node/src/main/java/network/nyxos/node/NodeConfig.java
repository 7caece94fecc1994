package network.nyxos.node;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.node.link.LinkTiming;
import network.nyxos.node.link.Peer;
import software.sava.core.accounts.PublicKey;

/**
 * What a node is told.
 *
 * @param gateways    who gives it work; at least one
 * @param relayer     who takes its receipts
 * @param tiers       what it serves; at least one
 * @param capacity    jobs at a time, at least 1
 * @param data        its folder; the receipt outbox is {@code outbox} in it
 * @param prices      mints it is paid in and the least it asks for in each; empty: any mint at any price
 * @param embeddingPrices the same for embedding models, where they have prices of their own; empty: {@code prices}
 * @param servicePrices by the names of services, the mints that they are paid in and the least base units for a call; empty: any mint at any price
 * @param timing      how patient its links are
 * @param resend      how long an unacknowledged receipt waits before it is sent again
 * @param revealIds   most token ids kept in memory for the relayer's sample
 */
public record NodeConfig(List<Peer> gateways, Peer relayer, Set<Tier> tiers, int capacity, Path data, Map<PublicKey, Price> prices,
        Map<PublicKey, Price> embeddingPrices, Map<String, Map<PublicKey, Long>> servicePrices, LinkTiming timing, Duration resend, long revealIds) {
    public NodeConfig {
        gateways = List.copyOf(gateways);
        tiers = Set.copyOf(tiers);
        prices = Map.copyOf(prices);
        embeddingPrices = Map.copyOf(embeddingPrices);
        servicePrices = servicePrices.entrySet().stream().collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, each -> Map.copyOf(each.getValue())));
        if (gateways.isEmpty() || gateways.stream().anyMatch(peer -> peer.role() != Peer.Role.GATEWAY)) {
            throw new IllegalArgumentException("a node needs at least one gateway");
        }
        if (relayer.role() != Peer.Role.RELAYER) {
            throw new IllegalArgumentException("the relayer's address is a gateway's");
        }
        if (tiers.isEmpty()) {
            throw new IllegalArgumentException("a node serves at least one tier");
        }
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity must be at least 1, is " + capacity);
        }
        if (resend.isNegative() || resend.isZero() || revealIds < 1) {
            throw new IllegalArgumentException("resend and revealIds must be positive");
        }
    }

    /** Starts a configuration. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads a configuration. Keys: {@code gateway.url} and {@code gateway.key} (comma-separated lists of equal length),
     * {@code relayer.url}, {@code relayer.key}, {@code tiers} (comma-separated; default {@code open}), {@code capacity}
     * (default 2), {@code data}, {@code prices} (comma-separated {@code mint:in:out}, base units per million tokens),
     * {@code embedding-prices} (comma-separated {@code mint:in}), {@code service-prices} (comma-separated {@code service:mint:units}, base units a call),
     * {@code resend-seconds} (default 15), {@code reveal-ids} (default 4 000 000).
     *
     * @throws IllegalArgumentException naming the key
     */
    public static NodeConfig of(Map<String, String> properties) {
        Builder builder = builder();
        List<String> urls = list(required(properties, "gateway.url"));
        List<String> keys = list(required(properties, "gateway.key"));
        if (urls.size() != keys.size()) {
            throw new IllegalArgumentException("gateway.url names " + urls.size() + " gateways, gateway.key " + keys.size());
        }
        for (int i = 0; i < urls.size(); i++) {
            builder.gateway(URI.create(urls.get(i)), key("gateway.key", keys.get(i)));
        }
        builder.relayer(URI.create(required(properties, "relayer.url")), key("relayer.key", required(properties, "relayer.key")));
        builder.data(Path.of(required(properties, "data")));
        Optional.ofNullable(properties.get("tiers")).ifPresent(text -> {
            EnumSet<Tier> tiers = EnumSet.noneOf(Tier.class);
            list(text).forEach(name -> tiers.add(Tier.ofWireName(name)));
            builder.tiers(tiers);
        });
        Optional.ofNullable(properties.get("capacity")).ifPresent(text -> builder.capacity((int) number("capacity", text)));
        Optional.ofNullable(properties.get("resend-seconds")).ifPresent(text -> builder.resend(Duration.ofSeconds(number("resend-seconds", text))));
        Optional.ofNullable(properties.get("reveal-ids")).ifPresent(text -> builder.revealIds(number("reveal-ids", text)));
        for (String price : list(properties.getOrDefault("prices", ""))) {
            String[] parts = price.split(":");
            if (parts.length != 3) {
                throw new IllegalArgumentException("prices takes mint:in:out, not '" + price + "'");
            }
            builder.price(key("prices", parts[0]), new Price(number("prices", parts[1]), number("prices", parts[2])));
        }
        for (String price : list(properties.getOrDefault("embedding-prices", ""))) {
            String[] parts = price.split(":");
            if (parts.length != 2) {
                throw new IllegalArgumentException("embedding-prices takes mint:in, not '" + price + "'");
            }
            builder.embeddingPrice(key("embedding-prices", parts[0]), number("embedding-prices", parts[1]));
        }
        for (String price : list(properties.getOrDefault("service-prices", ""))) {
            String[] parts = price.split(":");
            if (parts.length != 3) {
                throw new IllegalArgumentException("service-prices takes service:mint:units, not '" + price + "'");
            }
            builder.servicePrice(parts[0], key("service-prices", parts[1]), number("service-prices", parts[2]));
        }
        return builder.build();
    }

    private static String required(Map<String, String> properties, String key) {
        String value = properties.get(key);
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("configuration lacks " + key);
        }
        return value.strip();
    }

    private static List<String> list(String text) {
        return Arrays.stream(text.split(",")).map(String::strip).filter(part -> !part.isEmpty()).toList();
    }

    private static PublicKey key(String name, String text) {
        try {
            return PublicKey.fromBase58Encoded(text);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(name + ": '" + text + "' is not a key in base58", e);
        }
    }

    private static long number(String name, String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + ": '" + text + "' is not a whole number", e);
        }
    }

    /** Builds a configuration step by step. */
    public static final class Builder {
        private final List<Peer> gateways = new ArrayList<>();
        private Optional<Peer> relayer = Optional.empty();
        private Set<Tier> tiers = Set.of(Tier.OPEN);
        private int capacity = 2;
        private Optional<Path> data = Optional.empty();
        private final Map<PublicKey, Price> prices = new HashMap<>();
        private final Map<PublicKey, Price> embeddingPrices = new HashMap<>();
        private final Map<String, Map<PublicKey, Long>> servicePrices = new HashMap<>();
        private LinkTiming timing = LinkTiming.STANDARD;
        private Duration resend = Duration.ofSeconds(15);
        private long revealIds = 4_000_000;

        private Builder() {
        }

        /** Adds a gateway. */
        public Builder gateway(URI uri, PublicKey key) {
            gateways.add(new Peer(Peer.Role.GATEWAY, uri, key));
            return this;
        }

        /** Sets the relayer. */
        public Builder relayer(URI uri, PublicKey key) {
            relayer = Optional.of(new Peer(Peer.Role.RELAYER, uri, key));
            return this;
        }

        /** Sets the tiers served; {@code open} otherwise. */
        public Builder tiers(Set<Tier> value) {
            tiers = value;
            return this;
        }

        /** Sets how many jobs run at a time; 2 otherwise. */
        public Builder capacity(int value) {
            capacity = value;
            return this;
        }

        /** Sets the node's folder. */
        public Builder data(Path value) {
            data = Optional.of(value);
            return this;
        }

        /** Accepts a mint from this price on. */
        public Builder price(PublicKey mint, Price least) {
            prices.put(mint, least);
            return this;
        }

        /** Accepts a mint for embeddings from this price of a million tokens on. */
        public Builder embeddingPrice(PublicKey mint, long least) {
            embeddingPrices.put(mint, new Price(least, 0));
            return this;
        }

        /** Accepts a mint for calls of a service from this many base units on. */
        public Builder servicePrice(String service, PublicKey mint, long least) {
            servicePrices.computeIfAbsent(service, _ -> new HashMap<>()).put(mint, least);
            return this;
        }

        /** Sets how patient links are. */
        public Builder timing(LinkTiming value) {
            timing = value;
            return this;
        }

        /** Sets how long an unacknowledged receipt waits. */
        public Builder resend(Duration value) {
            resend = value;
            return this;
        }

        /** Sets how many token ids are kept for reveals. */
        public Builder revealIds(long value) {
            revealIds = value;
            return this;
        }

        /** The configuration. */
        public NodeConfig build() {
            return new NodeConfig(gateways, relayer.orElseThrow(() -> new IllegalArgumentException("a node needs a relayer")), tiers, capacity,
                    data.orElseThrow(() -> new IllegalArgumentException("a node needs a data folder")), prices, embeddingPrices, servicePrices, timing, resend, revealIds);
        }
    }
}
