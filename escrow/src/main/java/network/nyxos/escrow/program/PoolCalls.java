package network.nyxos.escrow.program;

import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.escrow.Direct;
import network.nyxos.escrow.program.escrow.EscrowInstruction;
import network.nyxos.escrow.program.escrow.ProofNode;
import network.nyxos.escrow.program.escrow.Unspent;
import network.nyxos.escrow.token.Ed25519Instruction;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditNode;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/// The escrow program's instructions for one pool, with every address filled in that follows from others. Addresses of the pool are derived once.
public final class PoolCalls {
    /// Escrows that one collection may name; a legacy transaction has room for them.
    public static final int MAX_COLLECTED = 23;

    private final Programs programs;
    private final PublicKey market;
    private final PublicKey registryConfig;
    private final PublicKey eventAuthority;
    private final PublicKey mint;
    private final PublicKey tokenProgram;
    private final PublicKey pool;
    private final PublicKey vault;
    private final PublicKey depositVault;

    PoolCalls(Programs programs, PublicKey market, PublicKey registryConfig, PublicKey eventAuthority, PublicKey mint, PublicKey tokenProgram) {
        this.programs = programs;
        this.market = market;
        this.registryConfig = registryConfig;
        this.eventAuthority = eventAuthority;
        this.mint = mint;
        this.tokenProgram = tokenProgram;
        this.pool = programs.pool(market, mint);
        this.vault = Tokens.associated(pool, mint, tokenProgram);
        this.depositVault = programs.depositVault(pool);
    }

    /// The pool; x402's `payTo`.
    public PublicKey pool() {
        return pool;
    }

    /// The pool's mint.
    public PublicKey mint() {
        return mint;
    }

    /// The program of the mint.
    public PublicKey tokenProgram() {
        return tokenProgram;
    }

    /// Where `exact` payments and settled vouchers go and claims come from: the pool's associated token account.
    public PublicKey vault() {
        return vault;
    }

    /// Where payers' deposits lie.
    public PublicKey depositVault() {
        return depositVault;
    }

    /// The escrow of a payer that was opened at a slot.
    public PublicKey escrow(PublicKey payer, long openSlot) {
        return programs.escrow(market, payer, mint, openSlot);
    }

    /// The instructions about escrows that anybody may open, and about plain transfers to any escrow of this pool.
    public PrepaidCalls prepaid() {
        return new PrepaidCalls(programs, market, eventAuthority, this);
    }

    /// The account of a batch.
    public PublicKey batch(long seq) {
        return programs.batch(pool, seq);
    }

    /// The account of what a payee has claimed.
    public PublicKey claimAccount(PublicKey payee, CreditKind kind) {
        return programs.claim(pool, payee, kind);
    }

    /// Makes the vault where it is missing, then the pool; to be put into a transaction in this order. Signers: rent payer, market authority.
    public List<Instruction> initialize(PublicKey rentPayer, PublicKey authority) {
        return List.of(Tokens.createAssociated(rentPayer, pool, mint, tokenProgram), new EscrowInstruction.InitializePool().instruction(programs.escrow(),
            new EscrowInstruction.InitializePool.Accounts(rentPayer, authority, market, pool, mint, vault, depositVault, tokenProgram, eventAuthority, programs.escrow())));
    }

    /// Opens an escrow with a first deposit (or none) from the payer's associated token account. Signers: rent payer, payer.
    ///
    /// @param openSlot       a slot of the last 150
    /// @param sessionKey     signs vouchers
    /// @param sessionExpires unix seconds; 0 = never
    /// @param sessionLimit   the most that may ever be settled; 0 = no limit
    /// @param amount         base units, 0 or more
    public Instruction open(PublicKey rentPayer, PublicKey payer, long openSlot, PublicKey sessionKey, long sessionExpires, long sessionLimit, long amount) {
        return new EscrowInstruction.OpenEscrow(openSlot, sessionKey, sessionExpires, sessionLimit, amount).instruction(programs.escrow(),
            new EscrowInstruction.OpenEscrow.Accounts(rentPayer, payer, market, pool, escrow(payer, openSlot), token(payer), mint, depositVault, tokenProgram,
                eventAuthority, programs.escrow()));
    }

