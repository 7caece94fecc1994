package network.nyxos.bench.detection;

import network.nyxos.cli.provider.EngineReplayer;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.program.Digests;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.Engine;
import network.nyxos.relayer.dispute.Replayer;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.gate.NodeCalls;
import network.nyxos.relayer.gate.Replay;
import network.nyxos.relayer.gate.ReplayRules;
import network.nyxos.relayer.gate.Rerun;
import network.nyxos.relayer.gate.Revealed;

/**
 * A job of the verified tier with all that is said of it.
 *
 * @param assignment what the gateway ordered
 * @param receipt    what the node says it did
 * @param revealed   what it opens
 * @param completion what it did
 */
record ServedJob(SignedAssignment assignment, SignedReceipt receipt, Revealed revealed, Completion completion) {
    /** What a second node is given to run. */
    NodeCalls.Order order() {
        return NodeCalls.Order.of(receipt.receipt(), assignment.assignment(), revealed);
    }

    /** Whether what is revealed opens what was committed to. */
    boolean opens() {
        return ReplayRules.reveal(assignment.assignment(), receipt.receipt(), revealed).passed();
    }

    /** What comes out of it on an engine. */
    Rerun run(Engine engine) {
        return switch (new EngineReplayer(() -> engine).run(order())) {
            case Replayer.Result.Ran ran -> ran.rerun();
            case Replayer.Result.Unable unable -> throw new IllegalStateException("a job could not be run again: " + unable.reason());
        };
    }

    /** The papers on which verifiers decide, when a second node's word stands against the receipt's. */
    Accusation accused(Keypair second, Rerun says) {
        Receipt said = receipt.receipt();
        return new Accusation(assignment, receipt, revealed, new Replay(second.publicKey(), order().hash(), says.outputHash(), says.traceRoot(), says.finish(),
                second.sign(Digests.replay(said.jobId(), order().hash(), says.outputHash(), says.traceRoot(), says.finish()))));
    }
}
