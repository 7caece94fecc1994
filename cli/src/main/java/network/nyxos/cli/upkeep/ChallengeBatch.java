package network.nyxos.cli.upkeep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.check.BatchFiles;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.BatchFault;
import network.nyxos.escrow.program.PosterCalls;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.escrow.program.escrow.Poster;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditNode;
import network.nyxos.escrow.tree.CreditTree;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import software.sava.core.accounts.PublicKey;

/** Challenges a batch. */
@Command(name = "challenge", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Holds the batch that is in its window against the last final one, and challenges it where it lowers or leaves out a credit: it is void then, and its poster's bond is gone, half of it to --wallet.",
        "The documents come from the relayer, or from files; their roots must be the chain's, so a relayer cannot lie, only keep silent."})
final class ChallengeBatch extends Upkeep {

    @Option(names = "--batch", paramLabel = "FILE", description = "The document of the batch in its window (default: the relayer's).")
    private Optional<Path> batch = Optional.empty();

    @Option(names = "--base", paramLabel = "FILE", description = "The document of the last final batch (default: the relayer's).")
    private Optional<Path> base = Optional.empty();

    @Mixin
    private Consent consent;

    @Override
    void run(PoolAt pool) {
        long seq = pool.account().pendingSeq();
        long last = pool.account().finalSeq();
        if (seq == 0 || last == 0) {
            out().println(seq == 0 ? "no batch of " + pool.mint().symbol() + " is in its window" : "no batch of " + pool.mint().symbol() + " is final, so batch " + seq + " takes nothing back");
            return;
        }
        Batch posted = pool.require(seq);
        long slot = pool.chain().slot();
        if (slot >= posted.finalSlot()) {
            throw new StackException("challenge_too_late", "the window of batch " + seq + " is over since slot " + posted.finalSlot() + ": whoever makes it final makes it stand");
        }
        CreditTree later = tree(pool, batch, seq, posted);
        CreditTree floor = tree(pool, base, last, pool.require(last));
        Optional<TakenBack> found = TakenBack.find(floor, later);
        if (found.isEmpty()) {
            out().println("batch " + seq + " takes nothing back: every credit of batch " + last + " is in it at no less");
            return;
        }
        challenge(pool, posted, found.get(), floor, later, slot);
    }

    private CreditTree tree(PoolAt pool, Optional<Path> file, long seq, Batch onChain) {
        CreditTree tree = BatchFiles.of(file, attachment(), pool.mint().address(), seq).creditTree();
        if (!tree.pool().equals(pool.calls().pool()) || !tree.root().equals(new CreditNode(onChain.creditRoot(), onChain.creditSum()))) {
            throw BatchFiles.other(file, seq, pool.mint(), "credit root");
        }
        return tree;
    }

    private void challenge(PoolAt pool, Batch posted, TakenBack found, CreditTree floor, CreditTree later, long slot) {
        ChainSession chain = pool.chain();
        Mint bond = chain.mint(chain.market().bondMint());
        PosterCalls posters = chain.calls().posters(bond.address(), bond.tokenProgram());
        Keypair challenger = wallet();
        Keypair fees = feePayer();
        long stake = chain.owned(posters.account(posted.poster()), chain.programs().escrow()).map(account -> Poster.decode(account.data()).bond()).orElse(0L);
        consent.ask(out(), List.of(said(pool.mint(), posted.seq(), found, floor, later), "from the slot in which it is confirmed batch " + posted.seq() + " is void, and the bond of " + posted.poster() + ", "
                + bond.text(stake) + ", is gone: " + bond.text(stake / 2) + " to " + challenger.publicKey() + ", the rest burned", "its window ends with " + Slots.from(posted.finalSlot(), slot)));
        var proven = new ArrayList<PublicKey>();
        PublicKey floorLeaf = prove(pool, posters, challenger, fees, pool.account().finalSeq(), floor, found.floor(), proven);
        PublicKey leaf = prove(pool, posters, challenger, fees, posted.seq(), later, found.leaf(), proven);
        Optional<PublicKey> next = found.next().isPresent() ? Optional.of(prove(pool, posters, challenger, fees, posted.seq(), later, found.next().getAsInt(), proven)) : Optional.empty();
        Signature signature = chain.send("challenge of batch " + posted.seq(), List.of(
                Tokens.createAssociated(fees.publicKey(), challenger.publicKey(), bond.address(), bond.tokenProgram()),
                posters.challenge(challenger.publicKey(), pool.calls(), posted.seq(), posted.poster(), new PosterCalls.Evidence(found.fault(), Optional.of(floorLeaf), leaf, next))), fees, challenger);
        done("batch " + posted.seq() + " is void, " + bond.text(stake / 2) + " paid to " + challenger.publicKey(), signature);
        done(proven.size() + " proofs closed, their rent is back", chain.send("close the proofs", proven.stream().map(each -> posters.closeLeaf(challenger.publicKey(), each)).toList(), fees, challenger));
    }

    private static String said(Mint mint, long seq, TakenBack found, CreditTree floor, CreditTree later) {
        Credit owed = floor.credits().get(found.floor());
        String whose = "the credit of " + owed.payee() + " (" + owed.kind().wireName() + ") of " + mint.text(owed.cumulative());
        return "batch " + seq + (found.fault() == BatchFault.LOWERED ? " lowers " + whose + " to " + mint.text(later.credits().get(found.leaf()).cumulative()) : " leaves out " + whose);
    }

    /** Keeps a leaf's proof on chain, where it is not there from a run that was interrupted; gives its account. */
    private PublicKey prove(PoolAt pool, PosterCalls posters, Keypair challenger, Keypair fees, long seq, CreditTree tree, int index, List<PublicKey> proven) {
        ChainSession chain = pool.chain();
        PublicKey leaf = chain.programs().leaf(pool.calls().batch(seq), challenger.publicKey(), index);
        if (chain.owned(leaf, chain.programs().escrow()).isEmpty()) {
            done("leaf " + index + " of batch " + seq + " proven", chain.send("prove a leaf", List.of(posters.proveLeaf(challenger.publicKey(), pool.calls(), seq, tree.credits().get(index), index,
                    tree.proof(index))), fees, challenger));
        }
        proven.add(leaf);
        return leaf;
    }
}
