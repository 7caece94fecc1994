package network.nyxos.cli.job;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.InputFiles;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.registry.Node;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Locks an amount. */
@Command(name = "open", mixinStandardHelpOptions = true, sortOptions = false, description = {"Locks an amount for one node's work and prints the job's address.",
        "Only --wallet's word, or the verifiers', releases it to the node; what is not released by the deadline goes back."})
final class OpenJob extends Sending {

    private static final int LEAST_DEADLINE = 150;
    private static final int MOST_DEADLINE = 78_840_000;

    @Parameters(paramLabel = "AMOUNT", description = "What to lock, for example 1.5; the market's fee is taken from what is released.")
    private String amount;

    @Option(names = "--node", paramLabel = "KEY", required = true, description = "The node's key.")
    private String node;

    @Option(names = "--deadline-slots", paramLabel = "N", required = true, description = "After how many slots the rest goes back, 150 to 78840000 (a year); a slot is about 0.4 s.")
    private long deadline;

    @Option(names = "--mint", paramLabel = "MINT", defaultValue = "usdc", description = "usdc, nyxos or an address (default: ${DEFAULT-VALUE}).")
    private String mint;

    @Option(names = "--terms", paramLabel = "FILE", description = "What was agreed: the file's SHA-256 stands in the job, the file stays here.")
    private Optional<Path> terms = Optional.empty();

    @Override
    protected void run(ChainSession chain) {
        PublicKey worker = Attachment.key("--node", node);
        if (deadline < LEAST_DEADLINE || deadline > MOST_DEADLINE) {
            throw new StackException("deadline_range", "--deadline-slots is " + LEAST_DEADLINE + " to " + MOST_DEADLINE + ", not " + deadline);
        }
        Hash agreed = terms.map(InputFiles::bytes).map(bytes -> Hash.sha256(bytes)).orElse(Hash.ZERO);
        Mint paid = chain.mint(attachment().mint(mint));
        long locked = Decimals.parsePositive(amount, paid);
        Keypair payer = wallet();
        Node account = chain.node(worker);
        if (BondState.of(account.state()) != BondState.ACTIVE) {
            throw new StackException("node_state", "node " + worker + " is not active: it takes no jobs any more");
        }
        if (chain.market().paused() != 0) {
            throw new StackException("market_paused", "market " + chain.address() + " is paused and takes no new job; nothing was locked");
        }
        PoolCalls pool = chain.pool(paid);
        chain.require(payer.publicKey(), paid, "the amount", locked);
        Keypair fees = feePayer();
        long slot = chain.slot();
        PublicKey address = pool.job(payer.publicKey(), slot);
        Signature signature = chain.send("open job " + address, List.of(pool.openJob(fees.publicKey(), payer.publicKey(), slot, worker, locked, slot + deadline, agreed)), fees, payer);
        out().println(address.toBase58());
        done(paid.text(locked) + " locked for node " + worker + "; what is not released goes back from " + Slots.from(slot + deadline, slot), signature);
    }
}