    /// Adds to an escrow from the depositor's associated token account. Signer: depositor.
    ///
    /// @param amount base units, more than 0
    public Instruction deposit(PublicKey depositor, PublicKey escrow, long amount) {
        return new EscrowInstruction.Deposit(amount).instruction(programs.escrow(), new EscrowInstruction.Deposit.Accounts(depositor, market, pool, escrow,
            token(depositor), mint, depositVault, tokenProgram, eventAuthority, programs.escrow()));
    }

    /// Counts what was used of many escrows at once, of this pool or others; to be put into a transaction in this order. Signer: operator. A legacy
    /// transaction has room for {@link Settlement#fitting}, one of version 0 with the escrows in a lookup table for six. {@link #collect} moves the money.
    public List<Instruction> settle(PublicKey operator, List<Settlement> settlements) {
        List<AccountMeta> escrows = settlements.stream().map(settlement -> AccountMeta.createWrite(settlement.voucher().escrow())).toList();
        return List.of(Ed25519Instruction.of(settlements.stream().map(Settlement::entry).toList()),
            new EscrowInstruction.SettleVouchers(new Unspent(settlements.stream().map(Settlement::unspent).toList())).instruction(programs.escrow(),
                new EscrowInstruction.SettleVouchers.Accounts(operator, programs.escrow()), escrows));
    }

    /// Moves what was settled from the deposits to the vault, along with what closed escrows left behind. Anyone may send it.
    ///
    /// @param escrows at most {@link #MAX_COLLECTED}; one that has nothing to collect, or is closed, is passed over
    public Instruction collect(List<PublicKey> escrows) {
        return new EscrowInstruction.Collect().instruction(programs.escrow(), new EscrowInstruction.Collect.Accounts(market, pool, vault, depositVault, mint,
            tokenProgram, eventAuthority, programs.escrow()), escrows.stream().map(AccountMeta::createWrite).toList());
    }

    /// Pays out what an exiting escrow that its payer opened has left and closes it. Anyone may send it. {@link PrepaidCalls#exit} is for every escrow.
    ///
    /// @param payer     the escrow's payer, whose associated token account is paid
    /// @param rentPayer who paid the escrow's rent and gets it back
    public Instruction exit(PublicKey escrow, PublicKey payer, PublicKey rentPayer) {
        return new EscrowInstruction.Exit().instruction(programs.escrow(), new EscrowInstruction.Exit.Accounts(market, pool, escrow, rentPayer, token(payer), mint,
            depositVault, tokenProgram, eventAuthority, programs.escrow()));
    }

    /// What the verifiers sign for a batch of this pool.
    public Hash batchDigest(long seq, Hash receiptsRoot, long receiptsCount, CreditNode credits, long payeeCount) {
        return Digests.batch(programs.escrow(), pool, seq, receiptsRoot, receiptsCount, credits, payeeCount);
    }

    /// Posts a batch; to be put into a transaction in this order. Signers: rent payer, operator.
    ///
    /// @param quorum over {@link #batchDigest} of the same values
    public List<Instruction> post(PublicKey rentPayer, PublicKey operator, long seq, Hash receiptsRoot, long receiptsCount, CreditNode credits, long payeeCount,
                                  Quorum quorum) {
        return quorum.before(new EscrowInstruction.PostBatch(seq, receiptsRoot, receiptsCount, credits.hash(), credits.sum(), payeeCount).instruction(
            programs.escrow(), new EscrowInstruction.PostBatch.Accounts(rentPayer, operator, market, pool, vault, batch(seq), programs.poster(market, operator),
                eventAuthority, programs.escrow())));
    }

