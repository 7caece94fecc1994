package network.nyxos.cli.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.SigningRequest;
import network.nyxos.cli.attach.Submission;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.token.TokenAccounts;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/** Makes registry, market and pools as a file says, each where it is missing. */
final class MarketOpening {

    /**
     * A thing to make.
     *
     * @param what   for a person
     * @param signer who must sign besides the payer
     * @param rent   lamports, of the accounts it makes
     */
    private record Piece(String what, String role, PublicKey signer, List<Instruction> instructions, long rent) {
    }

    /** A token account with what Token-2022 adds to an associated one. */
    private static final int TOKEN_ACCOUNT = TokenAccounts.ACCOUNT_SIZE + 5;

    private final Submission submission;
    private final DeploymentFile file;
    private final Map<PublicKey, Keypair> keys;
    private final List<Piece> pieces = new ArrayList<>();

    private MarketOpening(Submission submission, DeploymentFile file, Map<PublicKey, Keypair> keys) {
        this.submission = submission;
        this.file = file;
        this.keys = keys;
    }

    /**
     * Looks at the chain and decides; spends nothing.
     *
     * @param keys of those who may sign, by address; the payer's is known
     * @throws StackException {@code mint_unknown}, {@code deployment_differs}, {@code amount_…}
     */
    static MarketOpening plan(Submission submission, DeploymentFile file, Map<PublicKey, Keypair> keys) {
        var different = new DeploymentDifferences(submission.rpc(), file).registry(false).market(false).all();
        if (!different.isEmpty()) {
            throw new StackException("deployment_differs", "what is on the chain is not what the file says, and is not changed here: " + different.getFirst()
                    + (different.size() == 1 ? "" : " (and " + (different.size() - 1) + " more: nyxos deploy check)"));
        }
        var opening = new MarketOpening(submission, file, keys);
        opening.collect();
        return opening;
    }

    private void collect() {
        PublicKey payer = submission.payer().publicKey();
        Mint bond = mint("registry.bond-mint", file.registry().bondMint());
        var registry = new RegistryCalls(file.programs(), file.registryConfig(), bond.address(), bond.tokenProgram());
        if (missing(registry.config())) {
            DeploymentFile.Registry wanted = file.registry();
            pieces.add(new Piece("registry " + registry.config() + ": bond " + wanted.minBond() + " (validators " + wanted.minValidatorBond() + ") of " + bond.address() + ", " + wanted.threshold() + " of "
                    + wanted.verifiers().size() + " verifiers", "registry.creator", wanted.creator(), List.of(registry.initialize(payer, wanted.creator(), new RegistryCalls.Terms(
                    wanted.id(), wanted.authority(), Decimals.parse(wanted.minBond(), bond), Decimals.parse(wanted.minValidatorBond(), bond), wanted.unbondingSlots(),
                    wanted.threshold(), wanted.verifiers(), wanted.answerSlots()))), rent(Config.SIZE, TOKEN_ACCOUNT)));
        }
        var market = new MarketCalls(file.programs(), file.marketAddress(), file.registryConfig());
        if (missing(market.market())) {
            Mint stake = mint("market.bond-mint", file.posters().bondMint());
            MarketCalls.Terms terms = file.market().withMinPosterBond(Decimals.parse(file.posters().minBond(), stake));
            pieces.add(new Piece("market " + market.market() + ": fee " + terms.feeBps() + " bps, " + terms.threshold() + " of " + terms.verifiers().size() + " verifiers, operator "
                    + terms.operator() + ", who posts with a bond of at least " + stake.text(terms.minPosterBond()), "market.creator", file.creator(),
                    List.of(market.initialize(payer, file.creator(), market.posters(stake.address(), stake.tokenProgram()), terms)), rent(Market.SIZE, TOKEN_ACCOUNT)));
        }
        for (PublicKey address : file.mints()) {
            Mint mint = mint("market.mints", address);
            var pool = market.pool(address, mint.tokenProgram());
            if (missing(pool.pool())) {
                pieces.add(new Piece("pool " + pool.pool() + " for mint " + address, "market.authority", file.market().authority(),
                        pool.initialize(payer, file.market().authority()), rent(Pool.SIZE, TOKEN_ACCOUNT, TOKEN_ACCOUNT)));
            }
        }
    }

    private Mint mint(String field, PublicKey address) {
        return new DeploymentDifferences(submission.rpc(), file).mint(address)
                .orElseThrow(() -> new StackException("mint_unknown", field + ": there is no mint " + address + " on this cluster"));
    }

    private boolean missing(PublicKey address) {
        return submission.rpc().account(address, Commitment.CONFIRMED).isEmpty();
    }

    private long rent(int... sizes) {
        long all = 0;
        for (int size : sizes) {
            all = Math.addExact(all, submission.rpc().minimumRent(size));
        }
        return all;
    }

    /** Whether there is nothing to make. */
    boolean isDone() {
        return pieces.isEmpty();
    }

    /** What is to be made, a line each. */
    List<String> describe() {
        return pieces.stream().map(piece -> "to make: " + piece.what() + " (signed by " + piece.signer() + (signer(piece).isPresent() ? ")" : ", whose key is not at hand)")).toList();
    }

    /** Rent and fees of what can be signed here, in lamports. */
    long cost() {
        return pieces.stream().filter(piece -> signer(piece).isPresent()).mapToLong(piece -> Math.addExact(piece.rent(), submission.fee(2))).reduce(0, Math::addExact);
    }

    private Optional<Keypair> signer(Piece piece) {
        return submission.payer().publicKey().equals(piece.signer()) ? Optional.of(submission.payer()) : Optional.ofNullable(keys.get(piece.signer()));
    }

    /**
     * Makes it. Where a key is not at hand, for example a multisig's, what it has to sign is told in place of it.
     *
     * @return whether all of it was made
     */
    boolean run(ProgramDeployment.Steps steps) {
        boolean all = true;
        for (Piece piece : pieces) {
            Optional<Keypair> signer = signer(piece);
            if (signer.isPresent()) {
                steps.tell("made: " + piece.what() + ", " + submission.send(piece.what(), piece.instructions(), signer.get()));
            } else {
                all = false;
                steps.tell("NOT made: " + piece.what() + ". " + piece.role() + " has to sign; give its keypair file with --key, or, where it is a multisig:");
                new SigningRequest(piece.signer(), piece.instructions()).lines(submission.rpc()).forEach(steps::tell);
            }
        }
        return all;
    }
}
