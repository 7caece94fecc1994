package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.Optional;
import java.util.SequencedMap;

/// A batch of receipts and the credits it ends with.
///
/// @param address address of the account
/// @param pool its pool
/// @param seq from 1
/// @param state its state
/// @param poster who posted it
/// @param receiptsRoot hex
/// @param receiptsCount receipts under the root
/// @param creditRoot hex
/// @param creditSum cumulative credits, base units
/// @param payeeCount leaves under the credit root
/// @param postedSlot slot of posting
/// @param finalSlot finalisable from
/// @param voidReason why the verifiers voided it
/// @param fault what a challenge has shown that it did wrong; {@link network.nyxos.escrow.program.BatchFault} tells which
/// @param challenger who showed it
/// @param closed whether the account is closed; a later final batch carries its credits
public record BatchRow(String address, String pool, BigInteger seq, BatchState state, String poster, String receiptsRoot, long receiptsCount,
    String creditRoot, BigInteger creditSum, long payeeCount, BigInteger postedSlot, BigInteger finalSlot, Optional<Integer> voidReason, Optional<Integer> fault,
    Optional<String> challenger, boolean closed)
    implements Row {
    @Override
    public String table() {
        return "batch";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("pool", pool).with("seq", seq).with("state", state.wireName()).with("poster", poster)
            .with("receipts_root", receiptsRoot).with("receipts_count", receiptsCount).with("credit_root", creditRoot).with("credit_sum", creditSum)
            .with("payee_count", payeeCount).with("posted_slot", postedSlot).with("final_slot", finalSlot).with("void_reason", voidReason)
            .with("fault", fault).with("challenger", challenger).with("closed", closed).done();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    BatchRow withState(BatchState next, Optional<Integer> reason) {
        return new BatchRow(address, pool, seq, next, poster, receiptsRoot, receiptsCount, creditRoot, creditSum, payeeCount, postedSlot, finalSlot, reason,
            fault, challenger, closed);
    }

    BatchRow challenged(int shown, String by) {
        return new BatchRow(address, pool, seq, BatchState.VOID, poster, receiptsRoot, receiptsCount, creditRoot, creditSum, payeeCount, postedSlot, finalSlot,
            voidReason, Optional.of(shown), Optional.of(by), closed);
    }

    BatchRow gone() {
        return new BatchRow(address, pool, seq, state, poster, receiptsRoot, receiptsCount, creditRoot, creditSum, payeeCount, postedSlot, finalSlot, voidReason,
            fault, challenger, true);
    }
}
