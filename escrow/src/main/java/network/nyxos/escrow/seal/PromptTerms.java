package network.nyxos.escrow.seal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Sampler;
import software.sava.core.accounts.PublicKey;

/// What a sealed prompt is good for. Sealing authenticates it, so that whoever carries the prompt cannot have it answered by another node or model,
/// at another length, or otherwise sampled.
///
/// @param node      the node's key
/// @param model     {@link network.nyxos.escrow.job.ModelId}
/// @param maxOutput the most output tokens, more than 0
/// @param sampler   how tokens are chosen
public record PromptTerms(PublicKey node, Hash model, int maxOutput, Sampler sampler) {
    private static final byte[] DOMAIN = "nyxos:prompt-terms:v1".getBytes(StandardCharsets.US_ASCII);

    /// The terms on which a node is asked to work.
    public static PromptTerms of(Assignment assignment) {
        return new PromptTerms(assignment.node(), assignment.modelId(), assignment.maxOutput(), assignment.sampler());
    }

    /// `"nyxos:prompt-terms:v1" ‖ node ‖ model ‖ max_output u32 ‖ temperature_micro u32 ‖ top_p_micro u32 ‖ top_k u32`.
    byte[] encode() {
        return ByteBuffer.allocate(DOMAIN.length + 2 * 32 + 4 * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).put(DOMAIN).put(node.toByteArray()).put(model.bytes())
            .putInt(maxOutput).putInt(sampler.temperatureMicro()).putInt(sampler.topPMicro()).putInt(sampler.topK()).array();
    }
}
