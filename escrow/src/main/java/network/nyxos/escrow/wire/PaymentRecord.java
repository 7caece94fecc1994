package network.nyxos.escrow.wire;

import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.program.DirectSettlement;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.voucher.Voucher;
import software.sava.core.accounts.PublicKey;

/// How a job was paid, with everything that proves it.
public sealed interface PaymentRecord {
    /// What was paid in.
    PublicKey mint();

    /// The job that this payment is for; it follows from the payment.
    Hash jobId();

    /// A transfer into the pool's vault.
    ///
    /// @param transaction the transaction's signature
    /// @param messageHash SHA-256 of its message
    /// @param payer       the wallet that paid
    /// @param amount      base units
    /// @param memo        the memo that binds it to the request, where it has one
    record Exact(Signature transaction, Hash messageHash, PublicKey payer, PublicKey mint, long amount, Optional<String> memo) implements PaymentRecord {
        @Override
        public Hash jobId() {
            return JobId.exact(messageHash);
        }
    }

    /// A voucher.
    ///
    /// @param voucher          the voucher, which names the escrow
    /// @param signature        the session key's over the voucher
    /// @param nonce            the payer's 32 random bytes
    /// @param requestSignature the session key's over {@link network.nyxos.escrow.voucher.RequestBinding}
    record ByVoucher(Voucher voucher, Signature signature, Hash nonce, Signature requestSignature, PublicKey mint) implements PaymentRecord {
        @Override
        public Hash jobId() {
            return JobId.voucher(voucher.escrow(), nonce);
        }

        /// What the job's node shows the program to settle it by itself.
        ///
        /// @param sessionKey the escrow's
        /// @throws ProtocolException `direct_mismatch` when the words are not about one job, `direct_charge` for a charge that the assignment does not allow
        public DirectSettlement direct(PublicKey sessionKey, SignedAssignment assignment, SignedReceipt receipt) {
            var binding = new RequestBinding(voucher.escrow(), voucher.cumulative(), nonce, assignment.assignment().requestHash());
            return new DirectSettlement(sessionKey, voucher, signature, binding, requestSignature, assignment, receipt.receipt().charge(), receipt.receipt().hash());
        }
    }

    /// Reads the JSON object.
    ///
    /// @throws ProtocolException `payment_malformed`, or the voucher's code
    static PaymentRecord decode(byte[] json) {
        return PaymentJson.read(Json.parse(json, "payment", "payment_malformed"));
    }

    /// Writes the JSON object.
    default byte[] encode() {
        return Json.bytes(PaymentJson.write(this));
    }
}
