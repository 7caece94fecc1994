package network.nyxos.cli.governance;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.up.Mint;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Terms;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/**
 * A market as the chain has it.
 *
 * @param bond     what bonds of who posts are in
 * @param proposed terms that wait
 */
record GovernedMarket(PublicKey address, Market state, Mint bond, Optional<Terms> proposed, MarketCalls calls) implements Governed {

    static GovernedMarket of(ChainSession chain) {
        Market state = chain.market();
        var calls = new MarketCalls(chain.programs(), chain.address(), state.registryConfig());
        return new GovernedMarket(chain.address(), state, chain.mint(state.bondMint()), chain.owned(calls.termsAccount(), chain.programs().escrow()).map(account -> Terms.decode(account.data())), calls);
    }

    @Override
    public String kind() {
        return "market";
    }

    @Override
    public PublicKey authority() {
        return state.authority();
    }

    @Override
    public Optional<PublicKey> nominee() {
        return Governed.present(state.nominee());
    }

    @Override
    public boolean paused() {
        return state.paused() != 0;
    }

    @Override
    public List<String> stops() {
        return List.of("no new pool, escrow, deposit, job or payment through the program is taken any more",
                "exits, settlement, batches, claims, releases and refunds go on; so does x402's exact scheme, which is a transfer of the token program: stop the gateways as well");
    }

    @Override
    public Instruction setPaused(boolean paused) {
        return calls.setPaused(authority(), paused);
    }

    @Override
    public Instruction offer(PublicKey next) {
        return calls.update(authority(), state.operator(), state.treasury(), next);
    }

    @Override
    public Instruction accept() {
        return calls.acceptAuthority(state.nominee());
    }

    /** The verifiers in force. */
    List<PublicKey> verifiers() {
        return state.verifiers().subList(0, state.verifierCount());
    }
}
