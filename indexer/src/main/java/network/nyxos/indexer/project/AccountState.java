package network.nyxos.indexer.project;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// State of an account, as the byte in it, the database and JSON name it. Implemented by enums.
public sealed interface AccountState permits BatchState, BondState, DirectState, DisputeState, EscrowState, LockedJobState, ModelState, PosterState, ProposalState, TermsState {
    /// The constant's name.
    String name();

    /// The account's byte for it; 0 where no account has it.
    int code();

    /// Its name in the database and in JSON.
    default String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// All wire names of a kind.
    static <S extends AccountState> Set<String> wireNames(Class<S> kind) {
        return Arrays.stream(kind.getEnumConstants()).map(AccountState::wireName).collect(Collectors.toUnmodifiableSet());
    }

    /// The state of a wire name.
    ///
    /// @throws IllegalArgumentException when there is none
    static <S extends AccountState> S ofWireName(Class<S> kind, String name) {
        return the(kind, state -> state.wireName().equals(name), "is named " + name);
    }

    /// The state of an account's byte.
    ///
    /// @throws IllegalArgumentException when there is none
    static <S extends AccountState> S ofCode(Class<S> kind, int code) {
        return the(kind, state -> state.code() == code, "has code " + code);
    }

    private static <S extends AccountState> S the(Class<S> kind, Predicate<S> wanted, String what) {
        return Arrays.stream(kind.getEnumConstants()).filter(wanted).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no " + kind.getSimpleName() + " " + what));
    }
}
