package network.nyxos.gateway.client;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.SignedReceipt;

/// Vectors, and what they cost.
///
/// @param vectors     one for each input, in order; the receipt's output hash is over them
/// @param tokens      of all inputs, by the model's own tokenizer
/// @param job         the job in hexadecimal
/// @param charge      base units
/// @param receipt     the node's signed account
/// @param used        what the payer's own book counts as used of the escrow, base units; empty for `exact`
/// @param transaction the payment's signature; empty for a voucher
/// @param signer      what is known of who signed the receipt
public record EmbeddingReply(List<Embedding> vectors, int tokens, String job, long charge, SignedReceipt receipt, OptionalLong used, Optional<String> transaction, ReceiptSigner signer) {
    /// Copies the list.
    public EmbeddingReply {
        vectors = List.copyOf(vectors);
    }

    EmbeddingReply withUsed(OptionalLong booked) {
        return new EmbeddingReply(vectors, tokens, job, charge, receipt, booked, transaction, signer);
    }

    EmbeddingReply signedBy(ReceiptSigner known) {
        return new EmbeddingReply(vectors, tokens, job, charge, receipt, used, transaction, known);
    }
}
