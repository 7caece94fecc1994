package network.nyxos.localnet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;
import software.sava.core.encoding.Base58;

/** Solana's JSON-RPC methods over a {@link LocalChain}, as an agave validator answers them. */
final class RpcMethods {

    /** The agave release whose runtime this is. */
    static final String VERSION = "4.1.2";

    private static final Logger LOG = LoggerFactory.getLogger(RpcMethods.class);
    private static final int MAX_ACCOUNTS = 100;
    private static final int MAX_SIGNATURES = 256;
    private static final int MAX_HISTORY = 1_000;
    private static final int MAX_BLOCKS = 500_000;
    private static final int MAX_BASE58_TRANSACTION = 1_683;
    private static final int MAX_BASE64_TRANSACTION = 1_644;
    private static final int MAX_FEE_SLOTS = 150;
    private static final int MAX_LARGEST = 20;

    private interface Method {
        JsonNode call(RpcParams params);
    }

    private final LocalChain chain;
    private final String identity;
    private final Map<String, Method> methods = new HashMap<>();

    RpcMethods(LocalChain chain) {
        this.chain = chain;
        // The one node of this chain needs a name; the faucet's serves.
        identity = chain.faucet().toBase58();
        registerCluster();
        registerBlocks();
        registerAccounts();
        registerTokens();
        registerTransactions();
    }

    /** Calls a method. */
    JsonNode call(String name, JsonNode params) {
        Method method = methods.get(name);
        if (method == null) {
            throw new RpcException(RpcException.METHOD_NOT_FOUND, "Method not found: " + name);
        }
        return method.call(new RpcParams(params));
    }

    private void registerCluster() {
        methods.put("getHealth", params -> Json.NODES.textNode("ok"));
        methods.put("getVersion", params -> Json.object().put("feature-set", 0).put("solana-core", VERSION));
        methods.put("getGenesisHash", params -> Json.NODES.textNode(chain.options().genesisHash()));
        methods.put("getIdentity", params -> Json.object().put("identity", identity));
        methods.put("getSlotLeader", params -> Json.NODES.textNode(identity));
        methods.put("getSlotLeaders", params -> {
            params.u64(0, "startSlot");
            long limit = params.u64(1, "limit");
            if (limit < 1 || limit > 5_000) {
                throw RpcException.invalidParams("limit must be 1 to 5000");
            }
            ArrayNode leaders = Json.array();
            for (long i = 0; i < limit; i++) {
                leaders.add(identity);
            }
            return leaders;
        });
        methods.put("getClusterNodes", params -> {
            ArrayNode nodes = Json.array();
            nodes.addObject().put("pubkey", identity).put("version", VERSION);
            return nodes;
        });
        methods.put("getVoteAccounts", params -> {
            ObjectNode votes = Json.object();
            votes.putArray("current");
            votes.putArray("delinquent");
            return votes;
        });
        methods.put("getEpochSchedule", params -> Json.object()
                .put("slotsPerEpoch", LocalChain.EPOCH_SLOTS).put("leaderScheduleSlotOffset", LocalChain.EPOCH_SLOTS)
                .put("warmup", false).put("firstNormalEpoch", 0).put("firstNormalSlot", 0));
        methods.put("getEpochInfo", params -> {
            long slot = slot(params.config(0));
            return Json.object()
                    .put("absoluteSlot", slot).put("blockHeight", slot)
                    .put("epoch", slot / LocalChain.EPOCH_SLOTS).put("slotIndex", slot % LocalChain.EPOCH_SLOTS)
                    .put("slotsInEpoch", LocalChain.EPOCH_SLOTS).put("transactionCount", chain.transactionCount());
        });
        methods.put("getTransactionCount", params -> {
            slot(params.config(0));
            return Json.NODES.numberNode(chain.transactionCount());
        });
    }

