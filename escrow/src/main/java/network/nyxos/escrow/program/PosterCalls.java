package network.nyxos.escrow.program;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.program.escrow.EscrowInstruction;
import network.nyxos.escrow.program.escrow.ProofNode;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditNode;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// The escrow program's instructions about who posts a market's batches: the bond that answers for them, and the challenge that takes it.
public final class PosterCalls {
    private final Programs programs;
    private final PublicKey market;
    private final PublicKey eventAuthority;
    private final PublicKey bondMint;
    private final PublicKey tokenProgram;
    private final PublicKey bondVault;

    PosterCalls(Programs programs, PublicKey market, PublicKey eventAuthority, PublicKey bondMint, PublicKey tokenProgram) {
        this.programs = programs;
        this.market = market;
        this.eventAuthority = eventAuthority;
        this.bondMint = bondMint;
        this.tokenProgram = tokenProgram;
        this.bondVault = programs.posterBondVault(market);
    }

    /// What bonds are in.
    public PublicKey bondMint() {
        return bondMint;
    }

    /// The program of that mint.
    public PublicKey tokenProgram() {
        return tokenProgram;
    }

    /// Where the market's bonds lie.
    public PublicKey bondVault() {
        return bondVault;
    }

    /// The poster account of an operator.
    public PublicKey account(PublicKey operator) {
        return programs.poster(market, operator);
    }

    /// Adds to an operator's bond from its associated token account; opens the poster account the first time, and takes a request to leave back.
    /// Signers: rent payer, operator.
    ///
    /// @param amount base units, more than 0
    public Instruction bond(PublicKey rentPayer, PublicKey operator, long amount) {
        return new EscrowInstruction.BondPoster(amount).instruction(programs.escrow(), new EscrowInstruction.BondPoster.Accounts(rentPayer, operator, market,
            account(operator), token(operator), bondMint, bondVault, tokenProgram, eventAuthority, programs.escrow()));
    }

    /// Asks to leave: from now on the operator posts nothing. Signer: operator.
    public Instruction requestUnbond(PublicKey operator) {
        return new EscrowInstruction.RequestUnbondPoster().instruction(programs.escrow(),
            new EscrowInstruction.RequestUnbondPoster.Accounts(operator, market, account(operator), eventAuthority, programs.escrow()));
    }

    /// Takes the bond back and closes the poster account, once nothing that it posted can be challenged. Signer: operator.
    ///
    /// @param rentPayer who paid the account's rent and gets it back
    public Instruction withdraw(PublicKey operator, PublicKey rentPayer) {
        return new EscrowInstruction.WithdrawPosterBond().instruction(programs.escrow(), new EscrowInstruction.WithdrawPosterBond.Accounts(operator, market,
            account(operator), rentPayer, token(operator), bondMint, bondVault, tokenProgram, eventAuthority, programs.escrow()));
    }

    /// Keeps a credit that is proven to stand in a batch, for a challenge. Signer: prover, who pays the rent.
    ///
    /// @param pool   whose batch it is
    /// @param credit the leaf
    /// @param index  its place
    /// @param proof  its audit path
    public Instruction proveLeaf(PublicKey prover, PoolCalls pool, long seq, Credit credit, long index, List<CreditNode> proof) {
        List<ProofNode> path = proof.stream().map(step -> new ProofNode(step.hash(), step.sum())).toList();
        PublicKey batch = pool.batch(seq);
        return new EscrowInstruction.ProveLeaf(index, credit.payee(), credit.kind().code(), credit.cumulative(), path).instruction(programs.escrow(),
            new EscrowInstruction.ProveLeaf.Accounts(prover, batch, programs.leaf(batch, prover, index), eventAuthority, programs.escrow()));
    }

    /// Closes a proven leaf; the rent goes back. Signer: prover.
    public Instruction closeLeaf(PublicKey prover, PublicKey leaf) {
        return new EscrowInstruction.CloseLeaf().instruction(programs.escrow(),
            new EscrowInstruction.CloseLeaf.Accounts(prover, leaf, eventAuthority, programs.escrow()));
    }

    /// What shows a fault.
    ///
    /// @param fault what it is
    /// @param floor for {@link BatchFault#LOWERED} and {@link BatchFault#OMITTED}: a proven leaf of the pool's last final batch, or a claim that it paid
    /// @param leaf  a proven leaf of the batch that is challenged
    /// @param next  for {@link BatchFault#OMITTED} between two leaves and for {@link BatchFault#DISORDERED}: the proven leaf behind it
    public record Evidence(BatchFault fault, Optional<PublicKey> floor, PublicKey leaf, Optional<PublicKey> next) {
    }

    /// Voids a batch in its window and takes its poster's bond, half of it to the challenger's associated token account, which must exist. Anyone may send
    /// it. Signer: challenger.
    ///
    /// @param pool   whose batch it is
    /// @param poster who posted it, as the batch says
    public Instruction challenge(PublicKey challenger, PoolCalls pool, long seq, PublicKey poster, Evidence evidence) {
        return new EscrowInstruction.ChallengeBatch(evidence.fault.code()).instruction(programs.escrow(), new EscrowInstruction.ChallengeBatch.Accounts(challenger,
            market, pool.pool(), pool.batch(seq), account(poster), evidence.floor.orElse(programs.escrow()), evidence.leaf, evidence.next.orElse(programs.escrow()),
            token(challenger), bondMint, bondVault, tokenProgram, eventAuthority, programs.escrow()));
    }

    private PublicKey token(PublicKey owner) {
        return Tokens.associated(owner, bondMint, tokenProgram);
    }
}
