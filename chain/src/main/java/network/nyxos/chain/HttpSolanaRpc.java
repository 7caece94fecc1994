package network.nyxos.chain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.token.TokenAccounts;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.SignedTransaction;
import network.nyxos.escrow.transaction.WireTransaction;
import software.sava.core.accounts.PublicKey;
import software.sava.core.encoding.Base58;

/// JSON-RPC over HTTP.
final class HttpSolanaRpc implements SolanaRpc {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int ACCOUNTS_A_QUESTION = 100;
    private static final int STATUSES_A_QUESTION = 256;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    /// JSON-RPC errors that say "not now" and not "no": node behind, block not yet available, too many requests.
    private static final List<Long> NOT_NOW = List.of(-32005L, -32004L, -32014L, -32016L, 429L);

    private final URI url;
    private final Options options;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http;
    private final AtomicLong ids = new AtomicLong();

    HttpSolanaRpc(URI url, Options options) {
        this.url = url;
        this.options = options;
        this.http = HttpClient.newBuilder().connectTimeout(options.timeout()).executor(executor).build();
    }

    // --- asking ------------------------------------------------------------------------------------------------------

    private JsonNode ask(String method, ArrayNode params) {
        return ask(method, params, options.attempts());
    }

    private JsonNode ask(String method, ArrayNode params, int attempts) {
        byte[] body = NODES.objectNode().put("jsonrpc", "2.0").put("id", ids.incrementAndGet()).put("method", method).<ObjectNode>set("params", params).toString()
            .getBytes(StandardCharsets.UTF_8);
        RpcException.Unreachable last = null;
        for (int attempt = 0; attempt < attempts; attempt++) {
            if (attempt > 0) {
                pause(attempt);
            }
            try {
                return once(method, body);
            } catch (RpcException.Unreachable e) {
                last = e;
            }
        }
        throw last == null ? new IllegalArgumentException("attempts must be 1 or more") : last;
    }

