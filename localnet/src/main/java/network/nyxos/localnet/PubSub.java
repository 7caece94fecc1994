package network.nyxos.localnet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import software.sava.core.accounts.PublicKey;

/**
 * Subscriptions to what happens on the chain. At processed and confirmed a notification goes out at once, at
 * finalized when the slot is.
 */
final class PubSub implements ChainListener, AutoCloseable {

    private static final int MAX_SUBSCRIPTIONS_PER_CONNECTION = 10_000;

    /** Where notifications go. Never blocks. */
    interface Outlet {
        void send(Supplier<String> message);
    }

    private sealed interface Event {
        long slot();
    }

    private record Transacted(ExecutedTransaction transaction) implements Event {
        @Override
        public long slot() {
            return transaction.slot();
        }
    }

    private record Changed(long slot, AccountChange change) implements Event {
    }

    /** Looks at an event and says what to tell; empty: nothing. Runs on the chain's thread; what it returns does not. */
    private interface Matcher {
        Optional<Supplier<JsonNode>> match(Event event);
    }

    private enum Kind { ACCOUNT, PROGRAM, LOGS, SIGNATURE, SLOT, ROOT }

    private record Subscription(long id, Kind kind, Commitment commitment, Outlet outlet, Optional<String> signature, Matcher matcher) {
    }

    private final LocalChain chain;
    private final Function<PublicKey, OptionalInt> decimals;
    /** From 1: sava takes subscription 0 for one that was not confirmed. */
    private final AtomicLong ids = new AtomicLong(1);
    private final Map<Long, Subscription> subscriptions = new ConcurrentHashMap<>();
    /** Not yet finalized; belongs to the chain's thread. */
    private final Deque<Event> pending = new ArrayDeque<>();

    PubSub(LocalChain chain) {
        this.chain = chain;
        this.decimals = chain::decimals;
        chain.addListener(this);
    }

    @Override
    public void close() {
        chain.removeListener(this);
        subscriptions.clear();
    }

    /** Answers the methods of one connection. The answer to a subscription goes out before its first notification. */
    void handle(byte[] request, Outlet outlet) {
        // On the chain's thread, so that nothing happens between the subscription and its answer.
        List<Subscription> fresh = new ArrayList<>();
        chain.onChain(() -> {
            JsonRpc.answer(request, (method, params) -> call(method, new RpcParams(params), outlet, fresh))
                    .ifPresent(answer -> outlet.send(() -> Json.write(answer)));
            fresh.forEach(this::tellWhatHasHappened);
            return null;
        });
    }

    void disconnect(Outlet outlet) {
        subscriptions.values().removeIf(subscription -> subscription.outlet() == outlet);
    }

    @Override
    public void onTransaction(ExecutedTransaction transaction) {
        happened(new Transacted(transaction));
    }

    @Override
    public void onAccounts(long slot, List<AccountChange> changes) {
        changes.forEach(change -> happened(new Changed(slot, change)));
    }

    @Override
    public void onSlot(long slot, long finalizedSlot) {
        while (!pending.isEmpty() && pending.getFirst().slot() <= finalizedSlot) {
            Event event = pending.removeFirst();
            subscriptions.values().stream()
                    .filter(subscription -> subscription.commitment() == Commitment.FINALIZED)
                    .forEach(subscription -> offer(subscription, event, finalizedSlot));
        }
        subscriptions.values().forEach(subscription -> {
            if (subscription.kind() == Kind.SLOT) {
                notify(subscription, () -> Json.object().put("slot", slot).put("parent", slot - 1).put("root", finalizedSlot));
            } else if (subscription.kind() == Kind.ROOT) {
                notify(subscription, () -> Json.NODES.numberNode(finalizedSlot));
            }
        });
    }

    private void happened(Event event) {
        boolean finalized = event.slot() <= chain.finalizedSlot();
        if (!finalized) {
            pending.addLast(event);
        }
        subscriptions.values().stream()
                .filter(subscription -> finalized || subscription.commitment() != Commitment.FINALIZED)
                .forEach(subscription -> offer(subscription, event, event.slot()));
    }

    private void offer(Subscription subscription, Event event, long contextSlot) {
        subscription.matcher().match(event).ifPresent(value -> {
            notify(subscription, () -> Json.withContext(contextSlot, value.get()));
            if (subscription.kind() == Kind.SIGNATURE) {
                subscriptions.remove(subscription.id());
            }
        });
    }

    private static void notify(Subscription subscription, Supplier<JsonNode> result) {
        String method = switch (subscription.kind()) {
            case ACCOUNT -> "accountNotification";
            case PROGRAM -> "programNotification";
            case LOGS -> "logsNotification";
            case SIGNATURE -> "signatureNotification";
            case SLOT -> "slotNotification";
            case ROOT -> "rootNotification";
        };
        subscription.outlet().send(() -> {
            ObjectNode node = Json.object().put("jsonrpc", "2.0").put("method", method);
            ObjectNode params = node.putObject("params");
            params.set("result", result.get());
            params.put("subscription", subscription.id());
            return Json.write(node);
        });
    }

    /** A signature that is asked for after its transaction has landed. */
    private void tellWhatHasHappened(Subscription subscription) {
        subscription.signature()
                .flatMap(chain::transaction)
                .filter(transaction -> transaction.slot() <= chain.slotAt(subscription.commitment()))
                .ifPresent(transaction -> offer(subscription, new Transacted(transaction), chain.slot()));
    }

