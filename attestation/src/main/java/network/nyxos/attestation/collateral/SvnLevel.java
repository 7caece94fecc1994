package network.nyxos.attestation.collateral;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.AttestationException;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A level of a component that has one security version: a quoting enclave or a TDX module.
 *
 * @param isvSvn     the least version that reaches this level
 * @param status     UpToDate, OutOfDate or Revoked
 * @param date       of this level
 * @param advisories that apply to it
 */
public record SvnLevel(int isvSvn, TcbStatus status, Instant date, List<String> advisories) {
    /** Copies. */
    public SvnLevel {
        advisories = List.copyOf(advisories);
    }

    /** The highest level that {@code isvSvn} reaches. {@code levels} must be in descending order, as {@link #parse} gives them. */
    static Optional<SvnLevel> reached(List<SvnLevel> levels, int isvSvn) {
        return levels.stream().filter(level -> isvSvn >= level.isvSvn).findFirst();
    }

    /** Reads {@code tcbLevels} of {@code owner}, and sorts: the order in the text proves nothing. */
    static List<SvnLevel> parse(JsonNode owner, String code) {
        List<SvnLevel> levels = new ArrayList<>();
        for (JsonNode level : SignedJson.list(owner, "tcbLevels", code)) {
            TcbStatus status = status(level, code);
            if (status != TcbStatus.UP_TO_DATE && status != TcbStatus.OUT_OF_DATE && status != TcbStatus.REVOKED) {
                throw new AttestationException(code, "a component cannot have the status " + status.label());
            }
            levels.add(new SvnLevel(SignedJson.integer(SignedJson.member(level, "tcb", code), "isvsvn", 0xffff, code), status,
                    SignedJson.instant(level, "tcbDate", code), advisories(level, code)));
        }
        levels.sort(Comparator.comparingInt(SvnLevel::isvSvn).reversed());
        return List.copyOf(levels);
    }

    static TcbStatus status(JsonNode level, String code) {
        String label = SignedJson.text(level, "tcbStatus", code);
        return TcbStatus.published(label).orElseThrow(() -> new AttestationException(code, "TCB status \"" + label + "\" is not known"));
    }

    static List<String> advisories(JsonNode level, String code) {
        if (!level.has("advisoryIDs")) {
            return List.of();
        }
        return SignedJson.list(level, "advisoryIDs", code).stream().map(id -> {
            if (!id.isTextual()) {
                throw new AttestationException(code, "an advisory id is not text");
            }
            return id.textValue();
        }).toList();
    }
}
