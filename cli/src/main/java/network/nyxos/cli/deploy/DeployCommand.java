package network.nyxos.cli.deploy;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.program.Loader;
import network.nyxos.chain.program.ProgramBuffer;
import network.nyxos.chain.program.ProgramCode;
import network.nyxos.chain.program.ProgramState;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.CommandGroup;
import network.nyxos.cli.attach.Submission;
import network.nyxos.cli.up.Amounts;
import network.nyxos.cli.up.Artifacts;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.Programs;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import software.sava.core.accounts.PublicKey;

/** Brings Nyxos onto a cluster. */
@Command(name = "deploy", mixinStandardHelpOptions = true, description = {"Brings the programs, a registry and a market onto any cluster, and checks what is there.",
        "docs/operations.md walks through it."}, subcommands = {DeployCommand.OfPrograms.class, MarketCommand.class, CheckCommand.class, DeployCommand.Show.class,
        DeployCommand.Authority.class, DeployCommand.CloseBuffer.class})
public final class DeployCommand extends CommandGroup {

    private static void tell(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }

    @Command(name = "programs", mixinStandardHelpOptions = true, sortOptions = false, description = {
            "Deploys or upgrades registry and escrow through the upgradeable loader.",
            "The files are held against SHA256SUMS before, and the chain's bytes against the files after. What is there already is left alone; what was interrupted is",
            "gone on with by running the same command again. Prints what it would do and cost; --yes does it."})
    static final class OfPrograms implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Mixin
        private Spending spending;

        @Option(names = "--registry", paramLabel = "KEY", description = "The registry's id: its keypair file for the first deployment, its address afterwards.")
        private Optional<String> registry = Optional.empty();

        @Option(names = "--escrow", paramLabel = "KEY", description = "The escrow program's id, likewise.")
        private Optional<String> escrow = Optional.empty();

        @ArgGroup
        private Upgrader upgrader = new Upgrader();

        @Option(names = "--buffer-only", description = "For an upgrade by a multisig: write and verify the buffer, hand it to the upgrade authority, and print what has to be signed.")
        private boolean bufferOnly;

        @Option(names = "--reserve", paramLabel = "BYTES", defaultValue = "0", description = "Room that a first deployment makes for later upgrades (default: the code's length; upgrades that "
                + "are longer make more room themselves).")
        private int reserve;

        @Option(names = "--artifacts", paramLabel = "DIR", description = "Folder of registry.so, escrow.so and SHA256SUMS (default: onchain/artifacts of this clone).")
        private Optional<Path> artifacts = Optional.empty();

        /** Who may upgrade. */
        static final class Upgrader {

            @Option(names = "--authority", paramLabel = "ADDRESS", description = "Who is to hold the upgrade authority, for example a multisig; does not sign.")
            private Optional<String> address = Optional.empty();