    /// Makes a batch final when its window is over. Anyone may send it.
    public Instruction finalizeBatch(long seq) {
        return new EscrowInstruction.FinalizeBatch().instruction(programs.escrow(),
            new EscrowInstruction.FinalizeBatch.Accounts(market, pool, batch(seq), eventAuthority, programs.escrow()));
    }

    /// Voids a batch in its window; to be put into a transaction in this order.
    ///
    /// @param quorum over {@link Digests#voidBatch}
    public List<Instruction> voidBatch(long seq, int reason, Quorum quorum) {
        return quorum.before(new EscrowInstruction.VoidBatch(reason).instruction(programs.escrow(),
            new EscrowInstruction.VoidBatch.Accounts(market, pool, batch(seq), eventAuthority, programs.escrow())));
    }

    /// Pays a payee what it has been credited and not yet paid. Anyone may send it; the wallet's associated token account must exist
    /// ({@link Tokens#createAssociated}). Signer: rent payer.
    ///
    /// @param wallet whom it is paid to: the registry's payout for {@link CreditKind#NODE}, else the payee
    /// @param seq    the final batch whose tree the proof is of
    /// @param credit the leaf
    /// @param index  its place
    /// @param proof  its audit path
    public Instruction claim(PublicKey rentPayer, PublicKey wallet, long seq, Credit credit, long index, List<CreditNode> proof) {
        PublicKey node = credit.kind() == CreditKind.NODE ? programs.node(registryConfig, credit.payee()) : programs.escrow();
        List<ProofNode> path = proof.stream().map(step -> new ProofNode(step.hash(), step.sum())).toList();
        return new EscrowInstruction.Claim(credit.kind().code(), credit.cumulative(), index, path).instruction(programs.escrow(),
            new EscrowInstruction.Claim.Accounts(rentPayer, market, pool, batch(seq), claimAccount(credit.payee(), credit.kind()), credit.payee(), node, token(wallet),
                mint, vault, tokenProgram, eventAuthority, programs.escrow()));
    }

    /// What every claim in this pool names, and a lookup table can have ({@link ClaimTransactions}); programs that a transaction calls cannot stand in one.
    public List<PublicKey> claimAccounts() {
        return List.of(market, pool, mint, vault, tokenProgram, WellKnown.SYSTEM, eventAuthority);
    }

    /// The account of a job that a payer opened at a slot.
    public PublicKey job(PublicKey payer, long openSlot) {
        return programs.job(pool, payer, openSlot);
    }

    /// Locks an amount for one node's work. Signers: rent payer, payer.
    ///
    /// @param openSlot     a slot of the last 150
    /// @param node         the node's key
    /// @param amount       base units, more than 0; the market's fee of now is taken from what is released
    /// @param deadlineSlot from when on the rest goes back, at least 150 slots after `openSlot` and at most a year away
    /// @param terms        hash of what was agreed, for people and verifiers; the program does not read it
    public Instruction openJob(PublicKey rentPayer, PublicKey payer, long openSlot, PublicKey node, long amount, long deadlineSlot, Hash terms) {
        return new EscrowInstruction.OpenJob(openSlot, node, amount, deadlineSlot, terms).instruction(programs.escrow(),
            new EscrowInstruction.OpenJob.Accounts(rentPayer, payer, market, pool, job(payer, openSlot), token(payer), mint, depositVault, tokenProgram, eventAuthority,
                programs.escrow()));
    }

    /// Releases of a job's amount to its node, on the payer's word. Signer: payer. Payout's and treasury's associated token accounts must exist.
    ///
    /// @param node       the job's node
    /// @param payout     its payout wallet
    /// @param treasury   the market's
    /// @param cumulative released in the job's whole life, base units
    public Instruction releaseJob(PublicKey payer, PublicKey job, PublicKey node, PublicKey payout, PublicKey treasury, long cumulative) {
        return new EscrowInstruction.ReleaseJob(cumulative).instruction(programs.escrow(), new EscrowInstruction.ReleaseJob.Accounts(payer, market, pool, job,
            programs.node(registryConfig, node), token(payout), token(treasury), mint, depositVault, tokenProgram, eventAuthority, programs.escrow()));
    }

