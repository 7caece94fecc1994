package network.nyxos.cli.provider;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.nyxos.chain.AccountFilter;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.direct.DirectAt;
import network.nyxos.cli.provider.Unsettled.Standing;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.escrow.Direct;
import network.nyxos.node.NodeService;
import network.nyxos.node.outbox.UnsettledJobs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Settles what nobody else does. */
@Command(name = "settle", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Lists the voucher-paid jobs of a node whose credit is not final, and settles by itself those that the market lets it: when nothing was posted for its direct slots. Needs no gateway and no relayer.",
        "What it settles is paid out by the same command when the window is over. While the relayer works there is nothing to do here."})
final class SettleNode implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Attachment attachment;

    @Option(names = "--keys", paramLabel = "DIR", required = true, description = "The node's keys.")
    private Path keys;

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "The node's data: `data` in its configuration.")
    private Path data;

    @Option(names = "--operator", paramLabel = "FILE", description = "Keypair file of who pays fee and rent (default: operator.json of --keys).")
    private Optional<Path> operator = Optional.empty();

    @Option(names = "--batch", paramLabel = "FILE", description = "The newest batch's document, where it may pay a job and the relayer is gone (default: the relayer's).")
    private Optional<Path> batch = Optional.empty();

    @Mixin
    private Consent consent;

    @Override
    public Integer call() {
        Keypair node = Attachment.nodeKeypair(keys.resolve("node.json"));
        Keypair payer = Attachment.nodeKeypair(operator.orElseGet(() -> keys.resolve("operator.json")));
        List<UnsettledJobs.Entry> entries = read().stream().filter(entry -> entry.receipt().receipt().node().equals(node.publicKey()))
                .sorted(Comparator.comparingLong(entry -> entry.receipt().receipt().endMs())).toList();
        try (ChainSession chain = attachment.chain()) {
            new Work(chain, node, payer, entries, new Unsettled(chain, attachment, entries, batch)).run();
        }
        out().flush();
        return 0;
    }

    private Path folder() {
        return data.resolve(NodeService.UNSETTLED);
    }

    private List<UnsettledJobs.Entry> read() {
        if (!Files.isDirectory(data)) {
            throw new StackException("data_missing", data + " is no folder; --data is `data` in the node's configuration");
        }
        try {
            return UnsettledJobs.in(folder());
        } catch (IOException e) {
            throw new StackException("data_unreadable", folder() + " cannot be read: " + e.getMessage());
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** One run, on one chain. */
    private final class Work {

        private final ChainSession chain;
        private final Keypair node;
        private final Keypair payer;
        private final List<UnsettledJobs.Entry> entries;
        private final Unsettled unsettled;

        Work(ChainSession chain, Keypair node, Keypair payer, List<UnsettledJobs.Entry> entries, Unsettled unsettled) {
            this.chain = chain;
            this.node = node;
            this.payer = payer;
            this.entries = entries;
            this.unsettled = unsettled;
        }

        void run() {
            long slot = chain.slot();
            var ready = new ArrayList<UnsettledJobs.Entry>();
            var payable = new ArrayList<DirectAt>();
            for (UnsettledJobs.Entry entry : entries) {
                switch (unsettled.of(entry)) {
                    case Standing.Ready can -> {
                        ready.add(entry);
                        say(entry.job(), can.mint().text(can.settlement().charge()) + ", can be settled directly now");
                    }
                    case Standing.Recorded(DirectAt record) -> {
                        look(record, slot, payable);
                        forget(entry, record.isOver());
                    }
                    case Standing.Waits(String why) -> say(entry.job(), why);
                    case Standing.Over(String why) -> {
                        say(entry.job(), why);
                        forget(entry, true);
                    }
                }
            }
            unsettled.others(DirectAt.all(chain, AccountFilter.key(Direct.OFFSET_NODE_KEY, node.publicKey()))).stream().filter(record -> !record.isOver())
                    .forEach(record -> look(record, slot, payable));
            if (entries.isEmpty() && payable.isEmpty()) {
                out().println("node " + node.publicKey() + " keeps no job that is unsettled");
            }
            if (ready.isEmpty() && payable.isEmpty()) {
                return;
            }
            consent.ask(out(), List.of(ready.size() + " to be settled, " + payable.size() + " to be paid out; fees and rent are paid by " + payer.publicKey()
                    + (ready.isEmpty() ? "" : ", a record's rent lies still until its payer's escrow is closed")));
            ready.forEach(this::settle);
            payable.forEach(this::finish);
        }

        private void look(DirectAt record, long slot, List<DirectAt> payable) {
            String charge = record.mint().text(record.account().charge());
            if (record.payable(slot)) {
                payable.add(record);
                say(record.account().job(), charge + ", settled directly, can be paid out now");
            } else if (record.voidable(slot)) {
                say(record.account().job(), charge + ", settled directly, paid out from " + Slots.from(record.account().finalSlot(), slot));
            } else {
                say(record.account().job(), charge + ", settled directly, record " + record.address() + " is " + record.state());
            }
        }

        private void forget(UnsettledJobs.Entry entry, boolean over) {
            if (over) {
                UnsettledJobs.remove(folder(), entry.job());
            }
        }

        /** Looks again before it sends: what was sent before changes the escrow, and somebody may have posted. */
        private void settle(UnsettledJobs.Entry entry) {
            if (!(unsettled.of(entry) instanceof Standing.Ready(var mint, var pool, var settlement))) {
                say(entry.job(), "not settled: " + said(unsettled.of(entry)));
                return;
            }
            Signature signature = chain.send("settle job " + entry.job(), pool.settleDirect(payer.publicKey(), settlement), payer, node);
            DirectAt record = DirectAt.find(chain, chain.programs().direct(settlement.voucher().escrow(), entry.job())).orElseThrow();
            say(entry.job(), mint.text(settlement.charge()) + " settled directly, paid out from " + Slots.from(record.account().finalSlot(), chain.slot()) + ", transaction " + signature);
        }

        private void finish(DirectAt record) {
            Signature signature = chain.send("finish " + record.address(), record.finish(payer.publicKey()), payer);
            say(record.account().job(), record.mint().text(record.account().charge() - record.account().fee()) + " paid out, fee " + record.mint().text(record.account().fee()) + ", transaction "
                    + signature);
            UnsettledJobs.remove(folder(), record.account().job());
        }

        private void say(Hash job, String what) {
            out().println(job + "  " + what);
            out().flush();
        }
    }

    private static String said(Standing standing) {
        return switch (standing) {
            case Standing.Ready _ -> "it changed as it was looked at; run it again";
            case Standing.Recorded(DirectAt record) -> "its record is " + record.state();
            case Standing.Waits(String why) -> why;
            case Standing.Over(String why) -> why;
        };
    }
}
