package network.nyxos.cli.agent;

import java.util.List;
import java.util.Optional;
import network.nyxos.chain.Account;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.escrow.Payment;
import network.nyxos.escrow.program.escrow.Pool;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Closes records of payments. */
@Command(name = "close-payment", mixinStandardHelpOptions = true, sortOptions = false, description = {"Closes the record of an exact payment that was made through the program, a day after it; its rent goes back.",
        "--wallet is who paid that rent. The payment itself stays what it was."})
final class ClosePayment extends Sending {

    /** Slots that a record stands for. */
    private static final int STANDS = 216_000;

    @Parameters(paramLabel = "PAYMENT", arity = "0..1", description = "The record's address (default: every record of the wallet's in this market that can be closed).")
    private Optional<String> payment = Optional.empty();

    /** A record of this market. */
    private record Found(PublicKey address, Payment account, PoolCalls pool) {

        long from() {
            return account.slot() + STANDS;
        }
    }

    @Override
    protected void run(ChainSession chain) {
        Keypair owner = wallet();
        long slot = chain.slot();
        List<Found> closed = payment.map(text -> List.of(one(chain, text, owner, slot))).orElseGet(() -> all(chain, owner, slot));
        if (closed.isEmpty()) {
            out().println("no record of a payment of " + owner.publicKey() + " can be closed in market " + chain.address());
        }
        Keypair fees = feePayer();
        for (Found found : closed) {
            Signature signature = chain.send("close payment " + found.address(), List.of(found.pool().closePayment(owner.publicKey(), found.address())), fees, owner);
            done("record " + found.address() + " closed, its rent went to " + owner.publicKey(), signature);
        }
    }

    private static Found one(ChainSession chain, String text, Keypair owner, long slot) {
        PublicKey address = Attachment.key("PAYMENT", text);
        Found found = chain.owned(address, chain.programs().escrow()).flatMap(account -> found(chain, account))
                .orElseThrow(() -> new StackException("payment_unknown", address + " is no record of a payment in market " + chain.address() + " (any more)"));
        if (!found.account().rentPayer().equals(owner.publicKey())) {
            throw new StackException("rent_payer_other", "the rent of record " + address + " was paid by " + found.account().rentPayer() + ", the wallet is " + owner.publicKey());
        }
        if (slot < found.from()) {
            throw new StackException("payment_too_early", "record " + address + " can be closed from " + Slots.from(found.from(), slot) + ": until then its reference cannot be paid twice");
        }
        return found;
    }

    private static List<Found> all(ChainSession chain, Keypair owner, long slot) {
        return chain.rpc().programAccounts(chain.programs().escrow(), List.of(new AccountFilter.Size(Payment.SIZE), AccountFilter.key(Payment.OFFSET_RENT_PAYER, owner.publicKey())), Commitment.CONFIRMED)
                .stream().flatMap(account -> found(chain, account).stream()).filter(found -> slot >= found.from()).toList();
    }

    private static Optional<Found> found(ChainSession chain, Account account) {
        if (!Payment.matches(account.data())) {
            return Optional.empty();
        }
        Payment payment = Payment.decode(account.data());
        return chain.owned(payment.pool(), chain.programs().escrow()).map(of -> Pool.decode(of.data())).filter(pool -> pool.market().equals(chain.address()))
                .map(pool -> new Found(account.address(), payment, chain.calls().pool(pool.mint(), pool.tokenProgram())));
    }
}
