package network.nyxos.escrow.job;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import network.nyxos.escrow.ProtocolException;

/// How likely the model held one token of a reply to be, and which others it held to be the likeliest. In no receipt and under no signature: the node's word alone.
///
/// @param token what was chosen
/// @param top   the likeliest, the first first, 0 to {@value #MAX_TOP}
public record TokenLogprob(Likely token, List<Likely> top) {
    /// The most others.
    public static final int MAX_TOP = 20;

    /// A token.
    ///
    /// @param hex   its bytes; empty for one that stands for no text, such as the end
    /// @param micro natural logarithm of its probability in millionths, at most 0
    public record Likely(String hex, int micro) {
        /// @throws ProtocolException `logprob_malformed`
        public Likely {
            if (!hex.matches("([0-9a-f]{2})*") || micro > 0) {
                throw new ProtocolException("logprob_malformed", "a token is bytes in hexadecimal, and the logarithm of its probability is 0 or less");
            }
        }

        /// Of bytes.
        public static Likely of(byte[] bytes, int micro) {
            return new Likely(HexFormat.of().formatHex(bytes), micro);
        }

        /// Its bytes.
        public byte[] bytes() {
            return HexFormat.of().parseHex(hex);
        }

        /// As text; what is only a part of a character shows as U+FFFD.
        public String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        /// Shows no text.
        @Override
        public String toString() {
            return "Likely[micro=" + micro + "]";
        }
    }

    /// Copies the list.
    ///
    /// @throws ProtocolException `logprob_malformed` for more than {@value #MAX_TOP}
    public TokenLogprob {
        top = List.copyOf(top);
        if (top.size() > MAX_TOP) {
            throw new ProtocolException("logprob_malformed", "at most " + MAX_TOP + " of the likeliest tokens are told");
        }
    }
}
