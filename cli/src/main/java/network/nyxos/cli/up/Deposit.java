package network.nyxos.cli.up;

import java.util.Comparator;
import java.util.List;
import network.nyxos.chain.Account;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.escrow.Escrow;
import software.sava.core.accounts.PublicKey;

/**
 * The agent's escrow of one mint.
 *
 * @param address   the account
 * @param deposited base units ever put in
 * @param settled   base units ever taken out for work
 */
record Deposit(PublicKey address, long deposited, long settled) {

    private static final int OPEN = 1;

    /** The agent's open escrow, or a new one with the given deposit. The agent signs; the fees and the rent are the funder's, so the agent needs no SOL. */
    static Deposit find(SolanaRpc rpc, Foundation foundation, Programs programs, Keys keys, Mint mint, long amount, Steps steps) {
        PublicKey agent = keys.agent().publicKey();
        PublicKey session = keys.agentSession().publicKey();
        List<Account> found = rpc.programAccounts(programs.escrow(), List.of(new AccountFilter.Size(Escrow.SIZE),
                AccountFilter.key(Escrow.OFFSET_MARKET, foundation.market().market()), AccountFilter.key(Escrow.OFFSET_PAYER, agent),
                AccountFilter.key(Escrow.OFFSET_MINT, mint.address())), Commitment.CONFIRMED);
        // A deposit that is nearly spent would end the job half-way: open a new one instead.
        return found.stream().map(account -> of(account.address(), Escrow.decode(account.data()), session, amount)).flatMap(List::stream)
                .max(Comparator.comparingLong(deposit -> deposit.deposited() - deposit.settled()))
                .orElseGet(() -> open(rpc, foundation, keys, mint, amount, steps));
    }

    private static List<Deposit> of(PublicKey address, Escrow escrow, PublicKey session, long amount) {
        boolean usable = escrow.state() == OPEN && escrow.sessionKey().equals(session) && escrow.deposited() - escrow.settled() >= amount / 2;
        return usable ? List.of(new Deposit(address, escrow.deposited(), escrow.settled())) : List.of();
    }

    private static Deposit open(SolanaRpc rpc, Foundation foundation, Keys keys, Mint mint, long amount, Steps steps) {
        PoolCalls pool = foundation.pool(mint);
        Keypair agent = keys.agent();
        Keypair funder = keys.funder();
        long slot = rpc.slot(Commitment.CONFIRMED);
        Signature signature = foundation.send("escrow:" + mint.symbol() + ":" + slot, List.of(pool.open(funder.publicKey(), agent.publicKey(), slot,
                keys.agentSession().publicKey(), 0, 0, amount)), funder, agent);
        PublicKey address = pool.escrow(agent.publicKey(), slot);
        steps.done("agent", "escrow " + Amounts.brief(address.toBase58()) + " opened with " + mint.text(amount) + ", " + Amounts.brief(signature.toString()));
        return new Deposit(address, amount, 0);
    }
}
