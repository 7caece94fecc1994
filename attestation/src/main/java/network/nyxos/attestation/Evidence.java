package network.nyxos.attestation;

import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.nvidia.Devices;
import network.nyxos.attestation.nvidia.MachineVerifier;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.snp.AttestationReport;
import network.nyxos.attestation.snp.Endorsements;
import network.nyxos.attestation.snp.SnpVerifier;
import network.nyxos.attestation.tdx.Quote;
import network.nyxos.attestation.tdx.TdxVerifier;
import network.nyxos.attestation.verdict.Verdict;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Evidence of one kind, with what is needed to judge it. A kind has a verifier; there is no kind without one. */
public sealed interface Evidence {
    /** The kinds by their names on the wire: {@code tdx}, {@code snp}. */
    static List<String> kinds() {
        return List.of(Tdx.KIND, Snp.KIND);
    }

    /**
     * Evidence as it comes over the wire.
     *
     * @param kind       one of {@link #kinds()}
     * @param evidence   quote or report
     * @param collateral JSON as {@link Collateral#fromJson} reads it for {@code tdx}, {@link Endorsements#fromJson} for {@code snp}
     * @throws AttestationException {@code evidence.kind} for a kind that is not known; the collateral's own codes when it cannot be read
     */
    static Evidence of(String kind, Bytes evidence, String collateral) {
        return switch (kind) {
            case Tdx.KIND -> new Tdx(evidence, CollateralSet.of(Collateral.fromJson(collateral)));
            case Snp.KIND -> new Snp(evidence, Endorsements.fromJson(collateral));
            default -> throw unknown(kind);
        };
    }

    /**
     * Evidence of a machine as it comes over the wire.
     *
     * @param devices JSON as {@link Devices#fromJson} reads it; empty where the machine shows no GPU
     * @throws AttestationException as {@link #of(String, Bytes, String)}, and {@code nvidia.devices}
     */
    static Evidence of(String kind, Bytes evidence, String collateral, Optional<String> devices) {
        return of(kind, evidence, collateral).with(devices);
    }

    /**
     * A CPU's evidence with that of its machine's GPUs.
     *
     * @param devices JSON as {@link Devices#fromJson} reads it; empty where the machine shows no GPU
     * @throws AttestationException {@code nvidia.devices}
     */
    default Evidence with(Optional<String> devices) {
        return devices.<Evidence>map(json -> new Machine(this, Devices.fromJson(json))).orElse(this);
    }

    /**
     * The hash that names evidence: SHA-256 of it, without padding behind it where a kind may have some. A verdict on it has the same.
     *
     * @throws AttestationException {@code evidence.kind}; the codes of the kind's layout when it cannot be read
     */
    static Bytes hash(String kind, Bytes evidence) {
        return switch (kind) {
            case Tdx.KIND -> Quote.parse(evidence).evidenceHash();
            case Snp.KIND -> AttestationReport.parse(evidence).raw().sha256();
            default -> throw unknown(kind);
        };
    }

    private static AttestationException unknown(String kind) {
        return new AttestationException("evidence.kind", "evidence of kind '" + kind + "' is not known; known are " + kinds());
    }

    /** Judges this evidence at {@code now}. Never throws for what the evidence contains. */
    Verdict verify(Policy policy, Instant now);

    /**
     * A CPU's evidence with that of its GPUs. Where the policy asks for no GPU, the CPU is judged alone, as though none were shown.
     *
     * @param cpu     of the CPU
     * @param devices of the GPUs, and of the switches between them
     */
    record Machine(Evidence cpu, Devices devices) implements Evidence {
        /** Checks for absence only: what is inside is judged by {@link #verify}. */
        public Machine {
            Objects.requireNonNull(cpu, "cpu");
            Objects.requireNonNull(devices, "devices");
        }

        @Override
        public Verdict verify(Policy policy, Instant now) {
            return policy.gpuRequired() ? MachineVerifier.verify(cpu, policy, devices, now).whole() : cpu.verify(policy, now);
        }
    }

    /**
     * An Intel TDX quote.
     *
     * @param quote      as the machine gave it; zero padding may follow
     * @param collateral of the platform's FMSPC, of the day
     */
    record Tdx(Bytes quote, CollateralSet collateral) implements Evidence {
        /** Its name on the wire. */
        public static final String KIND = "tdx";

        /** Checks for absence only: what is inside is judged by {@link #verify}. */
        public Tdx {
            Objects.requireNonNull(quote, "quote");
            Objects.requireNonNull(collateral, "collateral");
        }

        @Override
        public Verdict verify(Policy policy, Instant now) {
            return TdxVerifier.verify(quote.toArray(), collateral, policy, now);
        }
    }

    /**
     * An AMD SEV-SNP report.
     *
     * @param report       exactly as the guest got it
     * @param endorsements of the chip, with AMD's revocation list where the caller has it
     */
    record Snp(Bytes report, Endorsements endorsements) implements Evidence {
        /** Its name on the wire. */
        public static final String KIND = "snp";

        /** Checks for absence only: what is inside is judged by {@link #verify}. */
        public Snp {
            Objects.requireNonNull(report, "report");
            Objects.requireNonNull(endorsements, "endorsements");
        }

        @Override
        public Verdict verify(Policy policy, Instant now) {
            return SnpVerifier.verify(report.toArray(), endorsements, policy, now);
        }
    }
}
