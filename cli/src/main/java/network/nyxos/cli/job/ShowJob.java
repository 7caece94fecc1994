package network.nyxos.cli.job;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Showing;
import network.nyxos.escrow.program.escrow.Job;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Shows jobs. */
@Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows a job, or all that a wallet has open, or all that are open for a node.")
final class ShowJob extends Showing {

    @ArgGroup
    private Which which = new Which();

    /** Which jobs. */
    static final class Which {

        @Parameters(paramLabel = "JOB", arity = "0..1", description = "Its address.")
        private Optional<String> job = Optional.empty();

        @Option(names = "--node", paramLabel = "KEY", description = "All that are open for this node.")
        private Optional<String> node = Optional.empty();

        @Option(names = "--wallet", paramLabel = "FILE", description = "All that this wallet has open (default: the stack's agent).")
        private Optional<Path> wallet = Optional.empty();
    }

    @Override
    protected void show(ChainSession chain, PrintWriter out, boolean json) {
        long slot = chain.slot();
        if (which.job.isPresent()) {
            Locked.at(chain, which.job.get()).sheet(slot).print(out, json);
            return;
        }
        Optional<PublicKey> node = which.node.map(text -> Attachment.key("--node", text));
        PublicKey whose = node.orElseGet(() -> attachment().wallet(which.wallet).publicKey());
        List<Sheet> jobs = chain.rpc().programAccounts(chain.programs().escrow(), List.of(new AccountFilter.Size(Job.SIZE), AccountFilter.key(node.isPresent() ? Job.OFFSET_NODE_KEY : Job.OFFSET_PAYER, whose)),
                Commitment.CONFIRMED).stream().filter(account -> Job.matches(account.data())).flatMap(account -> Locked.of(chain, account.address(), Job.decode(account.data())).stream())
                .sorted(Comparator.comparingLong(locked -> locked.account().openSlot())).map(locked -> locked.sheet(slot)).toList();
        Sheet.print(jobs, "no job of " + whose + " in market " + chain.address(), out, json);
    }
}
