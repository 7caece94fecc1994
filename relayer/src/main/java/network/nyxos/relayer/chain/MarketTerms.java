package network.nyxos.relayer.chain;

import java.util.List;
import java.util.Map;
import network.nyxos.chain.Account;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Pool;
import software.sava.core.accounts.PublicKey;

/// A market and its pools as they were when a service started. Addresses never change; what the market's terms are now is asked of {@link MarketFacts#market}.
///
/// @param programs the two programs
/// @param address  the Market account
/// @param market   what is in it
/// @param pools    by mint
public record MarketTerms(Programs programs, PublicKey address, Market market, Map<PublicKey, PoolCalls> pools) {
    /// Copies.
    public MarketTerms {
        pools = Map.copyOf(pools);
    }

    /// Reads the market and the pools of these mints.
    ///
    /// @throws ProtocolException `market_absent`, `pool_absent`
    public static MarketTerms read(SolanaRpc rpc, Programs programs, PublicKey address, List<PublicKey> mints) {
        Account account = rpc.account(address, Commitment.CONFIRMED).filter(found -> found.owner().equals(programs.escrow()))
            .orElseThrow(() -> new ProtocolException("market_absent", address + " is no market of program " + programs.escrow()));
        Market market = Market.decode(account.data());
        var calls = new MarketCalls(programs, address, market.registryConfig());
        var pools = new java.util.HashMap<PublicKey, PoolCalls>();
        for (PublicKey mint : mints) {
            PublicKey pool = programs.pool(address, mint);
            Account found = rpc.account(pool, Commitment.CONFIRMED).filter(it -> it.owner().equals(programs.escrow()))
                .orElseThrow(() -> new ProtocolException("pool_absent", "the market has no pool for mint " + mint));
            pools.put(mint, calls.pool(mint, Pool.decode(found.data()).tokenProgram()));
        }
        return new MarketTerms(programs, address, market, pools);
    }

    /// The pool of a mint.
    ///
    /// @throws ProtocolException `mint_unknown`
    public PoolCalls pool(PublicKey mint) {
        PoolCalls pool = pools.get(mint);
        if (pool == null) {
            throw new ProtocolException("mint_unknown", "mint " + mint + " has no pool here");
        }
        return pool;
    }
}
