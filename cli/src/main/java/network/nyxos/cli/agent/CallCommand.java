package network.nyxos.cli.agent;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.nyxos.cli.attach.InputFiles;
import network.nyxos.cli.attach.KnownRegistry;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.ServiceCall;
import network.nyxos.gateway.client.ServiceReply;
import network.nyxos.gateway.client.Trust;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Calls another agent's service and pays for it. */
@Command(name = "call", mixinStandardHelpOptions = true, sortOptions = false, description = {"Calls another agent's service and pays for it.",
        "What it answers goes to standard output as it came; what it cost, the job, the receipt's hash and the transaction go to standard error."})
public final class CallCommand implements Callable<Integer> {

    private static final String STANDARD_INPUT = "-";

    @Spec
    private CommandSpec spec;

    @Mixin
    private Payer payer;

    @Option(names = "--body", paramLabel = "FILE", required = true, description = "What to send: a file with JSON, or - for standard input.")
    private String body;

    @Parameters(paramLabel = "SERVICE", description = "Its name, as the gateway's /v1/models has it.")
    private String service;

    @Override
    public Integer call() {
        ServiceReply reply;
        try (KnownRegistry registry = payer.registry()) {
            Trust trust = registry.lookup().map(Trust.NONE::withRegistry).orElse(Trust.NONE);
            reply = payer.client(trust).call(asked());
        } catch (AgentException e) {
            throw payer.notServed(e, Optional.of(service), "call a cheaper service");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(new String(reply.body().bytes(), StandardCharsets.UTF_8));
        out.flush();
        PaidReport.of(reply, payer.paidIn()).print(spec.commandLine().getErr());
        return 0;
    }

    private ServiceCall asked() {
        try {
            return new ServiceCall(service, ServiceBody.request(body.equals(STANDARD_INPUT) ? standardInput() : InputFiles.bytes(Path.of(body))));
        } catch (ProtocolException e) {
            throw new StackException(e.code(), e.getMessage() + "; nothing was sent");
        }
    }

    private static byte[] standardInput() {
        try {
            // One more than may be sent says that it is too much.
            return System.in.readNBytes(ServiceBody.MAX_REQUEST + 1);
        } catch (IOException e) {
            throw new StackException("file_unreadable", "standard input cannot be read");
        }
    }
}
