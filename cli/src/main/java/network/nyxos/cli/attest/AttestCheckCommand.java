package network.nyxos.cli.attest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import network.nyxos.cli.up.StackException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Judges every vector of a manifest. */
@Command(name = "check", mixinStandardHelpOptions = true, description = {
        "Judges all vectors of a manifest under the strict policy (UpToDate only, no debug), each at its own time and under its own root.",
        "Prints one JSON line for each: id, verdict (ACCEPT or REJECT), status, reason; and a count on the error stream.",
        "Exit code 0 when all were judged and none differs from what the manifest expects; 1 otherwise."})
final class AttestCheckCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MANIFEST", description = "JSON with \"vectors\"; its files lie beside it.")
    private Path manifest;

    @Override
    public Integer call() {
        Path folder = manifest.toAbsolutePath().getParent();
        PrintWriter out = spec.commandLine().getOut();
        int accepted = 0;
        int unsupported = 0;
        int differing = 0;
        int all = 0;
        for (JsonNode vector : vectors()) {
            VectorResult result = new VectorJudge(folder, vector).judge();
            out.println(JsonNodeFactory.instance.objectNode().put("id", result.id()).put("verdict", result.accepted() ? "ACCEPT" : "REJECT")
                    .put("status", result.status().orElse(null)).put("reason", result.reason()));
            all++;
            accepted += result.accepted() ? 1 : 0;
            unsupported += result.supported() ? 0 : 1;
            differing += result.differs() ? 1 : 0;
        }
        out.flush();
        PrintWriter err = spec.commandLine().getErr();
        err.println(all + " vectors: " + accepted + " accepted, " + (all - accepted - unsupported) + " rejected, " + unsupported + " not supported yet (rejected); "
                + differing + " differ from the manifest");
        err.flush();
        return unsupported == 0 && differing == 0 ? 0 : 1;
    }

    private JsonNode vectors() {
        try {
            JsonNode vectors = JsonMapper.builder().build().readTree(EvidenceFiles.text(manifest)).path("vectors");
            if (!vectors.isArray() || vectors.isEmpty()) {
                throw new StackException("manifest_malformed", manifest + " has no \"vectors\"");
            }
            return vectors;
        } catch (JsonProcessingException e) {
            throw new StackException("manifest_malformed", manifest + " is not JSON: " + e.getOriginalMessage());
        }
    }
}
