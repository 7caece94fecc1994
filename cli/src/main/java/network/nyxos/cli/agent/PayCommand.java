package network.nyxos.cli.agent;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.KnownRegistry;
import network.nyxos.cli.attach.OutputFiles;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.Keys;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.client.AgentClient;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.ChatCall;
import network.nyxos.gateway.client.ChatReply;
import network.nyxos.gateway.client.EscrowClient;
import network.nyxos.gateway.client.ExactClient;
import network.nyxos.gateway.client.Trust;
import network.nyxos.gateway.client.VoucherBook;
import network.nyxos.gateway.payment.PaymentError;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import software.sava.core.accounts.PublicKey;

/** Asks a model and pays for the answer. */
@Command(name = "pay", mixinStandardHelpOptions = true, sortOptions = false, description = {"Asks a model and pays for the answer.",
        "The reply goes to standard output; what it cost, the job, the receipt's hash and the transaction go to standard error."})
public final class PayCommand implements Callable<Integer> {

    private static final Duration NEWS = Duration.ofSeconds(5);

    @Spec
    private CommandSpec spec;

    @Mixin
    private Attachment attachment;

    @Option(names = "--wallet", paramLabel = "FILE", description = "The wallet that pays (default: the stack's agent).")
    private Optional<Path> wallet = Optional.empty();

    @Option(names = "--mint", paramLabel = "MINT", defaultValue = "usdc", description = "usdc, nyxos or an address (default: ${DEFAULT-VALUE}).")
    private String mint;

    @ArgGroup
    private How how = new How();

    @Option(names = "--model", paramLabel = "NAME", description = "The model (default: the gateway's first).")
    private Optional<String> model = Optional.empty();

    @Option(names = "--tier", paramLabel = "TIER", description = "open, verified or confidential (default: open; with --sealed: confidential).")
    private Optional<String> tier = Optional.empty();

    @ArgGroup
    private Reading reading = new Reading();

