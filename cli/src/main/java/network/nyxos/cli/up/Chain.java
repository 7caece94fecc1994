package network.nyxos.cli.up;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import network.nyxos.chain.Account;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.program.ProgramCode;
import network.nyxos.chain.program.ProgramState;
import network.nyxos.escrow.program.Programs;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import software.sava.core.accounts.PublicKey;

/** The chain under a stack: the local one in this process, or one by URL. */
final class Chain implements AutoCloseable {

    private static final String MAINNET = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";

    private final Optional<LocalChain> local;
    private final Optional<LocalRpcServer> server;
    private final URI rpc;
    private final URI ws;

    private Chain(Optional<LocalChain> local, Optional<LocalRpcServer> server, URI rpc, URI ws) {
        this.local = local;
        this.server = server;
        this.rpc = rpc;
        this.ws = ws;
    }

    /** Starts the local chain, or takes the one that the options name. */
    static Chain start(UpOptions options, Path data, Steps steps) {
        if (options.rpc.isPresent()) {
            URI rpc = options.rpc.get();
            URI ws = options.ws.orElseGet(() -> pubSubOf(rpc));
            steps.done("chain", "using " + rpc);
            return new Chain(Optional.empty(), Optional.empty(), rpc, ws);
        }
        LocalChain chain = LocalChain.start(ChainOptions.defaults().withSlotMillis(options.slotMillis).withData(data.resolve("chain")));
        LocalRpcServer server = LocalRpcServer.start(chain, options.host, options.rpcPort, options.wsPort);
        steps.done("chain", "local chain at slot " + chain.slot() + ", JSON-RPC " + server.httpUrl());
        return new Chain(Optional.of(chain), Optional.of(server), server.httpUrl(), server.wsUrl());
    }

    // Solana's nodes serve PubSub one port above JSON-RPC.
    private static URI pubSubOf(URI rpc) {
        String scheme = "https".equals(rpc.getScheme()) ? "wss" : "ws";
        String port = rpc.getPort() < 0 ? "" : ":" + (rpc.getPort() + 1);
        return URI.create(scheme + "://" + rpc.getHost() + port);
    }

    URI rpc() {
        return rpc;
    }

    URI ws() {
        return ws;
    }

    /**
     * On the local chain, deploys the programs and makes the mints where they are missing; on another, checks that they are there.
     *
     * @param client of this chain
     * @throws StackException {@code chain_unprepared} with all that is missing, {@code chain_mainnet}
     */
    void furnish(SolanaRpc client, Artifacts artifacts, Programs programs, List<Mint> mints, PublicKey mintAuthority, Steps steps) {
        var byName = new TreeMap<>(Map.of("registry", programs.registry(), "escrow", programs.escrow()));
        local.ifPresentOrElse(chain -> furnish(chain, client, artifacts, byName, mints, mintAuthority, steps),
                () -> check(client, artifacts, byName, mints, mintAuthority));
    }

    private static void furnish(LocalChain chain, SolanaRpc client, Artifacts artifacts, Map<String, PublicKey> programs, List<Mint> mints, PublicKey mintAuthority, Steps steps) {
        for (var program : programs.entrySet()) {
            byte[] elf = artifacts.program(program.getKey());
            // A rebuilt program is deployed again.
            if (ProgramState.read(client, program.getValue(), Commitment.CONFIRMED) instanceof ProgramState.Deployed deployed && deployed.code().equals(ProgramCode.ofFile(elf))) {
                continue;
            }
            chain.deploy(program.getValue(), elf);
            steps.done("chain", "program " + program.getKey() + " deployed at " + program.getValue().toBase58() + " (" + elf.length + " bytes)");
        }
        for (Mint mint : mints) {
            if (chain.account(mint.address()).isEmpty()) {
                chain.createMint(mint.address(), mint.tokenProgram(), mintAuthority, mint.decimals());
                steps.done("chain", mint.symbol() + " mint made at " + mint.address().toBase58() + (isToken2022(mint) ? " (Token-2022)" : " (SPL Token)"));
            }
        }
    }

    private static boolean isToken2022(Mint mint) {
        return mint.tokenProgram().equals(LocalChain.TOKEN_2022_PROGRAM);
    }

    private void check(SolanaRpc client, Artifacts artifacts, Map<String, PublicKey> programs, List<Mint> mints, PublicKey mintAuthority) {
        if (client.genesisHash().base58().equals(MAINNET)) {
            throw new StackException("chain_mainnet", rpc + " is Solana's mainnet; the keys, attestation root and prices of this stack are for development. "
                    + "Give --rpc a test cluster or leave it out");
        }
        var missing = new ArrayList<String>();
        programs.forEach((name, address) -> {
            if (client.account(address, Commitment.CONFIRMED).filter(Account::executable).isEmpty()) {
                missing.add("program " + name + " at " + address);
            }
        });
        for (Mint mint : mints) {
            Optional<Account> account = client.account(mint.address(), Commitment.CONFIRMED);
            if (account.isEmpty()) {
                missing.add("the mint of " + mint.symbol() + " at " + mint.address());
            } else if (!account.get().owner().equals(mint.tokenProgram())) {
                missing.add("the mint of " + mint.symbol() + " at " + mint.address() + " under token program " + mint.tokenProgram() + " (it is under " + account.get().owner() + ")");
            }
        }
        if (!missing.isEmpty()) {
            var command = new StringBuilder("./nyxos localnet");
            programs.forEach((name, address) -> command.append(" --program ").append(address).append('=').append(artifacts.path(name)));
            mints.forEach(mint -> command.append(" --mint ").append(mint.address()).append('=').append(mintAuthority).append(':').append(mint.decimals())
                    .append(isToken2022(mint) ? ":token-2022" : ":token"));
            throw new StackException("chain_unprepared", rpc + " has not what this stack needs: " + String.join("; ", missing) + ".\n"
                    + "       A local chain that has it, with this stack's key " + mintAuthority + " as mint authority, is started with\n       " + command
                    + "\n       Any other cluster must have the programs and mints put at these addresses, as a test validator's options do");
        }
    }

    @Override
    public void close() {
        server.ifPresent(LocalRpcServer::close);
        local.ifPresent(LocalChain::close);
    }
}
