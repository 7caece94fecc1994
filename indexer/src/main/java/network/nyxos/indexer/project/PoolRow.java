package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.SequencedMap;

/// A pool: one mint of a market. Sums are over all time, base units.
///
/// @param address address of the account
/// @param market its market
/// @param mint its mint
/// @param tokenProgram token program of the mint
/// @param vault token account that earnings are paid from
/// @param depositVault token account of the deposits
/// @param decimals of the mint
/// @param deposited put into escrows
/// @param settled collected: moved from deposits into the vault
/// @param exited returned to payers
/// @param inflow ever received by the vault
/// @param credited sum of the last final credit root
/// @param claimed paid out
/// @param nextSeq sequence of the next batch
/// @param pendingSeq batch in its window; 0 = none
/// @param finalSeq last final batch; 0 = none
/// @param lastPostSlot slot of the last posted batch
/// @param uncollected settled by escrows that were closed since, not yet moved into the vault
/// @param direct paid out of deposits to nodes and treasury, past the vault
public record PoolRow(String address, String market, String mint, String tokenProgram, String vault, String depositVault, int decimals, BigInteger deposited,
    BigInteger settled, BigInteger exited, BigInteger inflow, BigInteger credited, BigInteger claimed, BigInteger nextSeq,
    BigInteger pendingSeq, BigInteger finalSeq, BigInteger lastPostSlot, BigInteger uncollected, BigInteger direct) implements Row {
    @Override
    public String table() {
        return "pool";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("market", market).with("mint", mint).with("token_program", tokenProgram).with("vault", vault)
            .with("deposit_vault", depositVault).with("decimals", decimals).with("deposited", deposited).with("settled", settled)
            .with("exited", exited).with("inflow", inflow).with("credited", credited).with("claimed", claimed).with("next_seq", nextSeq)
            .with("pending_seq", pendingSeq).with("final_seq", finalSeq).with("last_post_slot", lastPostSlot)
            .with("uncollected", uncollected).with("direct", direct).done();
    }

    PoolRow withDeposits(BigInteger nextDeposited, BigInteger nextSettled, BigInteger nextExited) {
        return new PoolRow(address, market, mint, tokenProgram, vault, depositVault, decimals, nextDeposited, nextSettled, nextExited, inflow, credited,
            claimed, nextSeq, pendingSeq, finalSeq, lastPostSlot, uncollected, direct);
    }

    PoolRow withEarnings(BigInteger nextInflow, BigInteger nextCredited, BigInteger nextClaimed) {
        return new PoolRow(address, market, mint, tokenProgram, vault, depositVault, decimals, deposited, settled, exited, nextInflow, nextCredited,
            nextClaimed, nextSeq, pendingSeq, finalSeq, lastPostSlot, uncollected, direct);
    }

    PoolRow withBatches(BigInteger next, BigInteger pending, BigInteger finished, BigInteger postSlot) {
        return new PoolRow(address, market, mint, tokenProgram, vault, depositVault, decimals, deposited, settled, exited, inflow, credited, claimed, next,
            pending, finished, postSlot, uncollected, direct);
    }

    PoolRow withUncollected(BigInteger sum) {
        return new PoolRow(address, market, mint, tokenProgram, vault, depositVault, decimals, deposited, settled, exited, inflow, credited, claimed, nextSeq,
            pendingSeq, finalSeq, lastPostSlot, sum, direct);
    }

    PoolRow withDirect(BigInteger sum) {
        return new PoolRow(address, market, mint, tokenProgram, vault, depositVault, decimals, deposited, settled, exited, inflow, credited, claimed, nextSeq,
            pendingSeq, finalSeq, lastPostSlot, uncollected, sum);
    }
}
