package network.nyxos.gateway.openai;

import java.util.List;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.seal.SealedPrompt;
import software.sava.core.accounts.PublicKey;

/// What the model is asked.
public sealed interface Prompt {
    /// The most tokens that it can have, which is what the price's ceiling is made of.
    long bound();

    /// Messages that this gateway can read.
    ///
    /// @param messages 1 to 256
    record Clear(List<Message> messages) implements Prompt {
        /// Copies the list.
        public Clear {
            messages = List.copyOf(messages);
        }

        @Override
        public long bound() {
            return Price.promptBound(messages.stream().map(Message::content).toList());
        }

        /// Says how much there is without showing it.
        @Override
        public String toString() {
            return messages.size() + " messages";
        }
    }

    /// Messages that only one node can read.
    ///
    /// @param node   the node's key
    /// @param prompt sealed to it
    record Sealed(PublicKey node, SealedPrompt prompt) implements Prompt {
        @Override
        public long bound() {
            return Price.sealedPromptBound(prompt.plaintextLength());
        }
    }
}
