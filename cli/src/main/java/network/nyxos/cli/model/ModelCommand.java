package network.nyxos.cli.model;

import network.nyxos.cli.attach.CommandGroup;
import picocli.CommandLine.Command;

/** Models in the registry. */
@Command(name = "model", mixinStandardHelpOptions = true, description = {"Publishes models in the market's registry, changes and shows them.",
        "A model's id is the hash of weights, tokenizer and engine; `nyxos node run` says it."}, subcommands = {PublishModel.class, UpdateModel.class, RetireModel.class, ShowModel.class, ListModels.class})
public final class ModelCommand extends CommandGroup {
}
