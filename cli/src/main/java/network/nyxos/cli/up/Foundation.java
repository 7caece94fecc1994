package network.nyxos.cli.up;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.RpcException;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionSender;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.PosterCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.program.escrow.Claim;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.token.TokenAccounts;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.wire.ProofDocument;
import network.nyxos.node.NodeKeys;
import network.nyxos.node.NodeService;
import network.nyxos.node.account.DirectWriter;
import network.nyxos.node.account.NodeAccount;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/**
 * What must be on the chain before anybody can pay: a registry, a market, a pool for each mint, and wallets with something in them.
 * Every step looks at the chain first, so a second run finds its ground laid.
 */
final class Foundation {

    /** Bond of a node, base units of $NYXOS. */
    static final long BOND = Mint.NYXOS.units(1_000);
    /** Least bond of a validator, base units of $NYXOS. */
    static final long VALIDATOR_BOND = Mint.NYXOS.units(500);
    /** Bond of who posts the market's batches, base units of $NYXOS. */
    static final long POSTER_BOND = Mint.NYXOS.units(5_000);
    static final int FEE_BPS = 200;
    /** The model author's share of every charge. */
    static final int ROYALTY_BPS = 500;
    private static final int ID = 1;
    private static final int THRESHOLD = 2;
    /** How often a node looks for disputes about its receipts, and at each that it opened. */
    private static final Duration DISPUTES = Duration.ofSeconds(5);
    private static final Duration ACCUSES = Duration.ofMillis(500);
    private static final long LAMPORTS = 50_000_000_000L;
    private static final long ENOUGH = LAMPORTS / 10;
    private static final Duration WAIT = Duration.ofSeconds(60);

    /**
     * How long things take on this chain, in slots.
     *
     * @param challenge a batch's window
     * @param exit      between a payer's request and the exit, at least 150
     * @param direct    without a batch, until nodes may settle by themselves; 0 is never
     * @param unbonding between a node's or validator's request and its bond: at least 150, and twice the challenge window
     * @param answer    for each move of a dispute; 0: there are none. The default is some ten minutes, so that a node that was stopped can come back
     */
    record Windows(long challenge, long exit, long direct, long unbonding, long answer) {
    }

    private final SolanaRpc rpc;
    private final TransactionSender sender;
    private final Keys keys;
    private final Programs programs;
    private final Windows windows;
    private final Steps steps;
    private final RegistryCalls registry;
    private final MarketCalls market;

    Foundation(SolanaRpc rpc, TransactionSender sender, Keys keys, Programs programs, Windows windows, Steps steps) {
        this.rpc = rpc;
        this.sender = sender;
        this.keys = keys;
        this.programs = programs;
        this.windows = windows;
        this.steps = steps;
        PublicKey creator = keys.authority().publicKey();
        Hash cluster = rpc.genesisHash();
        PublicKey config = programs.config(creator, ID);
        this.registry = new RegistryCalls(programs, config, Mint.NYXOS.address(), Mint.NYXOS.tokenProgram());
        this.market = new MarketCalls(programs, programs.market(cluster, creator, ID), config);
    }

    RegistryCalls registry() {
        return registry;
    }

    MarketCalls market() {
        return market;
    }

    PoolCalls pool(Mint mint) {
        return market.pool(mint.address(), mint.tokenProgram());
    }

    /** A node's standing, written through this run's sender. */
    NodeAccount nodeAccount(Keypair nodeOperator, NodeKeys node) {
        return new NodeAccount(rpc, sender::execute, programs, market.market(), nodeOperator, node);
    }

    /** Has a node answer disputes about its receipts, and open those about receipts that it replayed otherwise, with a stake of its operator's. */
    void dispute(NodeService node, Keypair nodeOperator) {
        node.defend(rpc, new DirectWriter(rpc, programs), programs, DISPUTES);
        node.accuse(rpc, new DirectWriter(rpc, programs), programs, registry.config(), nodeOperator, ACCUSES);
    }

