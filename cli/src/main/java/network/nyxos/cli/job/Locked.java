package network.nyxos.cli.job;

import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.program.escrow.Job;
import network.nyxos.escrow.program.escrow.Pool;
import software.sava.core.accounts.PublicKey;

/**
 * A job on chain.
 *
 * @param mint what is locked
 */
record Locked(PublicKey address, Job account, Mint mint) {

    /** Slots after its opening in which a job's account stays, whatever was released: its address must not be opened again. */
    private static final int OPENING = 150;

    /** @throws StackException {@code job_unknown} */
    static Locked at(ChainSession chain, String text) {
        PublicKey address = Attachment.key("JOB", text);
        return chain.owned(address, chain.programs().escrow()).filter(account -> Job.matches(account.data())).flatMap(account -> of(chain, address, Job.decode(account.data())))
                .orElseThrow(() -> new StackException("job_unknown", address + " is no job of market " + chain.address() + " (any more)"));
    }

    /** The job, where it is of this market. */
    static Optional<Locked> of(ChainSession chain, PublicKey address, Job job) {
        return chain.owned(job.pool(), chain.programs().escrow()).map(account -> Pool.decode(account.data())).filter(pool -> pool.market().equals(chain.address()))
                .map(pool -> new Locked(address, job, chain.mint(pool.mint())));
    }

    /** What is not released yet, base units. */
    long left() {
        return account.amount() - account.released();
    }

    /** From which slot it can be closed and what is left goes back. */
    long refundFrom() {
        return left() > 0 ? account.deadlineSlot() : account.openSlot() + OPENING;
    }

    Sheet sheet(long slot) {
        return new Sheet().put("job", address).put("locked", account.amount(), mint).put("released", account.released(), mint).put("left", left(), mint).put("mint", mint.address())
                .put("node", account.nodeKey()).put("payer", account.payer()).put("deadline", account.deadlineSlot(), Slots.from(account.deadlineSlot(), slot))
                .put("refundable", slot >= refundFrom(), slot >= refundFrom() ? "yes: `nyxos job refund`, by anybody" : "from " + Slots.from(refundFrom(), slot))
                .put("fee bps", account.feeBps(), Integer.toString(account.feeBps())).put("terms", account.termsHash().hex());
    }
}
