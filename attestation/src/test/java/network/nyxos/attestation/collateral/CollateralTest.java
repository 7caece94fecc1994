package network.nyxos.attestation.collateral;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@DisplayName("Collateral")
class CollateralTest {
    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String cut(String body) {
        return SignedJson.cutMember(utf8(body), "tcbInfo", "test");
    }

    @Test
    @DisplayName("cuts the signed member out exactly as it stands: white space, braces in strings, escapes, Unicode")
    void exactCut() {
        String member = "{ \"a\" : \"}{\\\"}\\\\\" ,\n\t\"é😀\":[{ }, \"]\"] , \"n\":1.0e1 }";
        assertThat(cut("{\"tcbInfo\":" + member + ",\"signature\":\"00\"}")).isEqualTo(member);
        assertThat(cut(" {\n\"é}\": \"{\", \"tcbInfo\"  :  " + member + "  }\n")).isEqualTo(member);
        assertThat(cut("{\"x\":{\"tcbInfo\":{\"no\":1}},\"tcbInfo\":{}}")).isEqualTo("{}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[]", "{\"tcbInfo\":1}", "{\"tcbInfo\":[]}", "{\"tcbInfo\":{}", "{\"tcbInfo\":{},\"tcbInfo\":{}}",
        "{\"tcbInfo\":{\"a\":1,\"a\":2}}", "{\"tcbInfo\":{}} x", "{\"tcbInfo\":{}}{}", "nonsense"})
    @DisplayName("refuses bodies without exactly one such object, keys twice, and anything behind the body")
    void badBodies(String body) {
        assertThatThrownBy(() -> cut(body)).isInstanceOf(AttestationException.class);
    }

    @Test
    @DisplayName("is put together from the service's answers; a raw '+' of the issuer chain stays one")
    void ofService() {
        Collateral collateral = Collateral.ofService(utf8("{\"tcbInfo\":{\"a\": 1},\"signature\":\"00ff\"}"), "-----BEGIN%20CERTIFICATE-----%0Aa+b%2Bc%3D%0A",
                utf8("{\"enclaveIdentity\":{\"b\" :2},\"signature\":\"11\"}"), "x", Bytes.fromHex("01"), Bytes.fromHex("02"));

        assertThat(collateral.tcbInfo()).isEqualTo("{\"a\": 1}");
        assertThat(collateral.tcbInfoSignature()).isEqualTo("00ff");
        assertThat(collateral.tcbInfoIssuerChain()).isEqualTo("-----BEGIN CERTIFICATE-----\na+b+c=\n");
        assertThat(collateral.qeIdentity()).isEqualTo("{\"b\" :2}");
        assertThat(Collateral.fromJson(collateral.toJson())).isEqualTo(collateral);
        assertThatThrownBy(() -> Collateral.ofService(utf8("{\"tcbInfo\":{},\"signature\":\"\"}"), "%4", utf8("{}"), "", Bytes.EMPTY, Bytes.EMPTY))
                .isInstanceOf(AttestationException.class);
    }

    @Test
    @DisplayName("in JSON must be whole")
    void whole() {
        String json = Collateral.ofService(utf8("{\"tcbInfo\":{},\"signature\":\"00\"}"), "", utf8("{\"enclaveIdentity\":{},\"signature\":\"11\"}"), "",
                Bytes.fromHex("01"), Bytes.fromHex("02")).toJson();
        assertThatThrownBy(() -> Collateral.fromJson(json.replace("\"pck_crl\"", "\"other\""))).isInstanceOf(AttestationException.class)
                .hasMessageContaining("pck_crl");
        assertThatThrownBy(() -> Collateral.fromJson(json.replace("\"02\"", "\"0\""))).isInstanceOf(AttestationException.class)
                .hasMessageContaining("pck_crl");
        assertThatThrownBy(() -> Collateral.fromJson("[]")).isInstanceOf(AttestationException.class);
    }
}
