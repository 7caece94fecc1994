package network.nyxos.cli.dispute;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.attach.InputFiles;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.check.PapersFile;
import network.nyxos.cli.provider.EngineReplayer;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.program.DisputeCalls;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.node.account.DirectWriter;
import network.nyxos.node.account.NodeAccountException;
import network.nyxos.node.dispute.Accuser;
import network.nyxos.node.dispute.DoubtedReceipt;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.dispute.AccuserPlayer;
import network.nyxos.node.engine.dispute.Recomputation;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.gate.Revealed;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Accuses a node and plays the whole dispute. */
@Command(name = "open", mixinStandardHelpOptions = true, sortOptions = false, description = {"Runs a job again and, where the node's receipt is wrong, disputes it before the registry's program until it is decided.",
        "Goes on by itself where the same dispute is open already: interrupted, it is run again. A node that is right is not accused."})
final class OpenDispute extends Sending {

    private static final Duration POLL = Duration.ofMillis(400);

    @Parameters(paramLabel = "PAPERS", description = "The dispute's papers, as `nyxos verify --dispute HASH --save DIR` keeps them.")
    private Path papers;

    @Option(names = "--weights", paramLabel = "FILE", description = "The model's weights (default: SmolLM2-135M-Instruct, fetched once).")
    private Optional<Path> weights = Optional.empty();

    @Mixin
    private Consent consent;

    @Override
    protected void run(ChainSession chain) {
        Accusation accusation = PapersFile.read(InputFiles.bytes(papers), papers.toString());
        SignedReceipt receipt = accusation.receipt();
        try (Engine engine = EngineReplayer.open(weights, line -> { })) {
            if (!(engine instanceof DeterministicEngine deterministic) || !engine.model().id().equals(receipt.receipt().modelId().hex())) {
                throw new StackException("model_other", "here runs model " + engine.model().id() + ", the receipt is of model " + receipt.receipt().modelId() + ": give its file with --weights");
            }
            play(chain, accusation, deterministic.loaded());
        } catch (EngineException e) {
            throw new StackException(e.code().wire(), e.getMessage());
        } catch (NodeAccountException e) {
            throw new StackException(e.code(), e.getMessage());
        }
    }

    private void play(ChainSession chain, Accusation accusation, Model model) {
        Receipt receipt = accusation.receipt().receipt();
        Revealed revealed = accusation.revealed();
        var doubted = new DoubtedReceipt(accusation.assignment(), accusation.receipt(), revealed.salt(), revealed.promptIds(), revealed.outputIds(), revealed.constraints());
        ChainSession.Registry registry = chain.registry();
        if (registry.state().answerSlots() == 0) {
            throw new StackException("disputes_off", "registry " + registry.config() + " has no disputes (answer_slots is 0)");
        }
        Recomputation honest = Recomputation.of(model, model.decoder().weightsTree(), doubted.job());
        DisputeCalls calls = registry.calls().dispute(receipt.node(), receipt.hash(), wallet().publicKey());
        boolean goesOn = chain.owned(calls.address(), chain.programs().registry()).isPresent();
        if (!goesOn) {
            AccuserPlayer.Doubt doubt = new AccuserPlayer(honest, doubted.claim()).doubt();
            if (doubt == AccuserPlayer.Doubt.NONE) {
                throw new StackException("nothing_wrong", "node " + receipt.node() + " computed job " + receipt.jobId() + " as it says: whoever accuses it loses the stake");
            }
            long stake = registry.state().minBond();
            chain.require(wallet().publicKey(), registry.bond(), "the stake", stake);
            consent.ask(out(), List.of("node " + receipt.node() + " is accused of " + (doubt == AccuserPlayer.Doubt.LAST ? "having chosen the last token wrongly" : "having computed job " + receipt.jobId() + " wrongly"),
                    "the stake of " + registry.bond().text(stake) + " comes back, and half of the node's bond with it, when that is proved; who stops before loses it", "dispute " + calls.address()));
        }
        var accuser = new Accuser(chain.rpc(), new DirectWriter(chain.rpc(), chain.programs()), chain.programs(), calls, wallet(),
                doubted.papers(signer(chain, doubted, goesOn), model.template().hash()), () -> new AccuserPlayer(honest, doubted.claim()), this::say);
        RegistryEvent.DisputeEnded end = played(accuser);
        accuser.clear();
        out().println("dispute " + calls.address() + " is over: " + switch (end.outcome()) {
            case Accuser.PROVEN -> "proved; the node lost its bond, " + registry.bond().text(end.reward()) + " of it to " + end.accuser();
            case Accuser.NODE_SILENT -> "the node was silent and lost its bond, " + registry.bond().text(end.reward()) + " of it to " + end.accuser();
            default -> "the stake is lost";
        });
    }

    /** The key that signed the receipt; of a dispute that is open it does not matter any more. */
    private static PublicKey signer(ChainSession chain, DoubtedReceipt doubted, boolean goesOn) {
        Node node = chain.node(doubted.receipt().receipt().node());
        return doubted.signer(node, chain.slot()).or(() -> Optional.of(node.receiptKey()).filter(_ -> goesOn))
                .orElseThrow(() -> new StackException("receipt_signer", "the receipt is signed by neither receipt key of node " + node.nodeKey()));
    }

    private RegistryEvent.DisputeEnded played(Accuser accuser) {
        while (true) {
            Optional<RegistryEvent.DisputeEnded> end = accuser.step();
            if (end.isPresent()) {
                return end.get();
            }
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StackException("interrupted", "stopped; the dispute goes on: run the command again before the time for the next move is over");
            }
        }
    }

    private void say(String line) {
        out().println(line);
        out().flush();
    }
}
