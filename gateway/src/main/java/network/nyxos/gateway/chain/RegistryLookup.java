package network.nyxos.gateway.chain;

import java.util.Optional;
import network.nyxos.chain.Account;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.RpcException;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.program.registry.Model;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.gateway.client.NodeRegistry;
import software.sava.core.accounts.PublicKey;

/// A registry read off the chain, a node at a time: what a client knows nodes by.
public final class RegistryLookup implements NodeRegistry {
    private static final int ACTIVE = 1;

    private final SolanaRpc rpc;
    private final Programs programs;
    private final PublicKey config;

    /// @param config the registry's config, which the market names
    public RegistryLookup(SolanaRpc rpc, Programs programs, PublicKey config) {
        this.rpc = rpc;
        this.programs = programs;
        this.config = config;
    }

    @Override
    public Optional<Entry> find(PublicKey node) {
        return account(programs.node(config, node)).map(data -> {
            Node read = Node.decode(data);
            boolean ended = read.attestationExpirySlot() == 0 && !read.revokedQuoteHash().isZero();
            return new Entry(read.state() == ACTIVE, Tier.ofMask(read.tiers()), read.receiptKey(), Optional.of(read.sealingKey()).filter(key -> !key.equals(PublicKey.NONE)), ended);
        });
    }

    @Override
    public Optional<RegisteredModel> model(Hash id) {
        return account(programs.model(config, id)).map(data -> RegisteredModel.of(Model.decode(data)));
    }

    private Optional<byte[]> account(PublicKey address) {
        try {
            return rpc.account(address, Commitment.CONFIRMED).filter(found -> found.owner().equals(programs.registry())).map(Account::data);
        } catch (RpcException e) {
            throw new UnreachableException(e.getMessage(), e);
        }
    }
}
