package network.nyxos.localnet;

/**
 * Why a transaction failed.
 *
 * @param json    Solana's {@code TransactionError} as JSON text, for example {@code {"InstructionError":[0,{"Custom":1}]}}
 * @param message the same in the runtime's words, for example "Error processing Instruction 0: custom program error: 0x1"
 */
public record TransactionFailure(String json, String message) {

    static final TransactionFailure BLOCKHASH_NOT_FOUND = new TransactionFailure("\"BlockhashNotFound\"", "Blockhash not found");
    static final TransactionFailure ALREADY_PROCESSED =
            new TransactionFailure("\"AlreadyProcessed\"", "This transaction has already been processed");
    static final TransactionFailure SANITIZE_FAILURE =
            new TransactionFailure("\"SanitizeFailure\"", "Transaction failed to sanitize accounts offsets correctly");
}