    private void registerBlocks() {
        methods.put("getSlot", params -> Json.NODES.numberNode(slot(params.config(0))));
        methods.put("getBlockHeight", params -> Json.NODES.numberNode(slot(params.config(0))));
        methods.put("minimumLedgerSlot", params -> Json.NODES.numberNode(chain.firstAvailableSlot()));
        methods.put("getFirstAvailableBlock", params -> Json.NODES.numberNode(chain.firstAvailableSlot()));
        methods.put("getLatestBlockhash", params -> {
            RpcParams.Config config = params.config(0);
            long slot = slot(config);
            LocalChain.ValidBlockhash latest = chain.blockhashAt(config.commitment());
            return Json.withContext(slot, Json.object()
                    .put("blockhash", latest.hash()).put("lastValidBlockHeight", latest.lastValidBlockHeight()));
        });
        methods.put("isBlockhashValid", params -> {
            String hash = params.key(0, "blockhash").toBase58();
            return Json.withContext(slot(params.config(1)), Json.NODES.booleanNode(chain.isBlockhashValid(hash)));
        });
        methods.put("getRecentPrioritizationFees", params -> {
            if (!params.at(0).isMissingNode()) {
                params.list(0, "addresses", 128).forEach(address -> RpcParams.key(address, "address"));
            }
            // Nobody competes for room in a block here, so no fee was ever needed.
            ArrayNode fees = Json.array();
            long slot = chain.slot();
            for (long s = Math.max(0, slot - MAX_FEE_SLOTS); s < slot; s++) {
                fees.addObject().put("slot", s).put("prioritizationFee", 0);
            }
            return fees;
        });
        methods.put("getBlockTime", params -> {
            long slot = params.u64(0, "slot");
            OptionalLong time = chain.timeOf(slot);
            if (slot < 0 || time.isEmpty()) {
                throw notAvailable(slot);
            }
            return Json.NODES.numberNode(time.getAsLong());
        });
        methods.put("getBlocks", params -> {
            long start = params.u64(0, "startSlot");
            JsonNode second = params.at(1);
            RpcParams.Config config = params.config(second.isObject() ? 1 : 2);
            long newest = lastBlock(config.commitment());
            long end = second.isIntegralNumber() ? Math.min(params.u64(1, "endSlot"), newest) : newest;
            return blocks(start, end);
        });
        methods.put("getBlocksWithLimit", params -> {
            long start = params.u64(0, "startSlot");
            long limit = params.u64(1, "limit");
            if (limit < 0 || limit > MAX_BLOCKS) {
                throw RpcException.invalidParams("limit must be 0 to " + MAX_BLOCKS);
            }
            return blocks(start, Math.min(start + limit - 1, lastBlock(params.config(2).commitment())));
        });
        methods.put("getBlock", this::block);
    }

    private void registerAccounts() {
        putReading("getBalance", params -> {
            PublicKey address = params.key(0, "address");
            return Json.withContext(stateSlot(params.config(1)), Json.u64(chain.balance(address)));
        });
        methods.put("getMinimumBalanceForRentExemption", params -> {
            slot(params.config(1));
            return Json.u64(chain.minimumRent(params.u64(0, "dataLength")));
        });
        putReading("getAccountInfo", params -> {
            PublicKey address = params.key(0, "address");
            RpcParams.Config config = params.config(1);
            long slot = stateSlot(config);
            return Json.withContext(slot, accountJson(config).optional(chain.account(address)));
        });
        putReading("getMultipleAccounts", params -> {
            List<PublicKey> addresses = params.list(0, "addresses", MAX_ACCOUNTS).stream()
                    .map(address -> RpcParams.key(address, "address")).toList();
            RpcParams.Config config = params.config(1);
            long slot = stateSlot(config);
            AccountJson encoding = accountJson(config.encoding("base64"), config);
            ArrayNode accounts = Json.array();
            addresses.stream().map(chain::account).forEach(account -> accounts.add(encoding.optional(account)));
            return Json.withContext(slot, accounts);
        });
        putReading("getProgramAccounts", params -> {
            PublicKey program = params.key(0, "program");
            RpcParams.Config config = params.config(1);
            long slot = stateSlot(config);
            List<AccountFilter> filters = AccountFilter.read(config.get("filters"));
            AccountJson encoding = accountJson(config);
            ArrayNode accounts = Json.array();
            chain.programAccounts(program).forEach((address, account) -> {
                if (AccountFilter.all(filters, account.data())) {
                    accounts.add(encoding.keyed(address, account));
                }
            });
            return config.flag("withContext") ? Json.withContext(slot, accounts) : accounts;
        });
        methods.put("getSupply", params -> {
            long supply = Math.multiplyExact(chain.options().faucetSol(), LocalChain.LAMPORTS_PER_SOL);
            ObjectNode value = Json.object().put("circulating", supply).put("nonCirculating", 0).put("total", supply);
            value.putArray("nonCirculatingAccounts");
            return Json.withContext(slot(params.config(0)), value);
        });
    }

