package network.nyxos.node.evidence;

import java.util.List;
import java.util.Optional;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.Devices.Device;

/** Makes evidence of what runs here. Safe for use by many threads. */
public interface EvidenceSource {
    /**
     * A quote.
     *
     * @param kind        {@code tdx} or {@code snp}
     * @param quote       as the machine gave it: of {@code snp} the report
     * @param collateral  JSON as {@code attestation} reads it, of {@code snp} perhaps the key's certificate alone; empty where the verifier fetches its own
     * @param development whether it hangs on a development root: no hardware is behind it
     * @param gpus        evidence of the machine's GPUs, bound to the report data; none where it has or shows none
     */
    record Quoted(String kind, Bytes quote, Optional<String> collateral, boolean development, List<Device> gpus) {
        /** Copies. */
        public Quoted {
            gpus = List.copyOf(gpus);
        }

        /** A quote of a CPU alone. */
        public Quoted(String kind, Bytes quote, Optional<String> collateral, boolean development) {
            this(kind, quote, collateral, development, List.of());
        }
    }

    /** The machine gave no quote. */
    final class EvidenceException extends Exception {
        private static final long serialVersionUID = 1L;

        /** @param message what went wrong and what to do */
        public EvidenceException(String message) {
            super(message);
        }

        /** As above, with the cause. */
        public EvidenceException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** A quote over 64 bytes of report data. */
    Quoted quote(Bytes reportData) throws EvidenceException;
}
