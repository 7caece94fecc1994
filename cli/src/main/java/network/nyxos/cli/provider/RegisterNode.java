package network.nyxos.cli.provider;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.node.NodeKeys;
import network.nyxos.node.account.DirectWriter;
import network.nyxos.node.account.NodeAccount;
import network.nyxos.node.account.NodeAccountException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.sava.core.accounts.PublicKey;

/** Registers a node without running it. */
@Command(name = "register", mixinStandardHelpOptions = true, sortOptions = false, description = {"Registers a node with its bond, or changes tiers, receipt key and payout of one that is registered.",
        "`nyxos node run` does the same at its start."})
final class RegisterNode implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Attachment attachment;

    @Option(names = "--keys", paramLabel = "DIR", required = true, description = "The node's keys, as `nyxos node keys` made them.")
    private Path keys;

    @Option(names = "--operator", paramLabel = "FILE", description = "Keypair file of its operator, who owns the bond and pays the fee (default: operator.json of --keys).")
    private Optional<Path> operator = Optional.empty();

    @Option(names = "--tiers", paramLabel = "TIER", split = ",", defaultValue = "open", description = "open, verified or both, separated by a comma (default: ${DEFAULT-VALUE}).")
    private List<String> tiers;

    @Option(names = "--payout", paramLabel = "WALLET", description = "The wallet that is paid (default: the operator's).")
    private Optional<String> payout = Optional.empty();

    @Option(names = "--bond", paramLabel = "AMOUNT", description = "Of the registry's bond mint, for example 1.5 (default: its least).")
    private Optional<String> bond = Optional.empty();

    @Override
    public Integer call() {
        Set<Tier> offered = offered();
        NodeKeys node = NodeKeys.of(Attachment.nodeKeypair(keys.resolve("node.json")), Attachment.nodeKeypair(keys.resolve("receipt.json")));
        Keypair owner = Attachment.nodeKeypair(operator.orElse(keys.resolve("operator.json")));
        PublicKey paid = payout.map(text -> Attachment.key("--payout", text)).orElse(owner.publicKey());
        try (ChainSession chain = attachment.chain()) {
            ChainSession.Registry registry = chain.registry();
            long amount = bond.map(text -> Decimals.parsePositive(text, registry.bond())).orElse(registry.state().minBond());
            boolean present = chain.owned(registry.calls().node(node.node().publicKey()), chain.programs().registry()).isPresent();
            if (!present && registry.state().paused() != 0) {
                throw new StackException("registry_paused", "registry " + registry.config() + " is paused and takes no new node; nothing was sent");
            }
            if (!present) {
                chain.require(owner.publicKey(), registry.bond(), "the bond", amount);
            }
            var sent = new ArrayList<String>();
            Node account = new NodeAccount(chain.rpc(), (intent, plan, wait) -> {
                var outcome = new DirectWriter(chain.rpc(), chain.programs()).execute(intent, plan, wait);
                sent.add(outcome.signature().toString());
                return outcome;
            }, chain.programs(), chain.address(), owner, node).register(offered, paid, amount);
            spec.commandLine().getOut().println("node " + account.nodeKey() + " is " + (sent.isEmpty() ? "registered so already" : present ? "changed" : "registered") + " with a bond of "
                    + registry.bond().text(account.bond()) + " for " + offered.stream().map(Tier::wireName).collect(Collectors.joining(", ")) + ", paid out to " + account.payout()
                    + (sent.isEmpty() ? "" : ", transaction " + String.join(", ", sent)));
        } catch (NodeAccountException e) {
            throw new StackException(e.code(), e.getMessage());
        }
        return 0;
    }

    private Set<Tier> offered() {
        var offered = new TreeSet<Tier>();
        for (String name : tiers) {
            try {
                offered.add(Tier.ofWireName(name.strip()));
            } catch (ProtocolException e) {
                throw new StackException("tier_unknown", "--tiers takes open and verified, not '" + name + "'");
            }
        }
        if (offered.contains(Tier.CONFIDENTIAL)) {
            throw new StackException("evidence_missing", "the confidential tier is registered by `nyxos node run`, which makes the sealing key and has the evidence for it");
        }
        return offered;
    }
}
