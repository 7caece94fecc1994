package network.nyxos.cli.attest;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.eventlog.EventLog;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.cli.attach.InputFiles;
import network.nyxos.cli.up.StackException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Judges one evidence. */
@Command(name = "verify", mixinStandardHelpOptions = true, sortOptions = false,
        description = {"Judges evidence of a TEE, with every check named.", "Exit code 0 only for evidence that is trusted; 1 for any other."})
final class AttestVerifyCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--kind", required = true, paramLabel = "KIND", description = "${COMPLETION-CANDIDATES}.")
    private EvidenceKind kind;

    @Option(names = "--evidence", required = true, paramLabel = "FILE", description = "Quote, report or token: binary, hexadecimal or base64.")
    private Path evidence;

    @Option(names = "--collateral", paramLabel = "FILE", arity = "1..*", description = {"What belongs to it, in any order.",
            "tdx: collateral as JSON; snp: VCEK or VLEK, ASK or ASVK, ARK and perhaps AMD's revocation list, DER or PEM, or all as JSON;",
            "nvidia: certificate chain in PEM, reference manifests in XML, revocation lists; nras: the service's keys as a JSON Web Key Set."})
    private List<Path> collateral = List.of();

    @Option(names = "--devices", paramLabel = "FILE", description = {"tdx, snp: the machine's GPUs as JSON, as a batch's or a proof's evidence has them (devices).",
            "They are judged with it where the policy has gpuRequired."})
    private Optional<Path> devices = Optional.empty();

    @Option(names = "--event-log", paramLabel = "FILE", description = "tdx: what was extended into RTMR0 to RTMR3, CCEL or dstack's JSON; refused unless its replay gives the quote's.")
    private Optional<Path> eventLog = Optional.empty();

    @Option(names = "--root", paramLabel = "CERT", description = {"Trust this root alone, DER or PEM, instead of the policy's.",
            "One that is no maker's is taken because you name it; the verdict then says that no hardware is known behind it."})
    private Optional<Path> root = Optional.empty();

    @Option(names = "--nonce", paramLabel = "HEX", description = "tdx, snp: the report data, 64 bytes; a shorter one is followed by zeros. nvidia, nras: the nonce, 32 bytes.")
    private Optional<String> nonce = Optional.empty();

    @Option(names = "--policy", paramLabel = "FILE", description = "What is accepted, JSON or (.yaml, .yml) YAML. Without it: strict.")
    private Optional<Path> policy = Optional.empty();

    @Option(names = "--at", paramLabel = "TIME", description = "Judge at this time, ISO 8601 in UTC or seconds since 1970 (default: now).")
    private Optional<String> at = Optional.empty();

    @Option(names = "--json", description = "Print the verdict as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        Judge judge = new Judge(policy, root.map(EvidenceFiles::certificate), nonce.map(AttestVerifyCommand::hex), at.map(AttestVerifyCommand::time).orElseGet(Instant::now));
        if (eventLog.isPresent() && kind != EvidenceKind.TDX) {
            throw new StackException("option_unsupported", "--event-log belongs to --kind tdx: no other evidence has registers that events are extended into");
        }
        Verdict quoted = judge.judge(kind, evidence, collateral, devices);
        Verdict verdict = eventLog.map(file -> EventLog.parse(Bytes.of(InputFiles.bytes(file))).judged(quoted)).orElse(quoted);
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? verdict.toJson() : verdict.toString());
        out.flush();
        return verdict.accepted() ? 0 : 1;
    }

    private static Bytes hex(String text) {
        try {
            return Bytes.fromHex(text.startsWith("0x") ? text.substring(2) : text);
        } catch (AttestationException e) {
            throw new StackException("nonce_malformed", "--nonce takes hexadecimal digits, not '" + text + "'");
        }
    }

    private static Instant time(String text) {
        try {
            return text.matches("\\d{1,11}") ? Instant.ofEpochSecond(Long.parseLong(text)) : Instant.parse(text);
        } catch (DateTimeException e) {
            throw new StackException("time_malformed", "--at takes a time such as 2026-05-01T12:00:00Z or seconds since 1970, not '" + text + "'");
        }
    }
}
