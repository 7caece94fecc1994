package network.nyxos.gateway.job;

import java.util.List;
import network.nyxos.escrow.job.TokenLogprob;

/// Where the reply goes as it comes.
public interface ReplySink {
    /// For a reply that is no text.
    ReplySink NONE = new ReplySink() {
        @Override
        public void text(int choice, String text, List<TokenLogprob> tokens) {
            throw new IllegalStateException("text came where none can");
        }

        @Override
        public boolean restart() {
            return true;
        }
    };

    /// More text, not empty.
    ///
    /// @param choice which of the reply's choices it is of, from 0
    /// @param tokens how likely they were, where that was asked for: those that it begins or goes on with and that were not told yet
    /// @throws ClientGoneException when nobody is there to read it
    void text(int choice, String text, List<TokenLogprob> tokens);

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
