package network.nyxos.gateway.client;

import java.util.Optional;
import java.util.OptionalLong;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.SignedReceipt;

/// What a service said, and what it cost.
///
/// @param body        to the byte; the receipt's output hash is over it
/// @param job         the job in hexadecimal
/// @param charge      base units
/// @param receipt     the node's signed account
/// @param used        what the payer's own book counts as used of the escrow, base units; empty for `exact`
/// @param transaction the payment's signature; empty for a voucher
/// @param signer      what is known of who signed the receipt
public record ServiceReply(ServiceBody body, String job, long charge, SignedReceipt receipt, OptionalLong used, Optional<String> transaction, ReceiptSigner signer) {
    ServiceReply withUsed(OptionalLong booked) {
        return new ServiceReply(body, job, charge, receipt, booked, transaction, signer);
    }

    ServiceReply signedBy(ReceiptSigner known) {
        return new ServiceReply(body, job, charge, receipt, used, transaction, known);
    }
}
