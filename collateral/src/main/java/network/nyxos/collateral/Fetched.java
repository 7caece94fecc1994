package network.nyxos.collateral;

import java.time.Instant;

/// Collateral as a service gave it.
///
/// @param document   JSON as verifiers read it
/// @param evaluation the maker's number of what it takes into account; 0 where there is none
/// @param issued     when the maker made it
/// @param expires    when the first part of it does
record Fetched(String document, int evaluation, Instant issued, Instant expires) {
}
