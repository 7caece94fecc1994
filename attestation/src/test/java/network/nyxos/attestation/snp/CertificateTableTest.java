package network.nyxos.attestation.snp;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.snp.CertificateTable.Kind;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.util.EnumMap;
import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@DisplayName("The certificates that a host gives beside an SNP report")
class CertificateTableTest {
    private static final Bytes VCEK = Bytes.fromHex("30aa");
    private static final Bytes ASK = Bytes.fromHex("30bbbb");
    private static final Bytes ARK = Bytes.fromHex("30cc");

    private static Map<Kind, Bytes> chain() {
        return new EnumMap<>(Map.of(Kind.VCEK, VCEK, Kind.ASK, ASK, Kind.ARK, ARK));
    }

    /** One entry, the end of entries, and {@code content}. */
    private static Bytes table(String guid, String offset, String length, Bytes content) {
        return Bytes.fromHex(guid + offset + length).concat(Bytes.zeros(24)).concat(content);
    }

    private static void assertRefused(Bytes table, String word) {
        assertThatThrownBy(() -> CertificateTable.parse(table)).isInstanceOfSatisfying(AttestationException.class, e -> {
            assertThat(e.code()).isEqualTo("snp.certificate-table");
            assertThat(e).hasMessageContaining(word);
        });
    }

    @Test
    void readsWhatItWrites() {
        CertificateTable read = CertificateTable.parse(CertificateTable.encode(chain()));
        assertThat(read.certificates()).isEqualTo(chain());
        assertThat(read.skipped()).isZero();
        assertThat(read.endorsements()).contains("{\"endorsement_key\":\"30aa\",\"authority\":\"30bbbb\",\"root\":\"30cc\"}");
    }

    @Test
    @DisplayName("a table laid out by hand is read, whichever way its GUIDs are written, with padding behind it")
    void layout() {
        for (String guid : new String[] {"63da758de6644564adc5f4b93be8accd", "8d75da6364e66445adc5f4b93be8accd"}) {
            assertThat(CertificateTable.parse(table(guid, "30000000", "02000000", VCEK.concat(Bytes.zeros(9)))).certificates()).isEqualTo(Map.of(Kind.VCEK, VCEK));
        }
    }

    @Test
    @DisplayName("a key without its authorities is given out alone, authorities without a key not at all, unknown entries are counted")
    void parts() {
        assertThat(CertificateTable.parse(CertificateTable.encode(new EnumMap<>(Map.of(Kind.VLEK, VCEK)))).endorsements()).contains("{\"endorsement_key\":\"30aa\"}");
        assertThat(CertificateTable.parse(CertificateTable.encode(new EnumMap<>(Map.of(Kind.ASK, ASK, Kind.ARK, ARK)))).endorsements()).isEmpty();
        assertThat(CertificateTable.parse(table("11".repeat(16), "30000000", "02000000", VCEK)).skipped()).isEqualTo(1);
        assertThat(CertificateTable.parse(Bytes.EMPTY).endorsements()).isEmpty();
    }

    @Test
    @DisplayName("entries that point outside, into the entries, come twice or never end are refused")
    void lies() {
        String vcek = Kind.VCEK.guid().hex();
        assertRefused(table(vcek, "30000000", "03000000", VCEK), "of a table of 50");
        assertRefused(table(vcek, "ffffffff", "ffffffff", VCEK), "of a table of 50");
        assertRefused(table(vcek, "18000000", "02000000", VCEK), "whose entries end at 48");
        Bytes entry = Bytes.fromHex(vcek + "48000000" + "02000000");
        assertRefused(entry.concat(entry).concat(Bytes.zeros(24)).concat(VCEK), "VCEK is there twice");
        assertRefused(entry, "no entry of zeros");
        assertRefused(Bytes.zeros(CertificateTable.MAX_LENGTH + 1), "at most");
    }
}
