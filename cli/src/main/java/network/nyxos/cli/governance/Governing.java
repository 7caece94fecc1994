package network.nyxos.cli.governance;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.SigningRequest;
import network.nyxos.cli.attach.Submission;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.sava.core.accounts.PublicKey;

/**
 * A change that somebody in charge makes: told first with what will hold from when, then signed with the key at hand, or, where that is not at hand, printed for whoever has it, for
 * example the members of a multisig.
 */
public abstract class Governing implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Attachment attachment;

    @Option(names = "--key", paramLabel = "FILE", description = "Keypair file of who has to sign. Without it nothing is sent and what has to be signed is printed, for a multisig.")
    private Optional<Path> key = Optional.empty();

    @Option(names = "--payer", paramLabel = "FILE", description = "Keypair file of who pays fee and rent (default: --key).")
    private Optional<Path> payer = Optional.empty();

    @Option(names = "--priority-fee", paramLabel = "N", defaultValue = "0", description = "Millionths of a lamport for a compute unit, on a busy cluster (default: ${DEFAULT-VALUE}).")
    private long price;

    @Option(names = "--yes", description = "Do what is told. Without it nothing is sent.")
    private boolean yes;

    /**
     * Looks at the chain and decides; empty where all is as it should be, which it has {@linkplain #tell told} then.
     *
     * @throws StackException where it cannot be done
     */
    protected abstract Optional<Change> plan(ChainSession chain);

    /** Says a line. */
    protected final void tell(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    @Override
    public final Integer call() {
        try (ChainSession chain = attachment.chain()) {
            Optional<Change> planned = plan(chain);
            if (planned.isEmpty()) {
                return 0;
            }
            Change change = planned.get();
            Optional<Keypair> signer = key.map(Attachment::keypair);
            change.signer().ifPresent(wanted -> signer.filter(given -> !given.publicKey().equals(wanted)).ifPresent(given -> {
                throw new StackException("authority_wrong", wanted + " has to sign this, --key is of " + given.publicKey());
            }));
            tell(change.what() + ":");
            change.holds().forEach(line -> tell("  " + line));
            if (change.signer().isPresent() && signer.isEmpty()) {
                PublicKey wanted = change.signer().get();
                tell("NOT done: " + wanted + " has to sign; give its keypair file with --key, or, where it is a multisig:");
                new SigningRequest(wanted, change.instructions().apply(wanted)).lines(chain.rpc()).forEach(this::tell);
                return 1;
            }
            tell("done: " + change.what() + ", transaction " + send(chain, change, signer));
        }
        return 0;
    }

    private Signature send(ChainSession chain, Change change, Optional<Keypair> signer) {
        Keypair fees = payer.map(Attachment::keypair).or(() -> signer)
                .orElseThrow(() -> new StackException("payer_missing", "anybody may send this; give --payer, the keypair file of who pays the fee"));
        Keypair[] others = Stream.concat(signer.stream(), change.also().stream()).filter(other -> !other.publicKey().equals(fees.publicKey())).toArray(Keypair[]::new);
        Submission submission = Submission.of(chain.rpc(), chain.programs(), fees, price);
        long cost = Math.addExact(submission.fee(1 + others.length), change.size() == 0 ? 0 : chain.rpc().minimumRent(change.size()));
        submission.agree(cost, cost, yes, spec.commandLine().getOut());
        return submission.send(change.what(), change.instructions().apply(fees.publicKey()), others);
    }
}
