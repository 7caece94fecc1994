package network.nyxos.cli.upkeep;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.escrow.program.escrow.Pool;
import software.sava.core.accounts.PublicKey;

/** A pool on chain. */
record PoolAt(ChainSession chain, Mint mint, PoolCalls calls, Pool account) {

    /** Names of a batch's states, from 1 on. */
    static final List<String> STATES = List.of("posted", "final", "void");
    static final int POSTED = 1;
    static final int FINAL = 2;
    static final int VOID = 3;

    /** @throws StackException {@code mint_unknown}, {@code pool_absent} */
    static PoolAt of(ChainSession chain, PublicKey address) {
        Mint mint = chain.mint(address);
        PoolCalls calls = chain.pool(mint);
        return new PoolAt(chain, mint, calls, chain.owned(calls.pool(), chain.programs().escrow()).map(account -> Pool.decode(account.data())).orElseThrow());
    }

    Optional<Batch> batch(long seq) {
        return chain.owned(calls.batch(seq), chain.programs().escrow()).map(account -> Batch.decode(account.data()));
    }

    /** @throws StackException {@code batch_unknown} */
    Batch require(long seq) {
        return batch(seq).orElseThrow(() -> new StackException("batch_unknown", "there is no batch " + seq + " of " + mint.symbol() + " on chain (any more); the next one is "
                + account.nextSeq()));
    }
}
