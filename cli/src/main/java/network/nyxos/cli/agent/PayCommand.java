package network.nyxos.cli.agent;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import network.nyxos.cli.attach.KnownRegistry;
import network.nyxos.cli.attach.OutputFiles;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.client.AgentClient;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.ChatCall;
import network.nyxos.gateway.client.ChatReply;
import network.nyxos.gateway.client.Trust;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a model and pays for the answer. */
@Command(name = "pay", mixinStandardHelpOptions = true, sortOptions = false, description = {"Asks a model and pays for the answer.",
        "The reply goes to standard output; what it cost, the job, the receipt's hash and the transaction go to standard error."})
public final class PayCommand implements Callable<Integer> {

    private static final String LESS = "ask for fewer tokens (--max-tokens)";

    @Spec
    private CommandSpec spec;

    @Mixin
    private Payer payer;

    @Option(names = "--model", paramLabel = "NAME", description = "The model (default: the gateway's first).")
    private Optional<String> model = Optional.empty();

    @Option(names = "--tier", paramLabel = "TIER", description = "open, verified or confidential (default: open; with --sealed: confidential).")
    private Optional<String> tier = Optional.empty();

    @ArgGroup
    private Reading reading = new Reading();

    @Option(names = "--policy", paramLabel = "FILE", description = {"What the evidence of a node must be that a prompt is sealed to, JSON or (.yaml, .yml) YAML",
            "(default: the stack's; without one: genuine hardware, up to date, of any measurement)."})
    private Optional<Path> policy = Optional.empty();

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "64", description = "The most output tokens, of each choice (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(names = "--choices", paramLabel = "N", defaultValue = "1", description = {"How many replies to it, 1 to 8 (default: ${DEFAULT-VALUE}), one after another, in one purchase:",
            "the prompt is charged once. Not with --tier verified, nor sealed."})
    private int choices;

    @Option(names = "--temperature", paramLabel = "X", description = "0 to 2; 0 gives the same reply every time (default: the gateway's).")
    private Optional<Double> temperature = Optional.empty();

    @Option(names = "--keep", paramLabel = "FILE", description = {"Of a sealed request: keep what shows who could read it and what was paid,",
            "for `nyxos verify --proof FILE`. Holds neither prompt nor reply."})
    private Optional<Path> keep = Optional.empty();

    @Option(names = "--stream", description = "Show the reply as it is made.")
    private boolean stream;

    @Parameters(paramLabel = "PROMPT", description = "What to ask.")
    private String prompt;

    /** Who can read the prompt. */
    static final class Reading {

        @Option(names = "--sealed", description = {"Let one node alone read the prompt, and you alone the reply (what --tier confidential does anyway):",
                "your machine verifies the node's evidence by --policy and seals to the key that it binds."})
        private boolean sealed;

        @Option(names = "--clear", description = "In the confidential tier: let the gateway read prompt and reply too.")
        private boolean clear;
    }

    @Override
    public Integer call() {
        Tier wanted = Tier.ofWireName(tier.orElse(reading.sealed ? Tier.CONFIDENTIAL.wireName() : Tier.OPEN.wireName()));
        if (reading.sealed && wanted != Tier.CONFIDENTIAL) {
            throw new StackException("seal_tier", "--sealed is for --tier confidential: in the other tiers others than the node read the prompt");
        }
        if (keep.isPresent() && (wanted != Tier.CONFIDENTIAL || reading.clear)) {
            throw new StackException("proof_absent", "--keep is for sealed requests: of others there is no evidence to keep");
        }
        if (maxTokens < 1) {
            throw new StackException("max_tokens_range", "--max-tokens must be at least 1, is " + maxTokens);
        }
        if (choices < 1 || choices > ReplyChoice.MAX) {
            throw new StackException("choices_range", "--choices must be 1 to " + ReplyChoice.MAX + ", is " + choices);
        }
        PrintWriter out = spec.commandLine().getOut();
        ChatReply reply;
        try (Service asked = payer.gateway(); KnownRegistry registry = payer.registry()) {
            AgentClient client = payer.client(trust(registry));
            ChatCall call = new ChatCall(model.orElseGet(() -> Payer.firstModel(asked, "chat")), List.of(new ChatCall.Turn("user", prompt)), maxTokens, choices, wanted,
                    temperature.map(OptionalDouble::of).orElseGet(OptionalDouble::empty), OptionalLong.empty());
            reply = stream ? client.stream(call, piece -> {
                out.print(piece);
                out.flush();
            }) : client.complete(call);
        } catch (AgentException e) {
            throw payer.notServed(e, model, LESS);
        }
        out.println(stream ? "" : reply.text());
        reply.choices().stream().skip(1).forEach(choice -> out.println("\n" + choice.text()));
        out.flush();
        keep.ifPresent(file -> kept(file, reply));
        PaidReport.of(reply, payer.paidIn()).print(spec.commandLine().getErr());
        return 0;
    }

    private static void kept(Path file, ChatReply reply) {
        reply.proof().ifPresent(proof -> OutputFiles.write(file, proof.encode(), "--keep"));
    }

    private Trust trust(KnownRegistry registry) {
        Trust trust = reading.clear ? Trust.NONE : Trust.sealing(payer.evidence(policy));
        return registry.lookup().map(trust::withRegistry).orElse(trust);
    }
}
