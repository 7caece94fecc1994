package network.nyxos.relayer.credit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.money.Split;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.wire.PaymentRecord;
import software.sava.core.accounts.PublicKey;

/// How a job's money is divided.
///
/// @param feeBps   the market's fee, hundredths of a percent
/// @param treasury gets the fee
public record CreditRules(int feeBps, PublicKey treasury) {
    /// The lines of a job that was served. They add up to {@link #inflow}.
    public List<CreditLine> served(Receipt receipt, PaymentRecord payment) {
        var lines = new ArrayList<CreditLine>(3);
        Split split = Split.of(receipt.charge(), feeBps);
        add(lines, receipt, receipt.node(), CreditKind.NODE, split.net());
        add(lines, receipt, treasury, CreditKind.TREASURY, split.fee());
        if (payment instanceof PaymentRecord.Exact exact) {
            if (exact.amount() < receipt.charge()) {
                throw new ProtocolException("charge_unpaid", "job " + receipt.jobId() + " charges " + receipt.charge() + ", paid were " + exact.amount());
            }
            add(lines, receipt, exact.payer(), CreditKind.REFUND, exact.amount() - receipt.charge());
        }
        return List.copyOf(lines);
    }

    private static void add(List<CreditLine> lines, Receipt receipt, PublicKey payee, CreditKind kind, long amount) {
        if (amount > 0) {
            lines.add(new CreditLine(receipt.jobId(), payee, kind, amount));
        }
    }

    /// The lines of an exact payment that goes back whole.
    public List<CreditLine> refunded(PaymentRecord.Exact payment) {
        return List.of(new CreditLine(payment.jobId(), payment.payer(), CreditKind.REFUND, payment.amount()));
    }

    /// What a job brought into the pool: all of an exact payment, the charge of a voucher job.
    ///
    /// @param receipt empty when the job was not served
    public static long inflow(Optional<Receipt> receipt, PaymentRecord payment) {
        return switch (payment) {
            case PaymentRecord.Exact exact -> exact.amount();
            case PaymentRecord.ByVoucher ignored -> receipt.map(Receipt::charge).orElse(0L);
        };
    }
}
