package network.nyxos.cli.direct;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.program.DirectState;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.escrow.Direct;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.token.Tokens;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/**
 * The record of a job that its node settled by itself, as it is on chain.
 *
 * @param address the record's
 * @param mint    what the charge is in
 * @param calls   of its pool
 */
public record DirectAt(ChainSession chain, PublicKey address, Direct account, Mint mint, PoolCalls calls) {

    /** The record of this address, of this market; empty when there is none. */
    public static Optional<DirectAt> find(ChainSession chain, PublicKey address) {
        return chain.owned(address, chain.programs().escrow()).filter(account -> Direct.matches(account.data())).map(account -> Direct.decode(account.data()))
                .filter(account -> account.market().equals(chain.address())).map(account -> of(chain, account));
    }

    /** @throws StackException {@code key_malformed}, {@code direct_unknown} */
    static DirectAt require(ChainSession chain, String address) {
        PublicKey key = Attachment.key("RECORD", address);
        return find(chain, key).orElseThrow(() -> new StackException("direct_unknown", key + " is no record of a direct settlement of market " + chain.address()
                + " (any more); `nyxos direct show` lists them"));
    }

    /** All of this market that the filters let through, the oldest first. */
    public static List<DirectAt> all(ChainSession chain, AccountFilter... filters) {
        List<AccountFilter> which = Stream.concat(Stream.of(new AccountFilter.Size(Direct.SIZE), AccountFilter.key(Direct.OFFSET_MARKET, chain.address())), Stream.of(filters)).toList();
        return chain.rpc().programAccounts(chain.programs().escrow(), which, Commitment.CONFIRMED).stream().filter(account -> Direct.matches(account.data()))
                .map(account -> Direct.decode(account.data())).sorted(Comparator.comparingLong(Direct::slot).thenComparing(record -> record.job().hex()))
                .map(account -> of(chain, account)).toList();
    }

    private static DirectAt of(ChainSession chain, Direct account) {
        Pool pool = chain.owned(account.pool(), chain.programs().escrow()).map(found -> Pool.decode(found.data())).orElseThrow();
        Mint mint = chain.mint(pool.mint());
        return new DirectAt(chain, chain.programs().direct(account.escrow(), account.job()), account, mint, chain.pool(mint));
    }

    /** Where it stands. */
    public DirectState state() {
        return DirectState.of(account);
    }

    /** Whether a receipt or the verifiers can still void it. */
    public boolean voidable(long slot) {
        return state() == DirectState.OPEN && slot < account.finalSlot();
    }

    /** Whether its node can be paid. */
    public boolean payable(long slot) {
        return state() == DirectState.OPEN && slot >= account.finalSlot();
    }

    /** Whether it was voided and its charge has not gone back. */
    boolean owesPayer() {
        return state() == DirectState.VOID;
    }

    /** Whether it holds nothing any more. */
    public boolean isOver() {
        return !state().holds();
    }

    /** What pays its node and the treasury. */
    public List<Instruction> finish(PublicKey feePayer) {
        PublicKey payout = chain.node(account.nodeKey()).payout();
        PublicKey treasury = chain.market().treasury();
        var instructions = new ArrayList<Instruction>();
        Stream.of(payout, treasury).distinct().forEach(wallet -> instructions.add(Tokens.createAssociated(feePayer, wallet, mint.address(), mint.tokenProgram())));
        instructions.add(calls.finishDirect(address, account.nodeKey(), payout, treasury));
        return instructions;
    }

    /** @throws StackException {@code direct_state}, {@code direct_too_late} */
    DirectAt requireVoidable() {
        if (state() != DirectState.OPEN) {
            throw new StackException("direct_state", "the record is " + state() + ", only an open one can be voided");
        }
        long slot = chain.slot();
        if (!voidable(slot)) {
            throw new StackException("direct_too_late", "its window is over since slot " + account.finalSlot() + ": whoever sends `nyxos direct finish` has the node paid");
        }
        return this;
    }

    Sheet sheet(long slot) {
        return new Sheet().put("record", address).put("state", state().toString()).put("job", account.job().hex()).put("node", account.nodeKey()).put("escrow", account.escrow())
                .put("payer", account.payer()).put("charge", account.charge(), mint).put("fee", account.fee(), mint).put("receipt", account.receiptHash().hex())
                .put("settled", account.slot(), "in slot " + account.slot())
                .put("final from", account.finalSlot(), Slots.from(account.finalSlot(), slot));
    }
}