    private void registerTokens() {
        putReading("getTokenAccountBalance", params -> {
            PublicKey address = params.key(0, "tokenAccount");
            long slot = stateSlot(params.config(1));
            TokenState.Holding holding = holding(address).orElseThrow(() -> RpcException.invalidParams("not a Token account"));
            return Json.withContext(slot, Json.tokenAmount(holding.amount(), decimalsOf(holding.mint())
                    .orElseThrow(() -> RpcException.invalidParams("mint " + holding.mint().toBase58() + " does not exist"))));
        });
        putReading("getTokenSupply", params -> {
            PublicKey address = params.key(0, "mint");
            long slot = stateSlot(params.config(1));
            TokenState.Mint mint = mint(address).orElseThrow(() -> RpcException.invalidParams("not a Token mint"));
            return Json.withContext(slot, Json.tokenAmount(mint.supply(), mint.decimals()));
        });
        putReading("getTokenAccountsByOwner", params -> tokenAccounts(params, "owner", TokenState.ACCOUNT_OWNER_OFFSET, false));
        putReading("getTokenAccountsByDelegate", params -> tokenAccounts(params, "delegate", TokenState.ACCOUNT_DELEGATE_OFFSET, true));
        putReading("getTokenLargestAccounts", params -> {
            PublicKey mint = params.key(0, "mint");
            long slot = stateSlot(params.config(1));
            int decimals = decimalsOf(mint).orElseThrow(() -> RpcException.invalidParams("not a Token mint"));
            ArrayNode largest = Json.array();
            Map<PublicKey, Long> amounts = new TreeMap<>();
            chain.programAccounts(chain.account(mint).orElseThrow().owner()).forEach((address, account) -> {
                if (TokenState.read(account.owner(), account.data()).orElse(null) instanceof TokenState.Holding holding
                        && holding.mint().equals(mint)) {
                    amounts.put(address, holding.amount());
                }
            });
            amounts.entrySet().stream()
                    .sorted((a, b) -> Long.compareUnsigned(b.getValue(), a.getValue()))
                    .limit(MAX_LARGEST)
                    .forEach(entry -> largest.add(Json.tokenAmount(entry.getValue(), decimals).put("address", entry.getKey().toBase58())));
            return Json.withContext(slot, largest);
        });
    }

    private void registerTransactions() {
        methods.put("requestAirdrop", params -> {
            PublicKey recipient = params.key(0, "recipient");
            long lamports = params.u64(1, "lamports");
            if (lamports < 1) {
                throw RpcException.invalidParams("lamports must be 1 to 2^63-1");
            }
            try {
                return Json.NODES.textNode(chain.airdrop(recipient, lamports).signature());
            } catch (TransactionRefused refused) {
                throw new RpcException(RpcException.INTERNAL_ERROR, "The faucet could not give: " + refused.failure().message());
            }
        });
        methods.put("getFeeForMessage", params -> {
            WireTransaction tx = WireTransaction.ofMessage(RpcParams.bytes(params.text(0, "message"), "base64", "message"));
            long slot = slot(params.config(1));
            return Json.withContext(slot, chain.isBlockhashValid(tx.blockhash())
                    ? Json.u64(chain.simulateWithChanges(tx, false, false).execution().fee()) : Json.NODES.nullNode());
        });
        methods.put("sendTransaction", this::send);
        methods.put("simulateTransaction", this::simulate);
        methods.put("getSignatureStatuses", params -> {
            List<String> signatures = params.list(0, "signatures", MAX_SIGNATURES).stream()
                    .map(signature -> RpcParams.signature(signature, "signature")).toList();
            params.config(1).flag("searchTransactionHistory");
            ArrayNode statuses = Json.array();
            signatures.forEach(signature -> statuses.add(
                    chain.transaction(signature).map(this::status).orElse(Json.NODES.nullNode())));
            return Json.withContext(chain.slot(), statuses);
        });
        methods.put("getSignaturesForAddress", params -> {
            PublicKey address = params.key(0, "address");
            RpcParams.Config config = params.config(1);
            long newest = slot(config);
            int limit = config.integer("limit", MAX_HISTORY, MAX_HISTORY);
            ArrayNode found = Json.array();
            chain.transactionsOf(address, signature(config, "before"), signature(config, "until"), newest, limit)
                    .forEach(executed -> found.add(listed(executed)));
            return found;
        });
        methods.put("getTransaction", params -> {
            String signature = RpcParams.signature(params.required(0, "signature"), "signature");
            RpcParams.Config config = params.at(1).isTextual()
                    ? new RpcParams.Config(Json.object().put("encoding", params.text(1, "encoding"))) : params.config(1);
            long newest = slot(config);
            Optional<ExecutedTransaction> executed = chain.transaction(signature).filter(found -> found.slot() <= newest);
            if (executed.isEmpty()) {
                return Json.NODES.nullNode();
            }
            ObjectNode node = TransactionJson.of(executed.get(), config.encoding("json"), maxVersion(config));
            return node.put("slot", executed.get().slot()).put("blockTime", executed.get().blockTime());
        });
    }

