package network.nyxos.attestation.development;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.development.DevelopmentAmdPki.Entry;
import network.nyxos.attestation.development.DevelopmentAmdPki.Request;
import network.nyxos.attestation.development.DevelopmentPki.Identity;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.sev.KeyKind;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.sev.TcbVersion;
import network.nyxos.attestation.snp.AttestationReport;
import network.nyxos.attestation.snp.Endorsements;
import network.nyxos.attestation.snp.SnpCheck;
import network.nyxos.attestation.snp.SnpVerifier;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@DisplayName("SEV-SNP evidence that is wrong in one thing is refused by the check of that thing")
class SnpRefusalsTest {
    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final KeyPair ROOT_KEY = DevelopmentAmdPki.newAuthorityKey();
    private static final KeyPair AUTHORITY_KEY = DevelopmentAmdPki.newAuthorityKey();
    private static final DevelopmentSnp MILAN = DevelopmentSnp.create(Product.MILAN, NOW, ROOT_KEY, AUTHORITY_KEY);
    private static final DevelopmentSnp TURIN = DevelopmentSnp.create(Product.TURIN, NOW, ROOT_KEY, AUTHORITY_KEY);
    private static final DevelopmentSnp GENOA = DevelopmentSnp.create(Product.GENOA, NOW, ROOT_KEY, AUTHORITY_KEY);
    private static final Endorsements ENDORSEMENTS = MILAN.endorsements(NOW);
    private static final Measurement MEASUREMENT = DevelopmentSnp.measurementOf("node");
    private static final Bytes REPORT_DATA = Bytes.fromHex("5a".repeat(64));
    private static final byte[] REPORT = MILAN.report(REPORT_DATA, MEASUREMENT);
    private static final Policy POLICY = Policy.development(MILAN.trustAnchor()).withMeasurements(List.of(MEASUREMENT)).withReportData(REPORT_DATA);
    private static final BigInteger ORDER = new BigInteger("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16);

    private static final InTypeScript CLIENT = new InTypeScript();

    private static Verdict judge(byte[] report, Endorsements endorsements, Policy policy) {
        Verdict verdict = SnpVerifier.verify(report, endorsements, policy, NOW);
        CLIENT.judged(report, endorsements, policy, NOW, verdict, MILAN.rootPem());
        return verdict;
    }

    /** The client that seals prompts refuses all of these for the same reason. */
    @AfterAll
    static void theClientAgrees(@TempDir Path work) throws IOException {
        CLIENT.agrees(work);
    }

    private static Verdict judge(byte[] report) {
        return judge(report, ENDORSEMENTS, POLICY);
    }

    /** Changed after it was signed. */
    private static Verdict altered(Consumer<ByteBuffer> change) {
        return judge(Forge.changed(REPORT, change));
    }

    /** Changed, then signed by the platform's own key: only the change can be wrong. */
    private static Verdict signed(Consumer<ByteBuffer> change) {
        return signed(change, POLICY);
    }

    private static Verdict signed(Consumer<ByteBuffer> change, Policy policy) {
        return judge(MILAN.sign(Forge.changed(REPORT, change)), ENDORSEMENTS, policy);
    }

    /** A policy with these members of {@code snp}. */
    private static Policy rules(String json) {
        return POLICY.withSnp(Policy.fromJson("{\"snp\": " + json + "}").snp());
    }

    private static void refused(Verdict verdict, String... checks) {
        assertThat(verdict.accepted()).isFalse();
        assertThat(Forge.failures(verdict)).as("%s", verdict).containsExactly(checks);
    }

    private static void accepted(Verdict verdict) {
        assertThat(verdict.accepted()).as("%s", verdict).isTrue();
    }

    @Nested
    @DisplayName("Report")
    class Report {
        @Test
        @DisplayName("the reports that all these start from are accepted, of every product, and say DEVELOPMENT")
        void control() {
            for (DevelopmentSnp platform : List.of(MILAN, GENOA, TURIN)) {
                Verdict verdict = new Evidence.Snp(Bytes.of(platform.report(REPORT_DATA, MEASUREMENT)), platform.endorsements(NOW))
                        .verify(Policy.development(platform.trustAnchor()), NOW);
                accepted(verdict);
                assertThat(verdict.development()).isTrue();
                assertThat(verdict.summary()).startsWith("DEVELOPMENT");
                assertThat(verdict.checks()).extracting(Check::id).containsExactlyElementsOf(Arrays.stream(SnpCheck.values()).map(SnpCheck::id).toList());
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 6, 9, -1})
        @DisplayName("an unknown version")
        void version(int version) {
            refused(signed(b -> b.putInt(0, version)), "snp.report.version");
        }

        @Test
        @DisplayName("versions 3, 4 and 5; 5 may tell of mitigations, others must not")
        void knownVersions() {
            accepted(signed(b -> b.putInt(0, 4)));
            accepted(signed(b -> b.putInt(0, 5).putLong(0x1f8, 3).putLong(0x200, 7)));
            refused(signed(b -> b.putLong(0x200, 7)), "snp.report.reserved");
            refused(signed(b -> b.putInt(0, 5), rules("{\"requiredMitigations\": 4}")), "snp.firmware.mitigations");
            accepted(signed(b -> b.putInt(0, 5).putLong(0x200, 6), rules("{\"requiredMitigations\": 4}")));
            refused(judge(REPORT, ENDORSEMENTS, rules("{\"requiredMitigations\": 4}")), "snp.firmware.mitigations");
        }

        @Test
        @DisplayName("version 2 names no processor: accepted for Milan, refused for Turin")
        void version2() {
            accepted(signed(b -> b.putInt(0, 2).put(0x188, new byte[3])));
            refused(signed(b -> b.putInt(0, 2)), "snp.report.reserved");
            byte[] turin = TURIN.sign(Forge.changed(TURIN.report(REPORT_DATA, MEASUREMENT), b -> b.putInt(0, 2).put(0x188, new byte[3])));
            refused(judge(turin, TURIN.endorsements(NOW), Policy.development(TURIN.trustAnchor())), "snp.product");
        }

        @Test
        @DisplayName("cut off at any byte, or followed by anything, zeros too")
        void length() {
            for (int length = 0; length < REPORT.length; length++) {
                refused(judge(Arrays.copyOf(REPORT, length)), "snp.report.layout");
            }
            refused(judge(Arrays.copyOf(REPORT, REPORT.length + 1)), "snp.report.layout");
            refused(judge(Arrays.copyOf(REPORT, 2 * REPORT.length)), "snp.report.layout");
        }

        @ParameterizedTest
        @ValueSource(ints = {0x4c, 0x4f, 0x18b, 0x19f, 0x1eb, 0x1ef, 0x1f8, 0x207, 0x208, 0x29f})
        @DisplayName("a reserved byte set, though signed")
        void reserved(int offset) {
            refused(signed(b -> b.put(offset, (byte) 1)), "snp.report.reserved");
        }

        @ParameterizedTest
        @ValueSource(ints = {0x2a0 + 48, 0x2a0 + 71, 0x2a0 + 72 + 48, 0x2a0 + 143, 0x2a0 + 144, 0x49f})
        @DisplayName("a byte set behind r, behind s, behind the signature")
        void padding(int offset) {
            refused(altered(b -> b.put(offset, (byte) 1)), "snp.report.reserved");
        }

        @Test
        @DisplayName("a bit flipped in each four signed bytes: never accepted, and the signature says so, whatever else does")
        void everyField() {
            Random random = new Random(20_260_501);
            for (int offset = 0; offset < AttestationReport.SIGNED_LENGTH; offset += 4) {
                int at = offset + random.nextInt(4);
                Verdict verdict = altered(b -> b.put(at, (byte) (b.get(at) ^ 1 << random.nextInt(8))));
                assertThat(verdict.accepted()).as("byte %d", at).isFalse();
                assertThat(Forge.failures(verdict)).as("byte %d", at).containsAnyOf("snp.report.signature", "snp.report.version");
            }
        }

        @Test
        @DisplayName("each byte of r and s changed")
        void everySignatureByte() {
            for (int i = 0; i < 48; i++) {
                int at = AttestationReport.SIGNED_LENGTH + i;
                refused(altered(b -> b.put(at, (byte) ~b.get(at))), "snp.report.signature");
                refused(altered(b -> b.put(at + 72, (byte) ~b.get(at + 72))), "snp.report.signature");
            }
        }

        @Test
        @DisplayName("r or s zero, at the order, above it, big-endian; of another key")
        void scalars() {
            refused(altered(b -> b.put(0x2a0, new byte[48])), "snp.report.signature");
            refused(altered(b -> b.put(0x2a0 + 72, new byte[48])), "snp.report.signature");
            refused(altered(b -> b.put(0x2a0, new byte[144])), "snp.report.signature");
            refused(altered(b -> b.put(0x2a0, littleEndian(ORDER))), "snp.report.signature");
            refused(altered(b -> b.put(0x2a0 + 72, littleEndian(ORDER))), "snp.report.signature");
            refused(altered(b -> {
                turn(b, 0x2a0);
                turn(b, 0x2a0 + 72);
            }), "snp.report.signature");
            refused(judge(DevelopmentSnp.sign(REPORT, DevelopmentAmdPki.newEndorsementKey().getPrivate())), "snp.report.signature");
        }

        @Test
        @DisplayName("s replaced by n - s: valid, and the very same claims; so nobody may take the hash of evidence for a replay key")
        void malleable() {
            byte[] twin = Forge.changed(REPORT, b -> {
                byte[] s = new byte[48];
                b.get(0x2a0 + 72, s);
                b.put(0x2a0 + 72, littleEndian(ORDER.subtract(new BigInteger(1, reversed(s)))));
            });
            accepted(judge(twin));
            assertThat(judge(twin).reportData()).isEqualTo(judge(REPORT).reportData());
            assertThat(twin).isNotEqualTo(REPORT);
        }

        @Test
        @DisplayName("an algorithm other than ECDSA P-384")
        void algorithm() {
            refused(signed(b -> b.putInt(0x34, 0)), "snp.report.algorithm");
            refused(signed(b -> b.putInt(0x34, 2)), "snp.report.algorithm");
        }
    }

    @Nested
    @DisplayName("Guest")
    class Guest {
        @ParameterizedTest
        @CsvSource({"19, snp.guest.debug", "18, snp.guest.migration", "21, snp.guest.flags", "26, snp.guest.policy", "40, snp.guest.policy", "63, snp.guest.policy"})
        @DisplayName("debug, migration, memory on CXL, reserved bits")
        void forbiddenBits(int bit, String check) {
            refused(signed(b -> b.putLong(8, b.getLong(8) | 1L << bit)), check);
        }

        @Test
        @DisplayName("the bit that is always one")
        void fixedBit() {
            refused(signed(b -> b.putLong(8, 1L << 16)), "snp.guest.policy");
        }

        @Test
        @DisplayName("SMT, one socket and the rest as the policy says")
        void rules() {
            Policy policy = SnpRefusalsTest.rules("{\"forbiddenGuestPolicy\": [\"debug\", \"smt\"], \"requiredGuestPolicy\": [\"singleSocket\", \"ciphertextHiding\"]}");
            refused(judge(REPORT, ENDORSEMENTS, policy), "snp.guest.smt", "snp.guest.single-socket", "snp.guest.flags");
            accepted(signed(b -> b.putLong(8, 1L << 17 | 1L << 20 | 1L << 24), policy));
        }

        @Test
        @DisplayName("debug stays refused where a policy forgets to forbid it")
        void debugAlways() {
            refused(signed(b -> b.putLong(8, b.getLong(8) | 1L << 19), SnpRefusalsTest.rules("{\"forbiddenGuestPolicy\": []}")), "snp.guest.debug");
        }

        @Test
        @DisplayName("a privilege level that the policy does not name, one that does not exist, the host's")
        void vmpl() {
            refused(signed(b -> b.putInt(0x30, 1)), "snp.guest.vmpl");
            refused(signed(b -> b.putInt(0x30, 3)), "snp.guest.vmpl");
            refused(signed(b -> b.putInt(0x30, 9)), "snp.guest.vmpl");
            refused(signed(b -> b.putInt(0x30, -1)), "snp.guest.vmpl");
            accepted(signed(b -> b.putInt(0x30, 1), SnpRefusalsTest.rules("{\"vmpls\": [0, 1]}")));
        }

        @Test
        @DisplayName("a security version below the policy's, compared unsigned")
        void guestSvn() {
            refused(judge(REPORT, ENDORSEMENTS, SnpRefusalsTest.rules("{\"minimumGuestSvn\": 1}")), "snp.guest.svn");
            accepted(signed(b -> b.putInt(4, -1), SnpRefusalsTest.rules("{\"minimumGuestSvn\": 4294967295}")));
        }

        @Test
        @DisplayName("keys of ID block and author: in the policy, and consistent with KEY_INFO")
        void idBlock() {
            byte[] digest = Bytes.fromHex("ab".repeat(48)).toArray();
            Policy policy = SnpRefusalsTest.rules("{\"idKeyDigests\": [\"" + "ab".repeat(48) + "\"], \"authorKeyDigests\": [\"" + "ab".repeat(48) + "\"]}");
            refused(judge(REPORT, ENDORSEMENTS, policy), "snp.id-block.key", "snp.id-block.author-key");
            accepted(signed(b -> b.put(0xe0, digest).put(0x110, digest).putInt(0x48, 1), policy));
            refused(signed(b -> b.put(0x110, digest)), "snp.id-block.author-key");
            refused(signed(b -> b.putInt(0x48, 1)), "snp.id-block.author-key");
        }

        @Test
        @DisplayName("measurement, report data over all 64 bytes, host data, GPU")
        void demands() {
            refused(signed(b -> b.put(0x90, (byte) ~b.get(0x90))), "snp.policy.measurement");
            refused(signed(b -> b.put(0x8f, (byte) ~b.get(0x8f))), "snp.policy.report-data");
            Policy hostData = SnpRefusalsTest.rules("{\"hostData\": \"" + "07".repeat(32) + "\"}");
            refused(judge(REPORT, ENDORSEMENTS, hostData), "snp.policy.host-data");
            accepted(signed(b -> b.put(0xc0, Bytes.fromHex("07".repeat(32)).toArray()), hostData));
            refused(judge(REPORT, ENDORSEMENTS, POLICY.withGpuRequired(true)), "snp.policy.gpu");
            refused(judge(REPORT, ENDORSEMENTS, POLICY.withMeasurements(List.of(Measurement.ofMrtd(MEASUREMENT.get(Measurement.Register.LAUNCH))))),
                    "snp.policy.measurement");
        }
    }

    @Nested
    @DisplayName("Platform")
    class Platform {
        private static final int CURRENT = 0x38;
        private static final int REPORTED = 0x180;
        private static final int COMMITTED = 0x1e0;
        private static final int LAUNCH = 0x1f0;

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 6, 7})
        @DisplayName("the key is derived for another TCB, each component by itself, higher or lower")
        void keyTcb(int component) {
            refused(signed(b -> b.put(REPORTED + component, (byte) (b.get(REPORTED + component) - 1))), "snp.key.tcb");
            refused(signed(b -> b.put(REPORTED + component, (byte) (b.get(REPORTED + component) + 1))), "snp.key.tcb", "snp.tcb.order");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 2, 3, 7})
        @DisplayName("likewise on Turin, whose layout is another")
        void turinTcb(int component) {
            byte[] report = TURIN.sign(Forge.changed(TURIN.report(REPORT_DATA, MEASUREMENT), b -> b.put(REPORTED + component, (byte) (b.get(REPORTED + component) - 1))));
            refused(judge(report, TURIN.endorsements(NOW), Policy.development(TURIN.trustAnchor())), "snp.key.tcb");
        }

        @Test
        @DisplayName("bytes of a TCB version that are zero on this product")
        void reservedTcb() {
            refused(signed(b -> b.put(CURRENT + 3, (byte) 1)), "snp.tcb.order");
            byte[] turin = TURIN.sign(Forge.changed(TURIN.report(REPORT_DATA, MEASUREMENT), b -> b.put(LAUNCH + 5, (byte) 1)));
            refused(judge(turin, TURIN.endorsements(NOW), Policy.development(TURIN.trustAnchor())), "snp.tcb.order");
        }

        @ParameterizedTest
        @ValueSource(ints = {COMMITTED, LAUNCH})
        @DisplayName("committed or launch above current, in one component, though higher versions follow")
        void order(int field) {
            refused(signed(b -> b.put(field, (byte) 5).put(field + 7, (byte) 1)), "snp.tcb.order");
        }

        @Test
        @DisplayName("launch above current is fine for a guest that may have been moved, where the policy allows it")
        void migrated() {
            Policy policy = rules("{\"forbiddenGuestPolicy\": [\"debug\"]}");
            accepted(signed(b -> b.put(LAUNCH, (byte) 5).putLong(8, b.getLong(8) | 1L << 18), policy));
            refused(signed(b -> b.put(LAUNCH, (byte) 5), policy), "snp.tcb.order");
        }

        @Test
        @DisplayName("committed below current: as the policy says")
        void provisional() {
            Policy policy = rules("{\"allowProvisionalFirmware\": false}");
            accepted(judge(REPORT, ENDORSEMENTS, policy));
            accepted(signed(b -> b.put(COMMITTED + 7, (byte) 3)));
            refused(signed(b -> b.put(COMMITTED + 7, (byte) 3), policy), "snp.tcb.committed");
            refused(signed(b -> b.put(0x1ec, (byte) 28), policy), "snp.tcb.committed");
        }

        @ParameterizedTest
        @CsvSource({"reported, 'bootLoader', 5", "reported, 'tee', 2", "reported, 'snp', 25", "reported, 'microcode', 220", "committed, 'snp', 25", "launch, 'microcode', 220"})
        @DisplayName("below a floor of the policy, component by component")
        void floors(String which, String component, int least) {
            String floor = "{\"minimumTcb\": {\"milan\": {\"%s\": {\"%s\": %d}}}}";
            refused(judge(REPORT, ENDORSEMENTS, rules(floor.formatted(which, component, least))), "snp.tcb.minimum");
            accepted(judge(REPORT, ENDORSEMENTS, rules(floor.formatted(which, component, least - 1))));
        }

        @Test
        @DisplayName("a product that the policy sets no floor for, where it sets any")
        void floorOfOther() {
            refused(judge(REPORT, ENDORSEMENTS, rules("{\"minimumTcb\": {\"genoa\": {\"reported\": {\"snp\": 1}}}}")), "snp.tcb.minimum");
        }

        @Test
        @DisplayName("firmware below the policy's, or committed above current")
        void firmware() {
            accepted(judge(REPORT, ENDORSEMENTS, rules("{\"minimumFirmware\": {\"major\": 1, \"minor\": 55, \"build\": 29}}")));
            refused(judge(REPORT, ENDORSEMENTS, rules("{\"minimumFirmware\": {\"major\": 1, \"minor\": 55, \"build\": 30}}")), "snp.firmware.version");
            refused(signed(b -> b.put(0x1ec, (byte) 28), rules("{\"minimumFirmware\": {\"major\": 1, \"minor\": 55, \"build\": 29}}")), "snp.firmware.version");
            refused(signed(b -> b.put(0x1ec, (byte) 30)), "snp.firmware.version");
        }

        @Test
        @DisplayName("platform setup: as the policy says, and no reserved bit")
        void setup() {
            refused(signed(b -> b.putLong(0x40, 1L << 6)), "snp.platform");
            refused(signed(b -> b.putLong(0x40, 1L << 8)), "snp.platform");
            refused(judge(REPORT, ENDORSEMENTS, rules("{\"forbiddenPlatform\": [\"smt\"]}")), "snp.platform");
            refused(judge(REPORT, ENDORSEMENTS, rules("{\"requiredPlatform\": [\"tsme\"]}")), "snp.platform");
            accepted(judge(REPORT, ENDORSEMENTS, rules("{\"requiredPlatform\": [\"aliasCheck\"]}")));
            refused(signed(b -> b.putLong(0x40, 1), rules("{\"requiredPlatform\": [\"aliasCheck\"]}")), "snp.platform");
        }

        @Test
        @DisplayName("another chip, a masked chip")
        void chip() {
            refused(signed(b -> b.put(0x1a0 + 63, (byte) ~b.get(0x1a0 + 63))), "snp.key.chip-id");
            refused(signed(b -> b.put(0x1a0, new byte[64])), "snp.key.chip-id");
            byte[] turin = TURIN.sign(Forge.changed(TURIN.report(REPORT_DATA, MEASUREMENT), b -> b.put(0x1a0 + 8, (byte) 1)));
            refused(judge(turin, TURIN.endorsements(NOW), Policy.development(TURIN.trustAnchor())), "snp.key.chip-id");
        }

        @ParameterizedTest
        @CsvSource({"0x19, 0x11", "0x1a, 0x02", "0x1a, 0x50", "0x17, 0x01", "0x19, 0xff"})
        @DisplayName("a processor of another product or of none")
        void processor(String family, String model) {
            refused(signed(b -> b.put(0x188, (byte) (int) Integer.decode(family)).put(0x189, (byte) (int) Integer.decode(model))), "snp.product");
        }

        @ParameterizedTest
        @CsvSource({"1", "2", "3", "4", "5", "6", "7"})
        @DisplayName("a report that says it is signed by a VLEK, by nobody, by an unknown key")
        void signingKey(int kind) {
            refused(signed(b -> b.putInt(0x48, kind << 2)), "snp.key.kind");
        }

        @Test
        @DisplayName("reserved bits of KEY_INFO")
        void keyInfo() {
            refused(signed(b -> b.putInt(0x48, 1 << 5)), "snp.report.reserved");
            refused(signed(b -> b.putInt(0x48, 1 << 31)), "snp.report.reserved");
        }
    }

    @Nested
    @DisplayName("Certificates")
    class Certificates {
        private static final String ASK = TrustAnchor.DEVELOPMENT_PREFIX + KeyKind.VCEK.authority(Product.MILAN);

        private static List<Entry> entries() {
            return DevelopmentAmdPki.entries(Product.MILAN, DevelopmentSnp.TCB, Optional.of(DevelopmentSnp.chip(Product.MILAN)), Optional.empty());
        }

        /** A platform with a key of its own by the usual CA, and a report by that key. */
        private static Verdict withKey(Request request) {
            return withKey(request, DevelopmentAmdPki.newEndorsementKey(), MILAN.authority(), UnaryOperator.identity(), POLICY);
        }

        private static Verdict withKey(Request request, KeyPair pair, Identity authority, UnaryOperator<byte[]> change, Policy policy) {
            Identity key = DevelopmentAmdPki.issue(request, pair, authority);
            DevelopmentSnp platform = new DevelopmentSnp(Product.MILAN, MILAN.root(), authority, key);
            return judge(platform.sign(change.apply(REPORT)), platform.endorsements(Bytes.EMPTY), policy);
        }

        private static Verdict withEntries(Consumer<List<Entry>> change) {
            List<Entry> entries = new ArrayList<>(entries());
            change.accept(entries);
            return withKey(DevelopmentSnp.keyRequest(KeyKind.VCEK, NOW, entries));
        }

        private static void replace(List<Entry> entries, Entry by) {
            assertThat(entries.removeIf(entry -> entry.arc().equals(by.arc()))).isTrue();
            entries.add(by);
        }

        @ParameterizedTest
        @ValueSource(strings = {"1", "2", "3.1", "3.2", "3.3", "3.8", "4"})
        @DisplayName("an extension is missing")
        void missing(String arc) {
            refused(withEntries(e -> e.removeIf(entry -> entry.arc().equals(arc))), "snp.key.extensions");
        }

        @Test
        @DisplayName("an extension is malformed, out of range, of another product, unknown, or contradicts another")
        void extensions() {
            refused(withEntries(e -> replace(e, Entry.integer("3.1", 256))), "snp.key.extensions");
            refused(withEntries(e -> replace(e, Entry.integer("3.1", -1))), "snp.key.extensions");
            refused(withEntries(e -> replace(e, Entry.text("3.1", "4"))), "snp.key.extensions");
            refused(withEntries(e -> replace(e, new Entry("3.8", Bytes.fromHex("0205")))), "snp.key.extensions");
            refused(withEntries(e -> replace(e, Entry.integer("3.4", 1))), "snp.key.extensions");
            refused(withEntries(e -> replace(e, Entry.integer("1", 1))), "snp.key.extensions");
            refused(withEntries(e -> replace(e, Entry.text("2", "Genoa"))), "snp.key.extensions");
            refused(withEntries(e -> replace(e, Entry.text("2", "MilanX"))), "snp.key.extensions");
            refused(withEntries(e -> replace(e, new Entry("4", Bytes.zeros(63)))), "snp.key.extensions");
            refused(withEntries(e -> e.add(Entry.text("5", "cloud"))), "snp.key.extensions");
            refused(withEntries(e -> e.add(Entry.integer("3.9", 0))), "snp.key.extensions");
            refused(withEntries(e -> e.add(Entry.integer("6", 0))), "snp.key.extensions");
            accepted(withEntries(e -> replace(e, Entry.text("2", "Milan-B1"))));
        }

        @ParameterizedTest
        @ValueSource(strings = {"3.1", "3.2", "3.3", "3.8"})
        @DisplayName("the certificate is of another TCB than the reported one")
        void tcb(String arc) {
            refused(withEntries(e -> replace(e, Entry.integer(arc, 0))), "snp.key.tcb");
        }

        @Test
        @DisplayName("a higher microcode does not make up for a lower boot loader")
        void componentWise() {
            assertThat(new TcbVersion(0, 3, 1, 24, 255).isAtMost(DevelopmentSnp.TCB)).isFalse();
            assertThat(new TcbVersion(0, 3, 1, 24, 255).below(DevelopmentSnp.TCB)).containsExactly("boot loader 3 < 4");
        }

        @Test
        @DisplayName("a key on P-256, a key that is a CA")
        void keys() {
            Request usual = DevelopmentSnp.keyRequest(KeyKind.VCEK, NOW, entries());
            Identity p256 = DevelopmentAmdPki.issue(usual, DevelopmentPki.newKey(), MILAN.authority());
            Verdict verdict = judge(REPORT, Endorsements.of(DevelopmentSnp.der(p256), DevelopmentSnp.der(MILAN.authority()), DevelopmentSnp.der(MILAN.root()), Bytes.EMPTY), POLICY);
            refused(verdict, "snp.chain");
            assertThat(verdict.check("snp.report.signature")).hasValueSatisfying(check -> assertThat(check.outcome()).isEqualTo(Check.Outcome.NOT_REACHED));
            refused(withKey(new Request(usual.commonName(), true, usual.notBefore(), usual.notAfter(), usual.entries(), usual.algorithm())), "snp.chain");
        }

        @ParameterizedTest
        @ValueSource(strings = {"SHA384withRSA", "SHA256withRSAandMGF1", "SHA512withRSAandMGF1"})
        @DisplayName("signed with PKCS#1 v1.5, or with PSS over another hash")
        void schemes(String algorithm) {
            Request usual = DevelopmentSnp.keyRequest(KeyKind.VCEK, NOW, entries());
            refused(withKey(new Request(usual.commonName(), false, usual.notBefore(), usual.notAfter(), usual.entries(), algorithm)), "snp.chain");
        }

        @Test
        @DisplayName("expired, not valid yet")
        void validity() {
            Request usual = DevelopmentSnp.keyRequest(KeyKind.VCEK, NOW, entries());
            refused(withKey(new Request(usual.commonName(), false, usual.notBefore(), NOW.minusSeconds(1), usual.entries(), usual.algorithm())), "snp.chain.validity");
            refused(withKey(new Request(usual.commonName(), false, NOW.plusSeconds(1), usual.notAfter(), usual.entries(), usual.algorithm())), "snp.chain.validity");
            refused(SnpVerifier.verify(REPORT, MILAN.endorsements(Bytes.EMPTY), POLICY, NOW.plus(Duration.ofDays(8 * 365))), "snp.chain.validity");
        }

        @Test
        @DisplayName("a root of the same name that is not the configured one; a development root under a production policy")
        void roots() {
            DevelopmentSnp twin = DevelopmentSnp.create(Product.MILAN, NOW, AUTHORITY_KEY, ROOT_KEY);
            byte[] report = twin.report(REPORT_DATA, MEASUREMENT);
            refused(judge(report, twin.endorsements(Bytes.EMPTY), POLICY), "snp.chain.root");
            refused(judge(REPORT, ENDORSEMENTS, Policy.strict()), "snp.chain.root");
            assertThat(judge(REPORT, ENDORSEMENTS, Policy.strict()).summary()).contains("development root");
            Endorsements grafted = Endorsements.of(DevelopmentSnp.der(twin.key()), DevelopmentSnp.der(twin.authority()), DevelopmentSnp.der(MILAN.root()), Bytes.EMPTY);
            refused(judge(report, grafted, POLICY), "snp.chain");
        }

        @Test
        @DisplayName("a root that calls itself AMD's is none")
        void selfMadeArk() {
            Identity fake = DevelopmentAmdPki.selfSigned(DevelopmentSnp.authorityRequest("ARK-Milan", NOW), ROOT_KEY);
            assertThatThrownBy(() -> TrustAnchor.of(fake.certificate())).isInstanceOfSatisfying(AttestationException.class, e -> assertThat(e.code()).isEqualTo("pki.anchor"));
            Identity ask = DevelopmentAmdPki.issue(DevelopmentSnp.authorityRequest("SEV-Milan", NOW), AUTHORITY_KEY, fake);
            Identity key = DevelopmentAmdPki.issue(new Request("SEV-VCEK", false, NOW.minusSeconds(1), NOW.plusSeconds(1), entries(), DevelopmentAmdPki.PSS_SHA384),
                    DevelopmentAmdPki.newEndorsementKey(), ask);
            DevelopmentSnp platform = new DevelopmentSnp(Product.MILAN, fake, ask, key);
            refused(judge(platform.report(REPORT_DATA, MEASUREMENT), platform.endorsements(Bytes.EMPTY), Policy.strict()), "snp.chain.root");
            Verdict own = judge(platform.report(REPORT_DATA, MEASUREMENT), platform.endorsements(Bytes.EMPTY),
                    Policy.development(TrustAnchor.own(fake.certificate(), TrustAnchor.Maker.AMD)));
            accepted(own);
            assertThat(own.development()).as("no hardware behind it").isTrue();
        }

        @Test
        @DisplayName("a CA or key of another name; the root as issuer of keys; certificates in the wrong places")
        void roles() {
            Identity other = DevelopmentAmdPki.issue(DevelopmentSnp.authorityRequest(TrustAnchor.DEVELOPMENT_PREFIX + KeyKind.VCEK.authority(Product.GENOA), NOW),
                    AUTHORITY_KEY, MILAN.root());
            Request usual = DevelopmentSnp.keyRequest(KeyKind.VCEK, NOW, entries());
            refused(withKey(usual, DevelopmentAmdPki.newEndorsementKey(), other, UnaryOperator.identity(), POLICY), "snp.chain.roles", "snp.key.kind");
            refused(withKey(DevelopmentSnp.keyRequest(KeyKind.VLEK, NOW, entries())), "snp.chain.roles");
            refused(withKey(usual, DevelopmentAmdPki.newEndorsementKey(), MILAN.root(), UnaryOperator.identity(), POLICY), "snp.chain.roles", "snp.key.kind");
            Endorsements turned = Endorsements.of(DevelopmentSnp.der(MILAN.root()), DevelopmentSnp.der(MILAN.authority()), DevelopmentSnp.der(MILAN.key()), Bytes.EMPTY);
            assertThat(Forge.failures(judge(REPORT, turned, POLICY))).contains("snp.chain", "snp.chain.root");
        }

        @Test
        @DisplayName("a VLEK is accepted where the policy says so, and only under its own CA and with a cloud's name")
        void vlek() {
            Identity asvk = DevelopmentAmdPki.issue(DevelopmentSnp.authorityRequest(TrustAnchor.DEVELOPMENT_PREFIX + KeyKind.VLEK.authority(Product.MILAN), NOW),
                    AUTHORITY_KEY, MILAN.root());
            List<Entry> cloud = DevelopmentAmdPki.entries(Product.MILAN, DevelopmentSnp.TCB, Optional.empty(), Optional.of("CN=cloud.example"));
            Request request = DevelopmentSnp.keyRequest(KeyKind.VLEK, NOW, cloud);
            KeyPair pair = DevelopmentAmdPki.newEndorsementKey();
            UnaryOperator<byte[]> byVlek = report -> Forge.changed(report, b -> b.putInt(0x48, 1 << 2).put(0x1a0, new byte[64]));
            Policy both = SnpRefusalsTest.rules("{\"keyKinds\": [\"vcek\", \"vlek\"]}");
            accepted(withKey(request, pair, asvk, byVlek, both));
            refused(withKey(request, pair, asvk, byVlek, POLICY), "snp.key.kind");
            refused(withKey(request, pair, asvk, UnaryOperator.identity(), both), "snp.key.kind");
            refused(withKey(request, pair, MILAN.authority(), byVlek, both), "snp.chain.roles", "snp.key.kind");
            refused(withKey(DevelopmentSnp.keyRequest(KeyKind.VLEK, NOW, entries()), pair, asvk, byVlek, both), "snp.key.kind", "snp.key.chip-id");
        }
    }

    @Nested
    @DisplayName("Revocation list")
    class Lists {
        private static Verdict with(Identity issuer, Instant from, Instant to, List<BigInteger> revoked, String algorithm) {
            return judge(REPORT, MILAN.endorsements(DevelopmentAmdPki.revocationList(issuer, from, to, revoked, algorithm)), POLICY);
        }

        private static Verdict listing(BigInteger... serials) {
            return with(MILAN.root(), NOW, NOW.plusSeconds(60), List.of(serials), DevelopmentAmdPki.PSS_SHA384);
        }

        @Test
        @DisplayName("lists the CA; other serials, that of all endorsement keys too, mean nothing")
        void revoked() {
            refused(listing(MILAN.authority().certificate().getSerialNumber()), "snp.chain.crl");
            accepted(listing(BigInteger.ZERO, BigInteger.TEN));
        }

        @Test
        @DisplayName("expired, from the future, of another issuer, by another scheme")
        void unusable() {
            refused(with(MILAN.root(), NOW.minusSeconds(60), NOW.minusSeconds(1), List.of(), DevelopmentAmdPki.PSS_SHA384), "snp.chain.crl");
            refused(with(MILAN.root(), NOW.plusSeconds(1), NOW.plusSeconds(60), List.of(), DevelopmentAmdPki.PSS_SHA384), "snp.chain.crl");
            refused(with(MILAN.authority(), NOW, NOW.plusSeconds(60), List.of(), DevelopmentAmdPki.PSS_SHA384), "snp.chain.crl");
            refused(with(new Identity(AUTHORITY_KEY.getPrivate(), MILAN.root().certificate()), NOW, NOW.plusSeconds(60), List.of(), DevelopmentAmdPki.PSS_SHA384), "snp.chain.crl");
            refused(with(MILAN.root(), NOW, NOW.plusSeconds(60), List.of(), "SHA384withRSA"), "snp.chain.crl");
        }

        @Test
        @DisplayName("absent: as the policy says")
        void absent() {
            accepted(judge(REPORT, MILAN.endorsements(Bytes.EMPTY), POLICY));
            refused(judge(REPORT, MILAN.endorsements(Bytes.EMPTY), SnpRefusalsTest.rules("{\"requireRevocationList\": true}")), "snp.chain.crl");
            accepted(judge(REPORT, ENDORSEMENTS, SnpRefusalsTest.rules("{\"requireRevocationList\": true}")));
        }
    }

    @ParameterizedTest
    @EnumSource(SnpCheck.class)
    @DisplayName("every check can be found by its id")
    void ids(SnpCheck check) {
        assertThat(judge(REPORT).check(check.id())).hasValueSatisfying(found -> assertThat(found.passed()).isTrue());
    }

    private static byte[] littleEndian(BigInteger number) {
        byte[] raw = number.toByteArray();
        byte[] fixed = new byte[48];
        int length = Math.min(raw.length, 48);
        System.arraycopy(raw, raw.length - length, fixed, 48 - length, length);
        return reversed(fixed);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] turned = new byte[bytes.length];
        for (int i = 0; i < turned.length; i++) {
            turned[i] = bytes[bytes.length - 1 - i];
        }
        return turned;
    }

    private static void turn(ByteBuffer b, int at) {
        byte[] scalar = new byte[48];
        b.order(ByteOrder.LITTLE_ENDIAN).get(at, scalar).put(at, reversed(scalar));
    }
}
