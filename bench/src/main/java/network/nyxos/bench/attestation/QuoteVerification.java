package network.nyxos.bench.attestation;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.tdx.TdxVerifier;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Times;

/** Verifies a development quote: the layout, chain depth, signatures and collateral of a real one, under a root made for this run. */
public final class QuoteVerification {

    private static final byte FILL = 7;

    private QuoteVerification() {
    }

    /**
     * Measures.
     *
     * @param count verifications of each kind, at least 1
     * @throws IllegalStateException when the quote is not accepted, for then something else was measured
     */
    public static List<Figure> measure(int count) {
        Instant now = Instant.now();
        DevelopmentTee tee = DevelopmentTee.create(now);
        Bytes bound = ReportData.bind(key(1), key(2), key(3), key(4));
        byte[] quote = tee.quote(bound, DevelopmentTee.measurementOf("nyxos bench"));
        Policy policy = Policy.development(tee.trustAnchor()).withReportData(bound);
        String json = tee.collateral(now).toJson();

        Runnable cold = () -> accepted(TdxVerifier.verify(quote, Collateral.fromJson(json), policy, now));
        long first = Times.nanos(cold);
        CollateralSet kept = CollateralSet.of(Collateral.fromJson(json));
        Runnable warm = () -> accepted(TdxVerifier.verify(quote, kept, policy, now));
        Times.each(count, cold);
        Times coldTimes = Times.each(count, cold);
        Times.each(count, warm);
        Times warmTimes = Times.each(count, warm);
        return List.of(
                Figure.of("first verification of this process", first / 1e6, "ms", "one, classes not yet loaded or compiled; the development root was made just before"),
                new Figure("cold: collateral read and checked anew", coldTimes.values(), count + " verifications after as many to warm up"),
                new Figure("warm: collateral kept", warmTimes.values(), count + " verifications after as many to warm up; every quote signature is still checked"),
                Figure.of("cold / warm", coldTimes.median() / warmTimes.median(), "×", "ratio of the medians of this run"));
    }

    private static byte[] key(int salt) {
        byte[] key = new byte[ReportData.KEY_LENGTH];
        Arrays.fill(key, (byte) (FILL * salt));
        return key;
    }

    private static void accepted(Verdict verdict) {
        if (!verdict.accepted()) {
            throw new IllegalStateException("the development quote was not accepted: " + verdict.summary());
        }
    }
}
