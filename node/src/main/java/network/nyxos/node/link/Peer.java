package network.nyxos.node.link;

import java.net.URI;
import software.sava.core.accounts.PublicKey;

/**
 * Whom a node dials.
 *
 * @param role what it is
 * @param uri  {@code ws} or {@code wss}, with the path, for example {@code wss://gateway.example/v1/node}
 * @param key  the key that it must name in its challenge; work and questions under another key are not taken
 */
public record Peer(Role role, URI uri, PublicKey key) {
    /** What a peer is to a node. */
    public enum Role {
        /** Gives work. */
        GATEWAY,
        /** Takes receipts and checks them. */
        RELAYER
    }

    public Peer {
        if (!"ws".equals(uri.getScheme()) && !"wss".equals(uri.getScheme())) {
            throw new IllegalArgumentException("a peer's address begins with ws:// or wss://, is " + uri);
        }
    }

    /** For logs. */
    @Override
    public String toString() {
        return role.name().toLowerCase(java.util.Locale.ROOT) + " " + uri;
    }
}
