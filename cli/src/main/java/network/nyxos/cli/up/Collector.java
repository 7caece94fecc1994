package network.nyxos.cli.up;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.escrow.program.escrow.Claim;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditNode;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.wire.ProofDocument;
import software.sava.core.accounts.PublicKey;

/** Claims what a payee has earned: asks the relayer for the proof, checks it against the chain by itself, and sends it. */
final class Collector {

    private final SolanaRpc rpc;
    private final Foundation foundation;
    private final URI relayer;
    private final Http http = new Http();

    Collector(SolanaRpc rpc, Foundation foundation, URI relayer) {
        this.rpc = rpc;
        this.foundation = foundation;
        this.relayer = relayer;
    }

    /**
     * A claim that was paid.
     *
     * @param amount base units
     */
    record Paid(long amount, Signature signature) {
    }

    /**
     * Claims what is due.
     *
     * @param payee  the node's key, or the wallet for every other kind
     * @param wallet whom it is paid to
     * @param sender pays the fee
     * @return empty when nothing is due
     * @throws StackException {@code proof_refused} when the relayer's proof does not lead to the root on chain
     */
    Optional<Paid> claim(Mint mint, PublicKey payee, CreditKind kind, PublicKey wallet, Keypair sender) {
        Optional<ProofDocument> found = http.bytes(relayer.resolve("/v1/proofs/" + mint.address().toBase58() + "/" + payee.toBase58() + "/" + kind.code()))
                .map(ProofDocument::decode);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ProofDocument proof = found.get();
        PoolCalls pool = foundation.pool(mint);
        Credit credit = new Credit(payee, kind, proof.cumulative());
        Batch batch = rpc.account(pool.batch(proof.seq()), Commitment.CONFIRMED).map(account -> Batch.decode(account.data()))
                .orElseThrow(() -> new StackException("proof_refused", "the relayer's proof names batch " + proof.seq() + ", which is not on chain"));
        CreditNode root = new CreditNode(batch.creditRoot(), batch.creditSum());
        if (!CreditTree.verify(pool.pool(), root, credit, proof.index(), batch.payeeCount(), proof.proof())) {
            throw new StackException("proof_refused", "the relayer's proof for " + payee + " does not lead to the root of batch " + proof.seq());
        }
        long claimed = rpc.account(pool.claimAccount(payee, kind), Commitment.CONFIRMED).map(account -> Claim.decode(account.data()).claimed()).orElse(0L);
        long due = credit.cumulative() - claimed;
        if (due == 0) {
            return Optional.empty();
        }
        Signature signature = foundation.send("claim:" + mint.symbol() + ":" + payee + ":" + kind.code() + ":" + credit.cumulative(), List.of(
                Tokens.createAssociated(sender.publicKey(), wallet, mint.address(), mint.tokenProgram()),
                pool.claim(sender.publicKey(), wallet, proof.seq(), credit, proof.index(), proof.proof())), sender);
        return Optional.of(new Paid(due, signature));
    }

    /** What the chain says a payee has claimed in all. */
    long claimed(Mint mint, PublicKey payee, CreditKind kind) {
        return rpc.account(foundation.pool(mint).claimAccount(payee, kind), Commitment.CONFIRMED).map(account -> Claim.decode(account.data()).claimed()).orElse(0L);
    }
}
