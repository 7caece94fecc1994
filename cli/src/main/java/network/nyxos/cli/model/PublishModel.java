package network.nyxos.cli.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.governance.Change;
import network.nyxos.cli.governance.Governing;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.program.registry.Model;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Publishes a model. */
@Command(name = "publish", mixinStandardHelpOptions = true, sortOptions = false, description = {"Publishes a model: its publisher and the registry's authority sign, so that nobody claims another's model.",
        "--key is the authority's; without it, what both have to sign is printed."})
final class PublishModel extends Governing {

    @Parameters(paramLabel = "MODEL", description = "Its id, 64 hex digits.")
    private String model;

    @Option(names = "--publisher", paramLabel = "FILE", required = true, description = "The publisher's keypair file.")
    private Path publisher;

    @Option(names = "--royalty-bps", paramLabel = "N", defaultValue = "0", description = "The royalty in hundredths of a percent of what a job costs, 0 to 3000 (default: ${DEFAULT-VALUE}).")
    private int royalty;

    @Option(names = "--payee", paramLabel = "WALLET", description = "Who gets the royalty (default: the publisher).")
    private Optional<String> payee = Optional.empty();

    @Option(names = "--measurement", paramLabel = "HEX", description = "A measurement, 96 hex digits, under which a confidential node may serve it; at most four (default: any).")
    private List<String> measurements = List.of();

    @Override
    protected Optional<Change> plan(ChainSession chain) {
        Hash id = Attachment.hash("MODEL", model);
        int bps = Published.royalty(royalty);
        List<Measurement> measured = Published.measurements(measurements);
        Keypair owner = Attachment.keypair(publisher);
        PublicKey paid = payee.map(text -> Attachment.key("--payee", text)).orElse(owner.publicKey());
        ChainSession.Registry registry = chain.registry();
        if (chain.owned(chain.programs().model(registry.config(), id), chain.programs().registry()).isPresent()) {
            throw new StackException("model_published", "model " + id + " is published already: `nyxos model show` shows it, its publisher changes it with `nyxos model update`");
        }
        if (registry.state().paused() != 0) {
            throw new StackException("registry_paused", "registry " + registry.config() + " is paused and takes no new model; nothing was sent");
        }
        PublicKey authority = registry.state().authority();
        return Optional.of(new Change("publish model " + id, List.of("from the slot in which it is confirmed " + owner.publicKey() + " is its publisher, for good",
                "royalty " + Published.percent(bps) + " to " + paid + ", at once; a higher one later waits for the unbonding time",
                measured.isEmpty() ? "confidential nodes may serve it under any measurement" : "confidential nodes may serve it under " + measured.size() + " measurements"),
                Optional.of(authority), List.of(owner), rentPayer -> List.of(registry.calls().registerModel(rentPayer, owner.publicKey(), authority, id, bps, paid, measured)), Model.SIZE));
    }
}
