package network.nyxos.cli.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.client.AgentClient;
import network.nyxos.gateway.client.ExactPayer;
import network.nyxos.gateway.client.Payer;
import network.nyxos.gateway.client.PaymentRefusedException;
import network.nyxos.gateway.client.Reply;
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

    private static final Duration VOUCHER_VALIDITY = Duration.ofHours(1);

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

    @Option(names = "--tier", paramLabel = "TIER", defaultValue = "open", description = "open, verified or confidential (default: ${DEFAULT-VALUE}).")
    private String tier;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "64", description = "The most output tokens (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(names = "--temperature", paramLabel = "X", description = "0 to 2; 0 gives the same reply every time (default: the gateway's).")
    private Optional<Double> temperature = Optional.empty();

    @Option(names = "--most", paramLabel = "AMOUNT", defaultValue = "1", description = "The most that the request may cost; a dearer offer is not paid (default: ${DEFAULT-VALUE}).")
    private String most;

    @Option(names = "--stream", description = "Show the reply as it is made.")
    private boolean stream;

    @Parameters(paramLabel = "PROMPT", description = "What to ask.")
    private String prompt;

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
    }

    @Override
    public Integer call() {
        Tier wanted = Tier.ofWireName(tier);
        if (maxTokens < 1) {
            throw new StackException("max_tokens_range", "--max-tokens must be at least 1, is " + maxTokens);
        }
        URI gateway = attachment.gateway();
        Mint paid = attachment.terms(mint);
        long limit = Decimals.parsePositive(most, paid);
        PrintWriter out = spec.commandLine().getOut();
        Reply reply;
        try (Service asked = new Service("gateway", gateway)) {
            Payer payer = how.voucher == null ? exact(paid) : voucher(asked, paid);
            ObjectNode request = request(model.orElseGet(() -> firstModel(asked)), wanted);
            reply = new AgentClient(gateway, payer, limit).chat(request, piece -> {
                out.print(piece);
                out.flush();
            });
        } catch (PaymentRefusedException e) {
            throw new StackException(e.code(), e.getMessage() + "; nothing was paid");
        } catch (UncheckedIOException e) {
            throw new StackException("gateway_unreachable", e.getMessage() + "; a payment that was taken without a reply goes back by itself");
        }
        out.println();
        out.flush();
        if (!reply.served()) {
            throw notServed(reply);
        }
        new PaidReport(reply, receipt(reply), paid).print(spec.commandLine().getErr());
        return 0;
    }

    private Payer exact(Mint paid) {
        return new ExactPayer(attachment.wallet(wallet), paid.address(), paid.tokenProgram(), paid.decimals());
    }

    private Payer voucher(Service gateway, Mint paid) {
        PublicKey escrow = Attachment.key("--escrow", how.voucher.escrow);
        Path file = Optional.ofNullable(how.voucher.session).orElseGet(() -> SessionKeys.beside(attachment.walletFile(wallet)));
        Keypair session = Attachment.keypair(file);
        JsonNode balance = gateway.json("/v1/escrows/" + escrow.toBase58()).orElseThrow(() -> new StackException("escrow_unknown",
                "the gateway knows no escrow " + escrow + " in its market; one that was just opened takes a moment"));
        return BookedPayer.of(session, escrow, paid.address(), balance, new SpentBook(file), VOUCHER_VALIDITY, InstantSource.system());
    }

    private static String firstModel(Service gateway) {
        return gateway.json("/v1/models").map(models -> models.path("data").path(0).path("id").asText("")).filter(id -> !id.isEmpty())
                .orElseThrow(() -> new StackException("model_missing", "the gateway names no model"));
    }

    private ObjectNode request(String name, Tier wanted) {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("model", name).put("max_tokens", maxTokens).put("stream", stream).put("peer_tier", wanted.wireName());
        temperature.ifPresent(value -> request.put("temperature", value));
        request.putArray("messages").addObject().put("role", "user").put("content", prompt);
        return request;
    }

    private static StackException notServed(Reply reply) {
        String job = reply.job().map(id -> ", job " + id).orElse("");
        String back = reply.transaction().map(signature -> "; it was paid in " + signature + " and goes back by itself (nyxos claim --kind refund)").orElse("");
        return new StackException(reply.error().path("code").asText("not_served"), "not served: " + reply.error().path("message").asText("status " + reply.status()) + job + back);
    }

    /** The node's receipt, which must be of this job and this charge. */
    private static Receipt receipt(Reply reply) {
        Receipt receipt;
        try {
            receipt = Receipt.decode(Base64.getDecoder().decode(reply.nyxos().path("receipt").asText()));
        } catch (IllegalArgumentException e) {
            throw new StackException("receipt_malformed", "the reply's receipt cannot be read: " + e.getMessage());
        }
        if (!receipt.jobId().hex().equals(reply.job().orElse("")) || receipt.charge() != reply.charge()) {
            throw new StackException("receipt_other", "the receipt is of job " + receipt.jobId() + " and charges " + receipt.charge() + ", the reply is of job "
                    + reply.job().orElse("none") + " and " + reply.charge());
        }
        return receipt;
    }
}
