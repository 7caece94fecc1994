package network.nyxos.gateway.openai;

import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.route.Preferences;

/// A call of an agent's service. What is said to it is the service's own, so nothing of it is read here.
///
/// @param model the service's name
/// @param tier  as the name says, open otherwise
/// @param body  to the byte as it came
public record ServiceRequest(String model, Tier tier, ServiceBody body) implements InferenceRequest {
    /// Reads and checks.
    ///
    /// @param name the service's, perhaps with a tier behind it
    /// @param body as sent
    /// @throws ApiException 413 `request_too_large`, 400 `invalid_json`
    public static ServiceRequest read(String name, byte[] body) {
        if (body.length > ServiceBody.MAX_REQUEST) {
            throw ApiException.refused(413, "request_too_large", "a service is sent " + ServiceBody.MAX_REQUEST + " bytes at most, not " + body.length);
        }
        ModelName model = ModelName.of(name);
        try {
            return new ServiceRequest(model.name(), model.tier().orElse(Tier.OPEN), ServiceBody.request(body));
        } catch (ProtocolException e) {
            throw ApiException.badRequest("invalid_json", e.getMessage());
        }
    }

    @Override
    public Preferences preferences() {
        return Preferences.NONE;
    }

    @Override
    public String description() {
        return "A call of service " + model;
    }

    /// Says what was asked for without showing it.
    @Override
    public String toString() {
        return "call of service " + model + " with " + body.length() + " bytes (" + tier.wireName() + ")";
    }
}
