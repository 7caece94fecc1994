package network.nyxos.gateway.payment;

/// Why a payment is refused: the codes that x402's implementations share. They never change.
public final class PaymentError {
    /// The payer has too little.
    public static final String INSUFFICIENT_FUNDS = "insufficient_funds";
    /// The payload is not what its scheme asks for.
    public static final String INVALID_PAYLOAD = "invalid_payload";
    /// What was accepted is not what is asked for.
    public static final String INVALID_REQUIREMENTS = "invalid_payment_requirements";
    /// Another scheme than the required one.
    public static final String UNSUPPORTED_SCHEME = "unsupported_scheme";
    /// Neither 1 nor 2, or not the one of the header.
    public static final String INVALID_VERSION = "invalid_x402_version";
    /// The chain did not take what was sent, for another reason than the transaction's own.
    public static final String UNEXPECTED_SETTLE = "unexpected_settle_error";
    /// The chain could not be asked.
    public static final String UNEXPECTED_VERIFY = "unexpected_verify_error";
    /// Sent; what became of it is not known yet.
    public static final String SETTLEMENT_PENDING = "settlement_pending";
    /// This very payment was presented before.
    public static final String DUPLICATE_SETTLEMENT = "duplicate_settlement";
    /// The transaction's blockhash is too old, so it can never be executed.
    public static final String EXPIRED = "invalid_transaction_state";

    private static final String SVM = "invalid_exact_svm_";
    /// Another scheme, for the exact facilitator.
    public static final String SCHEME = SVM + "unsupported_scheme";
    /// Another network.
    public static final String NETWORK = SVM + "network_mismatch";
    /// The requirements name no fee payer.
    public static final String NO_FEE_PAYER = SVM + "payload_missing_fee_payer";
    /// The fee payer that the requirements name is not ours.
    public static final String FOREIGN_FEE_PAYER = SVM + "fee_payer_not_managed_by_facilitator";
    /// The transaction is missing.
    public static final String NO_TRANSACTION = SVM + "payload_transaction";
    /// The transaction cannot be decoded.
    public static final String UNDECODABLE = SVM + "payload_transaction_could_not_be_decoded";
    /// The payer's signature is missing or wrong.
    public static final String SIGNATURE = SVM + "payload_signature_invalid";
    /// Signers other than payer and sponsor.
    public static final String SIGNERS = SVM + "payload_excessive_signers";
    /// Too few or too many instructions.
    public static final String LENGTH = SVM + "payload_transaction_instructions_length";
    /// The first instruction is no compute unit limit.
    public static final String LIMIT = SVM + "payload_transaction_instructions_compute_limit_instruction";
    /// The compute unit limit is above the declared one.
    public static final String LIMIT_TOO_HIGH = LIMIT + "_too_high";
    /// The second instruction is no compute unit price.
    public static final String PRICE = SVM + "payload_transaction_instructions_compute_price_instruction";
    /// The compute unit price, or what it makes the sponsor pay, is above the declared one.
    public static final String PRICE_TOO_HIGH = PRICE + "_too_high";
    /// No transfer where it has to be.
    public static final String NO_TRANSFER = SVM + "payload_no_transfer_instruction";
    /// An instruction other than a memo or a Lighthouse assertion beside the transfer.
    public static final String UNKNOWN_INSTRUCTION = SVM + "payload_unknown_optional_instruction";
    /// The sponsor would pay more than the fee.
    public static final String SPONSOR_TRANSFERS = SVM + "payload_transaction_fee_payer_transferring_funds";
    /// Another mint, or another token program.
    public static final String MINT = SVM + "payload_mint_mismatch";
    /// Another destination.
    public static final String RECIPIENT = SVM + "payload_recipient_mismatch";
    /// Another amount.
    public static final String AMOUNT = SVM + "payload_amount_mismatch";
    /// No memo, or more than one.
    public static final String MEMO_COUNT = SVM + "payload_memo_count";
    /// Another memo: the payment was made for another request.
    public static final String MEMO = SVM + "payload_memo_mismatch";
    /// The transaction is to be paid for by somebody else.
    public static final String FEE_PAYER = SVM + "fee_payer_mismatch";
    /// It would fail.
    public static final String SIMULATION = SVM + "transaction_simulation_failed";
    /// It did fail, on chain.
    public static final String FAILED = SVM + "transaction_failed";

    private PaymentError() {
    }

    /// The code in a version of x402: version 1 has a few short forms.
    public static String inVersion(String code, int x402Version) {
        if (x402Version != 1) {
            return code;
        }
        return switch (code) {
            case NETWORK -> "network_mismatch";
            case SIMULATION -> "transaction_simulation_failed";
            case SCHEME -> UNSUPPORTED_SCHEME;
            default -> code;
        };
    }
}
