package network.nyxos.relayer.dispute;

import java.util.Locale;

/// How far a slash has come.
public enum SlashState {
    /// The verifiers are to be asked.
    OPEN,
    /// A quorum has signed; it goes on chain.
    SIGNED,
    /// It is on chain.
    SLASHED,
    /// No quorum signs: the accused is right, or too few verifiers can tell. Nobody loses anything.
    DISMISSED,
    /// There is no bond to take any more: taken on other evidence, or gone.
    MOOT;

    /// The name in tables and on the wire: lower case.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws IllegalArgumentException when there is none of this name
    public static SlashState ofWireName(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
