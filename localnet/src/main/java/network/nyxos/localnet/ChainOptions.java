package network.nyxos.localnet;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;

/**
 * How a {@link LocalChain} runs.
 *
 * @param slotMillis    milliseconds a slot lasts; 0: slots pass only by {@link LocalChain#advanceSlots(long)}
 * @param finalitySlots slots until a transaction counts as finalized, 0 to 32; a cluster takes about 32
 * @param genesisHash   what {@code getGenesisHash} answers, in base58
 * @param faucetSol     SOL in the faucet at genesis, 0 (no airdrops) to 500,000,000
 * @param historyLimit  transactions remembered at least; older ones are forgotten
 * @param clock         where block times come from
 * @param data          the directory the chain lives in and resumes from; empty: in memory only
 */
public record ChainOptions(
        int slotMillis,
        int finalitySlots,
        String genesisHash,
        long faucetSol,
        int historyLimit,
        InstantSource clock,
        Optional<Path> data) {

    /** Devnet's genesis hash, so that clients which know the clusters by it take this chain for devnet. */
    public static final String DEVNET_GENESIS_HASH = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG";

    public ChainOptions {
        if (slotMillis < 0) {
            throw new IllegalArgumentException("slotMillis is " + slotMillis + ", must not be negative");
        }
        if (finalitySlots < 0 || finalitySlots > 32) {
            throw new IllegalArgumentException("finalitySlots is " + finalitySlots + ", must be 0 to 32");
        }
        if (faucetSol < 0 || faucetSol > 500_000_000) {
            throw new IllegalArgumentException("faucetSol is " + faucetSol + ", must be 0 to 500000000");
        }
        if (historyLimit < 1) {
            throw new IllegalArgumentException("historyLimit is " + historyLimit + ", must be at least 1");
        }
        Objects.requireNonNull(genesisHash, "genesisHash");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(data, "data");
    }

    /** A slot every 400 ms, final after 2, devnet's genesis hash, 100,000,000 SOL in the faucet, in memory. */
    public static ChainOptions defaults() {
        return new ChainOptions(400, 2, DEVNET_GENESIS_HASH, 100_000_000L, 100_000, InstantSource.system(), Optional.empty());
    }

    /** The same with slots that pass only by {@link LocalChain#advanceSlots(long)}. */
    public ChainOptions withManualSlots() {
        return withSlotMillis(0);
    }

    public ChainOptions withSlotMillis(int millis) {
        return new ChainOptions(millis, finalitySlots, genesisHash, faucetSol, historyLimit, clock, data);
    }

    public ChainOptions withFinalitySlots(int slots) {
        return new ChainOptions(slotMillis, slots, genesisHash, faucetSol, historyLimit, clock, data);
    }

    public ChainOptions withGenesisHash(String hash) {
        return new ChainOptions(slotMillis, finalitySlots, hash, faucetSol, historyLimit, clock, data);
    }

    public ChainOptions withFaucetSol(long sol) {
        return new ChainOptions(slotMillis, finalitySlots, genesisHash, sol, historyLimit, clock, data);
    }

    public ChainOptions withHistoryLimit(int transactions) {
        return new ChainOptions(slotMillis, finalitySlots, genesisHash, faucetSol, transactions, clock, data);
    }

    public ChainOptions withClock(InstantSource source) {
        return new ChainOptions(slotMillis, finalitySlots, genesisHash, faucetSol, historyLimit, source, data);
    }

    public ChainOptions withData(Path directory) {
        return new ChainOptions(slotMillis, finalitySlots, genesisHash, faucetSol, historyLimit, clock, Optional.of(directory));
    }
}
