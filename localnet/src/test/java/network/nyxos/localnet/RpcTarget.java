package network.nyxos.localnet;

import java.net.URI;
import java.util.Optional;

/**
 * What the behaviour tests run against: the validator that {@code NYXOS_RPC_URL} names (its PubSub at
 * {@code NYXOS_WS_URL}, or one port above), or a chain of their own.
 */
record RpcTarget(URI http, URI ws, Optional<LocalRpcServer> server, Optional<LocalChain> chain) implements AutoCloseable {

    static RpcTarget open() {
        String outside = System.getenv("NYXOS_RPC_URL");
        if (outside != null) {
            URI http = URI.create(outside);
            String ws = Optional.ofNullable(System.getenv("NYXOS_WS_URL"))
                    .orElse("ws://" + http.getHost() + ":" + (http.getPort() + 1));
            return new RpcTarget(http, URI.create(ws), Optional.empty(), Optional.empty());
        }
        LocalChain chain = LocalChain.start(ChainOptions.defaults().withSlotMillis(20));
        LocalRpcServer server = LocalRpcServer.start(chain, 0);
        return new RpcTarget(server.httpUrl(), server.wsUrl(), Optional.of(server), Optional.of(chain));
    }

    @Override
    public void close() {
        server.ifPresent(LocalRpcServer::close);
        chain.ifPresent(LocalChain::close);
    }
}
