package network.nyxos.gateway.checkout;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.gateway.offer.Catalogue;
import network.nyxos.gateway.openai.InferenceRequest;
import network.nyxos.gateway.store.JobStore;

/// A request that was read and priced.
///
/// @param asked       what is asked for
/// @param priced      on which terms
/// @param requestHash hash of method, path and body
/// @param resource    the URL that is paid for
public record Incoming(InferenceRequest asked, Catalogue.Priced priced, Hash requestHash, String resource) {
    /// As jobs remember it.
    JobStore.Request request() {
        return new JobStore.Request(requestHash, priced.model().name(), asked.tier());
    }
}
