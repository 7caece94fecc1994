package network.nyxos.node.engine;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.ServiceBody;

/** What is no model: an agent's own service, of which a call is what is sold. */
public non-sealed interface ServiceEngine extends ModelRunner {
    /**
     * Calls the service once.
     *
     * @param job          what the call is for; the same for every node that is given it
     * @param request      what is said to it
     * @param cancellation ends it early with {@link java.util.concurrent.CancellationException}
     * @return what it said
     */
    ServiceBody call(Hash job, ServiceBody request, Cancellation cancellation);
}
