package network.nyxos.attestation.binding;

import network.nyxos.attestation.AttestationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.util.Arrays;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@DisplayName("Report data")
class ReportDataTest {
    @Test
    @DisplayName("is SHA-512 over the domain and four length-prefixed fields (vector made with Python's hashlib)")
    void vector() {
        assertThat(ReportData.bind(filled(32, 1), filled(32, 2), filled(32, 3), filled(32, 4)).hex())
                .isEqualTo("bb43acf634ff852c7692a2a0a6e764a6fa91e9c95a71d284679f031aac7a24dde17623f5809f9a8dda7563b3815a6b5d9ad1e44acdb514f1e1476a72cb38b583");
    }

    @Test
    @DisplayName("changes with every field, and with the order of the fields")
    void everyFieldCounts() {
        assertThat(java.util.stream.Stream.of(
                ReportData.bind(filled(32, 1), filled(32, 2), filled(32, 3), filled(32, 4)),
                ReportData.bind(filled(32, 9), filled(32, 2), filled(32, 3), filled(32, 4)),
                ReportData.bind(filled(32, 1), filled(32, 9), filled(32, 3), filled(32, 4)),
                ReportData.bind(filled(32, 1), filled(32, 2), filled(32, 9), filled(32, 4)),
                ReportData.bind(filled(32, 1), filled(32, 2), filled(32, 3), filled(32, 9)),
                ReportData.bind(filled(32, 1), filled(32, 2), filled(32, 3), filled(33, 4)),
                ReportData.bind(filled(32, 2), filled(32, 1), filled(32, 3), filled(32, 4)))).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("takes keys of 32 bytes and nonces of 16 to 64 only")
    void lengths() {
        assertThat(ReportData.bind(filled(32, 1), filled(32, 2), new byte[32], filled(16, 4)).size()).isEqualTo(64);
        assertThatThrownBy(() -> ReportData.bind(filled(31, 1), filled(32, 2), filled(32, 3), filled(32, 4))).isInstanceOf(AttestationException.class);
        assertThatThrownBy(() -> ReportData.bind(filled(32, 1), filled(33, 2), filled(32, 3), filled(32, 4))).isInstanceOf(AttestationException.class);
        assertThatThrownBy(() -> ReportData.bind(filled(32, 1), filled(32, 2), filled(0, 3), filled(32, 4))).isInstanceOf(AttestationException.class);
        assertThatThrownBy(() -> ReportData.bind(filled(32, 1), filled(32, 2), filled(32, 3), filled(15, 4))).isInstanceOf(AttestationException.class);
        assertThatThrownBy(() -> ReportData.bind(filled(32, 1), filled(32, 2), filled(32, 3), filled(65, 4))).isInstanceOf(AttestationException.class);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
