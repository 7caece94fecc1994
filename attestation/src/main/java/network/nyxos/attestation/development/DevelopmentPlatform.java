package network.nyxos.attestation.development;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.collateral.TcbStatus;
import network.nyxos.attestation.pki.PckExtension;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The platform that development evidence speaks of, and what its maker would publish about it. */
final class DevelopmentPlatform {
    /** How long its collateral may be used, as Intel's. */
    static final Duration COLLATERAL_VALIDITY = Duration.ofDays(30);
    static final int EVALUATION_NUMBER = 1;
    static final Bytes FMSPC = Bytes.fromHex("dedededede01");
    static final Bytes PCE_ID = Bytes.fromHex("0000");
    static final Bytes CPU_SVN = Bytes.fromHex("05050202020100030000000000000000");
    static final int PCE_SVN = 13;
    /** Module version 5, module TDX_01. */
    static final Bytes TEE_TCB_SVN = Bytes.fromHex("05010200000000000000000000000000");
    static final Bytes QE_SIGNER = Bytes.of("Nyxos DEVELOPMENT quoting enclave".getBytes(StandardCharsets.UTF_8)).sha256();
    static final Bytes QE_ATTRIBUTES = Bytes.fromHex("11000000000000000000000000000000");
    static final int QE_PRODUCT = 2;
    static final int QE_SVN = 4;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private DevelopmentPlatform() {
    }

    static PckExtension certified() {
        return new PckExtension(CPU_SVN, PCE_SVN, PCE_ID, FMSPC);
    }

    /** TCB info in Intel's shape: this platform is UpToDate, lower ones are OutOfDate. */
    static String tcbInfo(Instant issued) {
        ObjectNode info = dated(JSON.objectNode().put("id", "TDX").put("version", 3), issued);
        info.put("fmspc", FMSPC.hex()).put("pceId", PCE_ID.hex()).put("tcbType", 0).put("tcbEvaluationDataNumber", EVALUATION_NUMBER);
        module(info.putObject("tdxModule"));
        ObjectNode identity = info.putArray("tdxModuleIdentities").addObject().put("id", "TDX_01");
        module(identity);
        ArrayNode moduleLevels = identity.putArray("tcbLevels");
        level(moduleLevels, JSON.objectNode().put("isvsvn", TEE_TCB_SVN.u8(0)), issued, TcbStatus.UP_TO_DATE);
        level(moduleLevels, JSON.objectNode().put("isvsvn", 2), issued, TcbStatus.OUT_OF_DATE);
        ArrayNode levels = info.putArray("tcbLevels");
        level(levels, components(CPU_SVN, PCE_SVN, TEE_TCB_SVN), issued, TcbStatus.UP_TO_DATE);
        level(levels, components(Bytes.zeros(16), 5, Bytes.zeros(16)), issued, TcbStatus.OUT_OF_DATE).putArray("advisoryIDs").add("NYXOS-DEVELOPMENT-1");
        return info.toString();
    }

    /** The identity of the development quoting enclave. */
    static String qeIdentity(Instant issued) {
        ObjectNode identity = dated(JSON.objectNode().put("id", "TD_QE").put("version", 2), issued);
        identity.put("tcbEvaluationDataNumber", EVALUATION_NUMBER)
                .put("miscselect", "00000000").put("miscselectMask", "FFFFFFFF")
                .put("attributes", QE_ATTRIBUTES.hex()).put("attributesMask", "FBFFFFFFFFFFFFFF0000000000000000")
                .put("mrsigner", QE_SIGNER.hex()).put("isvprodid", QE_PRODUCT);
        ArrayNode levels = identity.putArray("tcbLevels");
        level(levels, JSON.objectNode().put("isvsvn", QE_SVN), issued, TcbStatus.UP_TO_DATE);
        level(levels, JSON.objectNode().put("isvsvn", 2), issued, TcbStatus.OUT_OF_DATE);
        return identity.toString();
    }

    private static ObjectNode dated(ObjectNode document, Instant issued) {
        Instant second = issued.truncatedTo(ChronoUnit.SECONDS);
        return document.put("issueDate", second.toString()).put("nextUpdate", second.plus(COLLATERAL_VALIDITY).toString());
    }

    private static void module(ObjectNode module) {
        module.put("mrsigner", Bytes.zeros(48).hex()).put("attributes", Bytes.zeros(8).hex()).put("attributesMask", "FFFFFFFFFFFFFFFF");
    }

    private static ObjectNode level(ArrayNode levels, ObjectNode tcb, Instant date, TcbStatus status) {
        ObjectNode level = levels.addObject();
        level.set("tcb", tcb);
        return level.put("tcbDate", date.truncatedTo(ChronoUnit.DAYS).toString()).put("tcbStatus", status.label());
    }

    private static ObjectNode components(Bytes sgx, int pceSvn, Bytes tdx) {
        ObjectNode tcb = JSON.objectNode();
        svns(tcb.putArray("sgxtcbcomponents"), sgx);
        tcb.put("pcesvn", pceSvn);
        svns(tcb.putArray("tdxtcbcomponents"), tdx);
        return tcb;
    }

    private static void svns(ArrayNode array, Bytes components) {
        for (int i = 0; i < components.size(); i++) {
            array.addObject().put("svn", components.u8(i));
        }
    }
}
