package network.nyxos.cli.deploy;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.program.AcceptedPrograms;
import network.nyxos.chain.program.Expectation;
import network.nyxos.chain.program.SelfCheck;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.Submission;
import network.nyxos.escrow.crypto.Keypair;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.sava.core.accounts.PublicKey;

/** Opens registry, market and pools. */
@Command(name = "market", mixinStandardHelpOptions = true, sortOptions = false, description = {"Makes the registry, the market and its pools as a file says, each where it is missing.",
        "The file is the one that `nyxos deploy check` reads; docs/operations.md lists its keys. Prints what it would do and cost; --yes does it."})
final class MarketCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Spending spending;

    @Option(names = "--file", paramLabel = "FILE", required = true, description = "The deployment.")
    private Path file;

    @Option(names = "--key", paramLabel = "FILE", description = "Keypair file of registry.creator, market.creator or market.authority, where that is not the payer; may be repeated.")
    private List<Path> keys = List.of();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        DeploymentFile deployment = DeploymentFile.read(file);
        Map<PublicKey, Keypair> signers = keys.stream().map(Attachment::keypair).collect(Collectors.toMap(Keypair::publicKey, Function.identity(), (one, same) -> one));
        try (SolanaRpc chain = spending.connect()) {
            DeploymentDifferences.sameCluster(chain, deployment);
            // A market of programs that are not there would be an account that nobody can make.
            SelfCheck.run(chain, Expectation.of(deployment.programs(), AcceptedPrograms.ANY));
            Submission submission = spending.submission(chain, deployment.programs());
            MarketOpening opening = MarketOpening.plan(submission, deployment, signers);
            if (opening.isDone()) {
                tell(out, "all is as it should be: market " + deployment.marketAddress() + ", registry " + deployment.registryConfig());
                return 0;
            }
            opening.describe().forEach(line -> tell(out, line));
            spending.agree(submission, opening.cost(), opening.cost(), out);
            if (!opening.run(line -> tell(out, line))) {
                return 1;
            }
            var different = new DeploymentDifferences(chain, deployment).registry(true).market(true).all();
            different.forEach(difference -> tell(out, "DIFFERS  " + difference));
            tell(out, "market " + deployment.marketAddress() + ", registry " + deployment.registryConfig() + (different.isEmpty() ? ": as the file says" : ""));
            return different.isEmpty() ? 0 : 1;
        }
    }

    private static void tell(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }
}