            @Option(names = "--authority-key", paramLabel = "FILE", description = "Keypair file of the upgrade authority, which signs.")
            private Optional<Path> key = Optional.empty();
        }

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            if (registry.isEmpty() && escrow.isEmpty()) {
                throw new ParameterException(spec.commandLine(), "name --registry, --escrow or both");
            }
            Artifacts built = artifacts.map(Artifacts::new).orElseGet(Artifacts::ofRepository);
            Optional<Keypair> signer = upgrader.key.map(Attachment::keypair);
            Optional<PublicKey> authority = upgrader.address.map(text -> Attachment.key("--authority", text)).or(() -> signer.map(Keypair::publicKey));
            var wanted = new ArrayList<ProgramDeployment.Wanted>();
            registry.ifPresent(id -> wanted.add(wanted("registry", id, built, authority, signer)));
            escrow.ifPresent(id -> wanted.add(wanted("escrow", id, built, authority, signer)));
            if (wanted.size() == 2 && wanted.getFirst().program().equals(wanted.getLast().program())) {
                throw new StackException("programs_same", "--registry and --escrow are two programs and need two ids, both are " + wanted.getFirst().program());
            }
            try (SolanaRpc chain = spending.connect()) {
                tell(out, "cluster: " + Cluster.name(chain.genesisHash()));
                Submission submission = spending.submission(chain, Programs.LOCAL);
                List<ProgramDeployment> deployments = wanted.stream().map(each -> ProgramDeployment.plan(submission, each)).toList();
                deployments.forEach(deployment -> tell(out, deployment.describe()));
                if (deployments.stream().allMatch(ProgramDeployment::isDone)) {
                    return 0;
                }
                long stays = 0;
                long peak = 0;
                for (ProgramDeployment deployment : deployments) {
                    ProgramDeployment.Cost cost = deployment.cost();
                    peak = Math.max(peak, Math.addExact(stays, cost.peak()));
                    stays = Math.addExact(stays, cost.stays());
                }
                spending.agree(submission, stays, Math.max(stays, peak), out);
                deployments.stream().filter(deployment -> !deployment.isDone()).forEach(deployment -> deployment.run(line -> tell(out, line)));
            }
            return 0;
        }

        private ProgramDeployment.Wanted wanted(String name, String text, Artifacts built, Optional<PublicKey> authority, Optional<Keypair> signer) {
            ProgramId id = ProgramId.of("--" + name, text);
            ProgramCode code = ProgramCode.ofFile(built.program(name));
            if (reserve < 0 || reserve > Loader.MAX_ACCOUNT - Loader.DATA_HEADER || reserve != 0 && reserve < code.length()) {
                throw new StackException("reserve_range", "--reserve is at least the code's length, " + code.length() + " bytes for " + name + ", and at most "
                        + (Loader.MAX_ACCOUNT - Loader.DATA_HEADER));
            }
            return new ProgramDeployment.Wanted(name, id.address(), id.key(), code, authority, signer, reserve == 0 ? code.length() : reserve, bufferOnly);
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows a program or a buffer: hash of its code, upgrade authority, room.")
    static final class Show implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Option(names = "--rpc", paramLabel = "URL", required = true, description = "The cluster's JSON-RPC.")
        private URI rpc;

        @ArgGroup(multiplicity = "1")
        private Which which;

        /** What to show. */
        static final class Which {

            @Option(names = "--program", paramLabel = "ADDRESS", description = "A program.")
            private Optional<String> program = Optional.empty();

            @Option(names = "--buffer", paramLabel = "ADDRESS", description = "A buffer.")
            private Optional<String> buffer = Optional.empty();
        }

        @Override
        public Integer call() {
            try (SolanaRpc chain = SolanaRpc.connect(rpc)) {
                which.program.ifPresent(text -> program(chain, Attachment.key("--program", text)));
                which.buffer.ifPresent(text -> buffer(chain, Attachment.key("--buffer", text)));
            }
            return 0;
        }

        private void program(SolanaRpc chain, PublicKey address) {
            switch (ProgramState.read(chain, address, Commitment.CONFIRMED)) {
                case ProgramState.Absent _ -> throw new StackException("program_absent", "there is nothing at " + address + " on " + Cluster.name(chain.genesisHash()));
                case ProgramState.Foreign foreign -> throw new StackException("program_not_executable", address + " is no program, it belongs to " + foreign.owner());
                case ProgramState.Closed _ -> throw new StackException("program_closed", "the program " + address + " was closed");
                case ProgramState.Deployed deployed -> {
                    show("program", address);
                    show("data", deployed.dataAddress());
                    code(deployed.code(), deployed.authority());
                    show("room", deployed.capacity() + " bytes");
                    show("slot", deployed.slot());
                }
            }
        }

        private void buffer(SolanaRpc chain, PublicKey address) {
            ProgramBuffer buffer = ProgramBuffer.read(chain, address, Commitment.CONFIRMED)
                    .orElseThrow(() -> new StackException("buffer_absent", "there is no buffer at " + address + " on " + Cluster.name(chain.genesisHash())));
            show("buffer", address);
            code(buffer.code(), buffer.authority());
            show("holds", Amounts.text(buffer.lamports(), 9, "SOL"));
        }

        private void code(ProgramCode code, Optional<PublicKey> authority) {
            show("sha-256", code.hash());
            show("length", code.length() + " bytes");
            show("authority", authority.map(PublicKey::toBase58).orElse("none: final"));
        }

        private void show(String name, Object value) {
            tell(spec.commandLine().getOut(), "%-10s %s".formatted(name, value));
        }
    }

    @Command(name = "authority", mixinStandardHelpOptions = true, sortOptions = false, description = "Gives a program's upgrade authority to somebody else, or to nobody for ever.")
    static final class Authority implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Mixin
        private Spending spending;

        @Option(names = "--program", paramLabel = "ADDRESS", required = true, description = "The program.")
        private String program;

        @Option(names = "--authority-key", paramLabel = "FILE", description = "Keypair file of the present authority (default: the payer's).")
        private Optional<Path> holder = Optional.empty();

        @ArgGroup(multiplicity = "1")
        private Next next;

        /** Who comes next. */
        static final class Next {

            @Option(names = "--to", paramLabel = "KEY", description = "The next authority: its address, or its keypair file, which then signs that it exists.")
            private Optional<String> to = Optional.empty();

            @Option(names = "--final", description = "Nobody: the program can never be changed again. This cannot be undone.")
            private boolean nobody;
        }

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            PublicKey address = Attachment.key("--program", program);
            Optional<ProgramId> heir = next.to.map(text -> ProgramId.of("--to", text));
            try (SolanaRpc chain = spending.connect()) {
                Submission submission = spending.submission(chain, Programs.LOCAL);
                Keypair key = holder.map(Attachment::keypair).orElse(submission.payer());
                if (!(ProgramState.read(chain, address, Commitment.CONFIRMED) instanceof ProgramState.Deployed deployed)) {
                    throw new StackException("program_absent", "there is no program at " + address + " on " + Cluster.name(chain.genesisHash()));
                }
                if (deployed.authority().equals(heir.map(ProgramId::address))) {
                    tell(out, address + " is as it should be: upgrade authority " + deployed.authority().map(PublicKey::toBase58).orElse("none"));
                    return 0;
                }
                if (deployed.authority().filter(key.publicKey()::equals).isEmpty()) {
                    throw new StackException("authority_wrong", "the upgrade authority of " + address + " is " + deployed.authority().map(PublicKey::toBase58).orElse("none")
                            + ", not " + key.publicKey() + "; give its keypair file as --authority-key");
                }
                tell(out, address + " on " + Cluster.name(chain.genesisHash()) + ": upgrade authority from " + key.publicKey() + " to "
                        + heir.map(to -> to.address().toBase58() + (to.key().isEmpty() ? " (does not sign: make sure that its key exists)" : "")).orElse("NOBODY, for ever"));
                spending.agree(submission, submission.fee(3), submission.fee(3), out);
                if (heir.isPresent()) {
                    ProgramDeployment.handOver(submission, deployed.dataAddress(), key, heir.get().address(), heir.get().key(), line -> tell(out, line));
                } else {
                    tell(out, "final, " + submission.send("make final", List.of(LoaderCalls.setAuthority(deployed.dataAddress(), key.publicKey(), Optional.empty())), key));
                }
            }
            return 0;
        }
    }

    @Command(name = "close-buffer", mixinStandardHelpOptions = true, sortOptions = false, description = "Closes a buffer that is not wanted any more; its rent goes to the payer.")
    static final class CloseBuffer implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Mixin
        private Spending spending;

        @Option(names = "--buffer", paramLabel = "ADDRESS", required = true, description = "The buffer.")
        private String buffer;

        @Option(names = "--authority-key", paramLabel = "FILE", description = "Keypair file of the buffer's authority (default: the payer's).")
        private Optional<Path> holder = Optional.empty();

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            PublicKey address = Attachment.key("--buffer", buffer);
            try (SolanaRpc chain = spending.connect()) {
                Submission submission = spending.submission(chain, Programs.LOCAL);
                Keypair key = holder.map(Attachment::keypair).orElse(submission.payer());
                ProgramBuffer found = ProgramBuffer.read(chain, address, Commitment.CONFIRMED)
                        .orElseThrow(() -> new StackException("buffer_absent", "there is no buffer at " + address + " on " + Cluster.name(chain.genesisHash())));
                if (found.authority().filter(key.publicKey()::equals).isEmpty()) {
                    throw new StackException("authority_wrong", "the buffer " + address + " belongs to " + found.authority().map(PublicKey::toBase58).orElse("nobody") + ", not to "
                            + key.publicKey());
                }
                tell(out, "closing " + address + " gives back " + Amounts.text(found.lamports(), 9, "SOL"));
                spending.agree(submission, submission.fee(2), submission.fee(2), out);
                tell(out, "closed, " + submission.send("close the buffer", List.of(LoaderCalls.closeBuffer(address, key.publicKey(), submission.payer().publicKey())), key));
            }
            return 0;
        }
    }
}
