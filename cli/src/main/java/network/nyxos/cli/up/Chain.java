package network.nyxos.cli.up;

import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.nyxos.escrow.program.Programs;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import software.sava.core.accounts.PublicKey;

/** The chain under a stack: the local one in this process, or one by URL. */
final class Chain implements AutoCloseable {

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

    /** On the local chain, deploys the programs and makes the mints where they are missing. */
    void furnish(Artifacts artifacts, Programs programs, List<Mint> mints, PublicKey mintAuthority, Path data, Steps steps) {
        local.ifPresent(chain -> {
            var deployed = new DeployedPrograms(data);
            for (var program : Map.of("registry", programs.registry(), "escrow", programs.escrow()).entrySet()) {
                byte[] elf = artifacts.program(program.getKey());
                if (chain.account(program.getValue()).isPresent() && deployed.is(program.getKey(), elf)) {
                    continue;
                }
                chain.deploy(program.getValue(), elf);
                deployed.record(program.getKey(), elf);
                steps.done("chain", "program " + program.getKey() + " deployed at " + program.getValue().toBase58() + " (" + elf.length + " bytes)");
            }
            for (Mint mint : mints) {
                if (chain.account(mint.address()).isEmpty()) {
                    chain.createMint(mint.address(), mint.tokenProgram(), mintAuthority, mint.decimals());
                    steps.done("chain", mint.symbol() + " mint made at " + mint.address().toBase58()
                            + (mint.tokenProgram().equals(LocalChain.TOKEN_2022_PROGRAM) ? " (Token-2022)" : " (SPL Token)"));
                }
            }
        });
    }

    @Override
    public void close() {
        server.ifPresent(LocalRpcServer::close);
        local.ifPresent(LocalChain::close);
    }

    /** Which program bytes were deployed last, so that a rebuilt program is deployed again. */
    private record DeployedPrograms(Path data) {

        boolean is(String name, byte[] elf) {
            try {
                return java.nio.file.Files.exists(file(name)) && Arrays.equals(java.nio.file.Files.readAllBytes(file(name)), hash(elf));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException("what was deployed cannot be read", e);
            }
        }

        void record(String name, byte[] elf) {
            try {
                java.nio.file.Files.write(file(name), hash(elf));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException("what was deployed cannot be kept", e);
            }
        }

        private static byte[] hash(byte[] elf) {
            return network.nyxos.escrow.crypto.Hash.sha256(elf).bytes();
        }

        private Path file(String name) {
            return data.resolve("deployed-" + name + ".sha256");
        }
    }
}
