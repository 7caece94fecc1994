package network.nyxos.cli.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.List;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.program.registry.Model;

/**
 * A model as the registry has it.
 *
 * @param slot the chain's
 */
record Published(Model account, long slot) {

    /** The most that a publisher may ask for. */
    static final int MOST_ROYALTY = 3_000;
    private static final int MEASUREMENT_BYTES = 48;
    private static final int MOST_MEASUREMENTS = 4;
    private static final int ACTIVE = 1;

    /** @throws StackException {@code model_unknown} */
    static Published of(ChainSession chain, Hash id) {
        var registry = chain.registry();
        return chain.owned(chain.programs().model(registry.config(), id), chain.programs().registry()).map(account -> new Published(Model.decode(account.data()), chain.slot()))
                .orElseThrow(() -> new StackException("model_unknown", "model " + id + " is not in registry " + registry.config()));
    }

    /** @throws StackException {@code model_retired}, {@code publisher_other} */
    void changeableBy(Keypair publisher) {
        if (!isActive()) {
            throw new StackException("model_retired", "model " + account.modelId() + " is retired, for good");
        }
        if (!account.publisher().equals(publisher.publicKey())) {
            throw new StackException("publisher_other", "model " + account.modelId() + " is " + account.publisher() + "'s, the wallet is " + publisher.publicKey());
        }
    }

    boolean isActive() {
        return account.state() == ACTIVE;
    }

    /** Whether a higher royalty was announced whose slot has not come. */
    boolean isRaising() {
        return account.pendingSlot() != 0 && slot < account.pendingSlot();
    }

    /** The royalty in force. */
    int royalty() {
        return account.pendingSlot() != 0 && slot >= account.pendingSlot() ? account.pendingRoyaltyBps() : account.royaltyBps();
    }

    List<Measurement> measurements() {
        return account.measurements().subList(0, account.measurementCount());
    }

    Sheet sheet() {
        ArrayNode measured = JsonNodeFactory.instance.arrayNode();
        measurements().forEach(each -> measured.add(HexFormat.of().formatHex(each.bytes())));
        var sheet = new Sheet().put("model", account.modelId().hex()).put("state", isActive() ? "active" : "retired").put("publisher", account.publisher()).put("payee", account.payee())
                .put("royalty", royalty(), percent(royalty()));
        if (isRaising()) {
            sheet.put("announced", account.pendingRoyaltyBps(), percent(account.pendingRoyaltyBps()) + " from " + Slots.from(account.pendingSlot(), slot))
                    .put("announced from", account.pendingSlot(), Long.toString(account.pendingSlot()));
        }
        sheet.put("measurements", measured, measured.isEmpty() ? "any" : "one of " + measured.size());
        measured.forEach(each -> sheet.line("", each.asText()));
        return sheet.put("published", account.registeredSlot(), "in slot " + account.registeredSlot());
    }

    /** Basis points as a percentage: {@code 2.50 %}. */
    static String percent(int bps) {
        return BigDecimal.valueOf(bps, 2).toPlainString() + " %";
    }

    /** @throws StackException {@code royalty_range} */
    static int royalty(int bps) {
        if (bps < 0 || bps > MOST_ROYALTY) {
            throw new StackException("royalty_range", "--royalty-bps is 0 to " + MOST_ROYALTY + ", not " + bps);
        }
        return bps;
    }

    /** @throws StackException {@code measurement_malformed} */
    static List<Measurement> measurements(List<String> texts) {
        List<Measurement> all = texts.stream().map(Published::measurement).toList();
        if (all.size() > MOST_MEASUREMENTS || all.stream().distinct().count() != all.size()) {
            throw new StackException("measurement_malformed", "a model has at most " + MOST_MEASUREMENTS + " measurements, each once");
        }
        return all;
    }

    private static Measurement measurement(String text) {
        try {
            byte[] bytes = HexFormat.of().parseHex(text);
            if (bytes.length == MEASUREMENT_BYTES) {
                return new Measurement(bytes);
            }
        } catch (IllegalArgumentException e) {
            // Told below, with what is right.
        }
        throw new StackException("measurement_malformed", "--measurement takes " + 2 * MEASUREMENT_BYTES + " hex digits, not '" + text + "'");
    }
}
