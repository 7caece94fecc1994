package network.nyxos.node;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.nvidia.Devices;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.node.evidence.EvidenceSource;
import network.nyxos.node.link.PeerLink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers a peer's {@code attest} with evidence over this node's keys and the peer's nonce. */
final class EvidenceDesk {
    private static final Logger LOG = LoggerFactory.getLogger(EvidenceDesk.class);

    private final NodeRuntime node;

    EvidenceDesk(NodeRuntime node) {
        this.node = node;
    }

    private static WireMessage.Evidence.Device shown(Devices.Device gpu) {
        return new WireMessage.Evidence.Device(gpu.report().toArray(), gpu.certificates().getBytes(StandardCharsets.US_ASCII));
    }

    /** Quotes and sends on a thread of its own: a quoting service may take seconds. {@code sent} hears the quote's hash. */
    void answer(Hash nonce, PeerLink link, Consumer<Hash> sent) {
        Thread.startVirtualThread(() -> {
            try {
                EvidenceSource source = node.evidence().orElseThrow(() -> new EvidenceSource.EvidenceException("this node has no TEE"));
                Bytes reportData = ReportData.bind(node.keys().node().publicKey().toByteArray(), node.keys().receipt().publicKey().toByteArray(),
                        node.keys().sealingKey().toByteArray(), nonce.bytes());
                EvidenceSource.Quoted quoted = source.quote(reportData);
                // Zero padding behind a quote is no part of what the relayer names.
                Hash hash = Hash.of(Evidence.hash(quoted.kind(), quoted.quote()).toArray());
                link.send(new WireMessage.Evidence(nonce, quoted.kind(), quoted.quote().toArray(),
                        quoted.collateral().map(json -> json.getBytes(StandardCharsets.UTF_8)), quoted.development(), quoted.gpus().stream().map(EvidenceDesk::shown).toList(), List.of()));
                sent.accept(hash);
            } catch (EvidenceSource.EvidenceException | AttestationException | IllegalArgumentException e) {
                LOG.warn("no evidence for {}: {}", link.peer(), e.getMessage());
            } catch (PeerLink.LinkDown e) {
                LOG.debug("evidence not sent: {}", e.getMessage());
            }
        });
    }
}