    /// The same on the verifiers' word, before the deadline; to be put into a transaction in this order. Anyone may send it.
    ///
    /// @param quorum over {@link Digests#award} of the same job and amount
    public List<Instruction> awardJob(PublicKey job, PublicKey node, PublicKey payout, PublicKey treasury, long cumulative, Quorum quorum) {
        return quorum.before(new EscrowInstruction.AwardJob(cumulative).instruction(programs.escrow(), new EscrowInstruction.AwardJob.Accounts(market, pool, job,
            programs.node(registryConfig, node), token(payout), token(treasury), mint, depositVault, tokenProgram, eventAuthority, programs.escrow())));
    }

    /// Gives back what a job has left, from its deadline on, and closes it. Anyone may send it.
    ///
    /// @param rentPayer who paid the job's rent and gets it back
    public Instruction refundJob(PublicKey job, PublicKey payer, PublicKey rentPayer) {
        return new EscrowInstruction.RefundJob().instruction(programs.escrow(), new EscrowInstruction.RefundJob.Accounts(market, pool, job, rentPayer, token(payer),
            mint, depositVault, tokenProgram, eventAuthority, programs.escrow()));
    }

    /// The record of a payment.
    public PublicKey payment(PublicKey payer, Hash reference) {
        return programs.payment(pool, payer, reference);
    }

    /// Pays into the vault under a reference, which the same payer cannot pay twice. Signers: rent payer, payer.
    ///
    /// @param amount base units, more than 0
    public Instruction pay(PublicKey rentPayer, PublicKey payer, Hash reference, long amount) {
        return new EscrowInstruction.Pay(reference, amount).instruction(programs.escrow(), new EscrowInstruction.Pay.Accounts(rentPayer, payer, market, pool,
            payment(payer, reference), token(payer), vault, mint, tokenProgram, eventAuthority, programs.escrow()));
    }

    /// Closes the record of a payment after a day. Signer: who paid its rent and gets it back.
    public Instruction closePayment(PublicKey rentPayer, PublicKey payment) {
        return new EscrowInstruction.ClosePayment().instruction(programs.escrow(),
            new EscrowInstruction.ClosePayment.Accounts(rentPayer, market, pool, payment, eventAuthority, programs.escrow()));
    }

    /// Closes a batch that is void, or final and not the last one. Signer: who paid its rent and gets it back. Receipts of a closed batch can be proven only
    /// by the history of its posting.
    public Instruction closeBatch(PublicKey rentPayer, long seq) {
        return new EscrowInstruction.CloseBatch().instruction(programs.escrow(),
            new EscrowInstruction.CloseBatch.Accounts(rentPayer, market, pool, batch(seq), eventAuthority, programs.escrow()));
    }

    /// Counts what came into the vault. Anyone may send it.
    public Instruction syncInflow() {
        return new EscrowInstruction.SyncInflow().instruction(programs.escrow(),
            new EscrowInstruction.SyncInflow.Accounts(pool, market, vault, eventAuthority, programs.escrow()));
    }

    /// Counts a job against its payer's voucher on its node's own word; to be put into a transaction in this order, which has room for it in the legacy form
    /// also where another pays the fee. Signers: rent payer, the node's key.
    public List<Instruction> settleDirect(PublicKey rentPayer, DirectSettlement job) {
        PublicKey escrow = job.voucher().escrow();
        PublicKey node = job.assignment().assignment().node();
        return List.of(Ed25519Instruction.of(job.entries()), job.instruction().instruction(programs.escrow(), new EscrowInstruction.SettleDirect.Accounts(rentPayer,
            node, market, pool, escrow, direct(escrow, job.jobId()), programs.node(registryConfig, node), eventAuthority, programs.escrow())));
    }

