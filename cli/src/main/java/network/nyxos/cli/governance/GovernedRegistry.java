package network.nyxos.cli.governance;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.program.registry.VerifierProposal;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/**
 * A registry as the chain has it.
 *
 * @param proposed verifiers that wait
 */
record GovernedRegistry(ChainSession.Registry registry, Optional<VerifierProposal> proposed) implements Governed {

    static GovernedRegistry of(ChainSession chain) {
        return of(chain, chain.registry());
    }

    static GovernedRegistry of(ChainSession chain, ChainSession.Registry registry) {
        return new GovernedRegistry(registry, chain.owned(chain.programs().registryProposal(registry.config()), chain.programs().registry())
                .map(account -> VerifierProposal.decode(account.data())));
    }

    Config state() {
        return registry.state();
    }

    @Override
    public String kind() {
        return "registry";
    }

    @Override
    public PublicKey address() {
        return registry.config();
    }

    @Override
    public PublicKey authority() {
        return state().authority();
    }

    @Override
    public Optional<PublicKey> nominee() {
        return Governed.present(state().pendingAuthority());
    }

    @Override
    public boolean paused() {
        return state().paused() != 0;
    }

    @Override
    public List<String> stops() {
        return List.of("no new node, bond or model is taken any more", "nodes that are registered go on working and earning; updates, unbonding, withdrawals and what verifiers sign go on");
    }

    @Override
    public Instruction setPaused(boolean paused) {
        return registry.calls().setPaused(authority(), paused);
    }

    @Override
    public Instruction offer(PublicKey next) {
        return registry.calls().proposeAuthority(authority(), next);
    }

    @Override
    public Instruction accept() {
        return registry.calls().acceptAuthority(state().pendingAuthority());
    }

    /** The verifiers in force. */
    List<PublicKey> verifiers() {
        return state().verifiers().subList(0, state().verifierCount());
    }
}
