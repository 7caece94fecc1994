package network.nyxos.gateway.checkout;

import network.nyxos.gateway.link.ConnectedNode;

/// What a job holds from before its payment is taken until it is over.
///
/// @param place a node's
/// @param share of what its payer may have under way
public record Hold(ConnectedNode.Place place, PayerLoad.Share share) implements AutoCloseable {
    /// Gives all of it back; more than once does no harm.
    @Override
    public void close() {
        place.close();
        share.close();
    }
}