    @Option(names = "--policy", paramLabel = "FILE", description = {"What the evidence of a node must be that a prompt is sealed to, JSON or (.yaml, .yml) YAML",
            "(default: the stack's; without one: genuine hardware, up to date, of any measurement)."})
    private Optional<Path> policy = Optional.empty();

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "64", description = "The most output tokens (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(names = "--temperature", paramLabel = "X", description = "0 to 2; 0 gives the same reply every time (default: the gateway's).")
    private Optional<Double> temperature = Optional.empty();

    @Option(names = "--most", paramLabel = "AMOUNT", defaultValue = "1", description = "The most that the request may cost; a dearer offer is not paid (default: ${DEFAULT-VALUE}).")
    private String most;

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

    /** One way to pay or the other. */
    static final class How {

        @Option(names = "--exact", description = "Pay by a transfer (the default).")
        private boolean exact;

        @ArgGroup(exclusive = false)
        private Voucher voucher;
    }

    /** A voucher's escrow and key. */
    static final class Voucher {

        @Option(names = "--escrow", paramLabel = "ADDRESS", required = true, description = "Pay by a voucher of this escrow.")
        private String escrow;

        @Option(names = "--session", paramLabel = "FILE", description = "The escrow's session key (default: beside the wallet, as `nyxos escrow open` made it).")
        private Path session;

        @Option(names = "--used", paramLabel = "AMOUNT", description = "What was used of the escrow where the key's book of vouchers does not know (default: by the book).")
        private String used;
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
        URI gateway = attachment.gateway();
        Mint paid = attachment.terms(mint);
        long limit = Decimals.parsePositive(most, paid);
        PrintWriter out = spec.commandLine().getOut();
        ChatReply reply;
        try (Service asked = new Service("gateway", gateway); KnownRegistry registry = KnownRegistry.of(attachment)) {
            Trust trust = trust(registry);
            AgentClient client = how.voucher == null ? new ExactClient(gateway, attachment.wallet(wallet), paid.address(), limit, trust) : vouchers(gateway, paid, limit, trust);
            ChatCall call = new ChatCall(model.orElseGet(() -> firstModel(asked)), List.of(new ChatCall.Turn("user", prompt)), maxTokens, wanted,
                    temperature.map(OptionalDouble::of).orElseGet(OptionalDouble::empty), OptionalLong.empty());
            reply = stream ? client.stream(call, piece -> {
                out.print(piece);
                out.flush();
            }) : client.complete(call);
        } catch (AgentException e) {
            throw notServed(e, paid);
        }
        out.println(stream ? "" : reply.text());
        out.flush();
        keep.ifPresent(file -> kept(file, reply));
        new PaidReport(reply, paid).print(spec.commandLine().getErr());
        return 0;
    }

    private static void kept(Path file, ChatReply reply) {
        reply.proof().ifPresent(proof -> OutputFiles.write(file, proof.encode(), "--keep"));
    }

    private Trust trust(KnownRegistry registry) {
        Trust trust = reading.clear ? Trust.NONE : Trust.sealing(attachment.evidence(policy));
        return registry.lookup().map(trust::withRegistry).orElse(trust);
    }

    private EscrowClient vouchers(URI gateway, Mint paid, long limit, Trust trust) {
        PublicKey escrow = Attachment.key("--escrow", how.voucher.escrow);
        Path file = Optional.ofNullable(how.voucher.session).orElseGet(() -> SessionKeys.beside(attachment.walletFile(wallet)));
        Keypair session = Attachment.keypair(file, "escrow open");
        VoucherBook book = VoucherBook.on(Keys.vouchers(file));
        if (how.voucher.used != null) {
            book.startAt(escrow, Decimals.parsePositive(how.voucher.used, paid));
        }
        return EscrowClient.open(gateway, escrow, paid.address(), session, book, limit, NEWS, trust);
    }

    private static String firstModel(Service gateway) {
        return models(gateway).findFirst().orElseThrow(() -> new StackException("model_missing", "the gateway names no model"));
    }

    private static Stream<String> models(Service gateway) {
        return gateway.json("/v1/models").stream().flatMap(models -> models.path("data").valueStream()).map(each -> each.path("id").asText()).filter(id -> !id.isEmpty());
    }

    private StackException notServed(AgentException e, Mint paid) {
        return switch (e.code()) {
            case "escrow_unknown" -> new StackException(e.code(), "the gateway knows no escrow " + how.voucher.escrow + " of its market; one just opened takes a moment");
            case "escrow_exiting" -> new StackException(e.code(), "escrow " + how.voucher.escrow + " is on its way out and pays for nothing any more; nothing was charged");
            case "model_not_found" -> {
                try (Service asked = new Service("gateway", attachment.gateway())) {
                    yield new StackException(e.code(), "the gateway has no model " + model.orElse("") + "; it has " + String.join(", ", models(asked).toList()));
                }
            }
            case "too_expensive" -> new StackException(e.code(), e.getMessage() + "; allow more with --most, or ask for fewer tokens (--max-tokens)");
            case PaymentError.INSUFFICIENT_FUNDS, PaymentError.SIMULATION -> unfunded(e, paid);
            case "no_trusted_node" -> new StackException(e.code(), e.getMessage() + "; give another --policy, or let the gateway read the prompt too with --clear");
            case "gateway_unreachable" -> failed(e, "the gateway at " + attachment.gateway() + " did not answer; check its address and that it runs");
            default -> failed(e, e.getMessage());
        };
    }

    // A gateway tells a wallet that never had the mint apart from one that has too little of it; to the payer both are the same.
    private StackException unfunded(AgentException e, Mint paid) {
        if (!attachment.knowsChain()) {
            return failed(e, e.getMessage());
        }
        PublicKey payer = attachment.wallet(wallet).publicKey();
        try (ChainSession chain = attachment.chain()) {
            long held = chain.balance(payer, paid);
            return e.code().equals(PaymentError.SIMULATION) && held > 0 ? failed(e, e.getMessage()) : new StackException(PaymentError.INSUFFICIENT_FUNDS, "wallet " + payer + " holds " + paid.text(held)
                    + ", too little for this request; fill it, or ask for fewer tokens (--max-tokens); nothing was paid");
        }
    }

    private StackException failed(AgentException e, String message) {
        String job = e.job().map(id -> " (job " + id + ")").orElse("");
        String back = how.voucher == null && (e.job().isPresent() || e.code().equals("gateway_unreachable"))
                ? "; a payment that was taken goes back by itself (nyxos claim --kind refund)" : "";
        return new StackException(e.code(), message + job + back);
    }
}
