package network.nyxos.relayer.gate;

import java.time.InstantSource;
import java.util.Set;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.relayer.job.GatewayRecord;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// Where gateways' records and nodes' receipts come in: refuses what can never count, stores the rest once.
public final class Intake {
    private final Set<PublicKey> gateways;
    private final Set<PublicKey> mints;
    private final JobStore store;
    private final ChainFacts chain;
    private final Runnable wake;
    private final InstantSource clock;

    /// @param gateways whose records and assignments count
    /// @param mints    that have a pool here
    /// @param wake     is run when there is something new for the gate
    public Intake(Set<PublicKey> gateways, Set<PublicKey> mints, JobStore store, ChainFacts chain, Runnable wake, InstantSource clock) {
        this.gateways = Set.copyOf(gateways);
        this.mints = Set.copyOf(mints);
        this.store = store;
        this.chain = chain;
        this.wake = wake;
        this.clock = clock;
    }

    /// Takes a record.
    ///
    /// @param gateway who signed it
    /// @throws network.nyxos.escrow.ProtocolException with the code of what is wrong with the record itself
    public JobStore.Intake record(PublicKey gateway, JobRecord said) {
        if (!gateways.contains(gateway)) {
            return conflict("gateway_unknown", gateway + " is not one of the configured gateways");
        }
        if (!mints.contains(said.payment().mint())) {
            return conflict("mint_unknown", "mint " + said.payment().mint() + " has no pool here");
        }
        JobStore.Intake taken = store.record(GatewayRecord.accept(gateway, said), clock.millis());
        wake.run();
        return taken;
    }

    /// Takes a receipt.
    ///
    /// @param from the node that is on the link
    public JobStore.Intake receipt(PublicKey from, WireMessage.OfferReceipt offer) {
        Assignment order = offer.assignment().assignment();
        Receipt receipt = offer.receipt().receipt();
        if (!receipt.node().equals(from) || !order.node().equals(from)) {
            return conflict("receipt_node", "the receipt or its assignment is of another node");
        }
        if (!gateways.contains(order.gateway())) {
            return conflict("gateway_unknown", "the assignment is of gateway " + order.gateway() + ", which is not one of the configured gateways");
        }
        if (!offer.assignment().verify()) {
            return conflict("assignment_signature", "the assignment's signature is not the gateway's");
        }
        if (!receipt.jobId().equals(order.jobId()) || !receipt.assignmentHash().equals(order.digest())) {
            return conflict("receipt_assignment", "the receipt does not answer this assignment");
        }
        JobStore.Intake taken = store.receipt(offer.receipt(), offer.assignment(), chain.tip(), clock.millis());
        wake.run();
        return taken;
    }

    private static JobStore.Intake conflict(String code, String message) {
        return new JobStore.Intake.Conflict(new Reason(code, message));
    }
}
