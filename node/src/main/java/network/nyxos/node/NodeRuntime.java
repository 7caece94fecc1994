package network.nyxos.node;

import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.dispute.Accusations;
import network.nyxos.node.engine.ModelRunner;
import network.nyxos.node.evidence.EvidenceSource;
import network.nyxos.node.job.AssignmentRules;
import network.nyxos.node.job.ReceiptWriter;
import network.nyxos.node.job.RevealMemory;
import network.nyxos.node.outbox.ReceiptOutbox;
import network.nyxos.node.outbox.UnsettledJobs;

/**
 * What all desks of a node share.
 *
 * @param engines   by model id
 * @param slots     one permit a job that may run
 * @param quoteHash of the evidence that the relayer has, or zero
 * @param accusations disputes that it opens; empty where it opens none
 */
record NodeRuntime(NodeConfig config, NodeKeys keys, Map<Hash, ModelRunner> runners, Optional<EvidenceSource> evidence, AssignmentRules rules,
        ReceiptWriter receipts, ReceiptOutbox outbox, UnsettledJobs unsettled, RevealMemory memory, Semaphore slots, AtomicReference<Hash> quoteHash,
        AtomicReference<Optional<Accusations>> accusations, ScheduledExecutorService timer, InstantSource clock, NodeEvents events) {
}
