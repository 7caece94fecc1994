package network.nyxos.escrow.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import network.nyxos.escrow.voucher.Voucher;

/// The `payment` member of job records and batch documents.
final class PaymentJson {
    private PaymentJson() {
    }

    static PaymentRecord read(Json json) {
        PaymentRecord payment = switch (json.text("kind")) {
            case "exact" -> new PaymentRecord.Exact(json.transaction("transaction"), json.hash("messageHash"), json.key("payer"), json.key("mint"),
                json.amount("amount"), json.optional("memo", json::text));
            case "voucher" -> {
                Voucher voucher = Voucher.decode(json.base64("voucher"));
                if (!json.key("escrow").equals(voucher.escrow())) {
                    throw json.wrong("escrow", "the voucher's");
                }
                yield new PaymentRecord.ByVoucher(voucher, json.signature("voucherSignature"), json.hash("nonce"), json.signature("requestSignature"), json.key("mint"));
            }
            default -> throw json.wrong("kind", "exact or voucher");
        };
        json.end();
        return payment;
    }

    static ObjectNode write(PaymentRecord payment) {
        return switch (payment) {
            case PaymentRecord.Exact exact -> {
                ObjectNode json = Json.object().put("kind", "exact").put("transaction", exact.transaction().base58()).put("messageHash", exact.messageHash().hex())
                    .put("payer", exact.payer().toBase58()).put("mint", exact.mint().toBase58()).put("amount", Long.toString(exact.amount()));
                exact.memo().ifPresent(memo -> json.put("memo", memo));
                yield json;
            }
            case PaymentRecord.ByVoucher by -> Json.object().put("kind", "voucher").put("escrow", by.voucher().escrow().toBase58())
                .put("voucher", Json.base64(by.voucher().encode())).put("voucherSignature", by.signature().base64()).put("nonce", by.nonce().hex())
                .put("requestSignature", by.requestSignature().base64()).put("mint", by.mint().toBase58());
        };
    }
}
