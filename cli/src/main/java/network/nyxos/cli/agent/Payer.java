package network.nyxos.cli.agent;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.KnownRegistry;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.Keys;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.gateway.client.AgentClient;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.EscrowClient;
import network.nyxos.gateway.client.ExactClient;
import network.nyxos.gateway.client.Trust;
import network.nyxos.gateway.client.VoucherBook;
import network.nyxos.gateway.payment.PaymentError;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import software.sava.core.accounts.PublicKey;

/** Who pays for what a gateway sells, in what, how, and how much at most: options that every command that buys has. */
final class Payer {

    private static final Duration NEWS = Duration.ofSeconds(5);

    @Mixin
    private Attachment attachment;

    @Option(names = "--wallet", paramLabel = "FILE", description = "The wallet that pays (default: the stack's agent).")
    private Optional<Path> wallet = Optional.empty();

    @Option(names = "--mint", paramLabel = "MINT", defaultValue = "usdc", description = "usdc, nyxos or an address (default: ${DEFAULT-VALUE}).")
    private String mint;

    @ArgGroup
    private How how = new How();

    @Option(names = "--most", paramLabel = "AMOUNT", defaultValue = "1", description = "The most that the request may cost; a dearer offer is not paid (default: ${DEFAULT-VALUE}).")
    private String most;

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

    /** The gateway, to ask for what is free. */
    Service gateway() {
        return new Service("gateway", attachment.gateway());
    }

    /** The registry, where the chain is known. */
    KnownRegistry registry() {
        return KnownRegistry.of(attachment);
    }

    /** What the evidence of nodes is judged by. */
    Policy evidence(Optional<Path> policy) {
        return attachment.evidence(policy);
    }

    /** What is paid in. */
    Mint paidIn() {
        return attachment.terms(mint);
    }

    /** Who buys. */
    AgentClient client(Trust trust) {
        URI gateway = attachment.gateway();
        Mint paid = paidIn();
        long limit = Decimals.parsePositive(most, paid);
        return how.voucher == null ? new ExactClient(gateway, attachment.wallet(wallet), paid.address(), limit, trust) : vouchers(gateway, paid, limit, trust);
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

    /** The gateway's first model of a kind. */
    static String firstModel(Service gateway, String kind) {
        return models(gateway).filter(model -> model.path("kind").asText("chat").equals(kind)).map(Payer::name).findFirst()
                .orElseThrow(() -> new StackException("model_missing", "the gateway names no model of kind " + kind));
    }

    private static String name(JsonNode model) {
        return model.path("id").asText();
    }

    private static Stream<JsonNode> models(Service gateway) {
        return gateway.json("/v1/models").stream().flatMap(models -> models.path("data").valueStream()).filter(each -> !name(each).isEmpty());
    }

    /**
     * Why nothing was served, and what to do.
     *
     * @param model the one that was named
     * @param less  how to ask for less
     */
    StackException notServed(AgentException e, Optional<String> model, String less) {
        return switch (e.code()) {
            case "escrow_unknown" -> new StackException(e.code(), "the gateway knows no escrow " + how.voucher.escrow + " of its market; one just opened takes a moment");
            case "escrow_exiting" -> new StackException(e.code(), "escrow " + how.voucher.escrow + " is on its way out and pays for nothing any more; nothing was charged");
            case "model_not_found" -> {
                try (Service asked = gateway()) {
                    yield new StackException(e.code(), "the gateway has no model " + model.orElse("") + "; it has " + models(asked).map(Payer::name).collect(Collectors.joining(", ")));
                }
            }
            case "too_expensive" -> new StackException(e.code(), e.getMessage() + "; allow more with --most, or " + less);
            case PaymentError.INSUFFICIENT_FUNDS, PaymentError.SIMULATION -> unfunded(e, less);
            case "no_trusted_node" -> new StackException(e.code(), e.getMessage() + "; give another --policy, or let the gateway read the prompt too with --clear");
            case "gateway_unreachable" -> failed(e, "the gateway at " + attachment.gateway() + " did not answer; check its address and that it runs");
            default -> failed(e, e.getMessage());
        };
    }

    // A gateway tells a wallet that never had the mint apart from one that has too little of it; to the payer both are the same.
    private StackException unfunded(AgentException e, String less) {
        Mint paid = paidIn();
        if (!attachment.knowsChain()) {
            return failed(e, e.getMessage());
        }
        PublicKey payer = attachment.wallet(wallet).publicKey();
        try (ChainSession chain = attachment.chain()) {
            long held = chain.balance(payer, paid);
            return e.code().equals(PaymentError.SIMULATION) && held > 0 ? failed(e, e.getMessage()) : new StackException(PaymentError.INSUFFICIENT_FUNDS, "wallet " + payer + " holds " + paid.text(held)
                    + ", too little for this request; fill it, or " + less + "; nothing was paid");
        }
    }

    private StackException failed(AgentException e, String message) {
        String job = e.job().map(id -> " (job " + id + ")").orElse("");
        String back = how.voucher == null && (e.job().isPresent() || e.code().equals("gateway_unreachable"))
                ? "; a payment that was taken goes back by itself (nyxos claim --kind refund)" : "";
        return new StackException(e.code(), message + job + back);
    }
}
