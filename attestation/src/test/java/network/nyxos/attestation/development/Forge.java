package network.nyxos.attestation.development;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.development.DevelopmentPki.Identity;
import network.nyxos.attestation.development.DevelopmentPki.Request;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.tdx.TdxVerifier;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes evidence that is right in all but one thing, properly signed: what an attacker who owns a platform, or a careless maker, could make. */
final class Forge {
    static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    static final Measurement MEASUREMENT = DevelopmentTee.measurementOf("node");
    static final Bytes REPORT_DATA = Bytes.of(new byte[] {1}).concat(Bytes.zeros(63));
    static final int HEADER = 48;
    static final int SIGNATURE_DATA = HEADER + 584 + 4;

    final DevelopmentTee tee = DevelopmentTee.create(NOW);
    final Policy policy = Policy.development(tee.trustAnchor()).withReportData(REPORT_DATA).withMeasurements(List.of(MEASUREMENT));
    final byte[] quote = tee.quote(REPORT_DATA, MEASUREMENT);
    final String tcbInfo = DevelopmentPlatform.tcbInfo(NOW);
    final String qeIdentity = DevelopmentPlatform.qeIdentity(NOW);
    final Bytes rootCrl = crl(tee.parts().root(), List.of());
    final Bytes pckCrl = crl(tee.parts().authority(), List.of());
    final Collateral collateral = tee.collateral(tcbInfo, qeIdentity, rootCrl, pckCrl);
    final CollateralSet set = CollateralSet.of(collateral);

    Verdict judge(byte[] evidence) {
        return TdxVerifier.verify(evidence, set, policy, NOW);
    }

    Verdict judge(Collateral other) {
        return TdxVerifier.verify(quote, other, policy, NOW);
    }

    /** The quote with its bytes changed after it was signed. */
    Verdict altered(Consumer<ByteBuffer> change) {
        return judge(changed(quote, change));
    }

    /** Header and body changed before they were signed. */
    Verdict withBody(Consumer<ByteBuffer> change) {
        return judge(tee.seal(changed(DevelopmentTee.headerAndBody(REPORT_DATA, MEASUREMENT), change)));
    }

    /** A version 5 quote with this body descriptor; {@code extra} follows the TD report 1.0. */
    byte[] version5(int type, int size, byte[] extra, Consumer<ByteBuffer> change) {
        byte[] version4 = DevelopmentTee.headerAndBody(REPORT_DATA, MEASUREMENT);
        ByteBuffer version5 = ByteBuffer.allocate(version4.length + 6 + extra.length).order(ByteOrder.LITTLE_ENDIAN);
        version5.put(version4, 0, HEADER).putShort((short) type).putInt(size).put(version4, HEADER, version4.length - HEADER).put(extra);
        version5.putShort(0, (short) 5);
        return tee.seal(changed(version5.array(), change));
    }

    /** A QE report changed before the PCK key signed it. */
    Verdict withQeReport(Consumer<ByteBuffer> change) {
        byte[] report = changed(DevelopmentTee.qeReport(DevelopmentPki.point(tee.parts().attestationPublicKey())).toArray(), change);
        return judge(certified(Bytes.of(report), new byte[32], chain()));
    }

    /** A quote with this QE report, signed by the PCK key, this auth data and this chain. */
    byte[] certified(Bytes report, byte[] authData, byte[] chain) {
        return tee.seal(DevelopmentTee.headerAndBody(REPORT_DATA, MEASUREMENT), report,
                DevelopmentPki.sign(tee.parts().pck().key(), report.toArray()), authData, chain);
    }

    /** The quote with another certificate chain. */
    Verdict withChain(Identity... identities) {
        return judge(certified(DevelopmentTee.qeReport(DevelopmentPki.point(tee.parts().attestationPublicKey())), new byte[32], pem(identities)));
    }

    /** A TEE whose PCK certificate and its CA are these; collateral with a CRL of that CA. */
    Verdict withPlatform(Identity authority, Identity pck) {
        DevelopmentTee.Parts p = tee.parts();
        DevelopmentTee other = new DevelopmentTee(new DevelopmentTee.Parts(p.root(), authority, pck, p.signer(), p.attestationKey(), p.attestationPublicKey()));
        return TdxVerifier.verify(other.quote(REPORT_DATA, MEASUREMENT), tee.collateral(tcbInfo, qeIdentity, rootCrl, crl(authority, List.of())), policy, NOW);
    }

    /** A PCK certificate of the usual names by the usual CA, otherwise as asked. */
    Identity pck(Request request) {
        return DevelopmentPki.issue(request, tee.parts().authority());
    }

    static Request pckRequest(Instant from, Instant to, Optional<org.bouncycastle.asn1.ASN1Encodable> extension) {
        return new Request(TrustAnchor.Family.DEVELOPMENT.pckLeaf(), -1, from, to, extension);
    }

    /** TCB info changed before it was signed. */
    Verdict withTcbInfo(Consumer<ObjectNode> change) {
        return judge(tee.collateral(edited(tcbInfo, change), qeIdentity, rootCrl, pckCrl));
    }

    /** A QE identity changed before it was signed. */
    Verdict withQeIdentity(Consumer<ObjectNode> change) {
        return judge(tee.collateral(tcbInfo, edited(qeIdentity, change), rootCrl, pckCrl));
    }

    static String edited(String json, Consumer<ObjectNode> change) {
        try {
            ObjectNode node = (ObjectNode) JsonMapper.builder().build().readTree(json);
            change.accept(node);
            return node.toString();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    byte[] chain() {
        return pem(tee.parts().pck(), tee.parts().authority(), tee.parts().root());
    }

    static byte[] pem(Identity... identities) {
        return DevelopmentPki.pem(Arrays.stream(identities).map(Identity::certificate).toArray(java.security.cert.X509Certificate[]::new))
                .getBytes(StandardCharsets.US_ASCII);
    }

    static Bytes crl(Identity issuer, Collection<BigInteger> revoked) {
        return DevelopmentPki.revocationList(issuer, NOW, NOW.plus(Duration.ofDays(30)), revoked);
    }

    static byte[] changed(byte[] bytes, Consumer<ByteBuffer> change) {
        byte[] copy = bytes.clone();
        change.accept(ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN));
        return copy;
    }

    static List<String> failures(Verdict verdict) {
        return verdict.failures().stream().map(Check::id).toList();
    }
}
