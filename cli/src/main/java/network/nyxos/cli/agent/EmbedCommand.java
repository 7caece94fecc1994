package network.nyxos.cli.agent;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.nyxos.cli.attach.KnownRegistry;
import network.nyxos.cli.attach.Service;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.EmbeddingCall;
import network.nyxos.gateway.client.EmbeddingReply;
import network.nyxos.gateway.client.Trust;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Turns texts into vectors and pays for them. */
@Command(name = "embed", mixinStandardHelpOptions = true, sortOptions = false, description = {"Turns texts into vectors and pays for them.",
        "The vectors go to standard output, a JSON array a line; what they cost, the job, the receipt's hash and the transaction go to standard error."})
public final class EmbedCommand implements Callable<Integer> {

    private static final String LESS = "send fewer or shorter texts";

    @Spec
    private CommandSpec spec;

    @Mixin
    private Payer payer;

    @Option(names = "--model", paramLabel = "NAME", description = "The model (default: the gateway's first that makes embeddings).")
    private Optional<String> model = Optional.empty();

    @Option(names = "--tier", paramLabel = "TIER", defaultValue = "open", description = "open or confidential (default: ${DEFAULT-VALUE}).")
    private String tier;

    @Parameters(paramLabel = "TEXT", arity = "1..*", description = "What to embed.")
    private List<String> texts;

    @Override
    public Integer call() {
        Tier wanted = Tier.ofWireName(tier);
        EmbeddingReply reply;
        try (Service asked = payer.gateway(); KnownRegistry registry = payer.registry()) {
            Trust trust = registry.lookup().map(Trust.NONE::withRegistry).orElse(Trust.NONE);
            reply = payer.client(trust).embed(new EmbeddingCall(model.orElseGet(() -> Payer.firstModel(asked, "embedding")), texts, wanted));
        } catch (AgentException e) {
            throw payer.notServed(e, model, LESS);
        }
        PrintWriter out = spec.commandLine().getOut();
        reply.vectors().forEach(vector -> out.println(Arrays.toString(vector.values())));
        out.flush();
        PaidReport.of(reply, payer.paidIn()).print(spec.commandLine().getErr());
        return 0;
    }
}
