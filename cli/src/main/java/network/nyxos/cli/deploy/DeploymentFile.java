package network.nyxos.cli.deploy;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.RegistryCalls;
import software.sava.core.accounts.PublicKey;

/**
 * A deployment as it is meant to be: Java properties, the keys as docs/operations.md lists them.
 *
 * @param cluster   genesis hash; everything else is refused on another cluster
 * @param programs  the two ids
 * @param hashes    what the programs' code must have, by name; empty: what SHA256SUMS says
 * @param upgrades  who holds the upgrade authority of both
 * @param registry  the registry
 * @param creator   the market's creator
 * @param market    the market; its least bond of who posts is in {@code posters}
 * @param posters   what who posts batches has at stake
 * @param mints     that the market has pools for
 */
record DeploymentFile(Hash cluster, Programs programs, Hashes hashes, Upgrades upgrades, Registry registry, PublicKey creator, MarketCalls.Terms market, Posters posters, List<PublicKey> mints) {

    /** What the programs' code must have; empty: what SHA256SUMS says. */
    record Hashes(Optional<Hash> registry, Optional<Hash> escrow) {
    }

    /**
     * Who holds the upgrade authority.
     *
     * @param stated    whether the file says anything about it
     * @param authority empty where it says that nobody does
     */
    record Upgrades(boolean stated, Optional<PublicKey> authority) {
    }

    /**
     * A registry.
     *
     * @param minBond of a node, a decimal amount of the bond mint
     * @param minValidatorBond of a validator, likewise
     * @param answerSlots for each move of a dispute; 0: no disputes
     */
    record Registry(int id, PublicKey creator, PublicKey authority, PublicKey bondMint, String minBond, String minValidatorBond, long unbondingSlots, int threshold, List<PublicKey> verifiers,
                    long answerSlots) {
    }

    /**
     * What who posts batches has at stake.
     *
     * @param minBond a decimal amount of the bond mint; 0 asks for none
     */
    record Posters(PublicKey bondMint, String minBond) {
    }

    private static final Set<String> KEYS = Set.of("cluster", "programs.registry", "programs.escrow", "programs.registry.sha256", "programs.escrow.sha256", "programs.authority",
            "registry.id", "registry.creator", "registry.authority", "registry.bond-mint", "registry.min-bond", "registry.min-validator-bond", "registry.unbonding-slots", "registry.threshold",
            "registry.verifiers", "registry.answer-slots", "market.id", "market.creator", "market.authority", "market.operator", "market.treasury", "market.fee-bps", "market.challenge-slots",
            "market.exit-slots", "market.direct-slots", "market.bond-mint", "market.min-poster-bond", "market.threshold", "market.verifiers", "market.gateways", "market.mints");
    private static final long MOST_SLOTS = 1L << 40;

