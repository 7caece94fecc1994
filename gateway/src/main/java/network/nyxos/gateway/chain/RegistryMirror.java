package network.nyxos.gateway.chain;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import network.nyxos.chain.Account;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.ProgramState;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.RegisteredModel;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.program.registry.Model;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.gateway.link.RegisteredNode;
import network.nyxos.gateway.link.Registry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// The nodes and models of one registry config, in memory.
public final class RegistryMirror implements Registry {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryMirror.class);
    private static final int ACTIVE = 1;

    private final SolanaRpc rpc;
    private final PublicKey program;
    private final PublicKey config;
    private volatile Map<PublicKey, RegisteredNode> nodes = Map.of();
    private volatile Map<Hash, RegisteredModel> models = Map.of();
    private volatile long slot;
    // Until the config has been read, no bond is enough.
    private volatile long minimumBond = Long.MAX_VALUE;

    /// @param program the registry program
    /// @param config  whose nodes and models are followed
    public RegistryMirror(SolanaRpc rpc, PublicKey program, PublicKey config) {
        this.rpc = rpc;
        this.program = program;
        this.config = config;
    }

    /// Reads the config and all its nodes and models.
    public void refresh() {
        Account account = rpc.account(config, Commitment.CONFIRMED)
            .orElseThrow(() -> new IllegalStateException("the registry config " + config + " does not exist"));
        long bond = Config.decode(account.data()).minBond();
        var read = new HashMap<PublicKey, RegisteredNode>();
        for (Account each : rpc.programAccounts(program, List.of(new AccountFilter.Size(Node.SIZE), new AccountFilter.Bytes(0, Node.discriminator()),
            AccountFilter.key(Node.OFFSET_CONFIG, config)), Commitment.CONFIRMED)) {
            read(each).ifPresent(node -> read.put(node.node(), node));
        }
        ProgramState published = rpc.programState(program, List.of(new AccountFilter.Size(Model.SIZE), new AccountFilter.Bytes(0, Model.discriminator()),
            AccountFilter.key(Model.OFFSET_CONFIG, config)), Commitment.CONFIRMED);
        minimumBond = bond < 0 ? Long.MAX_VALUE : bond;
        nodes = Map.copyOf(read);
        models = published.accounts().stream().map(RegistryMirror::model).flatMap(Optional::stream).collect(Collectors.toUnmodifiableMap(RegisteredModel::model,
            Function.identity()));
        slot = published.slot();
    }

    private static Optional<RegisteredModel> model(Account account) {
        try {
            return Optional.of(RegisteredModel.of(Model.decode(account.data())));
        } catch (BorshException e) {
            LOG.warn("model account {} is not understood and counts as not registered: {}", account.address(), e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<RegisteredNode> read(Account account) {
        try {
            Node node = Node.decode(account.data());
            return Optional.of(new RegisteredNode(node.nodeKey(), node.state() == ACTIVE, Tier.ofMask(node.tiers()), node.receiptKey(),
                Optional.of(node.sealingKey()).filter(key -> !key.equals(PublicKey.NONE)), node.bond()));
        } catch (BorshException | ProtocolException e) {
            LOG.warn("node account {} is not understood and gets no work: {}", account.address(), e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Optional<RegisteredNode> find(PublicKey node) {
        return Optional.ofNullable(nodes.get(node));
    }

    @Override
    public Optional<RegisteredModel> model(Hash model) {
        return Optional.ofNullable(models.get(model));
    }

    @Override
    public long slot() {
        return slot;
    }

    @Override
    public long minimumBond() {
        return minimumBond;
    }
}
