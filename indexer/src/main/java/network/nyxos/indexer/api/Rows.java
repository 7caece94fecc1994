package network.nyxos.indexer.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.AttestationKind;
import network.nyxos.escrow.tree.CreditKind;

/// Gives rows their public form: names instead of codes, the symbols that the configuration gives to mints, and the attestation record with what it is
/// worth.
public final class Rows {
    private final Map<String, String> symbols;
    private final boolean developmentAttestation;
    private final Supplier<OptionalLong> slot;

    /// @param symbols by mint
    /// @param developmentAttestation whether attestations here are under a development root
    /// @param slot the current slot
    public Rows(Map<String, String> symbols, boolean developmentAttestation, Supplier<OptionalLong> slot) {
        this.symbols = Map.copyOf(symbols);
        this.developmentAttestation = developmentAttestation;
        this.slot = slot;
    }

    ArrayNode each(ArrayNode rows) {
        rows.forEach(row -> one((ObjectNode) row));
        return rows;
    }

    ObjectNode one(ObjectNode row) {
        symbol(row, "mint", "symbol");
        symbol(row, "bondMint", "bondSymbol");
        if (row.has("kindCode")) {
            row.put("kind", CreditKind.ofCode(row.remove("kindCode").intValue()).wireName());
        }
        if (row.has("tierBits")) {
            int bits = row.remove("tierBits").intValue();
            ArrayNode tiers = row.putArray("tiers");
            for (Tier tier : Tier.values()) {
                if ((bits & tier.code()) != 0) {
                    tiers.add(tier.wireName());
                }
            }
            attestation(row);
        }
        return row;
    }

    private void symbol(ObjectNode row, String mint, String name) {
        String symbol = symbols.get(row.path(mint).asText());
        if (symbol != null) {
            row.put(name, symbol);
        }
    }

    private void attestation(ObjectNode row) {
        int kind = row.remove("attestationKind").intValue();
        JsonNode expiry = row.remove("attestationExpirySlot");
        JsonNode quoteHash = row.remove("attestationQuoteHash");
        JsonNode measurement = row.remove("attestationMeasurement");
        if (kind == 0) {
            row.putNull("attestation");
            return;
        }
        ObjectNode attestation = row.putObject("attestation");
        attestation.put("kind", AttestationKind.ofCode(kind).map(AttestationKind::wireName).orElse("kind-" + kind)).put("development", developmentAttestation);
        attestation.set("expirySlot", expiry);
        slot.get().ifPresent(now -> attestation.put("expired", new BigInteger(expiry.textValue()).compareTo(BigInteger.valueOf(now)) < 0));
        attestation.set("quoteHash", quoteHash);
        attestation.set("measurement", measurement);
    }
}
