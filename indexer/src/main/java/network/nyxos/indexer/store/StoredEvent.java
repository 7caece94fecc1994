package network.nyxos.indexer.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import network.nyxos.indexer.decode.RawEvent;

/// An event as it was just stored.
///
/// @param id its place in the order of arrival
/// @param raw where it came from
/// @param type its name
/// @param body its fields
public record StoredEvent(long id, RawEvent raw, String type, ObjectNode body) {
}
