package network.nyxos.cli.deploy;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.governance.Announced;
import network.nyxos.cli.up.Artifacts;
import network.nyxos.escrow.crypto.Hash;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Holds a cluster against a deployment's file. */
@Command(name = "check", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Compares what is on a cluster with a deployment's file: programs, code, upgrade authority, registry, market, pools. Names each difference; needs no key.",
        "Says, too, whether money is stopped (PAUSED) and which changes are announced (PENDING), with their slots.",
        "Exit code 0: all is as the file says, and nothing is stopped or announced; 1: otherwise."})
final class CheckCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--rpc", paramLabel = "URL", required = true, description = "The cluster's JSON-RPC.")
    private URI rpc;

    @Option(names = "--file", paramLabel = "FILE", required = true, description = "The deployment.")
    private Path file;

    @Option(names = "--artifacts", paramLabel = "DIR", description = "Folder whose SHA256SUMS says what the code must be, where the file does not (default: onchain/artifacts of this clone).")
    private Optional<Path> artifacts = Optional.empty();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        DeploymentFile deployment = DeploymentFile.read(file);
        try (SolanaRpc chain = SolanaRpc.connect(rpc)) {
            DeploymentDifferences.sameCluster(chain, deployment);
            List<DeploymentDifferences.Difference> different = new DeploymentDifferences(chain, deployment)
                    .programs(hash(deployment.hashes().registry(), "registry"), hash(deployment.hashes().escrow(), "escrow")).registry(true).market(true).all();
            different.forEach(difference -> out.println("DIFFERS  " + difference));
            List<String> announced = announced(deployment);
            announced.forEach(out::println);
            out.println(different.isEmpty() ? announced.isEmpty() ? "all is as the file says on " + Cluster.name(deployment.cluster())
                    : "all is as the file says on " + Cluster.name(deployment.cluster()) + ", but not as it shall stay" : different.size() + " differences");
            out.flush();
            return different.isEmpty() && announced.isEmpty() ? 0 : 1;
        }
    }

    private List<String> announced(DeploymentFile deployment) {
        try (ChainSession chain = ChainSession.open(rpc, deployment.programs(), deployment.marketAddress())) {
            return Announced.of(chain, deployment.registryConfig());
        }
    }

    private Hash hash(Optional<Hash> stated, String name) {
        return stated.orElseGet(() -> Hash.sha256(artifacts.map(Artifacts::new).orElseGet(Artifacts::ofRepository).program(name)));
    }
}