    /**
     * Reads a file.
     *
     * @throws StackException {@code config_unreadable}, {@code config_key_unknown}, {@code config_missing}, {@code config_invalid}, {@code key_malformed}
     */
    static DeploymentFile read(Path file) {
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new StackException("config_unreadable", "the deployment " + file + " cannot be read as properties");
        }
        var unknown = new TreeSet<>(properties.stringPropertyNames());
        unknown.removeAll(KEYS);
        if (!unknown.isEmpty()) {
            throw new StackException("config_key_unknown", "the deployment has keys that mean nothing: " + String.join(", ", unknown));
        }
        return new Fields(properties).deployment();
    }

    /** The registry's account. */
    PublicKey registryConfig() {
        return programs.config(registry.creator(), registry.id());
    }

    /** The market's account. */
    PublicKey marketAddress() {
        return programs.market(cluster, creator, market.id());
    }

    /** Reads single values. */
    private record Fields(Properties values) {

        DeploymentFile deployment() {
            Hash cluster = hash("cluster", Hash::fromBase58);
            String upgrades = values.getProperty("programs.authority", "").strip();
            var registry = new Registry(number("registry.id", 0, 65_535).intValue(), key("registry.creator"), key("registry.authority"), key("registry.bond-mint"),
                    text("registry.min-bond"), text("registry.min-validator-bond"), number("registry.unbonding-slots", RegistryCalls.MIN_UNBONDING_SLOTS,
                    RegistryCalls.MAX_UNBONDING_SLOTS), threshold("registry"), verifiers("registry"), answerSlots());
            var market = new MarketCalls.Terms(number("market.id", 0, 65_535).intValue(), cluster, key("market.authority"), key("market.operator"), key("market.treasury"),
                    number("market.fee-bps", 0, 2_000).intValue(), number("market.challenge-slots", 0, MOST_SLOTS), number("market.exit-slots", 150, MOST_SLOTS),
                    number("market.direct-slots", 0, MOST_SLOTS), 0, threshold("market"), verifiers("market"), gateways());
            // The program asks the same; here the message says what to change.
            if (registry.unbondingSlots() / 2 < market.challengeSlots()) {
                throw new StackException("config_invalid", "registry.unbonding-slots is " + registry.unbondingSlots() + ", must be at least twice market.challenge-slots, "
                        + market.challengeSlots());
            }
            return new DeploymentFile(cluster, new Programs(key("programs.registry"), key("programs.escrow")),
                    new Hashes(optionalHash("programs.registry.sha256"), optionalHash("programs.escrow.sha256")),
                    new Upgrades(!upgrades.isEmpty(), upgrades.isEmpty() || upgrades.equals("none") ? Optional.empty() : Optional.of(key("programs.authority"))), registry,
                    key("market.creator"), market, new Posters(key("market.bond-mint"), text("market.min-poster-bond")), keys("market.mints"));
        }

        private String text(String name) {
            String value = values.getProperty(name, "").strip();
            if (value.isEmpty()) {
                throw new StackException("config_missing", "the deployment lacks " + name);
            }
            return value;
        }

        private PublicKey key(String name) {
            return Attachment.key(name, text(name));
        }

        private List<PublicKey> keys(String name) {
            List<PublicKey> keys = Arrays.stream(text(name).split(",")).map(part -> Attachment.key(name, part)).toList();
            if (new HashSet<>(keys).size() != keys.size()) {
                throw new StackException("config_invalid", name + " names a key twice");
            }
            return keys;
        }

        private List<PublicKey> verifiers(String of) {
            List<PublicKey> verifiers = keys(of + ".verifiers");
            if (verifiers.size() > 7) {
                throw new StackException("config_invalid", of + ".verifiers has " + verifiers.size() + " keys, 7 is the most");
            }
            return verifiers;
        }

        /** Nobody, where none is named: then no node settles by itself. */
        private List<PublicKey> gateways() {
            List<PublicKey> gateways = values.getProperty("market.gateways", "").isBlank() ? List.of() : keys("market.gateways");
            if (gateways.size() > MarketCalls.MAX_GATEWAYS) {
                throw new StackException("config_invalid", "market.gateways has " + gateways.size() + " keys, " + MarketCalls.MAX_GATEWAYS + " is the most");
            }
            return gateways;
        }

        /** No disputes, where the file does not say how long a move may take. */
        private long answerSlots() {
            String name = "registry.answer-slots";
            if (values.getProperty(name, "0").strip().equals("0")) {
                return 0;
            }
            return number(name, RegistryCalls.MIN_ANSWER_SLOTS, RegistryCalls.MAX_ANSWER_SLOTS);
        }

        private int threshold(String of) {
            return number(of + ".threshold", 1, verifiers(of).size()).intValue();
        }

        private Long number(String name, long least, long most) {
            String text = text(name);
            long value;
            try {
                value = Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw new StackException("config_invalid", name + " is a whole number, not '" + text + "'");
            }
            if (value < least || value > most) {
                throw new StackException("config_invalid", name + " is " + least + " to " + most + ", not " + value);
            }
            return value;
        }

        private Optional<Hash> optionalHash(String name) {
            return values.containsKey(name) ? Optional.of(hash(name, Hash::fromHex)) : Optional.empty();
        }

        private Hash hash(String name, java.util.function.Function<String, Hash> read) {
            try {
                return read.apply(text(name));
            } catch (ProtocolException e) {
                throw new StackException("config_invalid", name + ": " + e.getMessage());
            }
        }
    }
}