    /**
     * Lays what is missing.
     *
     * @param nodes wallets of the nodes, which pay fees
     * @throws StackException {@code wallet_unfunded} where the chain gives no SOL or the mint is not this stack's, and a wallet has not got any
     */
    void lay(List<Mint> mints, List<PublicKey> nodes) {
        lamports(Stream.concat(keys.feePayers(), nodes.stream()).toList());
        Keypair authority = keys.authority();
        List<PublicKey> verifiers = keys.verifiers().stream().map(Keypair::publicKey).toList();
        if (missing(registry.config())) {
            Signature signature = send("registry", List.of(registry.initialize(authority.publicKey(), authority.publicKey(),
                    new RegistryCalls.Terms(ID, authority.publicKey(), BOND, VALIDATOR_BOND, windows.unbonding(), THRESHOLD, verifiers, windows.answer()))), authority);
            steps.done("chain", "registry " + Amounts.brief(registry.config().toBase58()) + " opened: bond " + Mint.NYXOS.text(BOND) + ", " + brief(signature));
        }
        PosterCalls posters = market.posters(Mint.NYXOS.address(), Mint.NYXOS.tokenProgram());
        if (missing(market.market())) {
            var terms = new MarketCalls.Terms(ID, rpc.genesisHash(), authority.publicKey(), keys.operator().publicKey(), keys.treasury(), FEE_BPS, windows.challenge(),
                    windows.exit(), windows.direct(), POSTER_BOND, THRESHOLD, verifiers, List.of(keys.gateway().publicKey()));
            Signature signature = send("market", List.of(market.initialize(authority.publicKey(), authority.publicKey(), posters, terms)), authority);
            steps.done("chain", "market " + Amounts.brief(market.market().toBase58()) + " opened: fee " + FEE_BPS / 100.0 + " %, " + THRESHOLD + " of "
                    + verifiers.size() + " verifiers, batches final after " + windows.challenge() + " slots, " + brief(signature));
        }
        for (Mint mint : mints) {
            if (missing(pool(mint).pool())) {
                Signature signature = send("pool:" + mint.symbol(), pool(mint).initialize(authority.publicKey(), authority.publicKey()), authority);
                steps.done("chain", mint.symbol() + " pool " + Amounts.brief(pool(mint).pool().toBase58()) + " opened, " + brief(signature));
            }
            fund(mint, keys.funder().publicKey(), mint.units(1_000_000));
            fund(mint, keys.agent().publicKey(), mint.units(100));
            openToken(mint, keys.treasury());
        }
        Keypair operator = keys.operator();
        if (missing(posters.account(operator.publicKey()))) {
            fund(Mint.NYXOS, operator.publicKey(), POSTER_BOND);
            Signature signature = send("poster:" + rpc.slot(Commitment.CONFIRMED), List.of(posters.bond(operator.publicKey(), operator.publicKey(), POSTER_BOND)), operator);
            steps.done("chain", "operator " + Amounts.brief(operator.publicKey().toBase58()) + " bonded for the batches it posts: " + Mint.NYXOS.text(POSTER_BOND) + ", "
                    + brief(signature));
        }
    }

    /**
     * Registers the stack's model where it is not registered yet: its author gets a royalty, and confidential nodes serve it as the builds that are named.
     *
     * @param workloads names of builds that development evidence measures
     */
    void publish(Hash model, String name, List<Mint> mints, List<String> workloads) {
        Keypair author = keys.author();
        mints.forEach(mint -> openToken(mint, author.publicKey()));
        if (missing(programs.model(registry.config(), model))) {
            List<Measurement> measurements = workloads.stream().map(workload -> new Measurement(DevelopmentTee.measurementOf(workload).workload().toArray())).toList();
            Signature signature = send("model:" + model, List.of(registry.registerModel(author.publicKey(), author.publicKey(), keys.authority().publicKey(), model, ROYALTY_BPS,
                    author.publicKey(), measurements)), author, keys.authority());
            steps.done("model", name + " registered by its author " + Amounts.brief(author.publicKey().toBase58()) + ": royalty " + ROYALTY_BPS / 100.0 + " %, "
                    + measurements.size() + " builds for the confidential tier, " + brief(signature));
        }
    }

    /**
     * Claims what the model's author has been credited and not been paid; the author's wallet pays the fee.
     *
     * @param proof of the author's royalties, from the relayer; the program checks it against the batch
     * @return base units paid; empty when nothing is due
     */
    Optional<Royalty> claimRoyalty(Mint mint, ProofDocument proof) {
        Keypair author = keys.author();
        PoolCalls pool = pool(mint);
        long before = rpc.account(pool.claimAccount(author.publicKey(), CreditKind.ROYALTY), Commitment.CONFIRMED).map(account -> Claim.decode(account.data()).claimed()).orElse(0L);
        if (proof.cumulative() <= before) {
            return Optional.empty();
        }
        var credit = new Credit(author.publicKey(), CreditKind.ROYALTY, proof.cumulative());
        Signature signature = send("royalty:" + mint.symbol() + ":" + proof.seq() + ":" + proof.cumulative(),
                List.of(pool.claim(author.publicKey(), author.publicKey(), proof.seq(), credit, proof.index(), proof.proof())), author);
        return Optional.of(new Royalty(proof.cumulative() - before, signature));
    }

