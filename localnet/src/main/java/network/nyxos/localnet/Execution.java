package network.nyxos.localnet;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import software.sava.core.accounts.PublicKey;

/**
 * What running a transaction did.
 *
 * @param included        whether it belongs in a block: it ran, and its fee was due even if it failed
 * @param failure         why it failed; empty when it succeeded
 * @param computeUnits    units consumed
 * @param fee             lamports
 * @param logs            program logs; cut at 10,000 bytes as on a validator
 * @param returnData      what the last program returned, if one did
 * @param inner           instructions that programs invoked, by top-level instruction; one entry for each of those
 * @param loadedWritable  addresses taken from lookup tables as writable; they follow the static ones
 * @param loadedReadonly  addresses taken from lookup tables as read-only; they come last
 * @param accounts        every address of the transaction with what became of it
 */
public record Execution(
        boolean included,
        Optional<TransactionFailure> failure,
        long computeUnits,
        long fee,
        List<String> logs,
        Optional<ReturnData> returnData,
        List<List<InnerInstruction>> inner,
        int loadedWritable,
        int loadedReadonly,
        List<AccountEffect> accounts) {

    /** Bytes a program returned. */
    public record ReturnData(PublicKey program, byte[] data) {
    }

    /**
     * An instruction invoked by a program.
     *
     * @param stackHeight 2 for one invoked by a top-level instruction
     * @param program     index of the program among the transaction's addresses
     * @param accounts    indexes of its accounts, one byte each
     * @param data        its bytes
     */
    public record InnerInstruction(int stackHeight, int program, byte[] accounts, byte[] data) {
    }

    /**
     * An address of the transaction.
     *
     * @param lamportsBefore unsigned 64-bit
     * @param lamportsAfter  unsigned 64-bit
     * @param tokensBefore   for a token account
     * @param tokensAfter    for a token account
     */
    public record AccountEffect(PublicKey address, long lamportsBefore, long lamportsAfter,
            Optional<TokenBalance> tokensBefore, Optional<TokenBalance> tokensAfter) {
    }

    /** An execution with the new states of the accounts that it changed. */
    record WithChanges(Execution execution, List<AccountChange> changes) {
    }

    public Execution {
        logs = List.copyOf(logs);
        inner = List.copyOf(inner);
        accounts = List.copyOf(accounts);
    }

    public boolean succeeded() {
        return failure.isEmpty();
    }

    /** One that did not run. */
    static Execution refused(TransactionFailure failure) {
        return new Execution(false, Optional.of(failure), 0, 0, List.of(), Optional.empty(), List.of(), 0, 0, List.of());
    }

    /**
     * Reads the virtual machine's reply.
     *
     * @param decimals the decimals of a mint; empty when there is no such mint, and then its balances are left out
     */
    static WithChanges read(byte[] reply, Function<PublicKey, OptionalInt> decimals) {
        ByteReader in = new ByteReader(reply);
        int outcome = in.u8();
        String json = in.text();
        String message = in.text();
        long units = in.u64();
        long fee = in.u64();
        List<String> logs = list(in, ByteReader::text);
        PublicKey returning = in.key();
        byte[] returned = in.bytes();
        List<List<InnerInstruction>> inner =
                list(in, groups -> list(groups, i -> new InnerInstruction(i.u8(), i.u8(), i.bytes(), i.bytes())));
        int loadedWritable = in.u32();
        int loadedReadonly = in.u32();
        List<AccountChange> changes = new ArrayList<>();
        List<AccountEffect> effects = list(in, i -> {
            PublicKey address = i.key();
            long before = i.u64();
            long after = i.u64();
            Optional<TokenBalance> tokensBefore = i.u8() == 0 ? Optional.empty() : balance(i.key(), i.bytes(), decimals);
            Optional<TokenBalance> tokensAfter = switch (i.u8()) {
                case 0 -> tokensBefore;
                case 1 -> {
                    ChainAccount account = i.account();
                    changes.add(new AccountChange(address, Optional.of(account)));
                    yield balance(account.owner(), account.data(), decimals);
                }
                default -> {
                    changes.add(new AccountChange(address, Optional.empty()));
                    yield Optional.empty();
                }
            };
            return new AccountEffect(address, before, after, tokensBefore, tokensAfter);
        });
        Execution execution = new Execution(
                outcome != 2,
                outcome == 0 ? Optional.empty() : Optional.of(new TransactionFailure(json, message)),
                units, fee, logs,
                returned.length == 0 ? Optional.empty() : Optional.of(new ReturnData(returning, returned)),
                inner, loadedWritable, loadedReadonly, effects);
        return new WithChanges(execution, changes);
    }

    private static Optional<TokenBalance> balance(PublicKey program, byte[] data, Function<PublicKey, OptionalInt> decimals) {
        return TokenState.read(program, data)
                .map(state -> state instanceof TokenState.Holding holding ? holding : null)
                .flatMap(holding -> {
                    OptionalInt known = decimals.apply(holding.mint());
                    return known.isEmpty() ? Optional.empty() : Optional.of(new TokenBalance(
                            holding.mint(), holding.owner(), program, holding.amount(), known.getAsInt()));
                });
    }

    private static <T> List<T> list(ByteReader in, Function<ByteReader, T> read) {
        int count = in.u32();
        List<T> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            items.add(read.apply(in));
        }
        return items;
    }
}
