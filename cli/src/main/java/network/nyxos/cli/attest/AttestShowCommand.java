package network.nyxos.cli.attest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints every field of one evidence. */
@Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false,
        description = {"Prints every field of a quote or report.", "Nothing is judged: these are the claims of whoever made the file."})
final class AttestShowCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--kind", paramLabel = "KIND", description = "${COMPLETION-CANDIDATES} (default: told from the evidence).")
    private Optional<EvidenceKind> kind = Optional.empty();

    @Option(names = "--json", description = "Print the fields as one JSON object.")
    private boolean json;

    @Parameters(paramLabel = "FILE", description = "Binary, hexadecimal or base64.")
    private Path file;

    @Override
    public Integer call() {
        Map<String, String> fields = EvidenceFields.of(kind, EvidenceFiles.evidence(file));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            fields.forEach(object::put);
            out.println(object);
        } else {
            fields.forEach((name, value) -> out.printf("%-34s %s%n", name, value));
        }
        out.flush();
        return 0;
    }
}
