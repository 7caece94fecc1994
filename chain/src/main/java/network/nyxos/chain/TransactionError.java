package network.nyxos.chain;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Why the chain did not execute a transaction, in its own terms.
///
/// @param name        for example `InsufficientFundsForFee`, or for an instruction's error `Custom`, `MissingRequiredSignature`
/// @param instruction the failed instruction's place among the transaction's
/// @param custom      the number of a program's own error; with it {@link #name} is `Custom`
public record TransactionError(String name, OptionalInt instruction, OptionalLong custom) {
    /// Reads the `err` member of a status, transaction or simulation.
    static TransactionError read(JsonNode err) {
        if (err.isTextual()) {
            return new TransactionError(err.textValue(), OptionalInt.empty(), OptionalLong.empty());
        }
        Map.Entry<String, JsonNode> only = err.properties().iterator().next();
        JsonNode value = only.getValue();
        if (!only.getKey().equals("InstructionError") || value.size() != 2) {
            return new TransactionError(only.getKey(), OptionalInt.empty(), OptionalLong.empty());
        }
        OptionalInt instruction = OptionalInt.of(value.get(0).asInt());
        JsonNode what = value.get(1);
        if (what.has("Custom")) {
            return new TransactionError("Custom", instruction, OptionalLong.of(what.get("Custom").asLong()));
        }
        String name = what.isTextual() ? what.textValue() : what.properties().iterator().next().getKey();
        return new TransactionError(name, instruction, OptionalLong.empty());
    }

    /// One line: `instruction 2: Custom 6003`.
    @Override
    public String toString() {
        return (instruction.isPresent() ? "instruction " + instruction.getAsInt() + ": " : "") + name + (custom.isPresent() ? " " + custom.getAsLong() : "");
    }
}
