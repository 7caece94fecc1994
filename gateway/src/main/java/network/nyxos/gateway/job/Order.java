package network.nyxos.gateway.job;

import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.gateway.offer.Work;
import network.nyxos.gateway.openai.InferenceRequest;
import software.sava.core.accounts.PublicKey;

/// A request with everything that its assignment will say: what is asked for and on which terms.
///
/// @param request     what is asked for
/// @param requestHash hash of the request as it was sent
/// @param modelId     where the model's name stands for one set of weights only
/// @param work        how much it is to do
/// @param mint        what it is paid in
/// @param price       per million tokens
/// @param ceiling     the most it may cost, base units
/// @param payment     how it is paid
/// @param voucher     the payer's words, where a voucher pays it: the node gets them, to settle by itself when nobody else does
/// @param seed        of the sampler
public record Order(InferenceRequest request, Hash requestHash, Optional<Hash> modelId, Work work, PublicKey mint, Price price, long ceiling, Payment payment,
                    Optional<PaymentRecord.ByVoucher> voucher, long seed) {
}
