package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What GPU evidence must answer to, and so what it is bound to. */
public sealed interface GpuChallenge {
    /** The nonce that the evidence must hold, 32 bytes; empty when any will do. */
    Optional<Bytes> nonce();

    /**
     * The GPU belongs to the CPU TEE whose report data this is: its nonce must be
     * {@code SHA-256("nyxos:gpu-nonce:v1" ‖ report data)}, so that evidence recorded earlier or for another
     * TEE's keys cannot be attached. That it was asked for from inside the TEE is for the measured software to see to.
     *
     * @param cpuReportData 64 bytes, of CPU evidence that was accepted
     */
    record BoundTo(Bytes cpuReportData) implements GpuChallenge {
        private static final Bytes DOMAIN = Bytes.of("nyxos:gpu-nonce:v1".getBytes(StandardCharsets.US_ASCII));

        /** Checks the length. */
        public BoundTo {
            if (cpuReportData.size() != ReportData.LENGTH) {
                throw new AttestationException("nvidia.challenge", "report data has " + cpuReportData.size() + " bytes, must have " + ReportData.LENGTH);
            }
        }

        @Override
        public Optional<Bytes> nonce() {
            return Optional.of(DOMAIN.concat(cpuReportData).sha256());
        }
    }

    /**
     * The verifier's own nonce. It shows that the evidence is fresh, and binds the GPU to nothing.
     *
     * @param value 32 bytes
     */
    record Fresh(Bytes value) implements GpuChallenge {
        /** Checks the length. */
        public Fresh {
            if (value.size() != GpuReport.NONCE_LENGTH) {
                throw new AttestationException("nvidia.challenge", "a GPU nonce has " + value.size() + " bytes, must have " + GpuReport.NONCE_LENGTH);
            }
        }

        @Override
        public Optional<Bytes> nonce() {
            return Optional.of(value);
        }
    }

    /** No nonce is known: the evidence may be old or another's, which the verdict then says. */
    record None() implements GpuChallenge {
        @Override
        public Optional<Bytes> nonce() {
            return Optional.empty();
        }
    }

    /** Why {@code actual} does not answer this; empty when it does. */
    default Optional<String> nonceProblem(Bytes actual) {
        return nonce().filter(expected -> !expected.equals(actual)).map(expected -> "the nonce is " + actual + ", must be " + expected);
    }

    /** What an evidence that answers this is bound to, in words. */
    default String binding() {
        return switch (this) {
            case BoundTo bound -> "bound to the CPU TEE's report data";
            case Fresh fresh -> "fresh by the verifier's nonce, bound to no CPU TEE";
            case None none -> "neither fresh nor bound: no nonce was asked for";
        };
    }

    /** Why this does not bind evidence to a CPU TEE; empty when it does. */
    default Optional<String> bindingProblem() {
        return this instanceof BoundTo ? Optional.empty() : Optional.of(binding());
    }
}