    private JsonNode send(RpcParams params) {
        RpcParams.Config config = params.config(1);
        requireContextSlot(config);
        WireTransaction tx = transaction(params, config);
        if (config.flag("skipPreflight")) {
            try {
                chain.send(tx.bytes());
            } catch (TransactionRefused refused) {
                // A validator forwards it unseen and the leader drops it: the client learns by asking for its status.
                LOG.debug("{} dropped: {}", tx.signature(), refused.failure().message());
            }
            return Json.NODES.textNode(tx.signature());
        }
        return switch (chain.sendIfSucceeding(tx)) {
            case LocalChain.Preflighted.Sent sent -> Json.NODES.textNode(sent.transaction().signature());
            case LocalChain.Preflighted.Failed failed -> {
                TransactionFailure failure = failed.execution().failure().orElseThrow();
                if (failure.json().equals("\"SignatureFailure\"")) {
                    throw new RpcException(RpcException.SIGNATURE_FAILURE, "Transaction signature verification failure");
                }
                throw new RpcException(RpcException.PREFLIGHT_FAILURE, "Transaction simulation failed: " + failure.message(),
                        Optional.of(simulation(tx, failed.execution(), true)));
            }
        };
    }

    private JsonNode simulate(RpcParams params) {
        RpcParams.Config config = params.config(1);
        long slot = slot(config);
        boolean verify = config.flag("sigVerify");
        boolean replace = config.flag("replaceRecentBlockhash");
        if (verify && replace) {
            throw RpcException.invalidParams("sigVerify may not be used with replaceRecentBlockhash");
        }
        LocalChain.ValidBlockhash replacement = chain.blockhashAt(config.commitment());
        WireTransaction given = transaction(params, config);
        WireTransaction tx = replace ? given.withBlockhash(Base58.decode(replacement.hash())) : given;
        Execution.WithChanges ran = chain.simulateWithChanges(tx, verify, !replace);
        ObjectNode value = simulation(tx, ran.execution(), config.flag("innerInstructions"));
        JsonNode wanted = config.get("accounts");
        if (!wanted.isMissingNode()) {
            value.set("accounts", simulatedAccounts(wanted, ran));
        }
        if (replace) {
            value.putObject("replacementBlockhash").put("blockhash", replacement.hash())
                    .put("lastValidBlockHeight", replacement.lastValidBlockHeight());
        }
        return Json.withContext(slot, value);
    }

    private JsonNode simulatedAccounts(JsonNode wanted, Execution.WithChanges ran) {
        String name = wanted.path("encoding").asText("base64");
        if (name.equals("base58") || name.equals("binary")) {
            throw RpcException.invalidParams("base58 encoding not supported for accounts");
        }
        AccountJson encoding = new AccountJson(name, Optional.empty(), this::decimalsOf);
        ArrayNode accounts = Json.array();
        for (JsonNode node : RpcParams.list(wanted.path("addresses"), "accounts.addresses", MAX_ACCOUNTS)) {
            PublicKey address = RpcParams.key(node, "address");
            Optional<ChainAccount> account = ran.changes().stream().filter(change -> change.address().equals(address)).findFirst()
                    .map(AccountChange::account).orElseGet(() -> chain.account(address));
            accounts.add(encoding.optional(account));
        }
        return accounts;
    }

