package network.nyxos.cli.attach;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.RpcException;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.cli.up.Amounts;
import network.nyxos.cli.up.StackException;
import network.nyxos.cli.up.Waits;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.token.BuiltIn;
import network.nyxos.escrow.transaction.SignedTransaction;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.node.account.DirectWriter;
import software.sava.core.tx.Instruction;

/**
 * Sends transactions of one fee payer to a cluster.
 *
 * @param rpc      the cluster
 * @param programs whose errors are named
 * @param payer    pays fees and rent
 * @param price    priority fee, millionths of a lamport a compute unit; 0: none
 */
public record Submission(SolanaRpc rpc, Programs programs, Keypair payer, long price) {

    /** The fee of a signature, in lamports. */
    private static final long SIGNATURE_FEE = 5_000;
    /** Enough for every transaction that is sent here; the priority fee is paid for what is asked, not for what is used. */
    private static final int UNITS = 60_000;
    private static final long MOST_PRICE = 1_000_000_000_000L;
    private static final int ATTEMPTS = 4;
    private static final Duration WAIT = Duration.ofSeconds(150);
    private static final Duration SLOT_WAIT = Duration.ofSeconds(60);

    /**
     * Sends in a payer's name.
     *
     * @param price priority fee, as a person gave it
     * @throws StackException {@code priority_fee_range}
     */
    public static Submission of(SolanaRpc rpc, Programs programs, Keypair payer, long price) {
        if (price < 0 || price > MOST_PRICE) {
            throw new StackException("priority_fee_range", "--priority-fee is 0 to " + MOST_PRICE + " millionths of a lamport, not " + price);
        }
        return new Submission(rpc, programs, payer, price);
    }

    /**
     * Tells what it costs and asks.
     *
     * @param stays lamports that will have been spent
     * @param peak  lamports that are needed on the way
     * @param yes   whether the person has agreed
     * @throws StackException {@code sol_insufficient}, {@code yes_missing}
     */
    public void agree(long stays, long peak, boolean yes, PrintWriter out) {
        long balance = rpc.balance(payer.publicKey(), Commitment.CONFIRMED);
        out.println("costs " + lamports(stays) + ", needs " + lamports(peak) + " on the way; " + payer.publicKey() + " has " + lamports(balance));
        out.flush();
        if (balance < peak) {
            throw new StackException("sol_insufficient", payer.publicKey() + " has " + lamports(balance) + " and needs " + lamports(peak) + "; send it "
                    + lamports(peak - balance) + " more. Nothing was spent");
        }
        Consent.require(yes);
    }

    private static String lamports(long amount) {
        return amount + " lamports (" + Amounts.text(amount, 9, "SOL") + ")";
    }

    /** What a transaction costs, in lamports. */
    public long fee(int signatures) {
        return Math.addExact(Math.multiplyExact(SIGNATURE_FEE, signatures), Math.ceilDiv(Math.multiplyExact(price, UNITS), 1_000_000L));
    }

    /** Lays a transaction of the payer out on a blockhash and signs it. */
    public SignedTransaction sign(List<Instruction> instructions, Hash blockhash, Keypair... signers) {
        var all = new ArrayList<Instruction>();
        if (price > 0) {
            all.add(BuiltIn.computeUnitLimit(UNITS));
            all.add(BuiltIn.computeUnitPrice(price));
        }
        all.addAll(instructions);
        return TransactionBuilder.legacy(payer.publicKey()).addAll(all).compile(blockhash).sign(Stream.concat(Stream.of(payer), Stream.of(signers)).distinct().toList());
    }

    /**
     * Sends and waits until it is confirmed. Where the blockhash expired and it is proven that the transaction can never be executed, another one is signed.
     *
     * @param what for messages
     * @throws StackException {@code transaction_refused}, {@code transaction_failed}, {@code transaction_expired}, {@code outcome_unknown}
     */
    public Signature send(String what, List<Instruction> instructions, Keypair... signers) {
        for (int attempt = 1; ; attempt++) {
            Outcome outcome;
            try {
                outcome = new DirectWriter(rpc, programs).execute(what, blockhash -> sign(instructions, blockhash, signers), WAIT);
            } catch (RpcException.Refused e) {
                throw new StackException("transaction_refused", "the chain did not take it (" + what + "), nothing was changed: " + e.getMessage());
            }
            switch (outcome.state()) {
                case CONFIRMED -> {
                    return outcome.signature();
                }
                case EXPIRED -> {
                    if (attempt == ATTEMPTS) {
                        throw new StackException("transaction_expired", what + ": " + ATTEMPTS + " transactions did not get onto the chain before their blockhash expired, nothing was"
                                + " changed; the cluster is busy: run it again with a higher --priority-fee");
                    }
                }
                case FAILED, REJECTED -> throw new StackException("transaction_failed", "the chain did not do it: " + outcome.describe());
                case SIGNED, SENT, UNKNOWN -> throw new StackException("outcome_unknown", "whether it was done is not known yet; run the same command again, it looks at the chain first: "
                        + outcome.describe());
            }
        }
    }

    /** Waits for a later slot than this one: the loader changes a program once a slot. */
    public void awaitSlotAfter(long slot) {
        Waits.until("a slot after " + slot, SLOT_WAIT, () -> Optional.of(rpc.slot(Commitment.CONFIRMED)).filter(now -> now > slot));
    }
}