    /** A royalty that was paid out. */
    record Royalty(long amount, Signature signature) {
    }

    /** Mints up to {@code amount} into a wallet that has none of the mint yet. */
    void fund(Mint mint, PublicKey wallet, long amount) {
        PublicKey token = Tokens.associated(wallet, mint.address(), mint.tokenProgram());
        if (rpc.tokenBalance(token, Commitment.CONFIRMED).orElse(0L) > 0) {
            return;
        }
        Keypair authority = keys.mintAuthority();
        Optional<PublicKey> owner = rpc.account(mint.address(), Commitment.CONFIRMED).flatMap(account -> TokenAccounts.mint(account.data()).mintAuthority());
        if (!owner.equals(Optional.of(authority.publicKey()))) {
            throw new StackException("wallet_unfunded", wallet + " has no " + mint.symbol() + ", and this stack cannot make any: the mint authority of " + mint.address() + " is "
                    + owner.map(PublicKey::toBase58).orElse("nobody") + ", not " + authority.publicKey() + ". Send it " + mint.text(amount) + " and run again");
        }
        // A wallet that was emptied since is filled again, so the slot makes it another intent than the first filling.
        Signature signature = send("fund:" + mint.symbol() + ":" + wallet + ":" + rpc.slot(Commitment.CONFIRMED), List.of(
                Tokens.createAssociated(authority.publicKey(), wallet, mint.address(), mint.tokenProgram()),
                Tokens.mintTo(mint.address(), token, authority.publicKey(), amount, mint.tokenProgram())), authority);
        steps.done("wallets", mint.text(amount) + " minted to " + Amounts.brief(wallet.toBase58()) + ", " + brief(signature));
    }

    /** How much there is of a mint, base units. */
    long supply(Mint mint) {
        return rpc.account(mint.address(), Commitment.CONFIRMED).map(account -> TokenAccounts.mint(account.data()).supply()).orElse(0L);
    }

    /** What a node has at stake now, base units of $NYXOS. */
    long bond(PublicKey node) {
        return rpc.account(registry.node(node), Commitment.CONFIRMED).map(account -> Node.decode(account.data()).bond()).orElse(0L);
    }

    /** Opens a wallet's token account where it has none. */
    void openToken(Mint mint, PublicKey wallet) {
        if (missing(Tokens.associated(wallet, mint.address(), mint.tokenProgram()))) {
            Keypair payer = keys.funder();
            send("token:" + mint.symbol() + ":" + wallet, List.of(Tokens.createAssociated(payer.publicKey(), wallet, mint.address(), mint.tokenProgram())), payer);
        }
    }

    /** Gives wallets lamports for fees, where they have too few. */
    void lamports(List<PublicKey> wallets) {
        List<PublicKey> poor = wallets.stream().filter(this::isPoor).toList();
        try {
            poor.forEach(wallet -> rpc.airdrop(wallet, LAMPORTS));
        } catch (RpcException e) {
            String lacking = poor.stream().filter(this::isPoor).map(wallet -> "\n       " + wallet + " has " + Amounts.text(rpc.balance(wallet, Commitment.CONFIRMED), 9, "SOL")
                    + " and needs " + Amounts.text(ENOUGH, 9, "SOL")).collect(Collectors.joining());
            throw new StackException("wallet_unfunded", "the chain gives this stack's wallets no SOL: " + e.getMessage() + ". Send it to them and run again:" + lacking + "\n      ");
        }
        Waits.until("lamports for " + poor, WAIT, () -> Optional.of(poor).filter(given -> given.stream().noneMatch(this::isPoor)));
    }

    private boolean isPoor(PublicKey wallet) {
        return rpc.balance(wallet, Commitment.CONFIRMED) < ENOUGH;
    }

    boolean missing(PublicKey address) {
        return rpc.account(address, Commitment.CONFIRMED).isEmpty();
    }

    /** Sends and waits for confirmation; the first signer pays. */
    Signature send(String intent, List<Instruction> instructions, Keypair... signers) {
        var all = new ArrayList<>(instructions);
        Outcome outcome = sender.execute("up:" + intent, blockhash -> TransactionBuilder.legacy(signers[0].publicKey()).addAll(all).compile(blockhash).sign(signers), WAIT);
        if (!outcome.isConfirmed()) {
            throw new StackException("transaction_failed", "the chain did not take it: " + outcome.describe());
        }
        return outcome.signature();
    }

    private static String brief(Signature signature) {
        return Amounts.brief(signature.toString());
    }
}
