package network.nyxos.cli.validator;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import software.sava.core.accounts.PublicKey;

/** Registers a validator. */
@Command(name = "register", mixinStandardHelpOptions = true, sortOptions = false, description = "Registers a validator with its bond. --wallet is its operator's, who owns the bond; the validator's key signs, too.")
final class RegisterValidator extends Sending {

    @Option(names = "--validator", paramLabel = "FILE", required = true, description = "The validator's keypair file; `nyxos wallet new FILE` makes one.")
    private Path validator;

    @Option(names = "--payout", paramLabel = "WALLET", description = "The wallet that what it earns is credited to (default: the operator's).")
    private Optional<String> payout = Optional.empty();

    @Option(names = "--bond", paramLabel = "AMOUNT", description = "Of the registry's bond mint, for example 1.5 (default: its least).")
    private Optional<String> bond = Optional.empty();

    @Override
    protected void run(ChainSession chain) {
        Keypair key = Attachment.keypair(validator);
        Keypair operator = wallet();
        PublicKey paid = payout.map(text -> Attachment.key("--payout", text)).orElse(operator.publicKey());
        ChainSession.Registry registry = chain.registry();
        long least = registry.state().minValidatorBond();
        long amount = bond.map(text -> Decimals.parsePositive(text, registry.bond())).orElse(least);
        if (Standing.find(chain, registry, key.publicKey()).isPresent()) {
            throw new StackException("validator_registered", "validator " + key.publicKey() + " is registered already: `nyxos validator show` shows it");
        }
        if (registry.state().paused() != 0) {
            throw new StackException("registry_paused", "registry " + registry.config() + " is paused and takes no new validator; nothing was sent");
        }
        if (amount < least) {
            throw new StackException("bond_too_low", "the bond is " + registry.bond().text(amount) + ", the registry asks a validator for " + registry.bond().text(least));
        }
        chain.require(operator.publicKey(), registry.bond(), "the bond", amount);
        Keypair fees = feePayer();
        Signature signature = chain.send("register validator " + key.publicKey(), List.of(registry.calls().registerValidator(fees.publicKey(), operator.publicKey(), key.publicKey(), paid, amount)),
                fees, operator, key);
        done("validator " + key.publicKey() + " is registered with a bond of " + registry.bond().text(amount) + ", paid out to " + paid, signature);
    }
}
