package network.nyxos.localnet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import software.sava.core.accounts.PublicKey;
import software.sava.core.encoding.Base58;

/**
 * Accounts as JSON, in one encoding.
 *
 * @param encoding base58, base64 or jsonParsed; empty: base58 in its old form, a bare string
 * @param slice    the part of the data wanted; empty: all
 * @param decimals of a mint, for jsonParsed
 */
record AccountJson(String encoding, Optional<RpcParams.Slice> slice, Function<PublicKey, OptionalInt> decimals) {

    private static final int BASE58_MAX_BYTES = 128;

    AccountJson {
        switch (encoding) {
            case "", "binary", "base58", "base64", "jsonParsed" -> { }
            case "base64+zstd" -> throw RpcException.invalidParams("encoding base64+zstd is not supported by this node; use base64");
            default -> throw RpcException.invalidParams("encoding must be base58, base64 or jsonParsed");
        }
    }

    JsonNode optional(Optional<ChainAccount> account) {
        return account.map(this::of).orElse(Json.NODES.nullNode());
    }

    JsonNode keyed(PublicKey address, ChainAccount account) {
        ObjectNode node = Json.object();
        node.set("account", of(account));
        return node.put("pubkey", address.toBase58());
    }

    JsonNode of(ChainAccount account) {
        ObjectNode node = Json.object();
        node.set("lamports", Json.u64(account.lamports()));
        node.set("data", data(account));
        node.put("owner", account.owner().toBase58()).put("executable", account.executable());
        node.set("rentEpoch", Json.u64(account.rentEpoch()));
        return node.put("space", account.data().length);
    }

    private JsonNode data(ChainAccount account) {
        if (encoding.equals("jsonParsed")) {
            Optional<JsonNode> parsed = TokenState.read(account.owner(), account.data()).flatMap(state -> parsed(account, state));
            if (parsed.isPresent()) {
                return parsed.get();
            }
        }
        byte[] bytes = slice.map(part -> sliced(account.data(), part)).orElse(account.data());
        if (encoding.equals("base64") || encoding.equals("jsonParsed")) {
            return Json.array().add(Base64.getEncoder().encodeToString(bytes)).add("base64");
        }
        if (bytes.length > BASE58_MAX_BYTES) {
            throw new RpcException(RpcException.INVALID_REQUEST,
                    "Encoded binary (base 58) data should be less than " + BASE58_MAX_BYTES + " bytes, please use Base64 encoding.");
        }
        String text = Base58.encode(bytes);
        return encoding.equals("base58") ? Json.array().add(text).add("base58") : Json.NODES.textNode(text);
    }

    private static byte[] sliced(byte[] data, RpcParams.Slice slice) {
        int from = Math.min(slice.offset(), data.length);
        return Arrays.copyOfRange(data, from, from + Math.min(slice.length(), data.length - from));
    }

    /** Empty for a holding whose mint is not there to tell its decimals. */
    private Optional<JsonNode> parsed(ChainAccount account, TokenState state) {
        Optional<ObjectNode> info = switch (state) {
            case TokenState.Mint mint -> Optional.of(mint(mint));
            case TokenState.Holding holding -> {
                OptionalInt known = decimals.apply(holding.mint());
                yield known.isEmpty() ? Optional.empty() : Optional.of(holding(holding, known.getAsInt()));
            }
        };
        return info.map(fields -> {
            ObjectNode node = Json.object().put("program", account.owner().equals(TokenState.TOKEN) ? "spl-token" : "spl-token-2022");
            ObjectNode parsed = node.putObject("parsed");
            parsed.set("info", fields);
            parsed.put("type", state instanceof TokenState.Mint ? "mint" : "account");
            return node.put("space", account.data().length);
        });
    }

    private static ObjectNode mint(TokenState.Mint mint) {
        ObjectNode info = Json.object().put("decimals", mint.decimals());
        info.put("freezeAuthority", mint.freezeAuthority().map(PublicKey::toBase58).orElse(null));
        info.put("isInitialized", true);
        info.put("mintAuthority", mint.authority().map(PublicKey::toBase58).orElse(null));
        return info.put("supply", Long.toUnsignedString(mint.supply()));
    }

    private static ObjectNode holding(TokenState.Holding holding, int decimals) {
        ObjectNode info = Json.object();
        holding.closeAuthority().ifPresent(key -> info.put("closeAuthority", key.toBase58()));
        holding.delegate().ifPresent(key -> {
            info.put("delegate", key.toBase58());
            info.set("delegatedAmount", Json.tokenAmount(holding.delegatedAmount(), decimals));
        });
        info.put("isNative", holding.rentReserve().isPresent());
        info.put("mint", holding.mint().toBase58()).put("owner", holding.owner().toBase58());
        holding.rentReserve().ifPresent(reserve -> info.set("rentExemptReserve", Json.tokenAmount(reserve, decimals)));
        info.put("state", holding.frozen() ? "frozen" : "initialized");
        info.set("tokenAmount", Json.tokenAmount(holding.amount(), decimals));
        return info;
    }
}
