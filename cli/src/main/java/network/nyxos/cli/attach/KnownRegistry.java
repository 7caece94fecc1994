package network.nyxos.cli.attach;

import java.util.Optional;
import network.nyxos.gateway.chain.RegistryLookup;
import network.nyxos.gateway.client.NodeRegistry;

/** The registry on chain as clients look into it, where a chain is known. */
public final class KnownRegistry implements AutoCloseable {

    private final Optional<ChainSession> session;

    private KnownRegistry(Optional<ChainSession> session) {
        this.session = session;
    }

    /** That of the market which the options name; none where they name no market. */
    public static KnownRegistry of(Attachment attachment) {
        return new KnownRegistry(attachment.knowsMarket() ? Optional.of(attachment.chain()) : Optional.empty());
    }

    /** None, for who asks nobody. */
    public static KnownRegistry none() {
        return new KnownRegistry(Optional.empty());
    }

    /** It, where it is known. */
    public Optional<NodeRegistry> lookup() {
        return session.map(chain -> new RegistryLookup(chain.rpc(), chain.programs(), chain.market().registryConfig()));
    }

    @Override
    public void close() {
        session.ifPresent(ChainSession::close);
    }
}
