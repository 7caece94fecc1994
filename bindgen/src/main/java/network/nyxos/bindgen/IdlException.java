package network.nyxos.bindgen;

/// An IDL that cannot be read or that says something the generator has no Java for. The message names the place.
public final class IdlException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param place   where in the IDL, for example `instructions[3].args[0]`
    /// @param message what is wrong there
    public IdlException(String place, String message) {
        super(place + ": " + message);
    }

    IdlException(String place, String message, Throwable cause) {
        super(place + ": " + message, cause);
    }
}
