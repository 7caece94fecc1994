package network.nyxos.gateway.openai;

/// One message of a conversation. Never logged or stored: its `toString` says how long it is and nothing else.
///
/// @param role    `system`, `user`, `assistant` or `tool`
/// @param content its text
public record Message(String role, String content) {
    @Override
    public String toString() {
        return role + " message of " + content.length() + " characters";
    }
}