    private JsonNode call(String method, RpcParams params, Outlet outlet, List<Subscription> fresh) {
        if (method.endsWith("Unsubscribe")) {
            long id = params.u64(0, "subscription");
            Subscription known = subscriptions.get(id);
            if (known == null || known.outlet() != outlet) {
                throw RpcException.invalidParams("Invalid subscription id.");
            }
            subscriptions.remove(id);
            return Json.NODES.booleanNode(true);
        }
        if (subscriptions.values().stream().filter(known -> known.outlet() == outlet).count() >= MAX_SUBSCRIPTIONS_PER_CONNECTION) {
            throw new RpcException(RpcException.INTERNAL_ERROR,
                    "a connection holds at most " + MAX_SUBSCRIPTIONS_PER_CONNECTION + " subscriptions");
        }
        Subscription subscription = switch (method) {
            case "accountSubscribe" -> account(params, outlet);
            case "programSubscribe" -> program(params, outlet);
            case "logsSubscribe" -> logs(params, outlet);
            case "signatureSubscribe" -> signature(params, outlet);
            case "slotSubscribe" -> subscription(Kind.SLOT, Commitment.PROCESSED, outlet, event -> Optional.empty());
            case "rootSubscribe" -> subscription(Kind.ROOT, Commitment.FINALIZED, outlet, event -> Optional.empty());
            default -> throw new RpcException(RpcException.METHOD_NOT_FOUND, "Method not found: " + method);
        };
        subscriptions.put(subscription.id(), subscription);
        fresh.add(subscription);
        return Json.NODES.numberNode(subscription.id());
    }

    private Subscription subscription(Kind kind, Commitment commitment, Outlet outlet, Matcher matcher) {
        return new Subscription(ids.getAndIncrement(), kind, commitment, outlet, Optional.empty(), matcher);
    }

    private Subscription account(RpcParams params, Outlet outlet) {
        PublicKey address = params.key(0, "address");
        RpcParams.Config config = params.config(1);
        AccountJson encoding = new AccountJson(config.encoding(""), config.slice(), decimals);
        return subscription(Kind.ACCOUNT, config.commitment(), outlet, event ->
                event instanceof Changed(long slot, AccountChange change) && change.address().equals(address)
                        ? Optional.of(() -> encoding.of(change.account().orElseGet(PubSub::gone)))
                        : Optional.empty());
    }

    private Subscription program(RpcParams params, Outlet outlet) {
        PublicKey program = params.key(0, "program");
        RpcParams.Config config = params.config(1);
        AccountJson encoding = new AccountJson(config.encoding(""), config.slice(), decimals);
        List<AccountFilter> filters = AccountFilter.read(config.get("filters"));
        return subscription(Kind.PROGRAM, config.commitment(), outlet, event ->
                event instanceof Changed(long slot, AccountChange change)
                        && change.account().filter(account -> account.owner().equals(program)
                                && AccountFilter.all(filters, account.data())).isPresent()
                        ? Optional.of(() -> encoding.keyed(change.address(), change.account().orElseThrow()))
                        : Optional.empty());
    }

    private Subscription logs(RpcParams params, Outlet outlet) {
        JsonNode filter = params.required(0, "filter");
        Optional<PublicKey> mentioned;
        if (filter.isTextual() && (filter.textValue().equals("all") || filter.textValue().equals("allWithVotes"))) {
            mentioned = Optional.empty();
        } else if (filter.path("mentions").isArray() && filter.path("mentions").size() == 1) {
            mentioned = Optional.of(RpcParams.key(filter.path("mentions").get(0), "mentions"));
        } else {
            throw RpcException.invalidParams("filter must be \"all\", \"allWithVotes\" or {\"mentions\":[one address]}");
        }
        return subscription(Kind.LOGS, params.config(1).commitment(), outlet, event -> {
            if (!(event instanceof Transacted(ExecutedTransaction transaction)) || !mentioned.map(address ->
                    transaction.execution().accounts().stream().anyMatch(account -> account.address().equals(address))).orElse(true)) {
                return Optional.empty();
            }
            return Optional.of(() -> {
                ObjectNode value = Json.object().put("signature", transaction.signature());
                value.set("err", TransactionJson.error(transaction.execution().failure()));
                value.set("logs", TransactionJson.logs(transaction.execution()));
                return value;
            });
        });
    }

    private Subscription signature(RpcParams params, Outlet outlet) {
        String signature = RpcParams.signature(params.required(0, "signature"), "signature");
        return new Subscription(ids.getAndIncrement(), Kind.SIGNATURE, params.config(1).commitment(), outlet, Optional.of(signature), event -> {
            if (!(event instanceof Transacted(ExecutedTransaction transaction)) || !transaction.signature().equals(signature)) {
                return Optional.empty();
            }
            return Optional.of(() -> {
                ObjectNode value = Json.object();
                value.set("err", TransactionJson.error(transaction.execution().failure()));
                return value;
            });
        });
    }

    /** How a validator shows an account that is no more. */
    private static ChainAccount gone() {
        return new ChainAccount(0, LocalChain.SYSTEM_PROGRAM, false, 0, new byte[0]);
    }
}
