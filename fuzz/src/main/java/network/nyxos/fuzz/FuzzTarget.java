package network.nyxos.fuzz;

/// What Jazzer calls, in a process of its own for each decoder.
public final class FuzzTarget {
    private static volatile Decoder decoder = Decoder.TDX_QUOTE;

    private FuzzTarget() {
    }

    /// Called once.
    ///
    /// @param args the decoder's title
    public static void fuzzerInitialize(String[] args) {
        decoder = Decoder.of(args[0]);
        // Keys are made here, for some seconds, and not within the time that the first input may take.
        decoder.seeds().forEach(decoder::check);
    }

    /// Called with each input.
    public static void fuzzerTestOneInput(byte[] input) {
        decoder.check(input);
    }
}
