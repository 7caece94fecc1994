package network.nyxos.relayer.credit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.money.Split;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.wire.PaymentRecord;
import software.sava.core.accounts.PublicKey;

/// How the money of a batch's jobs is divided: the market's fee and the models' royalties as they stood on chain at one slot.
///
/// @param slot      as of which
/// @param feeBps    the market's fee, hundredths of a percent
/// @param treasury  gets the fee
/// @param royalties of the batch's models that have one, ascending by model id
public record CreditRules(long slot, int feeBps, PublicKey treasury, List<Royalty> royalties) {
    /// What a model's author gets.
    ///
    /// @param model the model's id
    /// @param bps   hundredths of a percent of the charge, 1 to 3 000
    /// @param payee the wallet that gets it
    public record Royalty(Hash model, int bps, PublicKey payee) {
        /// What a model's registration gives at a slot; empty where nothing is due.
        public static Optional<Royalty> of(RegisteredModel model, long slot) {
            int bps = model.royaltyBps(slot);
            return bps == 0 ? Optional.empty() : Optional.of(new Royalty(model.model(), bps, model.payee()));
        }

        /// @throws ProtocolException `royalty_range`
        public Royalty {
            if (bps < 1 || bps > Split.MAX_ROYALTY_BPS) {
                throw new ProtocolException("royalty_range", "a royalty is 1 to " + Split.MAX_ROYALTY_BPS + " bps, not " + bps);
            }
        }
    }

    /// @throws ProtocolException `royalty_order` when a model comes twice or out of order
    public CreditRules {
        royalties = List.copyOf(royalties);
        for (int i = 1; i < royalties.size(); i++) {
            if (royalties.get(i - 1).model().compareTo(royalties.get(i).model()) >= 0) {
                throw new ProtocolException("royalty_order", "royalties must ascend by model id");
            }
        }
    }

    /// Whether the same is due to the same, as of whichever slot.
    public boolean dividesAs(CreditRules other) {
        return feeBps == other.feeBps && treasury.equals(other.treasury) && royalties.equals(other.royalties);
    }

    /// The royalty of a model; empty where it has none.
    public Optional<Royalty> royalty(Hash model) {
        return royalties.stream().filter(royalty -> royalty.model().equals(model)).findFirst();
    }

    /// How a receipt's charge is divided.
    public Split split(Receipt receipt) {
        return Split.of(receipt.charge(), feeBps, royalty(receipt.modelId()).map(Royalty::bps).orElse(0));
    }

    /// The lines of a job that was served. They add up to {@link #inflow}.
    public List<CreditLine> served(Receipt receipt, PaymentRecord payment) {
        var lines = new ArrayList<CreditLine>(4);
        Split split = split(receipt);
        add(lines, receipt, receipt.node(), CreditKind.NODE, split.net());
        add(lines, receipt, treasury, CreditKind.TREASURY, split.fee());
        royalty(receipt.modelId()).ifPresent(royalty -> add(lines, receipt, royalty.payee(), CreditKind.ROYALTY, split.royalty()));
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
