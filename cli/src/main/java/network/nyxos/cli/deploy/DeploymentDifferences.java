package network.nyxos.cli.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import network.nyxos.chain.Account;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.program.ProgramState;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.token.TokenAccounts;
import software.sava.core.accounts.PublicKey;

/** Holds a cluster against a deployment's file, field by field. */
final class DeploymentDifferences {

    /**
     * A field that is not as the file says.
     *
     * @param field  the file's key
     * @param wanted what the file says
     * @param found  what the chain says
     */
    record Difference(String field, String wanted, String found) {

        @Override
        public String toString() {
            return field + ": the file says " + wanted + ", the chain says " + found;
        }
    }

    private static final String NOTHING = "nothing";

    private final SolanaRpc rpc;
    private final DeploymentFile file;
    private final List<Difference> differences = new ArrayList<>();

    DeploymentDifferences(SolanaRpc rpc, DeploymentFile file) {
        this.rpc = rpc;
        this.file = file;
    }

    /**
     * Refuses a file of another cluster, so that nothing of it is ever done or compared there.
     *
     * @throws StackException {@code cluster_wrong}
     */
    static void sameCluster(SolanaRpc rpc, DeploymentFile file) {
        Hash genesis = rpc.genesisHash();
        if (!genesis.equals(file.cluster())) {
            throw new StackException("cluster_wrong", "this RPC node is of " + Cluster.name(genesis) + ", the file is for " + Cluster.name(file.cluster()));
        }
    }

    /**
     * Compares the programs.
     *
     * @param registry hash that the registry's code must have
     * @param escrow   hash that the escrow program's code must have
     */
    DeploymentDifferences programs(Hash registry, Hash escrow) {
        program("programs.registry", file.programs().registry(), registry);
        program("programs.escrow", file.programs().escrow(), escrow);
        return this;
    }

    private void program(String field, PublicKey id, Hash hash) {
        switch (ProgramState.read(rpc, id, Commitment.CONFIRMED)) {
            case ProgramState.Absent _ -> differ(field, "program " + id, NOTHING);
            case ProgramState.Foreign foreign -> differ(field, "program " + id, "an account of " + foreign.owner());
            case ProgramState.Closed _ -> differ(field, "program " + id, "a closed program");
            case ProgramState.Deployed deployed -> {
                compare(field + ".sha256", hash, deployed.code().hash());
                if (file.upgrades().stated()) {
                    compare("programs.authority", text(file.upgrades().authority()), text(deployed.authority()) + " for " + field,
                            file.upgrades().authority().equals(deployed.authority()));
                }
            }
        }
    }

    /** Compares the registry, where there is one or {@code required}. */
    DeploymentDifferences registry(boolean required) {
        Optional<Config> found = owned(file.registryConfig(), file.programs().registry()).map(account -> Config.decode(account.data()));
        if (found.isEmpty() && required) {
            differ("registry", "registry " + file.registryConfig(), NOTHING);
        }
        found.ifPresent(config -> {
            DeploymentFile.Registry wanted = file.registry();
            compare("registry.authority", wanted.authority(), config.authority());
            compare("registry.bond-mint", wanted.bondMint(), config.bondMint());
            mint(config.bondMint()).ifPresent(mint -> {
                compare("registry.min-bond", mint.text(Decimals.parse(wanted.minBond(), mint)), mint.text(config.minBond()));
                compare("registry.min-validator-bond", mint.text(Decimals.parse(wanted.minValidatorBond(), mint)), mint.text(config.minValidatorBond()));
            });
            compare("registry.unbonding-slots", wanted.unbondingSlots(), config.unbondingSlots());
            compare("registry.answer-slots", wanted.answerSlots(), config.answerSlots());
            compare("registry.threshold", wanted.threshold(), config.threshold());
            compare("registry.verifiers", text(wanted.verifiers()), text(config.verifiers().subList(0, config.verifierCount())));
        });
        return this;
    }

    /** Compares the market and its pools, where there is one or {@code required}. */
    DeploymentDifferences market(boolean required) {
        Programs programs = file.programs();
        Optional<Market> found = owned(file.marketAddress(), programs.escrow()).map(account -> Market.decode(account.data()));
        if (found.isEmpty() && required) {
            differ("market", "market " + file.marketAddress(), NOTHING);
        }
        found.ifPresent(market -> {
            var wanted = file.market();
            compare("cluster", wanted.cluster().base58(), market.cluster().base58());
            compare("market.authority", wanted.authority(), market.authority());
            compare("market.operator", wanted.operator(), market.operator());
            compare("market.treasury", wanted.treasury(), market.treasury());
            compare("market.fee-bps", wanted.feeBps(), market.feeBps());
            compare("market.challenge-slots", wanted.challengeSlots(), market.challengeSlots());
            compare("market.exit-slots", wanted.exitSlots(), market.exitSlots());
            compare("market.direct-slots", wanted.directSlots(), market.directSlots());
            compare("market.bond-mint", file.posters().bondMint(), market.bondMint());
            mint(market.bondMint()).ifPresent(mint -> compare("market.min-poster-bond", mint.text(Decimals.parse(file.posters().minBond(), mint)),
                    mint.text(market.minPosterBond())));
            compare("market.threshold", wanted.threshold(), market.threshold());
            compare("market.verifiers", text(wanted.verifiers()), text(market.verifiers().subList(0, market.verifierCount())));
            compare("market.gateways", text(wanted.gateways()), text(MarketCalls.named(market.gateways())));
            compare("programs.registry", programs.registry(), market.registryProgram());
            compare("registry", file.registryConfig(), market.registryConfig());
        });
        if (required) {
            for (PublicKey mint : file.mints()) {
                if (owned(programs.pool(file.marketAddress(), mint), programs.escrow()).isEmpty()) {
                    differ("market.mints", "pool for " + mint, NOTHING);
                }
            }
        }
        return this;
    }

    /** What differs. */
    List<Difference> all() {
        return List.copyOf(differences);
    }

    /** A mint as the chain has it; empty when there is none. */
    Optional<Mint> mint(PublicKey address) {
        return rpc.account(address, Commitment.CONFIRMED).filter(account -> account.data().length >= TokenAccounts.MINT_SIZE)
                .map(account -> new Mint(address.toBase58(), address, account.owner(), TokenAccounts.mint(account.data()).decimals()));
    }

    private Optional<Account> owned(PublicKey address, PublicKey owner) {
        return rpc.account(address, Commitment.CONFIRMED).filter(account -> account.owner().equals(owner));
    }

    private void compare(String field, Object wanted, Object found) {
        compare(field, wanted, found, wanted.equals(found));
    }

    private void compare(String field, Object wanted, Object found, boolean same) {
        if (!same) {
            differ(field, wanted.toString(), found.toString());
        }
    }

    private void differ(String field, String wanted, String found) {
        differences.add(new Difference(field, wanted, found));
    }

    private static String text(Optional<PublicKey> key) {
        return key.map(PublicKey::toBase58).orElse("none");
    }

    private static String text(List<PublicKey> keys) {
        return keys.stream().map(PublicKey::toBase58).collect(Collectors.joining(", "));
    }
}