    private static ObjectNode simulation(WireTransaction tx, Execution execution, boolean inner) {
        ObjectNode value = Json.object();
        value.set("err", TransactionJson.error(execution.failure()));
        value.set("logs", TransactionJson.logs(execution));
        value.putNull("accounts");
        value.set("unitsConsumed", Json.u64(execution.computeUnits()));
        value.set("fee", Json.u64(execution.fee()));
        value.set("returnData", TransactionJson.returnData(execution));
        value.set("innerInstructions", inner ? TransactionJson.inner(tx, execution, true) : Json.NODES.nullNode());
        return value;
    }

    private JsonNode block(RpcParams params) {
        long slot = params.u64(0, "slot");
        RpcParams.Config config = params.config(1);
        if (slot < 0 || slot > lastBlock(config.commitment())) {
            throw notAvailable(slot);
        }
        ObjectNode node = Json.object().put("blockHeight", slot).put("blockTime", chain.timeOf(slot).orElseThrow());
        node.put("blockhash", chain.blockhashOf(slot)).put("parentSlot", Math.max(0, slot - 1));
        node.put("previousBlockhash", chain.blockhashOf(Math.max(0, slot - 1)));
        List<ExecutedTransaction> executed = chain.transactionsIn(slot);
        switch (config.get("transactionDetails").asText("full")) {
            case "full" -> {
                ArrayNode transactions = node.putArray("transactions");
                executed.forEach(tx -> transactions.add(TransactionJson.of(tx, config.encoding("json"), maxVersion(config))));
            }
            case "signatures" -> {
                ArrayNode signatures = node.putArray("signatures");
                executed.forEach(tx -> signatures.add(tx.signature()));
            }
            case "none" -> { }
            default -> throw RpcException.invalidParams("transactionDetails must be full, signatures or none");
        }
        if (!config.get("rewards").isBoolean() || config.flag("rewards")) {
            node.putArray("rewards");
        }
        return node;
    }

    private JsonNode blocks(long start, long end) {
        ArrayNode blocks = Json.array();
        if (start < 0 || end < start) {
            return blocks;
        }
        if (end - start > MAX_BLOCKS) {
            throw RpcException.invalidParams("Slot range too large; max " + MAX_BLOCKS);
        }
        for (long slot = start; slot <= end; slot++) {
            blocks.add(slot);
        }
        return blocks;
    }

    private JsonNode tokenAccounts(RpcParams params, String role, int offset, boolean optional) {
        PublicKey key = params.key(0, role);
        JsonNode filter = params.required(1, "filter");
        RpcParams.Config config = params.config(2);
        long slot = stateSlot(config);
        AccountJson encoding = accountJson(config);
        List<PublicKey> programs;
        Optional<PublicKey> mint = Optional.empty();
        if (filter.has("mint")) {
            PublicKey given = RpcParams.key(filter.get("mint"), "mint");
            ChainAccount account = chain.account(given).filter(found -> mint(given).isPresent())
                    .orElseThrow(() -> RpcException.invalidParams("could not find mint " + given.toBase58()));
            programs = List.of(account.owner());
            mint = Optional.of(given);
        } else if (filter.has("programId")) {
            PublicKey program = RpcParams.key(filter.get("programId"), "programId");
            if (!TokenState.isTokenProgram(program)) {
                throw RpcException.invalidParams("unrecognized Token program id");
            }
            programs = List.of(program);
        } else {
            throw RpcException.invalidParams("filter must be {\"mint\":…} or {\"programId\":…}");
        }
        List<AccountFilter> filters = new ArrayList<>(List.of(new AccountFilter.TokenAccountState()));
        filters.add(optional
                ? new AccountFilter.Compare(offset, new ByteWriter(36).u32(1).key(key).toByteArray())
                : new AccountFilter.Compare(offset, key.toByteArray()));
        mint.ifPresent(given -> filters.add(new AccountFilter.Compare(TokenState.ACCOUNT_MINT_OFFSET, given.toByteArray())));
        ArrayNode accounts = Json.array();
        programs.forEach(program -> chain.programAccounts(program).forEach((address, account) -> {
            if (AccountFilter.all(filters, account.data())) {
                accounts.add(encoding.keyed(address, account));
            }
        }));
        return Json.withContext(slot, accounts);
    }

    private JsonNode status(ExecutedTransaction executed) {
        Commitment commitment = chain.commitmentOf(executed);
        ObjectNode node = Json.object().put("slot", executed.slot());
        if (commitment == Commitment.FINALIZED) {
            node.putNull("confirmations");
        } else {
            node.put("confirmations", chain.slot() - executed.slot());
        }
        JsonNode error = TransactionJson.error(executed.execution().failure());
        node.putObject("status").set(error.isNull() ? "Ok" : "Err", error);
        node.set("err", error);
        return node.put("confirmationStatus", name(commitment));
    }

