package network.nyxos.node.engine;

import java.util.Objects;

/**
 * One message of a chat.
 *
 * @param role    {@code system}, {@code user}, {@code assistant} or {@code tool}
 * @param content the text as the user wrote it; control tokens spelled out in it stay plain text
 */
public record ChatMessage(String role, String content) {
    public ChatMessage {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
    }

    /** Names no content: messages are private and must not reach a log by way of an exception or a debugger line. */
    @Override
    public String toString() {
        return "ChatMessage[role=" + role + ", content=(" + content.length() + " chars)]";
    }
}