    private static void pause(int attempt) {
        long longest = FIRST_PAUSE.toMillis() << Math.min(attempt - 1, 6);
        try {
            Thread.sleep(longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RpcException.Unreachable("interrupted", e);
        }
    }

    private JsonNode once(String method, byte[] body) {
        HttpRequest request = HttpRequest.newBuilder(url).timeout(options.timeout()).header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
        int status;
        byte[] answer;
        try {
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            status = response.statusCode();
            try (InputStream stream = response.body()) {
                answer = stream.readNBytes(MAX_ANSWER + 1);
            }
        } catch (IOException e) {
            throw new RpcException.Unreachable(method + ": no answer from " + url + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RpcException.Unreachable(method + ": interrupted", e);
        }
        if (status == 429 || status >= 500) {
            throw new RpcException.Unreachable(method + ": " + url + " answered with status " + status, null);
        }
        if (answer.length > MAX_ANSWER) {
            throw new RpcException.Malformed(method + ": the answer has more than " + MAX_ANSWER + " bytes", null);
        }
        return result(method, status, answer);
    }

    private static JsonNode result(String method, int status, byte[] answer) {
        JsonNode root;
        try {
            root = JSON.readTree(answer);
        } catch (IOException e) {
            throw new RpcException.Malformed(method + ": status " + status + " and an answer that is not JSON", e);
        }
        JsonNode error = root.path("error");
        if (error.isObject()) {
            long number = error.path("code").asLong();
            String message = method + ": " + error.path("message").asText() + (error.has("data") ? " " + error.get("data") : "");
            if (NOT_NOW.contains(number)) {
                throw new RpcException.Unreachable(message, null);
            }
            throw new RpcException.Refused(number, message);
        }
        if (!root.has("result")) {
            throw new RpcException.Malformed(method + ": status " + status + " and an answer without result", null);
        }
        return root.get("result");
    }

    /// Reads an answer; whatever is missing or of another type in it makes the whole answer malformed.
    private static <T> T reading(String method, JsonNode node, Function<JsonNode, T> read) {
        try {
            return read.apply(node);
        } catch (RpcException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new RpcException.Malformed(method + ": the answer is not what it should be: " + e.getMessage(), e);
        }
    }

    private static ArrayNode params() {
        return NODES.arrayNode();
    }

    private static ObjectNode at(Commitment commitment) {
        return NODES.objectNode().put("commitment", commitment.wireName());
    }

    private static long number(JsonNode node) {
        if (!node.isIntegralNumber()) {
            throw new IllegalArgumentException("a whole number is missing");
        }
        return node.longValue();
    }

    private static String text(JsonNode node) {
        if (!node.isTextual()) {
            throw new IllegalArgumentException("a text is missing");
        }
        return node.textValue();
    }

    private static PublicKey key(JsonNode node) {
        return PublicKey.fromBase58Encoded(text(node));
    }

    private static OptionalLong optionalNumber(JsonNode node) {
        return node.isIntegralNumber() ? OptionalLong.of(node.longValue()) : OptionalLong.empty();
    }

    private static Optional<TransactionError> error(JsonNode err) {
        return err.isNull() || err.isMissingNode() ? Optional.empty() : Optional.of(TransactionError.read(err));
    }

    private static <T> List<T> list(JsonNode array, Function<JsonNode, T> read) {
        var list = new ArrayList<T>(array.size());
        array.forEach(element -> list.add(read.apply(element)));
        return list;
    }

    private static JsonNode required(JsonNode parent, String name) {
        JsonNode node = parent.get(name);
        if (node == null) {
            throw new IllegalArgumentException("'" + name + "' is missing");
        }
        return node;
    }

    // --- the chain ---------------------------------------------------------------------------------------------------

    @Override
    public Hash genesisHash() {
        return reading("getGenesisHash", ask("getGenesisHash", params()), node -> Hash.fromBase58(text(node)));
    }

    @Override
    public LatestBlockhash latestBlockhash(Commitment commitment) {
        return reading("getLatestBlockhash", ask("getLatestBlockhash", params().add(at(commitment))), node -> new LatestBlockhash(
            Hash.fromBase58(text(node.path("value").path("blockhash"))), number(node.path("value").path("lastValidBlockHeight")), contextSlot(node)));
    }

    private static long contextSlot(JsonNode node) {
        return number(node.path("context").path("slot"));
    }

    @Override
    public boolean isBlockhashValid(Hash blockhash, Commitment commitment) {
        return reading("isBlockhashValid", ask("isBlockhashValid", params().add(blockhash.base58()).add(at(commitment))), node -> required(node, "value").asBoolean());
    }

    @Override
    public long slot(Commitment commitment) {
        return reading("getSlot", ask("getSlot", params().add(at(commitment))), HttpSolanaRpc::number);
    }

    @Override
    public long blockHeight(Commitment commitment) {
        return reading("getBlockHeight", ask("getBlockHeight", params().add(at(commitment))), HttpSolanaRpc::number);
    }

    @Override
    public Optional<Block> block(long slot, Commitment commitment) {
        JsonNode answer;
        try {
            answer = ask("getBlock", params().add(slot).add(at(commitment).put("transactionDetails", "none").put("rewards", false)
                .put("maxSupportedTransactionVersion", 0)));
        } catch (RpcException.Refused e) {
            // -32007 and -32009: the slot was skipped or is beyond what the node keeps.
            if (e.number() == -32007 || e.number() == -32009) {
                return Optional.empty();
            }
            throw e;
        }
        return reading("getBlock", answer, node -> node.isNull() ? Optional.empty() : Optional.of(new Block(slot, Hash.fromBase58(text(node.path("blockhash"))),
            number(node.path("parentSlot")), optionalNumber(node.path("blockHeight")), optionalNumber(node.path("blockTime")))));
    }

    @Override
    public List<Long> blocks(long from, long to, Commitment commitment) {
        return reading("getBlocks", ask("getBlocks", params().add(from).add(to).add(at(commitment))), node -> list(node, HttpSolanaRpc::number));
    }

    @Override
    public long minimumRent(int bytes) {
        return reading("getMinimumBalanceForRentExemption", ask("getMinimumBalanceForRentExemption", params().add(bytes)), HttpSolanaRpc::number);
    }

    // --- accounts ----------------------------------------------------------------------------------------------------

    private static Account account(PublicKey address, JsonNode node, long slot) {
        return new Account(address, key(node.path("owner")), required(node, "lamports").longValue(), Base64.getDecoder().decode(text(node.path("data").path(0))),
            required(node, "executable").asBoolean(), slot);
    }

    @Override
    public Optional<Account> account(PublicKey address, Commitment commitment) {
        return reading("getAccountInfo", ask("getAccountInfo", params().add(address.toBase58()).add(at(commitment).put("encoding", "base64"))),
            node -> required(node, "value").isNull() ? Optional.empty() : Optional.of(account(address, node.get("value"), contextSlot(node))));
    }

    @Override
    public List<Optional<Account>> accounts(List<PublicKey> addresses, Commitment commitment) {
        var all = new ArrayList<Optional<Account>>(addresses.size());
        for (int from = 0; from < addresses.size(); from += ACCOUNTS_A_QUESTION) {
            List<PublicKey> some = addresses.subList(from, Math.min(from + ACCOUNTS_A_QUESTION, addresses.size()));
            ArrayNode params = params();
            ArrayNode keys = params.addArray();
            some.forEach(address -> keys.add(address.toBase58()));
            params.add(at(commitment).put("encoding", "base64"));
            all.addAll(reading("getMultipleAccounts", ask("getMultipleAccounts", params), node -> {
                JsonNode values = required(node, "value");
                if (values.size() != some.size()) {
                    throw new IllegalArgumentException(values.size() + " accounts for " + some.size() + " addresses");
                }
                var found = new ArrayList<Optional<Account>>(some.size());
                for (int i = 0; i < some.size(); i++) {
                    JsonNode value = values.get(i);
                    found.add(value.isNull() ? Optional.empty() : Optional.of(account(some.get(i), value, contextSlot(node))));
                }
                return found;
            }));
        }
        return List.copyOf(all);
    }

    @Override
    public ProgramState programState(PublicKey program, List<AccountFilter> filters, Commitment commitment) {
        ObjectNode config = at(commitment).put("encoding", "base64").put("withContext", true);
        ArrayNode json = config.putArray("filters");
        for (AccountFilter filter : filters) {
            switch (filter) {
                case AccountFilter.Size(int bytes) -> json.addObject().put("dataSize", bytes);
                case AccountFilter.Bytes(int offset, byte[] bytes) -> json.addObject().putObject("memcmp").put("offset", offset)
                    .put("bytes", Base64.getEncoder().encodeToString(bytes)).put("encoding", "base64");
            }
        }
        return reading("getProgramAccounts", ask("getProgramAccounts", params().add(program.toBase58()).add(config)), node ->
            new ProgramState(contextSlot(node), list(required(node, "value"), entry -> account(key(entry.path("pubkey")), entry.path("account"), contextSlot(node)))));
    }

    @Override
    public long balance(PublicKey address, Commitment commitment) {
        return reading("getBalance", ask("getBalance", params().add(address.toBase58()).add(at(commitment))), node -> number(node.path("value")));
    }

    @Override
    public Optional<Long> tokenBalance(PublicKey tokenAccount, Commitment commitment) {
        // The account itself and not getTokenAccountBalance, which answers an account that is missing with an error like any other.
        return account(tokenAccount, commitment).filter(account -> account.owner().equals(WellKnown.TOKEN) || account.owner().equals(WellKnown.TOKEN_2022))
            .map(account -> TokenAccounts.account(account.data()).amount());
    }

    @Override
    public Signature airdrop(PublicKey address, long lamports) {
        return reading("requestAirdrop", ask("requestAirdrop", params().add(address.toBase58()).add(lamports).add(at(Commitment.CONFIRMED)), 1),
            node -> Signature.fromBase58(text(node)));
    }

    // --- transactions ------------------------------------------------------------------------------------------------

    @Override
    public SignatureStatuses signatureStatuses(List<Signature> signatures, boolean searchHistory) {
        if (signatures.size() > STATUSES_A_QUESTION) {
            throw new IllegalArgumentException("at most " + STATUSES_A_QUESTION + " signatures, not " + signatures.size());
        }
        ArrayNode params = params();
        ArrayNode asked = params.addArray();
        signatures.forEach(signature -> asked.add(signature.base58()));
        params.addObject().put("searchTransactionHistory", searchHistory);
        return reading("getSignatureStatuses", ask("getSignatureStatuses", params), node -> {
            List<Optional<SignatureStatus>> statuses = list(required(node, "value"), value -> value.isNull() ? Optional.empty()
                : Optional.of(new SignatureStatus(number(value.path("slot")), commitment(value.path("confirmationStatus")), error(value.path("err")))));
            if (statuses.size() != signatures.size()) {
                throw new IllegalArgumentException(statuses.size() + " statuses for " + signatures.size() + " signatures");
            }
            return new SignatureStatuses(contextSlot(node), statuses);
        });
    }

    private static Commitment commitment(JsonNode node) {
        return Stream.of(Commitment.values()).filter(commitment -> commitment.wireName().equals(node.asText())).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("confirmationStatus is " + node));
    }

    @Override
    public List<SignatureInfo> signaturesFor(PublicKey address, Optional<Signature> before, Optional<Signature> until, int limit, Commitment commitment,
                                             long leastSlot) {
        ObjectNode config = at(commitment).put("limit", limit);
        if (leastSlot > 0) {
            config.put("minContextSlot", leastSlot);
        }
        before.ifPresent(signature -> config.put("before", signature.base58()));
        until.ifPresent(signature -> config.put("until", signature.base58()));
        return reading("getSignaturesForAddress", ask("getSignaturesForAddress", params().add(address.toBase58()).add(config)), node -> List.copyOf(list(node,
            entry -> new SignatureInfo(Signature.fromBase58(text(entry.path("signature"))), number(entry.path("slot")), error(entry.path("err")),
                optionalNumber(entry.path("blockTime"))))));
    }

    @Override
    public Optional<ConfirmedTransaction> transaction(Signature signature, Commitment commitment) {
        JsonNode answer = ask("getTransaction", params().add(signature.base58()).add(at(commitment).put("encoding", "base64").put("maxSupportedTransactionVersion", 0)));
        return reading("getTransaction", answer, node -> node.isNull() ? Optional.empty() : Optional.of(transaction(node)));
    }

    private static ConfirmedTransaction transaction(JsonNode node) {
        JsonNode meta = required(node, "meta");
        List<PublicKey> writable = list(meta.path("loadedAddresses").path("writable"), HttpSolanaRpc::key);
        List<PublicKey> readonly = list(meta.path("loadedAddresses").path("readonly"), HttpSolanaRpc::key);
        WireTransaction wire = WireTransaction.decode(Base64.getDecoder().decode(text(node.path("transaction").path(0))), writable, readonly);
        List<PublicKey> keys = Stream.concat(wire.accounts().stream(), wire.loadedAccounts().stream()).toList();
        List<ChainInstruction> own = wire.instructions().stream().map(each -> new ChainInstruction(each.program(), each.accounts(), each.data())).toList();
        var inner = new ArrayList<List<ChainInstruction>>();
        own.forEach(_ -> inner.add(List.of()));
        for (JsonNode group : meta.path("innerInstructions")) {
            inner.set((int) number(group.path("index")), List.copyOf(list(group.path("instructions"), each -> new ChainInstruction(
                keys.get((int) number(each.path("programIdIndex"))), list(each.path("accounts"), index -> keys.get((int) number(index))),
                Base58.decode(text(each.path("data")))))));
        }
        return new ConfirmedTransaction(number(node.path("slot")), optionalNumber(node.path("blockTime")), wire, error(meta.path("err")), number(meta.path("fee")),
            optionalNumber(meta.path("computeUnitsConsumed")), own, inner, balances(meta.path("preTokenBalances"), keys),
            balances(meta.path("postTokenBalances"), keys), list(meta.path("logMessages"), JsonNode::asText));
    }

    private static List<TokenBalance> balances(JsonNode array, List<PublicKey> keys) {
        return list(array, each -> new TokenBalance(keys.get((int) number(each.path("accountIndex"))), key(each.path("mint")),
            each.path("owner").isTextual() ? Optional.of(key(each.path("owner"))) : Optional.empty(),
            Long.parseUnsignedLong(text(each.path("uiTokenAmount").path("amount")))));
    }

    @Override
    public Simulation simulate(byte[] transaction, boolean verifySignatures, Commitment commitment) {
        ObjectNode config = at(commitment).put("encoding", "base64").put("sigVerify", verifySignatures).put("replaceRecentBlockhash", false);
        return reading("simulateTransaction", ask("simulateTransaction", params().add(Base64.getEncoder().encodeToString(transaction)).add(config)), node -> {
            JsonNode value = required(node, "value");
            return new Simulation(error(value.path("err")), list(value.path("logs"), JsonNode::asText), optionalNumber(value.path("unitsConsumed")), contextSlot(node));
        });
    }

    @Override
    public Signature send(SignedTransaction transaction, boolean skipPreflight) {
        // The sender rebroadcasts by itself; a node that did so too could go on after the sender has stopped.
        ObjectNode config = NODES.objectNode().put("encoding", "base64").put("skipPreflight", skipPreflight).put("preflightCommitment", Commitment.CONFIRMED.wireName())
            .put("maxRetries", 0);
        return reading("sendTransaction", ask("sendTransaction", params().add(transaction.base64()).add(config)), node -> {
            Signature answered = Signature.fromBase58(text(node));
            if (!answered.equals(transaction.signature())) {
                throw new IllegalArgumentException("answered with the signature of another transaction");
            }
            return answered;
        });
    }

    @Override
    public void close() {
        http.shutdownNow();
        executor.shutdownNow();
    }
}
