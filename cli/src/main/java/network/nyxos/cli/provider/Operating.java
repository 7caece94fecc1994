package network.nyxos.cli.provider;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.registry.Node;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/** What an operator does with a node that is registered: each looks at the node first, and sends nothing that the chain would refuse. */
abstract class Operating implements Callable<Integer> {

    /**
     * A node as it stands.
     *
     * @param key      its key
     * @param account  its account
     * @param operator who owns its bond, at hand
     * @param slot     the chain's slot
     */
    record Standing(ChainSession chain, ChainSession.Registry registry, PublicKey key, Node account, Keypair operator, long slot) {

        BondState state() {
            return BondState.of(account.state());
        }

        String bond() {
            return registry.bond().text(account.bond());
        }

        /** @throws StackException {@code node_state} */
        void require(BondState state, String why) {
            if (state() != state) {
                throw new StackException("node_state", "node " + key + " is " + state() + ": " + why);
            }
        }

        /** Sends in the operator's name. */
        Signature send(String what, Instruction... instructions) {
            return chain.send(what + " " + key, List.of(instructions), operator);
        }
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private Attachment attachment;

    @ArgGroup(multiplicity = "1")
    private WhichNode which;

    @Option(names = "--operator", paramLabel = "FILE", description = "Keypair file of its operator, who also pays the fee (default: operator.json of --keys).")
    private Optional<Path> operator = Optional.empty();

    /** Standard output. */
    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    @Override
    public final Integer call() {
        PublicKey key = which.key();
        Keypair owner = Attachment.nodeKeypair(operator.or(which::operator)
                .orElseThrow(() -> new StackException("operator_missing", "who operates the node? Give --operator, or --keys with the node's folder")));
        try (ChainSession chain = attachment.chain()) {
            ChainSession.Registry registry = chain.registry();
            Node account = chain.node(key);
            if (!account.operator().equals(owner.publicKey())) {
                throw new StackException("operator_other", "node " + key + " is operated by " + account.operator() + ", not " + owner.publicKey());
            }
            run(new Standing(chain, registry, key, account, owner, chain.slot()));
        }
        out().flush();
        return 0;
    }

    /** Does it. */
    abstract void run(Standing node);
}
