package network.nyxos.attestation.development;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.TcbStatus;
import network.nyxos.attestation.development.DevelopmentPki.Identity;
import network.nyxos.attestation.development.DevelopmentPki.Request;
import network.nyxos.attestation.pki.PckExtension;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.tdx.TdxVerifier;
import network.nyxos.attestation.verdict.Verdict;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

import static network.nyxos.attestation.development.Forge.HEADER;
import static network.nyxos.attestation.development.Forge.MEASUREMENT;
import static network.nyxos.attestation.development.Forge.NOW;
import static network.nyxos.attestation.development.Forge.REPORT_DATA;
import static network.nyxos.attestation.development.Forge.SIGNATURE_DATA;
import static network.nyxos.attestation.development.Forge.failures;
import static org.assertj.core.api.Assertions.assertThat;

@DisplayName("Evidence that is wrong in one thing is refused by the check of that thing")
class RefusalsTest {
    private static final Forge FORGE = new Forge();
    private static final BigInteger ORDER = new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

    private static void refused(Verdict verdict, String... checks) {
        assertThat(verdict.accepted()).isFalse();
        assertThat(failures(verdict)).as("%s", verdict).containsExactly(checks);
    }

    private static void accepted(Verdict verdict) {
        assertThat(verdict.accepted()).as("%s", verdict).isTrue();
    }

    @Nested
    @DisplayName("Layout")
    class Layout {
        @Test
        @DisplayName("the quote that all these start from is accepted")
        void control() {
            accepted(FORGE.judge(FORGE.quote));
        }

        @ParameterizedTest
        @CsvSource({"3, tdx.quote.tee-type", "0, tdx.quote.version", "2, tdx.quote.version", "6, tdx.quote.version", "65535, tdx.quote.version"})
        @DisplayName("another version")
        void version(int version, String check) {
            refused(FORGE.withBody(b -> b.putShort(0, (short) version)), check);
        }

        @Test
        @DisplayName("version 4 of an SGX enclave, of an unknown TEE")
        void teeType() {
            refused(FORGE.withBody(b -> b.putInt(4, 0)), "tdx.quote.tee-type");
            refused(FORGE.withBody(b -> b.putInt(4, 0x82)), "tdx.quote.tee-type");
        }

        @Test
        @DisplayName("attestation key type P-384, foreign quoting enclave vendor")
        void header() {
            refused(FORGE.withBody(b -> b.putShort(2, (short) 3)), "tdx.quote.key-type");
            refused(FORGE.withBody(b -> b.put(12, (byte) 0)), "tdx.quote.vendor");
        }

        @Test
        @DisplayName("version 5: both TD reports are read, and every descriptor that does not fit is refused")
        void version5() {
            accepted(FORGE.judge(FORGE.version5(2, 584, new byte[0], b -> { })));
            accepted(FORGE.judge(FORGE.version5(3, 648, update(DevelopmentPlatform.TEE_TCB_SVN, new byte[48]), b -> { })));
            refused(FORGE.judge(FORGE.version5(2, 648, new byte[64], b -> { })), "tdx.quote.body-type");
            refused(FORGE.judge(FORGE.version5(3, 584, new byte[0], b -> { })), "tdx.quote.body-type");
            refused(FORGE.judge(FORGE.version5(4, 885, new byte[301], b -> { })), "tdx.quote.body-type");
            refused(FORGE.judge(FORGE.version5(0, 584, new byte[0], b -> { })), "tdx.quote.body-type");
            refused(FORGE.judge(FORGE.version5(1, 384, new byte[0], b -> { })), "tdx.quote.tee-type");
            refused(FORGE.judge(FORGE.version5(2, 584, new byte[0], b -> b.putInt(4, 0))), "tdx.quote.tee-type");
            refused(FORGE.judge(FORGE.version5(2, -1, new byte[0], b -> { })), "tdx.quote.body-type");
        }

        @Test
        @DisplayName("certification data of another type, outer and inner")
        void certificationTypes() {
            int outer = SIGNATURE_DATA + 128;
            refused(FORGE.altered(b -> b.putShort(outer, (short) 5)), "tdx.quote.certification");
            int inner = SIGNATURE_DATA + 134 + 384 + 64 + 2 + 32;
            for (int type : new int[] {1, 2, 3, 4, 6, 7}) {
                refused(FORGE.altered(b -> b.putShort(inner, (short) type)), "tdx.quote.certification");
            }
        }

        @Test
        @DisplayName("bytes left over inside the signature data or the certification data")
        void leftOver() {
            byte[] longer = Arrays.copyOf(FORGE.quote, FORGE.quote.length + 4);
            int signatureLength = FORGE.quote.length - SIGNATURE_DATA;
            refused(FORGE.judge(Forge.changed(longer, b -> b.putInt(SIGNATURE_DATA - 4, signatureLength + 4))), "tdx.quote.layout");
            refused(FORGE.judge(Forge.changed(longer, b -> {
                b.putInt(SIGNATURE_DATA - 4, signatureLength + 4);
                b.putInt(SIGNATURE_DATA + 130, signatureLength - 134 + 4);
            })), "tdx.quote.layout");
        }

