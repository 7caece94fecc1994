package network.nyxos.chain.program;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.chain.Account;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.escrow.EscrowIdl;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.program.registry.RegistryIdl;
import network.nyxos.escrow.token.TokenAccounts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Holds what a service was told against the chain, before it serves. A service that was started on the wrong cluster, program or market would take money that
/// it cannot settle; so the first thing that is wrong ends the start, with a stable code and what to do about it.
///
/// | code | what is wrong |
/// |---|---|
/// | `cluster_wrong` | the RPC node is of another cluster |
/// | `program_absent` | there is nothing at a program's id |
/// | `program_not_executable` | what is there is no program |
/// | `program_closed` | the program was closed |
/// | `program_hash` | its code is none of the accepted ones |
/// | `market_absent` | the market is no account of the escrow program |
/// | `market_version` | the market's layout is another version's |
/// | `market_cluster` | the market was made for another cluster |
/// | `market_registry` | the market pays the nodes of another registry |
/// | `config_operator`, `config_verifier` | the key that the service has is not the market's operator, or none of its verifiers |
/// | `pool_absent`, `mint_absent`, `mint_program`, `mint_decimals` | a mint has no pool, is no mint, or is another than the configuration says |
public final class SelfCheck {
    private static final Logger LOG = LoggerFactory.getLogger(SelfCheck.class);

    private final SolanaRpc rpc;
    private final Expectation expected;

    private SelfCheck(SolanaRpc rpc, Expectation expected) {
        this.rpc = rpc;
        this.expected = expected;
    }

    /// Checks, logs what it found and gives it for the service's status.
    ///
    /// @throws ProtocolException                   with one of the codes above
    /// @throws network.nyxos.chain.RpcException when the chain cannot be asked
    public static ChainReport run(SolanaRpc rpc, Expectation expected) {
        ChainReport report = new SelfCheck(rpc, expected).run();
        LOG.info("chain checked: {}", report.json());
        for (ChainReport.Program program : List.of(report.registry(), report.escrow())) {
            if (!program.pinned()) {
                LOG.warn("{} {} is taken as it is: no accepted hash is configured, its code has {}", program.name(), program.id(), program.hash());
            }
        }
        return report;
    }

    private ChainReport run() {
        Hash genesis = rpc.genesisHash();
        if (!expected.cluster().test(genesis)) {
            throw new ProtocolException("cluster_wrong", "the RPC node is of the cluster with genesis hash " + genesis.base58() + ", the configuration is for "
                + expected.clusterName() + "; give an RPC node of that cluster");
        }
        Programs programs = expected.programs();
        ChainReport.Program registry = program("registry", programs.registry(), expected.accepted().registry(), RegistryIdl.SHA256);
        ChainReport.Program escrow = program("escrow", programs.escrow(), expected.accepted().escrow(), EscrowIdl.SHA256);
        expected.market().ifPresent(address -> market(address, genesis));
        return new ChainReport(genesis, registry, escrow, expected.market());
    }

    private ChainReport.Program program(String name, PublicKey id, Set<Hash> accepted, String idl) {
        switch (ProgramState.read(rpc, id, Commitment.CONFIRMED)) {
            case ProgramState.Absent _ -> throw new ProtocolException("program_absent", "there is no program at " + id + ", the configured " + name
                + "; check the id and the cluster, or deploy it with nyxos deploy programs");
            case ProgramState.Foreign foreign -> throw notExecutable(name, id, "belongs to " + foreign.owner());
            case ProgramState.Closed _ -> throw new ProtocolException("program_closed", "the " + name + " program " + id
                + " was closed and never works again; configure the id of the deployment that replaced it");
            case ProgramState.Deployed deployed -> {
                if (!deployed.executable()) {
                    throw notExecutable(name, id, "is not executable");
                }
                Hash hash = deployed.code().hash();
                if (!accepted.isEmpty() && !accepted.contains(hash)) {
                    throw new ProtocolException("program_hash", "the code of the " + name + " program " + id + " has SHA-256 " + hash + ", deployed in slot "
                        + deployed.slot() + ", which is none of the accepted ones; if that is an upgrade you know of, add the hash to the accepted ones, else stop and ask");
                }
                return new ChainReport.Program(name, id, hash, deployed.slot(), deployed.authority(), !accepted.isEmpty(), idl);
            }
        }
    }

    private static ProtocolException notExecutable(String name, PublicKey id, String why) {
        return new ProtocolException("program_not_executable", "the configured " + name + " " + id + " is no program: it " + why + "; check the id");
    }

    private void market(PublicKey address, Hash genesis) {
        Programs programs = expected.programs();
        Account account = owned(address, programs.escrow()).orElseThrow(() -> new ProtocolException("market_absent", "market " + address
            + " is no account of the escrow program " + programs.escrow() + "; check both addresses, or make it with nyxos deploy market"));
        Market market;
        try {
            market = Market.decode(account.data());
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("market_version", "market " + address + " cannot be read: " + e.getMessage() + "; check the address, or run a version of this service "
                + "that goes with the deployed program", e);
        }
        if (!market.cluster().equals(genesis)) {
            throw new ProtocolException("market_cluster", "market " + address + " was made for the cluster with genesis hash " + market.cluster().base58() + ", this one has "
                + genesis.base58() + "; nothing that is signed for one means anything on the other");
        }
        PublicKey config = market.registryConfig();
        if (!market.registryProgram().equals(programs.registry()) || expected.registryConfig().filter(it -> !it.equals(config)).isPresent()
            || owned(config, programs.registry()).isEmpty()) {
            throw new ProtocolException("market_registry", "market " + address + " pays the nodes of registry " + config + " of program " + market.registryProgram()
                + ", configured is " + expected.registryConfig().map(it -> it + " of program ").orElse("program ") + programs.registry());
        }
        expected.operator().filter(key -> !key.equals(market.operator())).ifPresent(key -> {
            throw new ProtocolException("config_operator", "the market's operator is " + market.operator() + ", the configured key is " + key);
        });
        expected.verifier().filter(key -> !market.verifiers().subList(0, market.verifierCount()).contains(key)).ifPresent(key -> {
            throw new ProtocolException("config_verifier", key + " is not one of the market's verifiers");
        });
        expected.mints().forEach(mint -> mint(address, mint));
    }

    private void mint(PublicKey market, Expectation.Mint mint) {
        PublicKey address = mint.address();
        Pool pool = owned(expected.programs().pool(market, address), expected.programs().escrow()).map(account -> Pool.decode(account.data()))
            .orElseThrow(() -> new ProtocolException("pool_absent", "the market has no pool for mint " + address + "; make one with nyxos deploy market, or leave the mint out"));
        Account account = owned(address, pool.tokenProgram())
            .orElseThrow(() -> new ProtocolException("mint_absent", address + " is no mint of token program " + pool.tokenProgram()));
        mint.tokenProgram().filter(program -> !program.equals(account.owner())).ifPresent(program -> {
            throw new ProtocolException("mint_program", "mint " + address + " is of token program " + account.owner() + ", configured is " + program);
        });
        int decimals = TokenAccounts.mint(account.data()).decimals();
        mint.decimals().filter(configured -> configured != decimals).ifPresent(configured -> {
            throw new ProtocolException("mint_decimals", "mint " + address + " has " + decimals + " decimals, configured are " + configured + "; every price would be wrong");
        });
    }

    private Optional<Account> owned(PublicKey address, PublicKey owner) {
        return rpc.account(address, Commitment.CONFIRMED).filter(account -> account.owner().equals(owner));
    }
}
