package network.nyxos.gateway.job;

/// Where the reply goes as it comes.
public interface ReplySink {
    /// More text, not empty.
    ///
    /// @throws ClientGoneException when nobody is there to read it
    void text(String text);

    /// Forgets the text so far, because another node begins the reply anew.
    ///
    /// @return false when the client has read some of it already
    boolean restart();

    /// The client is gone.
    final class ClientGoneException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /// @param cause what writing to it gave
        public ClientGoneException(Throwable cause) {
            super("the client is gone", cause);
        }
    }
}