    /// The record of a job that its node settles by itself.
    public PublicKey direct(PublicKey escrow, Hash jobId) {
        return programs.direct(escrow, jobId);
    }

    /// Voids what a node settled by itself with a receipt of the same job in a batch. Anyone may send it.
    ///
    /// @param seq     of a batch that is posted or final
    /// @param receipt canonical bytes of a receipt of the same job
    /// @param index   its place among the batch's receipts
    /// @param proof   its audit path
    public Instruction disproveDirect(PublicKey direct, long seq, byte[] receipt, long index, List<Hash> proof) {
        return new EscrowInstruction.DisproveDirect(index, receipt, proof).instruction(programs.escrow(),
            new EscrowInstruction.DisproveDirect.Accounts(market, direct, batch(seq), eventAuthority, programs.escrow()));
    }

    /// Voids what a node settled by itself on the verifiers' word; to be put into a transaction in this order.
    ///
    /// @param quorum over {@link Digests#voidDirect}
    public List<Instruction> voidDirect(PublicKey direct, int reason, Quorum quorum) {
        return quorum.before(new EscrowInstruction.VoidDirect(reason).instruction(programs.escrow(),
            new EscrowInstruction.VoidDirect.Accounts(market, direct, eventAuthority, programs.escrow())));
    }

    /// Pays a node what it settled by itself, when the window has passed. Anyone may send it; payout's and treasury's associated token accounts must exist.
    ///
    /// @param node     the record's
    /// @param payout   its payout wallet
    /// @param treasury the market's
    public Instruction finishDirect(PublicKey direct, PublicKey node, PublicKey payout, PublicKey treasury) {
        return new EscrowInstruction.FinishDirect().instruction(programs.escrow(), new EscrowInstruction.FinishDirect.Accounts(market, pool, direct,
            programs.node(registryConfig, node), token(payout), token(treasury), mint, depositVault, tokenProgram, eventAuthority, programs.escrow()));
    }

    /// Gives a voided charge, or that of a node which can no longer be paid, back to its payer: to the escrow, or to the wallet when that is gone. Anyone
    /// may send it.
    public Instruction returnDirect(PublicKey direct, PublicKey escrow, PublicKey node, PublicKey payer) {
        return new EscrowInstruction.ReturnDirect().instruction(programs.escrow(), new EscrowInstruction.ReturnDirect.Accounts(market, pool, direct, escrow,
            programs.node(registryConfig, node), token(payer), mint, depositVault, tokenProgram, eventAuthority, programs.escrow()));
    }

    /// Gives the charge of a record back, as {@link #returnDirect} does; to be put into a transaction in this order.
    ///
    /// @param feePayer pays for the payer's token account, where the escrow is gone and there is none
    /// @param open     whether the escrow is still there
    public List<Instruction> giveBack(PublicKey feePayer, Direct record, boolean open) {
        Instruction back = returnDirect(direct(record.escrow(), record.job()), record.escrow(), record.nodeKey(), record.payer());
        return open ? List.of(back) : List.of(Tokens.createAssociated(feePayer, record.payer(), mint, tokenProgram), back);
    }

    /// Closes a record that is over, a day after its window and when its escrow is closed. Signer: who paid its rent and gets it back.
    public Instruction closeDirect(PublicKey rentPayer, PublicKey direct, PublicKey escrow) {
        return new EscrowInstruction.CloseDirect().instruction(programs.escrow(),
            new EscrowInstruction.CloseDirect.Accounts(rentPayer, market, direct, escrow, eventAuthority, programs.escrow()));
    }

    private PublicKey token(PublicKey owner) {
        return Tokens.associated(owner, mint, tokenProgram);
    }
}
