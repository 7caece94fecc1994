package network.nyxos.attestation.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.collateral.SignedJson;

import java.util.Set;

/** The text of a policy of any kind, read strictly: no member twice, nothing behind it. */
public final class PolicyText {
    private static final YAMLMapper YAML = YAMLMapper.builder(YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private PolicyText() {
    }

    /**
     * Reads JSON.
     *
     * @param known the members that it may have
     * @throws AttestationException {@code policy.invalid}
     */
    public static Members json(String json, Set<String> known) {
        return new Members(SignedJson.object(json, Members.CODE), "", known);
    }

    /**
     * Reads one document of YAML. Hexadecimal and versions must stand in quotes, or YAML may take them for numbers; such numbers are refused.
     *
     * @param known the members that it may have
     * @throws AttestationException {@code policy.invalid}
     */
    public static Members yaml(String yaml, Set<String> known) {
        JsonNode document;
        try {
            document = YAML.readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new AttestationException(Members.CODE, "not strict YAML: " + e.getOriginalMessage().lines().findFirst().orElse(""), e);
        }
        return new Members(document == null ? MissingNode.getInstance() : document, "", known);
    }
}
