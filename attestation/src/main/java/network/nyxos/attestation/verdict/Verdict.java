package network.nyxos.attestation.verdict;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.collateral.TcbStatus;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a verifier found out about one piece of evidence. Where {@link #accepted()} is false, measurement, report data and status are
 * claims of the evidence, shown so that people see what was refused; nothing may be built on them.
 *
 * @param kind         what was judged, such as {@code Intel TDX}
 * @param judgedAt     the time that was judged at
 * @param evidenceHash SHA-256 of the exact evidence without padding, 32 bytes. Not a replay key: signatures are malleable
 * @param development  the evidence hangs on a development root: it says nothing about any hardware
 * @param tcbStatus    the platform's status by its maker's collateral; empty when it could not be derived from verified data
 * @param tcbDate      the oldest date among the TCB levels that matched; empty likewise
 * @param advisories   security advisories that apply, sorted
 * @param measurement  what runs in the TEE; empty when the evidence could not be read
 * @param reportData   the 64 bytes that the TEE's software chose; empty when the evidence could not be read
 * @param checks       every check of this kind of evidence, in order, none left out
 */
public record Verdict(String kind, Instant judgedAt, Bytes evidenceHash, boolean development, Optional<TcbStatus> tcbStatus,
                      Optional<Instant> tcbDate, List<String> advisories, Optional<Measurement> measurement, Optional<Bytes> reportData,
                      List<Check> checks) {
    /** Copies. */
    public Verdict {
        advisories = List.copyOf(advisories);
        checks = List.copyOf(checks);
    }

    /** True when every check passed. A verdict without checks accepts nothing. */
    public boolean accepted() {
        return !checks.isEmpty() && checks.stream().allMatch(Check::passed);
    }

    /** The checks that failed, in order. */
    public List<Check> failures() {
        return checks.stream().filter(check -> check.outcome() == Check.Outcome.FAILED).toList();
    }

    /** This with one check more. */
    public Verdict with(Check check) {
        return new Verdict(kind, judgedAt, evidenceHash, development, tcbStatus, tcbDate, advisories, measurement, reportData,
                Stream.concat(checks.stream(), Stream.of(check)).toList());
    }

    /** The check of this id; empty when this kind of evidence has none such. */
    public Optional<Check> check(String id) {
        return checks.stream().filter(check -> check.id().equals(id)).findFirst();
    }

    /** One line: accepted, or refused and by which checks and why. */
    public String summary() {
        String mark = development ? "DEVELOPMENT evidence (no hardware behind it) " : kind + " evidence ";
        String status = tcbStatus.map(s -> ", TCB " + s.label()).orElse("");
        return accepted()
                ? mark + "accepted" + status
                : mark + "refused" + status + ": "
                        + failures().stream().map(c -> c.id() + " (" + c.detail() + ")").collect(Collectors.joining("; "));
    }

    /** The verdict as a JSON object; byte strings in lower-case hexadecimal, times in ISO 8601. */
    public String toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("accepted", accepted());
        json.put("development", development);
        json.put("kind", kind);
        json.put("judgedAt", judgedAt.toString());
        json.put("evidenceHash", evidenceHash.hex());
        tcbStatus.ifPresent(status -> json.put("tcbStatus", status.label()));
        tcbDate.ifPresent(date -> json.put("tcbDate", date.toString()));
        ArrayNode advisoryIds = json.putArray("advisories");
        advisories.forEach(advisoryIds::add);
        measurement.ifPresent(m -> {
            ObjectNode registers = json.putObject("measurement");
            m.registers().forEach((register, value) -> registers.put(register.label(), value.hex()));
        });
        reportData.ifPresent(data -> json.put("reportData", data.hex()));
        ArrayNode list = json.putArray("checks");
        checks.forEach(check -> list.addObject()
                .put("id", check.id())
                .put("outcome", check.outcome().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'))
                .put("detail", check.detail()));
        return json.toString();
    }

    /** Several lines for people: the summary, what was found, every check. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(accepted() ? "ACCEPTED " : "REFUSED ").append(kind);
        if (development) {
            text.append("  *** DEVELOPMENT: signed under a development root, no hardware behind it ***");
        }
        text.append("\n  judged at    ").append(judgedAt);
        text.append("\n  evidence     sha256 ").append(evidenceHash.hex());
        text.append("\n  TCB status   ").append(tcbStatus.map(TcbStatus::label).orElse("not derived"));
        tcbDate.ifPresent(date -> text.append(" of ").append(date));
        if (!advisories.isEmpty()) {
            text.append("\n  advisories   ").append(String.join(", ", advisories));
        }
        measurement.ifPresent(m -> text.append("\n  measurement  ").append(m));
        reportData.ifPresent(data -> text.append("\n  report data  ").append(data.hex()));
        for (Check check : checks) {
            text.append("\n  ").append(switch (check.outcome()) {
                case PASSED -> "[ ok ] ";
                case FAILED -> "[FAIL] ";
                case NOT_REACHED -> "[ -- ] ";
            }).append(String.format("%-36s %s", check.id(), check.detail()));
        }
        return text.toString();
    }
}
