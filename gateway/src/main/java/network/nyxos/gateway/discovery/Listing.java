package network.nyxos.gateway.discovery;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// A resource that can be bought.
///
/// @param resource its URL without query
/// @param type     `http` or `mcp`
/// @param name     the HTTP method, or the MCP tool
/// @param payTo    who is paid, base58
/// @param scheme   how
/// @param network  where
/// @param item     as `/discovery/resources` shows it, without `lastUpdated`
public record Listing(String resource, String type, String name, String payTo, String scheme, String network, ObjectNode item) {
    /// Copies what could change.
    public Listing {
        item = item.deepCopy();
    }

    @Override
    public ObjectNode item() {
        return item.deepCopy();
    }
}