        @ParameterizedTest
        @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 0, 1, 133, 600})
        @DisplayName("lengths that lie, beyond 2^31 too")
        void lengths(int length) {
            refused(FORGE.altered(b -> b.putInt(SIGNATURE_DATA - 4, length)), "tdx.quote.layout");
            refused(FORGE.altered(b -> b.putInt(SIGNATURE_DATA + 130, length)), "tdx.quote.layout");
            refused(FORGE.altered(b -> b.putInt(SIGNATURE_DATA + 134 + 384 + 64 + 2 + 32 + 2, length)), "tdx.quote.layout");
        }

        @Test
        @DisplayName("cut off at any byte")
        void truncated() {
            for (int length = 0; length < FORGE.quote.length; length++) {
                refused(FORGE.judge(Arrays.copyOf(FORGE.quote, length)), "tdx.quote.layout");
            }
        }

        @Test
        @DisplayName("followed by anything but zeros; zeros do not change the evidence hash")
        void trailing() {
            Verdict padded = FORGE.judge(Arrays.copyOf(FORGE.quote, FORGE.quote.length + 3000));
            accepted(padded);
            assertThat(padded.evidenceHash()).isEqualTo(Bytes.of(FORGE.quote).sha256()).isEqualTo(FORGE.judge(FORGE.quote).evidenceHash());
            byte[] junk = Arrays.copyOf(FORGE.quote, FORGE.quote.length + 3);
            junk[junk.length - 1] = 1;
            refused(FORGE.judge(junk), "tdx.quote.trailing");
            refused(FORGE.judge(Arrays.copyOf(FORGE.quote, (1 << 16) + 1)), "tdx.quote.layout");
        }

        @Test
        @DisplayName("a bit flipped in any byte, in every eleventh byte of the certificates")
        void bitFlips() {
            int certificates = FORGE.quote.length - FORGE.chain().length;
            for (int at = 0; at < FORGE.quote.length; at += at < certificates ? 1 : 11) {
                int bit = 1 << at % 8;
                int index = at;
                Verdict verdict = FORGE.altered(b -> b.put(index, (byte) (b.get(index) ^ bit)));
                assertThat(verdict.accepted()).as("byte %d bit %d: %s", at, at % 8, verdict).isFalse();
            }
        }
    }

    @Nested
    @DisplayName("Signatures")
    class Signatures {
        @Test
        @DisplayName("quote signature: zero, out of range, of another key")
        void quoteSignature() {
            refused(FORGE.altered(b -> b.put(SIGNATURE_DATA, new byte[64])), "tdx.quote.signature");
            refused(FORGE.altered(b -> b.put(SIGNATURE_DATA, ORDER.toByteArray(), 1, 32)), "tdx.quote.signature");
            refused(FORGE.altered(b -> b.put(SIGNATURE_DATA, DevelopmentPki.sign(DevelopmentPki.newKey().getPrivate(),
                    DevelopmentTee.headerAndBody(REPORT_DATA, MEASUREMENT)).toArray())), "tdx.quote.signature");
        }

        @Test
        @DisplayName("n - s is a valid signature too, so the evidence hash is no replay key; the report data stays the same")
        void malleable() {
            byte[] twin = Forge.changed(FORGE.quote, b -> {
                byte[] s = new byte[32];
                b.get(SIGNATURE_DATA + 32, s);
                byte[] mirrored = ORDER.subtract(new BigInteger(1, s)).toByteArray();
                Arrays.fill(s, (byte) 0);
                int length = Math.min(32, mirrored.length);
                System.arraycopy(mirrored, mirrored.length - length, s, 32 - length, length);
                b.put(SIGNATURE_DATA + 32, s);
            });
            accepted(FORGE.judge(twin));
            assertThat(FORGE.judge(twin).evidenceHash()).isNotEqualTo(FORGE.judge(FORGE.quote).evidenceHash());
            assertThat(FORGE.judge(twin).reportData()).isEqualTo(FORGE.judge(FORGE.quote).reportData());
        }

        @Test
        @DisplayName("an attestation key that is no point of the curve, though the QE report binds it")
        void offCurve() {
            byte[] offCurve = new byte[64];
            offCurve[31] = 1;
            offCurve[63] = 1;
            byte[] quote = FORGE.certified(DevelopmentTee.qeReport(Bytes.of(offCurve)), new byte[32], FORGE.chain());
            refused(FORGE.judge(Forge.changed(quote, b -> b.put(SIGNATURE_DATA + 64, offCurve))), "tdx.quote.attestation-key");
        }

        @Test
        @DisplayName("a QE report that another key signed")
        void foreignQeReport() {
            Bytes report = DevelopmentTee.qeReport(DevelopmentPki.point(FORGE.tee.parts().attestationPublicKey()));
            byte[] quote = FORGE.tee.seal(DevelopmentTee.headerAndBody(REPORT_DATA, MEASUREMENT), report,
                    DevelopmentPki.sign(DevelopmentPki.newKey().getPrivate(), report.toArray()), new byte[32], FORGE.chain());
            refused(FORGE.judge(quote), "tdx.qe.signature");
        }

        @Test
        @DisplayName("a QE report that does not bind the attestation key, or binds more")
        void binding() {
            refused(FORGE.withQeReport(b -> b.put(320, (byte) (b.get(320) + 1))), "tdx.qe.binding");
            refused(FORGE.withQeReport(b -> b.put(383, (byte) 1)), "tdx.qe.binding");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 64, 500})
        @DisplayName("auth data of any length is accepted when it is bound")
        void authData(int length) {
            byte[] auth = new byte[length];
            Arrays.fill(auth, (byte) 7);
            Bytes binding = DevelopmentPki.point(FORGE.tee.parts().attestationPublicKey()).concat(Bytes.of(auth)).sha256();
            accepted(FORGE.judge(FORGE.certified(DevelopmentTee.qeReport(binding, DevelopmentPlatform.QE_SVN), auth, FORGE.chain())));
        }
    }

    @Nested
    @DisplayName("PCK chain")
    class Chain {
        private final Identity root = FORGE.tee.parts().root();
        private final Identity authority = FORGE.tee.parts().authority();
        private final Identity pck = FORGE.tee.parts().pck();
        private final Instant from = NOW.minus(Duration.ofDays(1));
        private final Instant to = NOW.plus(Duration.ofDays(100));
        private final Optional<ASN1Encodable> extension = Optional.of(DevelopmentPki.sgxExtension(DevelopmentPlatform.certified()));

        @Test
        @DisplayName("too short, too long, reversed, none, not PEM")
        void shape() {
            refused(FORGE.withChain(pck, root), "tdx.pck.chain", "tdx.pck.roles", "tdx.pck.crl");
            refused(FORGE.withChain(pck, authority, root, root), "tdx.pck.chain", "tdx.pck.roles");
            assertThat(failures(FORGE.withChain(root, authority, pck))).contains("tdx.pck.chain", "tdx.pck.root", "tdx.qe.signature");
            assertThat(failures(FORGE.withChain())).contains("tdx.pck.chain");
            Bytes report = DevelopmentTee.qeReport(DevelopmentPki.point(FORGE.tee.parts().attestationPublicKey()));
            byte[] between = new String(FORGE.chain(), StandardCharsets.US_ASCII).replaceFirst("-----\n-----", "-----\njunk-----").getBytes(StandardCharsets.US_ASCII);
            assertThat(failures(FORGE.judge(FORGE.certified(report, new byte[32], between)))).contains("tdx.pck.chain");
        }

        @Test
        @DisplayName("a leaf that issues another leaf")
        void leafAsAuthority() {
            Identity below = DevelopmentPki.issue(Forge.pckRequest(from, to, extension), pck);
            assertThat(failures(FORGE.withPlatform(pck, below))).contains("tdx.pck.chain", "tdx.pck.roles");
        }

        @Test
        @DisplayName("a root of the same names, and certificates swapped between two such PKIs")
        void sameNames() {
            DevelopmentTee other = DevelopmentTee.create(NOW);
            Verdict verdict = TdxVerifier.verify(other.quote(REPORT_DATA, MEASUREMENT), FORGE.collateral, FORGE.policy, NOW);
            refused(verdict, "tdx.pck.root", "tdx.pck.crl", "tdx.collateral.signer");
            refused(FORGE.withChain(pck, authority, other.parts().root()), "tdx.pck.chain", "tdx.pck.root", "tdx.collateral.signer");
            refused(FORGE.withChain(pck, other.parts().authority(), root), "tdx.pck.chain", "tdx.pck.crl");
            refused(FORGE.withChain(other.parts().pck(), authority, root), "tdx.pck.chain", "tdx.qe.signature");
        }

        @Test
        @DisplayName("an intermediate that is no CA")
        void notAnAuthority() {
            Identity notCa = DevelopmentPki.issue(new Request(TrustAnchor.Family.DEVELOPMENT.pckAuthorities().iterator().next(), -1, from, to,
                    Optional.empty()), root);
            refused(FORGE.withPlatform(notCa, DevelopmentPki.issue(Forge.pckRequest(from, to, extension), notCa)), "tdx.pck.chain");
        }

        @Test
        @DisplayName("the TCB signing certificate's sibling CA with another name")
        void roles() {
            Identity otherCa = DevelopmentPki.issue(new Request(TrustAnchor.DEVELOPMENT_PREFIX + "other CA", 0, from, to, Optional.empty()), root);
            refused(FORGE.withPlatform(otherCa, DevelopmentPki.issue(Forge.pckRequest(from, to, extension), otherCa)), "tdx.pck.roles");
            Identity otherLeaf = FORGE.pck(new Request(TrustAnchor.Family.DEVELOPMENT.tcbSigner(), -1, from, to, extension));
            refused(FORGE.withPlatform(authority, otherLeaf), "tdx.pck.roles");
        }

        @Test
        @DisplayName("a PCK certificate that has expired or is of the future")
        void validity() {
            refused(FORGE.withPlatform(authority, FORGE.pck(Forge.pckRequest(from, NOW.minusSeconds(1), extension))), "tdx.pck.validity");
            refused(FORGE.withPlatform(authority, FORGE.pck(Forge.pckRequest(NOW.plusSeconds(1), to, extension))), "tdx.pck.validity");
            accepted(FORGE.withPlatform(authority, FORGE.pck(Forge.pckRequest(NOW, NOW, extension))));
        }

        @Test
        @DisplayName("no SGX extension")
        void noExtension() {
            refused(FORGE.withPlatform(authority, FORGE.pck(Forge.pckRequest(from, to, Optional.empty()))), "tdx.pck.extension");
        }

        @Test
        @DisplayName("an SGX extension with a member twice, without one, or against itself")
        void badExtension() {
            ASN1Sequence good = ASN1Sequence.getInstance(DevelopmentPki.sgxExtension(DevelopmentPlatform.certified()));
            for (int member = 0; member < good.size(); member++) {
                int index = member;
                refusedExtension(members -> without(members, index));
                refusedExtension(members -> with(members, members.getObjectAt(index)));
            }
            PckExtension zero = new PckExtension(Bytes.zeros(16), 13, DevelopmentPlatform.PCE_ID, DevelopmentPlatform.FMSPC);
            ASN1Sequence zeroTcb = tcbOf(ASN1Sequence.getInstance(DevelopmentPki.sgxExtension(zero)));
            ASN1Sequence goodTcb = tcbOf(good);
            for (int member = 0; member < goodTcb.size(); member++) {
                int index = member;
                refusedExtension(members -> replaceTcb(members, without(goodTcb, index)));
            }
            refusedExtension(members -> replaceTcb(members, with(without(goodTcb, 0), zeroTcb.getObjectAt(0))));
            refusedExtension(members -> with(members, DevelopmentPki.member(".4", new DERSequence())));
        }

        private void refusedExtension(UnaryOperator<ASN1Sequence> change) {
            ASN1Sequence good = ASN1Sequence.getInstance(DevelopmentPki.sgxExtension(DevelopmentPlatform.certified()));
            refused(FORGE.withPlatform(authority, FORGE.pck(Forge.pckRequest(from, to, Optional.of(change.apply(good))))), "tdx.pck.extension");
        }

        private static ASN1Sequence tcbOf(ASN1Sequence members) {
            return ASN1Sequence.getInstance(ASN1Sequence.getInstance(members.getObjectAt(1)).getObjectAt(1));
        }

        private static ASN1Sequence replaceTcb(ASN1Sequence members, ASN1Sequence tcb) {
            return with(without(members, 1), DevelopmentPki.member(".2", tcb));
        }

        private static ASN1Sequence without(ASN1Sequence members, int index) {
            ASN1EncodableVector kept = new ASN1EncodableVector();
            for (int i = 0; i < members.size(); i++) {
                if (i != index) {
                    kept.add(members.getObjectAt(i));
                }
            }
            return new DERSequence(kept);
        }

        private static ASN1Sequence with(ASN1Sequence members, ASN1Encodable one) {
            ASN1EncodableVector all = new ASN1EncodableVector();
            members.forEach(all::add);
            all.add(one);
            return new DERSequence(all);
        }
    }

    @Nested
    @DisplayName("Revocation")
    class Revocation {
        private final DevelopmentTee.Parts parts = FORGE.tee.parts();

        private Verdict with(Bytes rootCrl, Bytes pckCrl) {
            return FORGE.judge(FORGE.tee.collateral(FORGE.tcbInfo, FORGE.qeIdentity, rootCrl, pckCrl));
        }

        @Test
        @DisplayName("the PCK certificate, its CA or the TCB signer is revoked; another serial is not theirs")
        void revoked() {
            refused(with(FORGE.rootCrl, Forge.crl(parts.authority(), List.of(parts.pck().certificate().getSerialNumber()))), "tdx.pck.crl");
            refused(with(Forge.crl(parts.root(), List.of(parts.authority().certificate().getSerialNumber())), FORGE.pckCrl), "tdx.collateral.root-crl");
            refused(with(Forge.crl(parts.root(), List.of(parts.signer().certificate().getSerialNumber())), FORGE.pckCrl), "tdx.collateral.root-crl");
            accepted(with(Forge.crl(parts.root(), List.of(BigInteger.TWO)), Forge.crl(parts.authority(), List.of(BigInteger.TWO))));
        }

        @Test
        @DisplayName("a list that is missing, garbage, expired, of the future, of the other CA, or forged")
        void lists() {
            Bytes expired = DevelopmentPki.revocationList(parts.authority(), NOW.minusSeconds(20), NOW.minusSeconds(10), List.of());
            Bytes future = DevelopmentPki.revocationList(parts.authority(), NOW.plusSeconds(10), NOW.plusSeconds(20), List.of());
            Bytes forged = DevelopmentPki.revocationList(new Identity(DevelopmentPki.newKey().getPrivate(), parts.authority().certificate()),
                    NOW, NOW.plusSeconds(10), List.of());
            for (Bytes bad : List.of(Bytes.EMPTY, Bytes.fromHex("3003020101"), expired, future, forged, FORGE.rootCrl, FORGE.pckCrl.concat(Bytes.zeros(1)))) {
                refused(with(FORGE.rootCrl, bad), "tdx.pck.crl");
            }
            Bytes expiredRoot = DevelopmentPki.revocationList(parts.root(), NOW.minusSeconds(20), NOW.minusSeconds(10), List.of());
            for (Bytes bad : List.of(Bytes.EMPTY, Bytes.zeros(40), expiredRoot, FORGE.pckCrl)) {
                refused(with(bad, FORGE.pckCrl), "tdx.collateral.root-crl");
            }
        }
    }

    @Nested
    @DisplayName("Collateral")
    class CollateralDocuments {
        private final DevelopmentTee.Parts parts = FORGE.tee.parts();

        /** TCB info signed by {@code signer}, with this issuer chain. */
        private Verdict signedBy(Identity signer, Identity... chain) {
            Collateral c = FORGE.collateral;
            return FORGE.judge(new Collateral(c.rootCrl(), c.pckCrl(), new String(Forge.pem(chain), StandardCharsets.US_ASCII), c.tcbInfo(),
                    DevelopmentPki.sign(signer.key(), c.tcbInfo().getBytes(StandardCharsets.UTF_8)).hex(), c.qeIdentityIssuerChain(),
                    c.qeIdentity(), c.qeIdentitySignature()));
        }

        private Verdict with(String tcbInfo, String signature, String issuerChain) {
            Collateral c = FORGE.collateral;
            return FORGE.judge(new Collateral(c.rootCrl(), c.pckCrl(), issuerChain, tcbInfo, signature, c.qeIdentityIssuerChain(),
                    c.qeIdentity(), c.qeIdentitySignature()));
        }

        @Test
        @DisplayName("TCB info signed by a PCK leaf, a CA, or a signer of one's own")
        void signer() {
            refused(signedBy(parts.pck(), parts.pck(), parts.authority(), parts.root()), "tdx.collateral.signer");
            refused(signedBy(parts.authority(), parts.authority(), parts.root()), "tdx.collateral.signer");
            refused(signedBy(parts.pck(), parts.signer(), parts.root()), "tdx.collateral.tcb-info-signature");
            DevelopmentTee.Parts own = DevelopmentTee.create(NOW).parts();
            refused(signedBy(own.signer(), own.signer(), own.root()), "tdx.collateral.signer");
            refused(signedBy(own.signer(), own.signer(), parts.root()), "tdx.collateral.signer");
        }

        @Test
        @DisplayName("a text changed in one byte or merely reformatted, a signature or issuer chain that is absent")
        void exactText() {
            Collateral c = FORGE.collateral;
            refused(with(c.tcbInfo().replaceFirst("\"svn\":5", "\"svn\":4"), c.tcbInfoSignature(), c.tcbInfoIssuerChain()), "tdx.collateral.tcb-info-signature");
            refused(with(c.tcbInfo().replaceFirst(",", ", "), c.tcbInfoSignature(), c.tcbInfoIssuerChain()), "tdx.collateral.tcb-info-signature");
            refused(with(c.tcbInfo(), "", c.tcbInfoIssuerChain()), "tdx.collateral.tcb-info-signature");
            refused(with(c.tcbInfo(), "zz", c.tcbInfoIssuerChain()), "tdx.collateral.tcb-info-signature");
            refused(with(c.tcbInfo(), c.tcbInfoSignature(), ""), "tdx.collateral.tcb-info-signature", "tdx.collateral.signer");
        }

        @Test
        @DisplayName("a key twice, though properly signed")
        void duplicateKeys() {
            String twice = FORGE.tcbInfo.replaceFirst("\"version\":3", "\"version\":3,\"version\":3");
            refused(FORGE.judge(FORGE.tee.collateral(twice, FORGE.qeIdentity, FORGE.rootCrl, FORGE.pckCrl)), "tdx.collateral.tcb-info");
            String nested = FORGE.qeIdentity.replaceFirst("\"isvsvn\":4", "\"isvsvn\":4,\"isvsvn\":1");
            refused(FORGE.judge(FORGE.tee.collateral(FORGE.tcbInfo, nested, FORGE.rootCrl, FORGE.pckCrl)), "tdx.collateral.qe-identity");
        }

        @Test
        @DisplayName("past its next update, from the future, older than the policy allows")
        void dates() {
            refused(FORGE.withTcbInfo(t -> t.put("nextUpdate", NOW.minusSeconds(1).toString())), "tdx.collateral.freshness");
            refused(FORGE.withQeIdentity(t -> t.put("nextUpdate", NOW.minusSeconds(1).toString())), "tdx.collateral.freshness");
            refused(FORGE.withTcbInfo(t -> t.put("issueDate", NOW.plusSeconds(1).toString())), "tdx.collateral.freshness");
            refused(FORGE.withQeIdentity(t -> t.put("issueDate", NOW.plusSeconds(1).toString())), "tdx.collateral.freshness");
            refused(FORGE.withTcbInfo(t -> t.put("issueDate", "yesterday")), "tdx.collateral.tcb-info");
            refused(TdxVerifier.verify(FORGE.quote, FORGE.set, FORGE.policy.withMaximumCollateralAge(Duration.ofHours(1)), NOW.plus(Duration.ofHours(1)).plusSeconds(1)),
                    "tdx.collateral.age");
        }

        @Test
        @DisplayName("for another TEE, version, platform or PCE")
        void otherPlatform() {
            refused(FORGE.withTcbInfo(t -> t.put("id", "SGX")), "tdx.collateral.platform");
            refused(FORGE.withTcbInfo(t -> t.put("id", "TPM")), "tdx.collateral.tcb-info");
            refused(FORGE.withTcbInfo(t -> t.put("version", 2)), "tdx.collateral.tcb-info");
            refused(FORGE.withTcbInfo(t -> t.put("tcbType", 1)), "tdx.collateral.tcb-info");
            refused(FORGE.withTcbInfo(t -> t.put("fmspc", "000000000000")), "tdx.collateral.platform");
            refused(FORGE.withTcbInfo(t -> t.put("pceId", "0001")), "tdx.collateral.platform");
            refused(FORGE.withQeIdentity(t -> t.put("id", "QE")), "tdx.collateral.platform");
            refused(FORGE.withQeIdentity(t -> t.put("version", 1)), "tdx.collateral.qe-identity");
        }

        @Test
        @DisplayName("an evaluation number that differs or is below the policy's")
        void evaluationNumber() {
            refused(FORGE.withTcbInfo(t -> t.put("tcbEvaluationDataNumber", 2)), "tdx.collateral.evaluation-number");
            refused(FORGE.withQeIdentity(t -> t.put("tcbEvaluationDataNumber", 0)), "tdx.collateral.evaluation-number");
            refused(TdxVerifier.verify(FORGE.quote, FORGE.set, FORGE.policy.withMinimumEvaluationNumber(2), NOW), "tdx.collateral.evaluation-number");
        }

        @Test
        @DisplayName("components missing, a status that nobody knows, numbers out of range")
        void malformed() {
            refused(FORGE.withTcbInfo(t -> ((ArrayNode) tcb(t, 0).get("sgxtcbcomponents")).remove(15)), "tdx.collateral.tcb-info");
            refused(FORGE.withTcbInfo(t -> ((ArrayNode) tcb(t, 0).get("tdxtcbcomponents")).removeAll()), "tdx.collateral.tcb-info");
            refused(FORGE.withTcbInfo(t -> level(t, 0).put("tcbStatus", "Fine")), "tdx.collateral.tcb-info");
            refused(FORGE.withTcbInfo(t -> level(t, 0).put("tcbStatus", "TDRelaunchAdvised")), "tdx.collateral.tcb-info");
            refused(FORGE.withTcbInfo(t -> ((ObjectNode) tcb(t, 0).get("sgxtcbcomponents").get(0)).put("svn", 256)), "tdx.collateral.tcb-info");
            refused(FORGE.withTcbInfo(t -> ((ObjectNode) tcb(t, 0).get("sgxtcbcomponents").get(0)).put("svn", 1.5)), "tdx.collateral.tcb-info");
            refused(FORGE.withTcbInfo(t -> tcb(t, 0).put("pcesvn", -1)), "tdx.collateral.tcb-info");
            refused(FORGE.withTcbInfo(t -> t.remove("tdxModule")), "tdx.collateral.tcb-info");
            refused(FORGE.withQeIdentity(t -> level(t, 0).put("tcbStatus", "ConfigurationNeeded")), "tdx.collateral.qe-identity");
        }
    }

    @Nested
    @DisplayName("TCB levels")
    class Levels {
        private void status(Verdict verdict, TcbStatus expected) {
            assertThat(verdict.tcbStatus()).as("%s", verdict).contains(expected);
            assertThat(verdict.accepted()).isEqualTo(expected == TcbStatus.UP_TO_DATE);
        }

        @Test
        @DisplayName("are matched component by component: a greater first does not make up for a smaller later one")
        void componentWise() {
            Verdict verdict = FORGE.withTcbInfo(t -> {
                svn(t, 0, "sgxtcbcomponents", 0, 1);
                svn(t, 0, "sgxtcbcomponents", 7, 4);
            });
            status(verdict, TcbStatus.OUT_OF_DATE);
            assertThat(verdict.advisories()).containsExactly("NYXOS-DEVELOPMENT-1");
            refused(verdict, "tdx.tcb.status", "tdx.tcb.advisories");
        }

        @Test
        @DisplayName("count PCESVN, two bytes of it too, and TDX components from the third on")
        void others() {
            status(FORGE.withTcbInfo(t -> tcb(t, 0).put("pcesvn", 14)), TcbStatus.OUT_OF_DATE);
            status(FORGE.withTcbInfo(t -> svn(t, 0, "tdxtcbcomponents", 2, 3)), TcbStatus.OUT_OF_DATE);
            status(FORGE.withTcbInfo(t -> svn(t, 0, "tdxtcbcomponents", 0, 255)), TcbStatus.UP_TO_DATE);
            PckExtension twoBytes = new PckExtension(DevelopmentPlatform.CPU_SVN, 0x8001, DevelopmentPlatform.PCE_ID, DevelopmentPlatform.FMSPC);
            status(FORGE.withPlatform(FORGE.tee.parts().authority(), FORGE.pck(Forge.pckRequest(NOW, NOW.plusSeconds(60),
                    Optional.of(DevelopmentPki.sgxExtension(twoBytes))))), TcbStatus.UP_TO_DATE);
        }

        @Test
        @DisplayName("are sorted before they are matched")
        void unsorted() {
            status(FORGE.withTcbInfo(t -> {
                ArrayNode levels = (ArrayNode) t.get("tcbLevels");
                levels.add(levels.remove(0));
            }), TcbStatus.UP_TO_DATE);
        }

        @Test
        @DisplayName("none reached: refused, without a status")
        void noneReached() {
            Verdict verdict = FORGE.withTcbInfo(t -> {
                svn(t, 0, "sgxtcbcomponents", 0, 255);
                svn(t, 1, "sgxtcbcomponents", 0, 255);
            });
            refused(verdict, "tdx.tcb.platform");
            assertThat(verdict.tcbStatus()).isEmpty();
        }

        @ParameterizedTest
        @EnumSource(names = {"SW_HARDENING_NEEDED", "CONFIGURATION_NEEDED", "CONFIGURATION_AND_SW_HARDENING_NEEDED", "OUT_OF_DATE",
            "OUT_OF_DATE_CONFIGURATION_NEEDED", "REVOKED"})
        @DisplayName("a platform that is not up to date is refused though its module is")
        void platform(TcbStatus status) {
            Verdict verdict = FORGE.withTcbInfo(t -> level(t, 0).put("tcbStatus", status.label()));
            status(verdict, status);
            refused(verdict, "tdx.tcb.status");
        }

        @Test
        @DisplayName("quoting enclave and module are merged in")
        void components() {
            status(FORGE.withQeIdentity(q -> level(q, 0).put("tcbStatus", "OutOfDate")), TcbStatus.OUT_OF_DATE);
            status(FORGE.withQeIdentity(q -> level(q, 0).put("tcbStatus", "Revoked")), TcbStatus.REVOKED);
            status(FORGE.withTcbInfo(t -> moduleLevel(t, 0).put("tcbStatus", "OutOfDate")), TcbStatus.OUT_OF_DATE);
            status(FORGE.withTcbInfo(t -> moduleLevel(t, 0).put("tcbStatus", "Revoked")), TcbStatus.REVOKED);
            status(FORGE.withTcbInfo(t -> {
                level(t, 0).put("tcbStatus", "ConfigurationNeeded");
                moduleLevel(t, 0).put("tcbStatus", "OutOfDate");
            }), TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED);
            status(FORGE.withQeReport(b -> b.putShort(258, (short) 3)), TcbStatus.OUT_OF_DATE);
            refused(FORGE.withQeReport(b -> b.putShort(258, (short) 1)), "tdx.tcb.qe");
        }

        @Test
        @DisplayName("advisories are the union, the date the oldest")
        void advisories() {
            Verdict verdict = FORGE.withTcbInfo(t -> {
                level(t, 0).putArray("advisoryIDs").add("B").add("A");
                moduleLevel(t, 0).put("tcbDate", "2020-01-01T00:00:00Z").putArray("advisoryIDs").add("C").add("A");
            });
            assertThat(verdict.advisories()).containsExactly("A", "B", "C");
            assertThat(verdict.tcbDate()).contains(Instant.parse("2020-01-01T00:00:00Z"));
            accepted(verdict);
        }

        @Test
        @DisplayName("a module that nobody knows, or below all its levels")
        void module() {
            refused(FORGE.withBody(b -> b.put(HEADER + 1, (byte) 7)), "tdx.tcb.module");
            refused(FORGE.withBody(b -> b.put(HEADER, (byte) 1)), "tdx.tcb.module");
            status(FORGE.withTcbInfo(t -> ((ObjectNode) t.get("tdxModuleIdentities").get(0)).put("id", "tdx_01")), TcbStatus.UP_TO_DATE);
            refused(FORGE.withTcbInfo(t -> ((ArrayNode) t.get("tdxModuleIdentities")).add(t.get("tdxModuleIdentities").get(0).deepCopy())),
                    "tdx.collateral.tcb-info");
            refused(FORGE.withBody(b -> b.put(HEADER + 64, (byte) 1)), "tdx.module.identity");
            refused(FORGE.withBody(b -> b.put(HEADER + 112, (byte) 1)), "tdx.module.identity");
        }

        @Test
        @DisplayName("module version 0 is judged by all TDX components, without an identity of its own")
        void moduleZero() {
            status(FORGE.judge(FORGE.tee.seal(Forge.changed(DevelopmentTee.headerAndBody(REPORT_DATA, MEASUREMENT), b -> b.put(HEADER + 1, (byte) 0)))),
                    TcbStatus.OUT_OF_DATE);
        }

        @Test
        @DisplayName("a quoting enclave of another signer, product, MISCSELECT or in debug mode")
        void enclaveIdentity() {
            refused(FORGE.withQeReport(b -> b.put(128, (byte) (b.get(128) + 1))), "tdx.qe.identity");
            refused(FORGE.withQeReport(b -> b.putShort(256, (short) 1)), "tdx.qe.identity");
            refused(FORGE.withQeReport(b -> b.putInt(16, 1)), "tdx.qe.identity");
            refused(FORGE.withQeReport(b -> b.put(48, (byte) 0x13)), "tdx.qe.identity");
            accepted(FORGE.withQeReport(b -> b.put(48, (byte) 0x15)));
        }

        @Test
        @DisplayName("TD 1.5: launched under an outdated module means launch again; an outdated module now is refused as well")
        void relaunch() {
            Bytes old = Bytes.fromHex("03010200000000000000000000000000");
            Bytes current = DevelopmentPlatform.TEE_TCB_SVN;
            status(updated(old, current), TcbStatus.TD_RELAUNCH_ADVISED);
            status(updated(current, old), TcbStatus.OUT_OF_DATE);
            status(updated(old, old), TcbStatus.OUT_OF_DATE);
            status(updated(current, current), TcbStatus.UP_TO_DATE);
            refused(updated(current, Bytes.fromHex("05070200000000000000000000000000")), "tdx.tcb.module");
            refused(updated(current, Bytes.fromHex("01010200000000000000000000000000")), "tdx.tcb.module");
        }

        private Verdict updated(Bytes launch, Bytes now) {
            return FORGE.judge(FORGE.version5(3, 648, update(now, new byte[48]), b -> b.put(HEADER + 6, launch.toArray())));
        }
    }

    @Nested
    @DisplayName("The TD and the policy")
    class TrustDomain {
        private static final int ATTRIBUTES = HEADER + 120;
        private static final int XFAM = HEADER + 128;
        private static final long GOOD = 1L << 28;

        private Verdict attributes(long attributes) {
            return FORGE.withBody(b -> b.putLong(ATTRIBUTES, attributes));
        }

        @Test
        @DisplayName("a debug TD")
        void debug() {
            refused(attributes(GOOD | 1), "tdx.td.debug");
        }

        @Test
        @DisplayName("every bit of the attributes: known ones by their own check, all others refused")
        void attributeBits() {
            accepted(attributes(GOOD | 1L << 30 | 1L << 31 | 1L << 63));
            refused(attributes(0), "tdx.td.sept-ve-disable");
            refused(attributes(GOOD | 1L << 29), "tdx.td.migratable");
            for (int bit = 1; bit < 63; bit++) {
                if (bit < 28 || bit > 31) {
                    refused(attributes(GOOD | 1L << bit), "tdx.td.attributes");
                }
            }
        }

        @Test
        @DisplayName("XFAM without a fixed bit or with a foreign one")
        void xfam() {
            accepted(FORGE.withBody(b -> b.putLong(XFAM, 3)));
            for (long bad : new long[] {0, 1, 2, 0x602e7 | 1L << 3, 0x602e7 | 1L << 63}) {
                refused(FORGE.withBody(b -> b.putLong(XFAM, bad)), "tdx.td.xfam");
            }
        }

        @Test
        @DisplayName("a service TD")
        void serviceTd() {
            byte[] service = new byte[48];
            service[47] = 1;
            refused(FORGE.judge(FORGE.version5(3, 648, update(DevelopmentPlatform.TEE_TCB_SVN, service), b -> { })), "tdx.td.service-td");
        }

        @Test
        @DisplayName("another measurement, in one byte")
        void measurement() {
            refused(FORGE.withBody(b -> b.put(HEADER + 136 + 47, (byte) (b.get(HEADER + 136 + 47) + 1))), "tdx.policy.measurement");
            accepted(FORGE.withBody(b -> b.put(HEADER + 472, (byte) 1)));
        }

        @Test
        @DisplayName("the report data of an earlier nonce, or equal in all but the last byte")
        void reportData() {
            refused(FORGE.judge(FORGE.tee.quote(Bytes.zeros(64), MEASUREMENT)), "tdx.policy.report-data");
            refused(FORGE.withBody(b -> b.put(HEADER + 520 + 63, (byte) 1)), "tdx.policy.report-data");
        }

        @Test
        @DisplayName("report data of another length cannot be asked for")
        void lengths() {
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> FORGE.tee.quote(Bytes.zeros(63), MEASUREMENT)).isInstanceOf(AttestationException.class);
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> FORGE.policy.withReportData(Bytes.zeros(32))).isInstanceOf(AttestationException.class);
        }
    }

    private static byte[] update(Bytes teeTcbSvn, byte[] mrServiceTd) {
        return ByteBuffer.allocate(64).put(teeTcbSvn.toArray()).put(mrServiceTd).array();
    }

    private static ObjectNode level(ObjectNode document, int index) {
        return (ObjectNode) document.get("tcbLevels").get(index);
    }

    private static ObjectNode tcb(ObjectNode document, int index) {
        return (ObjectNode) level(document, index).get("tcb");
    }

    private static ObjectNode moduleLevel(ObjectNode document, int index) {
        return (ObjectNode) document.get("tdxModuleIdentities").get(0).get("tcbLevels").get(index);
    }

    private static void svn(ObjectNode document, int level, String components, int index, int value) {
        ((ObjectNode) tcb(document, level).get(components).get(index)).put("svn", value);
    }
}
