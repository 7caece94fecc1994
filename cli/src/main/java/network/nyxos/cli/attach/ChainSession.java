package network.nyxos.cli.attach;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import network.nyxos.chain.Account;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.RpcException;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.cli.up.Amounts;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.token.TokenAccounts;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.node.account.DirectWriter;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/** A market on a chain, read and written without any service of Nyxos in between. */
public final class ChainSession implements AutoCloseable {

    private static final Duration WAIT = Duration.ofSeconds(90);

    private final SolanaRpc rpc;
    private final Programs programs;
    private final PublicKey market;

    private ChainSession(SolanaRpc rpc, Programs programs, PublicKey market) {
        this.rpc = rpc;
        this.programs = programs;
        this.market = market;
    }

    /** A session; connects when first asked. */
    public static ChainSession open(URI url, Programs programs, PublicKey market) {
        return new ChainSession(SolanaRpc.connect(url), programs, market);
    }

    /** The chain. */
    public SolanaRpc rpc() {
        return rpc;
    }

    /** The two programs. */
    public Programs programs() {
        return programs;
    }

    /** The market's address. */
    public PublicKey address() {
        return market;
    }

    /**
     * The market's account.
     *
     * @throws StackException {@code market_absent}
     */
    public Market market() {
        return owned(market, programs.escrow()).map(account -> Market.decode(account.data()))
                .orElseThrow(() -> new StackException("market_absent", market + " is no market of program " + programs.escrow() + " on this chain"));
    }

    /** The market's instructions. */
    public MarketCalls calls() {
        return new MarketCalls(programs, market, market().registryConfig());
    }

    /**
     * The registry whose nodes the market pays.
     *
     * @param config its account's address
     * @param state  its account
     * @param bond   what bonds are in
     * @param calls  its instructions
     */
    public record Registry(PublicKey config, Config state, Mint bond, RegistryCalls calls) {
    }

    /**
     * The market's registry.
     *
     * @throws StackException {@code market_absent}, {@code registry_unknown}
     */
    public Registry registry() {
        return registry(market().registryConfig());
    }

    /**
     * The registry of this address.
     *
     * @throws StackException {@code registry_unknown}
     */
    public Registry registry(PublicKey config) {
        Config state = owned(config, programs.registry()).map(account -> Config.decode(account.data()))
                .orElseThrow(() -> new StackException("registry_unknown", "registry " + config + " is not of program " + programs.registry()));
        Mint bond = mint(state.bondMint());
        return new Registry(config, state, bond, new RegistryCalls(programs, config, bond.address(), bond.tokenProgram()));
    }

    /**
     * A node's account.
     *
     * @param key the node's key
     * @throws StackException {@code market_absent}, {@code node_missing}
     */
    public Node node(PublicKey key) {
        return owned(programs.node(market().registryConfig(), key), programs.registry()).map(account -> Node.decode(account.data()))
                .orElseThrow(() -> new StackException("node_missing", "node " + key + " is not registered with this market's registry"));
    }

    /**
     * A pool of the market.
     *
     * @param address its account's
     * @param state   its account
     */
    public record PoolAccount(PublicKey address, Pool state) {
    }

    /** The market's pools. */
    public List<PoolAccount> pools() {
        return rpc.programAccounts(programs.escrow(), List.of(new AccountFilter.Size(Pool.SIZE), AccountFilter.key(Pool.OFFSET_MARKET, market)), Commitment.CONFIRMED).stream()
                .map(account -> new PoolAccount(account.address(), Pool.decode(account.data()))).toList();
    }

    /** The last slot that is final: it has a block and keeps it. */
    public long finalSlot() {
        return rpc.slot(Commitment.FINALIZED);
    }

    /** The slot that the chain is in. */
    public long slot() {
        return rpc.slot(Commitment.CONFIRMED);
    }

    /**
     * The pool's instructions of a mint.
     *
     * @throws StackException {@code market_absent}, {@code pool_absent}
     */
    public PoolCalls pool(Mint mint) {
        PoolCalls calls = calls().pool(mint.address(), mint.tokenProgram());
        if (owned(calls.pool(), programs.escrow()).isEmpty()) {
            throw new StackException("pool_absent", "market " + market + " takes no " + mint.symbol() + ": it has no pool of mint " + mint.address());
        }
        return calls;
    }

