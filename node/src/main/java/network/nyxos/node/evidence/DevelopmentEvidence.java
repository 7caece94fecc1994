package network.nyxos.node.evidence;

import java.time.InstantSource;
import java.util.Optional;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.development.DevelopmentTee;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Quotes of a development TEE: they protect nothing, and say so. */
public final class DevelopmentEvidence implements EvidenceSource {
    private static final Logger LOG = LoggerFactory.getLogger(DevelopmentEvidence.class);

    private final DevelopmentTee tee;
    private final Measurement measurement;
    private final InstantSource clock;

    /** @param tee made at run time; @param measurement what the quotes say runs here */
    public DevelopmentEvidence(DevelopmentTee tee, Measurement measurement, InstantSource clock) {
        this.tee = tee;
        this.measurement = measurement;
        this.clock = clock;
        LOG.warn("DEVELOPMENT evidence: quotes are made by {}; they prove nothing about this machine", tee);
    }

    @Override
    public Quoted quote(Bytes reportData) {
        return new Quoted("tdx", Bytes.of(tee.quote(reportData, measurement)), Optional.of(tee.collateral(clock.instant()).toJson()), true);
    }
}
