package network.nyxos.escrow.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.seal.SealingPublicKey;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.escrow.voucher.Voucher;
import software.sava.core.accounts.PublicKey;

/// What a client keeps of a sealed job (protocol §13): who could read its prompt, who accounted for it, and what was paid. It holds neither prompt nor reply.
/// Reading one proves nothing; whether its links hold is for whoever reads it to check.
///
/// @param judgedMs   when the client judged the evidence, unix milliseconds
/// @param node       whom the prompt was sealed to
/// @param receiptKey that the evidence has to bind
/// @param sealingKey {@link SealingPublicKey#id}, that the evidence has to bind
/// @param sealing    what the prompt was sealed to; empty where it was not noted
/// @param evidence   as the gateway showed it
/// @param model      {@link network.nyxos.escrow.job.ModelId} that was asked
/// @param maxOutput  the most output tokens that were asked for
/// @param sampler    how tokens were to be drawn
/// @param receipt    the node's signed account
/// @param payment    what the payer sent; empty where nothing watched it
public record JobProof(long judgedMs, PublicKey node, PublicKey receiptKey, PublicKey sealingKey, Optional<SealingPublicKey> sealing, Shown evidence, Hash model, int maxOutput,
                       Sampler sampler, SignedReceipt receipt, Optional<Payment> payment) {
    private static final int VERSION = 1;
    private static final String MALFORMED = "proof_malformed";

    /// Evidence as a gateway shows it.
    ///
    /// @param kind       `tdx` or `snp`
    /// @param nonce      that it answers
    /// @param quote      quote or report
    /// @param collateral JSON, as `attestation` reads it
    /// @param devices    likewise, of the machine's GPUs; empty where it was shown without
    public record Shown(String kind, Hash nonce, byte[] quote, String collateral, Optional<String> devices) {
        /// Copies.
        public Shown {
            quote = quote.clone();
        }

        /// Evidence of a CPU alone.
        public Shown(String kind, Hash nonce, byte[] quote, String collateral) {
            this(kind, nonce, quote, collateral, Optional.empty());
        }

        @Override
        public byte[] quote() {
            return quote.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Shown that && kind.equals(that.kind) && nonce.equals(that.nonce) && Arrays.equals(quote, that.quote) && collateral.equals(that.collateral)
                && devices.equals(that.devices);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(quote);
        }
    }

    /// What the payer sent.
    public sealed interface Payment {
        /// The job that it is for; it follows from the payment.
        Hash jobId();

        /// A transfer, as the payer signed it: the sponsor has not.
        record Exact(WireTransaction transaction) implements Payment {
            @Override
            public Hash jobId() {
                return JobId.exact(transaction.messageHash());
            }

            @Override
            public boolean equals(Object other) {
                return other instanceof Exact that && Arrays.equals(transaction.bytes(), that.transaction.bytes());
            }

            @Override
            public int hashCode() {
                return Arrays.hashCode(transaction.bytes());
            }
        }

        /// A voucher.
        ///
        /// @param payload     the voucher and what binds it to the request
        /// @param requestHash of the request that it pays for
        /// @param ceiling     the most that the request may cost, as it was agreed to, base units
        /// @param session     the escrow's session key; empty where it was not noted
        record ByVoucher(EscrowPayload payload, Hash requestHash, long ceiling, Optional<PublicKey> session) implements Payment {
            @Override
            public Hash jobId() {
                return JobId.voucher(payload.voucher().escrow(), payload.nonce());
            }
        }
    }

    /// Reads the JSON object.
    ///
    /// @throws ProtocolException `proof_malformed`, or the code of the part that cannot be read
    public static JobProof decode(byte[] bytes) {
        Json json = Json.parse(bytes, "proof", MALFORMED);
        json.number("version", VERSION, VERSION);
        Json evidence = json.child("evidence");
        var shown = new Shown(evidence.text("kind"), evidence.hash("nonce"), evidence.base64("quote"), evidence.text("collateral"), evidence.optional("devices", evidence::text));
        evidence.end();
        Json drawn = json.child("sampler");
        var sampler = new Sampler(drawn.number("temperatureMicro", 0, Integer.MAX_VALUE), drawn.number("topPMicro", 0, Integer.MAX_VALUE), drawn.number("topK", 0, Integer.MAX_VALUE));
        drawn.end();
        var proof = new JobProof(json.longNumber("judgedMs"), json.key("node"), json.key("receiptKey"), json.key("sealingKey"), json.sealing(), shown, json.hash("model"),
            json.number("maxOutput", 1, Integer.MAX_VALUE), sampler, json.receipt("receipt", "receiptSignature"),
            json.has("payment") ? Optional.of(payment(json.child("payment"))) : Optional.empty());
        if (!json.hash("job").equals(proof.receipt.receipt().jobId())) {
            throw json.wrong("job", "the receipt's");
        }
        json.end();
        return proof;
    }

    private static Payment payment(Json json) {
        Payment payment = switch (json.text("kind")) {
            case "exact" -> new Payment.Exact(WireTransaction.decodeBase64(json.text("transaction")));
            case "voucher" -> {
                Voucher voucher = Voucher.decode(json.base64("voucher"));
                if (!json.key("escrow").equals(voucher.escrow())) {
                    throw json.wrong("escrow", "the voucher's");
                }
                var payload = new EscrowPayload(voucher, json.signature("voucherSignature"), json.hash("nonce"), json.signature("requestSignature"));
                yield new Payment.ByVoucher(payload, json.hash("requestHash"), json.amount("ceiling"), json.optional("session", json::key));
            }
            default -> throw json.wrong("kind", "exact or voucher");
        };
        json.end();
        return payment;
    }

    /// Writes the JSON object.
    public byte[] encode() {
        ObjectNode json = Json.object().put("version", VERSION).put("job", receipt.receipt().jobId().hex()).put("judgedMs", judgedMs).put("node", node.toBase58())
            .put("receiptKey", receiptKey.toBase58()).put("sealingKey", sealingKey.toBase58());
        sealing.ifPresent(key -> Json.putSealing(json, key));
        ObjectNode shown = json.putObject("evidence").put("kind", evidence.kind).put("nonce", evidence.nonce.hex()).put("quote", Json.base64(evidence.quote))
            .put("collateral", evidence.collateral);
        evidence.devices.ifPresent(devices -> shown.put("devices", devices));
        json.put("model", model.hex()).put("maxOutput", maxOutput);
        json.putObject("sampler").put("temperatureMicro", sampler.temperatureMicro()).put("topPMicro", sampler.topPMicro()).put("topK", sampler.topK());
        json.put("receipt", Json.base64(receipt.receipt().encode())).put("receiptSignature", receipt.signature().base64());
        payment.ifPresent(paid -> json.set("payment", written(paid)));
        return Json.bytes(json);
    }

    private static ObjectNode written(Payment payment) {
        return switch (payment) {
            case Payment.Exact(WireTransaction transaction) -> Json.object().put("kind", "exact").put("transaction", Json.base64(transaction.bytes()));
            case Payment.ByVoucher(EscrowPayload paid, Hash requestHash, long ceiling, Optional<PublicKey> session) -> {
                ObjectNode json = Json.object().put("kind", "voucher").put("escrow", paid.voucher().escrow().toBase58());
                session.ifPresent(key -> json.put("session", key.toBase58()));
                yield json.put("voucher", Json.base64(paid.voucher().encode())).put("voucherSignature", paid.signature().base64()).put("nonce", paid.nonce().hex())
                    .put("requestSignature", paid.requestSignature().base64()).put("requestHash", requestHash.hex()).put("ceiling", Long.toString(ceiling));
            }
        };
    }
}
