package network.nyxos.chain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.transaction.SignedTransaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gets transactions onto the chain, once. The order is always: sign, store, send, confirm, record.
///
/// What a caller wants done has an *intent*: an id that it chooses and finds again after a restart (for example `batch:…:17`). An intent has at most one
/// transaction that may still be executed; the database itself refuses a second. The same bytes are sent again and again until the chain has executed them or
/// it is proven that it never can: the finalized block height has passed the last valid one, and a node that has seen at least that slot does not know the transaction.
/// Only then may another transaction be signed for the intent. A crash at any point loses nothing: {@link #start} takes up what is alive.
///
/// One sender per schema. Thread-safe; callers block, so call on virtual threads.
public final class TransactionSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionSender.class);
    private static final int STATUSES_A_QUESTION = 256;
    /// A foreign blockhash may be a little newer than the newest confirmed one.
    private static final long FOREIGN_BLOCKHASH_SLACK = 64;

    /// How the sender works.
    ///
    /// @param poll        how often the chain is asked about everything in flight
    /// @param rebroadcast how often the same bytes are sent again
    /// @param trial       whether a transaction is tried out on the node before it is stored; a failing one is then rejected at no cost
    /// @param attempts    how many transactions one call may sign for an intent, each after the one before has provably expired; 1 or more
    public record Options(Duration poll, Duration rebroadcast, boolean trial, int attempts) {
        /// Every 400 ms, every 2 s, with trial, 3 attempts.
        public static final Options DEFAULT = new Options(Duration.ofMillis(400), Duration.ofSeconds(2), true, 3);
    }

    private final SolanaRpc rpc;
    private final TransactionStore store;
    private final Programs programs;
    private final Optional<ChainSubscriptions> subscriptions;
    private final Options options;
    private final Map<Signature, InFlight> inFlight = new ConcurrentHashMap<>();
    private final Semaphore wake = new Semaphore(0);
    private final ExecutorService broadcasts = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread loop;
    private volatile boolean closed;

    /// A live transaction and those who wait for its end.
    private static final class InFlight {
        private final TransactionStore.Stored stored;
        private final SignedTransaction transaction;
        private final CompletableFuture<Outcome> end = new CompletableFuture<>();
        private volatile Outcome.State state;
        private volatile long broadcastAt;

        private InFlight(TransactionStore.Stored stored) {
            this.stored = stored;
            this.transaction = TransactionStore.transaction(stored);
            this.state = stored.state();
            this.broadcastAt = System.nanoTime() - Duration.ofDays(1).toNanos();
        }
    }

    private TransactionSender(SolanaRpc rpc, Database database, Programs programs, Optional<ChainSubscriptions> subscriptions, Options options) {
        this.rpc = rpc;
        this.store = new TransactionStore(database);
        this.programs = programs;
        this.subscriptions = subscriptions;
        this.options = options;
        this.loop = Thread.ofVirtual().name("transactions-" + database.schema()).unstarted(this::run);
    }

    /// Starts a sender and takes up whatever an earlier one left alive.
    ///
    /// @param subscriptions wakes the sender when a transaction is confirmed; without it the poll alone finds out
    public static TransactionSender start(SolanaRpc rpc, Database database, Programs programs, Optional<ChainSubscriptions> subscriptions, Options options) {
        var sender = new TransactionSender(rpc, database, programs, subscriptions, options);
        sender.store.alive().forEach(sender::adopt);
        sender.loop.start();
        return sender;
    }

    /// Gets an intent done and waits for its end. An intent that was done before gives what was recorded then, whatever the plan says now.
    ///
    /// @param intent 1 to 200 characters
    /// @param wait   how long to wait for the end; the sender goes on after that
    /// @return the end, or the state it was in when the time was up
    /// @throws ProtocolException `transaction_durable_nonce` for a transaction that could never be proven dead
    /// @throws RpcException      when nothing was stored because the node could not be asked for a blockhash or a trial
    /// @throws DatabaseException when nothing was sent because it could not be stored
    public Outcome execute(String intent, TransactionPlan plan, Duration wait) {
        if (intent.isEmpty() || intent.length() > 200) {
            throw new IllegalArgumentException("an intent has 1 to 200 characters, this has " + intent.length());
        }
        long deadline = System.nanoTime() + wait.toNanos();
        for (int signed = 0; ; ) {
            Optional<TransactionStore.Stored> latest = store.latest(intent);
            if (latest.isEmpty() || latest.get().state() == Outcome.State.EXPIRED) {
                if (signed == options.attempts()) {
                    return outcome(latest.orElseThrow());
                }
                Optional<Outcome> ended = attempt(intent, plan, latest);
                if (ended.isPresent()) {
                    return ended.get();
                }
                signed++;
                continue;
            }
            if (latest.get().state().isFinal()) {
                return outcome(latest.get());
            }
            Outcome outcome = await(adopt(latest.get()), deadline);
            if (outcome.state() != Outcome.State.EXPIRED) {
                return outcome;
            }
        }
    }

    /// Signs, tries out, stores and sends the next transaction of an intent.
    ///
    /// @return an end that needs no waiting for; empty when there is now a live transaction, this one or another caller's
    private Optional<Outcome> attempt(String intent, TransactionPlan plan, Optional<TransactionStore.Stored> before) {
        LatestBlockhash latest = rpc.latestBlockhash(Commitment.CONFIRMED);
        SignedTransaction transaction = plan.sign(latest.blockhash());
        if (before.isPresent() && before.get().signature().equals(transaction.signature())) {
            return Optional.of(outcome(before.get()));
        }
        if (transaction.wire().hasDurableNonce()) {
            throw new ProtocolException("transaction_durable_nonce", "a transaction on a durable nonce never expires; send one on a recent blockhash");
        }
        if (options.trial()) {
            Simulation trial = rpc.simulate(transaction.bytes(), true, Commitment.CONFIRMED);
            // Somebody has sent it already: then it is to be confirmed like any other.
            Optional<TransactionError> error = trial.error().filter(found -> !found.name().equals("AlreadyProcessed"));
            if (error.isPresent()) {
                return Optional.of(new Outcome(intent, 0, Outcome.State.REJECTED, transaction.signature(), OptionalLong.empty(), error,
                    ProgramError.of(error.get(), transaction.wire(), programs, trial.logs())));
            }
        }
        long lastValid = transaction.blockhash().equals(latest.blockhash()) ? latest.lastValidBlockHeight()
            : Math.addExact(latest.lastValidBlockHeight(), FOREIGN_BLOCKHASH_SLACK);
        int attempt = before.map(TransactionStore.Stored::attempt).orElse(0) + 1;
        if (store.insert(intent, attempt, transaction, lastValid)) {
            broadcast(adopt(store.find(transaction.signature()).orElseThrow()));
        } else if (store.find(transaction.signature()).filter(stored -> !stored.intent().equals(intent)).isPresent()) {
            throw new IllegalArgumentException("transaction " + transaction.signature() + " belongs to another intent");
        }
        return Optional.empty();
    }

    /// What is recorded of an intent; empty when nothing was ever signed for it.
    public Optional<Outcome> find(String intent) {
        return store.latest(intent).map(this::outcome);
    }

    /// Waits for the end of an intent's latest transaction without ever signing one.
    ///
    /// @return the end, or the state it was in when the time was up; empty when nothing was ever signed for it
    public Optional<Outcome> await(String intent, Duration wait) {
        long deadline = System.nanoTime() + wait.toNanos();
        return store.latest(intent).map(stored -> stored.state().isFinal() ? outcome(stored) : await(adopt(stored), deadline));
    }

    private Outcome await(InFlight flight, long deadline) {
        try {
            return flight.end.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return outcome(store.find(flight.stored.signature()).orElse(flight.stored));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return outcome(flight.stored);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of a transaction is never an exception", e);
        }
    }

    private Outcome outcome(TransactionStore.Stored stored) {
        return new Outcome(stored.intent(), stored.attempt(), stored.state(), stored.signature(), stored.slot(), stored.error(),
            stored.error().flatMap(error -> ProgramError.of(error, TransactionStore.transaction(stored).wire(), programs)));
    }

    private InFlight adopt(TransactionStore.Stored stored) {
        return inFlight.computeIfAbsent(stored.signature(), signature -> {
            var flight = new InFlight(stored);
            subscriptions.ifPresent(socket -> {
                ChainSubscriptions.Subscription subscription = socket.signature(signature, Commitment.CONFIRMED, this::wake);
                flight.end.whenComplete((_, _) -> subscription.close());
            });
            return flight;
        });
    }

    private void wake() {
        wake.release();
    }

    private void broadcast(InFlight flight) {
        flight.broadcastAt = System.nanoTime();
        try {
            rpc.send(flight.transaction, true);
            if (flight.state == Outcome.State.SIGNED) {
                flight.state = Outcome.State.SENT;
                store.mark(flight.stored.signature(), Outcome.State.SENT);
            }
        } catch (RpcException e) {
            // Whether the node took it is unknown, and does not matter: it is stored, and the loop sends it until its end is known.
            LOG.info("{} was not taken, it is sent again: {}", flight.stored.intent(), e.getMessage());
        } catch (DatabaseException e) {
            LOG.warn("{} was sent, which could not be recorded: {}", flight.stored.intent(), e.getMessage());
        }
        wake();
    }

    // --- the loop ----------------------------------------------------------------------------------------------------

    private void run() {
        while (!closed) {
            try {
                if (wake.tryAcquire(options.poll().toNanos(), TimeUnit.NANOSECONDS)) {
                    wake.drainPermits();
                }
                if (!inFlight.isEmpty()) {
                    turn(new ArrayList<>(inFlight.values()));
                }
            } catch (InterruptedException e) {
                return;
            } catch (RpcException | DatabaseException e) {
                if (!closed) {
                    LOG.warn("{} transactions in flight could not be looked after, tried again: {}", inFlight.size(), e.getMessage());
                }
            } catch (RuntimeException e) {
                // Closing takes its helpers away in the middle of a turn; what is stored is looked after at the next start.
                if (!closed) {
                    LOG.error("looking after transactions failed, tried again", e);
                }
            }
        }
    }

    private void turn(List<InFlight> flights) {
        var missing = new ArrayList<InFlight>();
        for (int from = 0; from < flights.size(); from += STATUSES_A_QUESTION) {
            List<InFlight> some = flights.subList(from, Math.min(from + STATUSES_A_QUESTION, flights.size()));
            List<Optional<SignatureStatus>> statuses = rpc.signatureStatuses(some.stream().map(flight -> flight.stored.signature()).toList(), false).statuses();
            for (int i = 0; i < some.size(); i++) {
                Optional<SignatureStatus> status = statuses.get(i);
                if (status.isEmpty()) {
                    missing.add(some.get(i));
                } else if (status.get().isConfirmed()) {
                    executed(some.get(i), status.get());
                }
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        long height = rpc.blockHeight(Commitment.CONFIRMED);
        var late = new ArrayList<InFlight>();
        for (InFlight flight : missing) {
            if (height > flight.stored.lastValidHeight()) {
                late.add(flight);
            } else if (System.nanoTime() - flight.broadcastAt > options.rebroadcast().toNanos()) {
                flight.broadcastAt = System.nanoTime();
                broadcasts.execute(() -> broadcast(flight));
            }
        }
        if (!late.isEmpty()) {
            expire(late);
        }
    }

    private void executed(InFlight flight, SignatureStatus status) {
        finish(flight, status.error().isPresent() ? Outcome.State.FAILED : Outcome.State.CONFIRMED, OptionalLong.of(status.slot()), status.error());
    }

    /// Proves for transactions that look expired that they are, or that they are not.
    private void expire(List<InFlight> late) {
        for (InFlight flight : late) {
            if (flight.state != Outcome.State.UNKNOWN) {
                flight.state = Outcome.State.UNKNOWN;
                store.mark(flight.stored.signature(), Outcome.State.UNKNOWN);
            }
        }
        long height = rpc.blockHeight(Commitment.FINALIZED);
        // Asked after the height, so the block of that height is at this slot or before it.
        long slot = rpc.slot(Commitment.FINALIZED);
        List<InFlight> over = late.stream().filter(flight -> height > flight.stored.lastValidHeight()).toList();
        for (int from = 0; from < over.size(); from += STATUSES_A_QUESTION) {
            List<InFlight> some = over.subList(from, Math.min(from + STATUSES_A_QUESTION, over.size()));
            SignatureStatuses answer = rpc.signatureStatuses(some.stream().map(flight -> flight.stored.signature()).toList(), true);
            for (int i = 0; i < some.size(); i++) {
                Optional<SignatureStatus> status = answer.statuses().get(i);
                if (status.isPresent() && status.get().isConfirmed()) {
                    executed(some.get(i), status.get());
                } else if (status.isEmpty() && answer.slot() >= slot) {
                    // A node that is behind would not know it either; this one has seen the block behind which it cannot come any more.
                    finish(some.get(i), Outcome.State.EXPIRED, OptionalLong.empty(), Optional.empty());
                }
            }
        }
    }

    private void finish(InFlight flight, Outcome.State state, OptionalLong slot, Optional<TransactionError> error) {
        Signature signature = flight.stored.signature();
        store.finish(signature, state, slot, error);
        Outcome outcome = outcome(store.find(signature).orElseThrow());
        inFlight.remove(signature);
        if (state == Outcome.State.CONFIRMED) {
            LOG.debug("{}", outcome.describe());
        } else {
            LOG.info("{}", outcome.describe());
        }
        flight.end.complete(outcome);
    }

    /// Stops. What is in flight stays stored and is taken up by the next {@link #start}.
    @Override
    public void close() {
        closed = true;
        loop.interrupt();
        broadcasts.shutdownNow();
        try {
            loop.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