    private JsonNode listed(ExecutedTransaction executed) {
        ObjectNode node = Json.object().put("signature", executed.signature()).put("slot", executed.slot());
        node.set("err", TransactionJson.error(executed.execution().failure()));
        node.put("memo", Memos.of(executed).orElse(null));
        return node.put("blockTime", executed.blockTime()).put("confirmationStatus", name(chain.commitmentOf(executed)));
    }

    private static String name(Commitment commitment) {
        return switch (commitment) {
            case PROCESSED -> "processed";
            case CONFIRMED -> "confirmed";
            case FINALIZED -> "finalized";
        };
    }

    private static Optional<String> signature(RpcParams.Config config, String name) {
        JsonNode node = config.get(name);
        return node.isMissingNode() ? Optional.empty() : Optional.of(RpcParams.signature(node, name));
    }

    private static OptionalInt maxVersion(RpcParams.Config config) {
        return config.get("maxSupportedTransactionVersion").isMissingNode()
                ? OptionalInt.empty() : OptionalInt.of(config.integer("maxSupportedTransactionVersion", 0, 255));
    }

    private static WireTransaction transaction(RpcParams params, RpcParams.Config config) {
        String text = params.text(0, "transaction");
        String encoding = config.encoding("base58");
        int most = encoding.equals("base64") ? MAX_BASE64_TRANSACTION : MAX_BASE58_TRANSACTION;
        if (text.length() > most) {
            throw RpcException.invalidParams(encoding + " encoded transaction too large: " + text.length()
                    + " characters (max: encoded/raw " + most + "/" + WireTransaction.MAX_BYTES + ")");
        }
        return WireTransaction.parse(RpcParams.bytes(text, encoding, "transaction"));
    }

    /** The slot at the commitment asked for. */
    private long slot(RpcParams.Config config) {
        requireContextSlot(config);
        return chain.slotAt(config.commitment());
    }

    /** The slot of what accounts are read as: the open one, since they are read as they are now, whatever the commitment. */
    private long stateSlot(RpcParams.Config config) {
        requireContextSlot(config);
        return chain.slot();
    }

    /** A method that reads accounts; between two transactions, so that all it reads is of the slot that it names. */
    private void putReading(String name, Method method) {
        methods.put(name, params -> chain.onChain(() -> method.call(params)));
    }

    private void requireContextSlot(RpcParams.Config config) {
        JsonNode least = config.get("minContextSlot");
        long slot = chain.slotAt(config.commitment());
        if (!least.isMissingNode() && Long.compareUnsigned(RpcParams.u64(least, "minContextSlot"), slot) > 0) {
            throw new RpcException(RpcException.MIN_CONTEXT_SLOT, "Minimum context slot has not been reached",
                    Optional.of(Json.object().put("contextSlot", slot)));
        }
    }

    /** The newest block: the open slot is none yet. */
    private long lastBlock(Commitment commitment) {
        return Math.min(chain.slotAt(commitment), chain.slot() - 1);
    }

    private static RpcException notAvailable(long slot) {
        return new RpcException(RpcException.BLOCK_NOT_AVAILABLE, "Block not available for slot " + Long.toUnsignedString(slot));
    }

    private AccountJson accountJson(RpcParams.Config config) {
        return accountJson(config.encoding(""), config);
    }

    private AccountJson accountJson(String encoding, RpcParams.Config config) {
        return new AccountJson(encoding, config.slice(), this::decimalsOf);
    }

    private Optional<TokenState.Mint> mint(PublicKey address) {
        return tokenState(address).filter(TokenState.Mint.class::isInstance).map(TokenState.Mint.class::cast);
    }

    private Optional<TokenState.Holding> holding(PublicKey address) {
        return tokenState(address).filter(TokenState.Holding.class::isInstance).map(TokenState.Holding.class::cast);
    }

    private Optional<TokenState> tokenState(PublicKey address) {
        return chain.account(address).flatMap(account -> TokenState.read(account.owner(), account.data()));
    }

    private OptionalInt decimalsOf(PublicKey mint) {
        return mint(mint).map(known -> OptionalInt.of(known.decimals())).orElse(OptionalInt.empty());
    }
}
