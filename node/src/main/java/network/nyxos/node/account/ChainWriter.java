package network.nyxos.node.account;

import java.time.Duration;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.TransactionPlan;

/** Gets an intent onto the chain: {@code TransactionSender::execute} where there is a database, {@link DirectWriter} where there is none. */
@FunctionalInterface
public interface ChainWriter {
    /**
     * Signs, sends and waits.
     *
     * @param intent what is wanted; the same for every attempt at it
     * @param wait   how long to wait for the end
     * @return the end, or the state it was in when the time was up
     */
    Outcome execute(String intent, TransactionPlan plan, Duration wait);
}
