package network.nyxos.gateway.client;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.wire.JobProof;

/// A completed chat, and what it cost.
///
/// @param choices          each reply, in order; one where nothing else was asked for
/// @param counted          where there are several: what the receipt is over
/// @param promptTokens     by the model's own tokenizer
/// @param completionTokens likewise, of all choices together
/// @param job              the job in hexadecimal
/// @param charge           base units
/// @param receipt          the node's signed account
/// @param used             what the payer's own book counts as used of the escrow, base units; empty for `exact`
/// @param transaction      the payment's signature; empty for a voucher
/// @param sealedTo         the node that alone could read the prompt; empty: the gateway could read prompt and reply
/// @param signer           what is known of who signed the receipt
/// @param proof            shows all this to anybody; empty for what was not sealed
public record ChatReply(List<Choice> choices, List<ReplyChoice> counted, int promptTokens, int completionTokens, String job, long charge, SignedReceipt receipt, OptionalLong used,
                        Optional<String> transaction, Optional<TrustedNode> sealedTo, ReceiptSigner signer, Optional<JobProof> proof) {
    /// One reply.
    ///
    /// @param text         what the model said
    /// @param finishReason `stop` or `length`
    public record Choice(String text, String finishReason) {
    }

    /// Copies the lists.
    public ChatReply {
        choices = List.copyOf(choices);
        counted = List.copyOf(counted);
    }

    /// The reply; of several the first.
    public String text() {
        return choices.getFirst().text;
    }

    /// Why it ended; of several the first.
    public String finishReason() {
        return choices.getFirst().finishReason;
    }

    ChatReply withUsed(OptionalLong booked) {
        return new ChatReply(choices, counted, promptTokens, completionTokens, job, charge, receipt, booked, transaction, sealedTo, signer, proof);
    }

    ChatReply asked(Optional<TrustedNode> node, ReceiptSigner known, Optional<JobProof> kept) {
        return new ChatReply(choices, counted, promptTokens, completionTokens, job, charge, receipt, used, transaction, node, known, kept);
    }
}