    /** What a wallet holds of a mint, base units. */
    public long balance(PublicKey wallet, Mint mint) {
        return mint.heldBy(wallet, rpc);
    }

    /**
     * That a wallet has what is to be taken from it.
     *
     * @param what what is to be taken, for the message
     * @throws StackException {@code balance_too_low}
     */
    public void require(PublicKey wallet, Mint mint, String what, long amount) {
        long held = balance(wallet, mint);
        if (held < amount) {
            throw new StackException("balance_too_low", "the wallet " + wallet + " holds " + mint.text(held) + ", " + what + " is " + mint.text(amount));
        }
    }

    /**
     * A mint as the chain has it. Mints that everybody knows have their symbol, others the start of their address.
     *
     * @throws StackException {@code mint_unknown}
     */
    public Mint mint(PublicKey address) {
        Account account = rpc.account(address, Commitment.CONFIRMED).orElseThrow(() -> new StackException("mint_unknown", "there is no mint " + address + " on this chain"));
        String symbol = Stream.of(Mint.USDC, Mint.NYXOS).filter(known -> known.address().equals(address)).map(Mint::symbol).findFirst()
                .orElseGet(() -> Amounts.brief(address.toBase58()));
        try {
            return new Mint(symbol, address, account.owner(), TokenAccounts.mint(account.data()).decimals());
        } catch (ProtocolException e) {
            throw new StackException("mint_unknown", address + " is no mint but another account of this chain");
        }
    }

    /** An account, where this program owns it. */
    public Optional<Account> owned(PublicKey address, PublicKey program) {
        return rpc.account(address, Commitment.CONFIRMED).filter(account -> account.owner().equals(program));
    }

    /**
     * Signs, sends and waits until it is confirmed. One transaction is signed; what did not end is said to be unknown and never signed again by itself.
     *
     * @param intent   what is wanted, for messages
     * @param feePayer pays fee and rent
     * @param signers  the others that sign; the fee payer may be among them
     * @throws StackException {@code sol_too_low}, {@code transaction_refused}, {@code transaction_failed}, {@code transaction_expired}, {@code outcome_unknown}
     */
    public Signature send(String intent, List<Instruction> instructions, Keypair feePayer, Keypair... signers) {
        return send(intent, TransactionBuilder.legacy(feePayer.publicKey()).addAll(instructions), feePayer, signers);
    }

    /** As {@link #send(String, List, Keypair, Keypair...)}, a transaction of any version. */
    public Signature send(String intent, TransactionBuilder transaction, Keypair feePayer, Keypair... signers) {
        Keypair[] all = Stream.concat(Stream.of(feePayer), Stream.of(signers).filter(signer -> !signer.publicKey().equals(feePayer.publicKey()))).toArray(Keypair[]::new);
        if (rpc.balance(feePayer.publicKey(), Commitment.CONFIRMED) == 0) {
            throw new StackException("sol_too_low", "the wallet " + feePayer.publicKey() + " has no SOL to pay the fee with (" + intent + "); nothing was sent");
        }
        Outcome outcome;
        try {
            outcome = new DirectWriter(rpc, programs).execute(intent, blockhash -> transaction.compile(blockhash).sign(all), WAIT);
        } catch (RpcException.Refused e) {
            throw new StackException("transaction_refused", "the chain did not take it (" + intent + "), nothing was changed: " + e.getMessage());
        }
        return switch (outcome.state()) {
            case CONFIRMED -> outcome.signature();
            case EXPIRED -> throw new StackException("transaction_expired", "it did not get onto the chain in time and never will, nothing was changed: " + outcome.describe());
            case FAILED, REJECTED -> throw new StackException("transaction_failed", "the chain did not do it: " + outcome.describe());
            case SIGNED, SENT, UNKNOWN -> throw new StackException("outcome_unknown", "whether it was done is not known yet; look at the chain before you do it again: "
                    + outcome.describe());
        };
    }

    @Override
    public void close() {
        rpc.close();
    }
}
