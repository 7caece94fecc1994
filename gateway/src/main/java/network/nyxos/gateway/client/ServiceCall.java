package network.nyxos.gateway.client;

import network.nyxos.escrow.job.ModelId;
import network.nyxos.escrow.job.ServiceBody;

/// A call of another agent's service. What it answers is its seller's word, so there is no tier but open.
///
/// @param service its name
/// @param request what is said to it, sent to the byte
public record ServiceCall(String service, ServiceBody request) {
    /// @throws network.nyxos.escrow.ProtocolException `service_name` when the name is none of a service
    public ServiceCall {
        ModelId.ofService(service);
    }

    String path() {
        return GatewayCalls.SERVICES + service;
    }

    /// Shows no content.
    @Override
    public String toString() {
        return "call of service " + service + " with " + request.length() + " bytes";
    }
}
