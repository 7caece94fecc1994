package network.nyxos.localnet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import software.sava.core.accounts.PublicKey;
import software.sava.core.encoding.Base58;

/** Transactions as JSON. */
final class TransactionJson {

    private TransactionJson() {
    }

    /**
     * A transaction with its metadata, as getTransaction and getBlock give it.
     *
     * @param maxVersion the highest version the client reads; empty: legacy only
     */
    static ObjectNode of(ExecutedTransaction executed, String encoding, OptionalInt maxVersion) {
        WireTransaction tx = executed.parsed();
        if (tx.version().isPresent() && tx.version().getAsInt() > maxVersion.orElse(-1)) {
            throw new RpcException(RpcException.UNSUPPORTED_VERSION, "Transaction version (" + tx.version().getAsInt()
                    + ") is not supported by the requesting client. Please try the request again with the following"
                    + " configuration parameter: \"maxSupportedTransactionVersion\": " + tx.version().getAsInt());
        }
        ObjectNode node = Json.object();
        node.set("transaction", switch (encoding) {
            case "json" -> json(tx);
            case "jsonParsed" -> parsed(tx, executed.execution());
            case "base64" -> Json.array().add(Base64.getEncoder().encodeToString(tx.bytes())).add("base64");
            case "base58" -> Json.array().add(Base58.encode(tx.bytes())).add("base58");
            case "binary" -> Json.NODES.textNode(Base58.encode(tx.bytes()));
            default -> throw RpcException.invalidParams("encoding must be json, jsonParsed, base64 or base58");
        });
        node.set("meta", meta(tx, executed.execution(), encoding.equals("jsonParsed")));
        if (maxVersion.isPresent()) {
            if (tx.version().isPresent()) {
                node.put("version", tx.version().getAsInt());
            } else {
                node.put("version", "legacy");
            }
        }
        return node;
    }

    static JsonNode error(Optional<TransactionFailure> failure) {
        return failure.map(known -> Json.parse(known.json())).orElse(Json.NODES.nullNode());
    }

    static ArrayNode logs(Execution execution) {
        ArrayNode logs = Json.array();
        execution.logs().forEach(logs::add);
        return logs;
    }

    static JsonNode returnData(Execution execution) {
        return execution.returnData().<JsonNode>map(returned -> {
            ObjectNode node = Json.object().put("programId", returned.program().toBase58());
            node.putArray("data").add(Base64.getEncoder().encodeToString(returned.data())).add("base64");
            return node;
        }).orElse(Json.NODES.nullNode());
    }

    static ArrayNode inner(WireTransaction tx, Execution execution, boolean parse) {
        ArrayNode groups = Json.array();
        for (int index = 0; index < execution.inner().size(); index++) {
            List<Execution.InnerInstruction> group = execution.inner().get(index);
            if (group.isEmpty()) {
                continue;
            }
            ArrayNode instructions = groups.addObject().put("index", index).putArray("instructions");
            group.forEach(inner -> {
                WireTransaction.CompiledInstruction compiled =
                        new WireTransaction.CompiledInstruction(inner.program(), inner.accounts(), inner.data());
                instructions.add(parse
                        ? ParsedInstruction.of(addresses(tx, execution), compiled, inner.stackHeight())
                        : compiled(compiled, inner.stackHeight()));
            });
        }
        return groups;
    }

    private static ObjectNode meta(WireTransaction tx, Execution execution, boolean parse) {
        ObjectNode meta = Json.object();
        JsonNode error = error(execution.failure());
        meta.set("err", error);
        meta.putObject("status").set(error.isNull() ? "Ok" : "Err", error);
        meta.set("fee", Json.u64(execution.fee()));
        ArrayNode before = meta.putArray("preBalances");
        ArrayNode after = meta.putArray("postBalances");
        execution.accounts().forEach(account -> {
            before.add(Json.u64(account.lamportsBefore()));
            after.add(Json.u64(account.lamportsAfter()));
        });
        meta.set("innerInstructions", inner(tx, execution, parse));
        meta.set("logMessages", logs(execution));
        ArrayNode tokensBefore = meta.putArray("preTokenBalances");
        ArrayNode tokensAfter = meta.putArray("postTokenBalances");
        for (int index = 0; index < execution.accounts().size(); index++) {
            addTokenBalance(tokensBefore, index, execution.accounts().get(index).tokensBefore());
            addTokenBalance(tokensAfter, index, execution.accounts().get(index).tokensAfter());
        }
        meta.putArray("rewards");
        if (!parse) {
            ObjectNode loaded = meta.putObject("loadedAddresses");
            ArrayNode writable = loaded.putArray("writable");
            ArrayNode readonly = loaded.putArray("readonly");
            List<PublicKey> addresses = addresses(tx, execution);
            for (int index = tx.accountKeys().size(); index < addresses.size(); index++) {
                (tx.isWritable(index, execution.loadedWritable()) ? writable : readonly).add(addresses.get(index).toBase58());
            }
        }
        execution.returnData().ifPresent(returned -> meta.set("returnData", returnData(execution)));
        meta.set("computeUnitsConsumed", Json.u64(execution.computeUnits()));
        return meta;
    }

