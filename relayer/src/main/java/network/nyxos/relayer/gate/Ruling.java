package network.nyxos.relayer.gate;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import network.nyxos.relayer.job.Reason;

/// What a rule says of a job.
public sealed interface Ruling {
    /// The rule holds.
    record Pass() implements Ruling {
    }

    /// It cannot be said yet; asked again later.
    ///
    /// @param reason what is missing
    record Wait(Reason reason) implements Ruling {
    }

    /// It does not hold and never will: the node is not paid, the payer is not charged. Nobody is accused.
    ///
    /// @param reason what does not hold
    record Refuse(Reason reason) implements Ruling {
    }

    /// The node's signed word was proven wrong.
    ///
    /// @param reason     what was proven
    /// @param accusation who says what, where somebody can be held to it
    record Dispute(Reason reason, Optional<Accusation> accusation) implements Ruling {
    }

    /// The rule holds.
    Ruling PASS = new Pass();

    /// Not yet.
    static Ruling wait(String code, String message) {
        return new Wait(new Reason(code, message));
    }

    /// Never.
    static Ruling refuse(String code, String message) {
        return new Refuse(new Reason(code, message));
    }

    /// Proven wrong.
    static Ruling dispute(String code, String message) {
        return new Dispute(new Reason(code, message), Optional.empty());
    }

    /// Whether the rule holds.
    default boolean passed() {
        return this instanceof Pass;
    }

    /// The first ruling that is not a pass; rules behind it are not asked.
    static Ruling first(List<Supplier<Ruling>> rules) {
        return rules.stream().map(Supplier::get).filter(ruling -> !ruling.passed()).findFirst().orElse(PASS);
    }
}
