package network.nyxos.attestation.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import network.nyxos.attestation.AttestationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A chain in PEM is certificates and nothing else")
class CertificateChainTest {
    @ParameterizedTest
    @DisplayName("whatever else stands there is refused by name")
    @ValueSource(strings = {"-----BEGIN CERTIFICATE--------END CERTIFICATE-----xMw==\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----",
            "-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE----------END CERTIFICATE-----", "x-----BEGIN CERTIFICATE-----"})
    void other(String pem) {
        assertThatThrownBy(() -> CertificateChain.parsePem(pem)).isInstanceOfSatisfying(AttestationException.class,
                refused -> assertThat(refused.code()).isEqualTo("pki.certificate"));
    }

    @Test
    @DisplayName("an empty text is no chain")
    void empty() {
        assertThatThrownBy(() -> CertificateChain.parsePem("")).isInstanceOf(AttestationException.class).hasMessageContaining("no certificate");
    }
}
