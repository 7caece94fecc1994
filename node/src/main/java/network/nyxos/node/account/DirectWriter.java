package network.nyxos.node.account;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.LatestBlockhash;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.ProgramError;
import network.nyxos.chain.RpcException;
import network.nyxos.chain.SignatureStatus;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionError;
import network.nyxos.chain.TransactionPlan;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.transaction.SignedTransaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends without a database: for a node that stands alone.
 *
 * <p>Only for what the programs themselves make idempotent, which registration (one account a node key) and claims
 * (cumulative amounts) are: whoever does not know an outcome reads the chain and asks again. One transaction is signed a
 * call, and the same bytes are sent again until it is confirmed or the time is up.
 */
public final class DirectWriter implements ChainWriter {
    private static final Logger LOG = LoggerFactory.getLogger(DirectWriter.class);
    private static final Duration POLL = Duration.ofMillis(300);
    private static final int POLLS_A_BROADCAST = 7;

    private final SolanaRpc rpc;
    private final Programs programs;

    /** @param programs whose errors are named in outcomes */
    public DirectWriter(SolanaRpc rpc, Programs programs) {
        this.rpc = rpc;
        this.programs = programs;
    }

    @Override
    public Outcome execute(String intent, TransactionPlan plan, Duration wait) {
        LatestBlockhash latest = rpc.latestBlockhash(Commitment.CONFIRMED);
        SignedTransaction transaction = plan.sign(latest.blockhash());
        Signature signature = transaction.signature();
        rpc.send(transaction, false);
        long deadline = System.nanoTime() + wait.toNanos();
        for (int poll = 1; System.nanoTime() < deadline; poll++) {
            try {
                Optional<SignatureStatus> status = status(signature, false);
                if (status.isEmpty() && rpc.blockHeight(Commitment.FINALIZED) > latest.lastValidBlockHeight()) {
                    // No later block can hold it, and all that could are final: what is not there now never will be.
                    status = status(signature, true);
                    if (status.isEmpty()) {
                        return new Outcome(intent, 1, Outcome.State.EXPIRED, signature, OptionalLong.empty(), Optional.empty(), Optional.empty());
                    }
                }
                if (status.isPresent() && status.get().isConfirmed()) {
                    return ended(intent, transaction, status.get());
                }
                if (poll % POLLS_A_BROADCAST == 0) {
                    rpc.send(transaction, true);
                }
            } catch (RpcException e) {
                LOG.warn("{}: the chain could not be asked about {}, tried again: {}", intent, signature, e.getMessage());
            }
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        return new Outcome(intent, 1, Outcome.State.UNKNOWN, signature, OptionalLong.empty(), Optional.empty(), Optional.empty());
    }

    private Optional<SignatureStatus> status(Signature signature, boolean history) {
        return rpc.signatureStatuses(List.of(signature), history).statuses().getFirst();
    }

    private Outcome ended(String intent, SignedTransaction transaction, SignatureStatus status) {
        Optional<TransactionError> error = status.error();
        return new Outcome(intent, 1, error.isPresent() ? Outcome.State.FAILED : Outcome.State.CONFIRMED, transaction.signature(),
                OptionalLong.of(status.slot()), error, error.flatMap(e -> ProgramError.of(e, transaction.wire(), programs)));
    }
}