    private static void addTokenBalance(ArrayNode balances, int index, Optional<TokenBalance> balance) {
        balance.ifPresent(known -> {
            ObjectNode node = balances.addObject().put("accountIndex", index).put("mint", known.mint().toBase58());
            node.put("owner", known.owner().toBase58()).put("programId", known.program().toBase58());
            node.set("uiTokenAmount", Json.tokenAmount(known.amount(), known.decimals()));
        });
    }

    private static ObjectNode json(WireTransaction tx) {
        ObjectNode node = withSignatures(tx);
        ObjectNode message = node.putObject("message");
        message.putObject("header")
                .put("numRequiredSignatures", tx.header().signers())
                .put("numReadonlySignedAccounts", tx.header().readonlySigners())
                .put("numReadonlyUnsignedAccounts", tx.header().readonlyOthers());
        ArrayNode keys = message.putArray("accountKeys");
        tx.accountKeys().forEach(key -> keys.add(key.toBase58()));
        message.put("recentBlockhash", tx.blockhash());
        ArrayNode instructions = message.putArray("instructions");
        tx.instructions().forEach(instruction -> instructions.add(compiled(instruction, 1)));
        addLookups(message, tx);
        return node;
    }

    private static ObjectNode parsed(WireTransaction tx, Execution execution) {
        ObjectNode node = withSignatures(tx);
        ObjectNode message = node.putObject("message");
        ArrayNode keys = message.putArray("accountKeys");
        List<PublicKey> addresses = addresses(tx, execution);
        for (int index = 0; index < addresses.size(); index++) {
            keys.addObject().put("pubkey", addresses.get(index).toBase58())
                    .put("signer", tx.isSigner(index))
                    .put("source", index < tx.accountKeys().size() ? "transaction" : "lookupTable")
                    .put("writable", tx.isWritable(index, execution.loadedWritable()));
        }
        message.put("recentBlockhash", tx.blockhash());
        ArrayNode instructions = message.putArray("instructions");
        tx.instructions().forEach(instruction -> instructions.add(ParsedInstruction.of(addresses, instruction, 1)));
        addLookups(message, tx);
        return node;
    }

    private static ObjectNode withSignatures(WireTransaction tx) {
        ObjectNode node = Json.object();
        ArrayNode signatures = node.putArray("signatures");
        tx.signatures().forEach(signature -> signatures.add(Base58.encode(signature)));
        return node;
    }

    private static void addLookups(ObjectNode message, WireTransaction tx) {
        if (tx.version().isEmpty()) {
            return;
        }
        ArrayNode lookups = message.putArray("addressTableLookups");
        tx.lookups().forEach(lookup -> {
            ObjectNode node = lookups.addObject().put("accountKey", lookup.table().toBase58());
            node.set("writableIndexes", indexes(lookup.writable()));
            node.set("readonlyIndexes", indexes(lookup.readonly()));
        });
    }

    private static ObjectNode compiled(WireTransaction.CompiledInstruction instruction, int stackHeight) {
        ObjectNode node = Json.object().put("programIdIndex", instruction.program());
        node.set("accounts", indexes(instruction.accounts()));
        return node.put("data", Base58.encode(instruction.data())).put("stackHeight", stackHeight);
    }

    private static ArrayNode indexes(byte[] indexes) {
        ArrayNode node = Json.array();
        for (byte index : indexes) {
            node.add(Byte.toUnsignedInt(index));
        }
        return node;
    }

    private static List<PublicKey> addresses(WireTransaction tx, Execution execution) {
        return execution.accounts().isEmpty() ? tx.accountKeys()
                : execution.accounts().stream().map(Execution.AccountEffect::address).toList();
    }
}
