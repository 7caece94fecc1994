package network.nyxos.cli.model;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Models in the registry. */
@Command(name = "model", mixinStandardHelpOptions = true, description = {"Publishes models in the market's registry, changes and shows them.",
        "A model's id is the hash of weights, tokenizer and engine; `nyxos node run` says it."}, subcommands = {PublishModel.class, UpdateModel.class, RetireModel.class, ShowModel.class, ListModels.class})
public final class ModelCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command: " + String.join(", ", spec.subcommands().keySet()));
    }
}
