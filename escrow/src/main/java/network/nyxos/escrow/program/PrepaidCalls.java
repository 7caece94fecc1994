package network.nyxos.escrow.program;

import java.util.List;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.EscrowInstruction;
import network.nyxos.escrow.token.Tokens;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/// The escrow program's instructions about prepaid escrows of one pool, and about what plain token transfers bring to an escrow of either kind.
///
/// Anybody may open a prepaid escrow for a payer. Its address follows from payer, session key and opening slot, so that who is to pay derives
/// {@link #address} and needs to believe nobody; a transfer of the pool's mint to that address, as any wallet and x402's `exact` make it (`payTo` = the
/// address), arrives in its {@link #inbox} and is the payer's. {@link #count} makes it spendable by vouchers.
public final class PrepaidCalls {
    /// Slots for which a prepaid escrow stands from its opening slot on; after that {@link #close} takes it when there is nothing in it.
    public static final long STANDING_SLOTS = 9_000;

    private final Programs programs;
    private final PublicKey market;
    private final PublicKey eventAuthority;
    private final PoolCalls pool;

    PrepaidCalls(Programs programs, PublicKey market, PublicKey eventAuthority, PoolCalls pool) {
        this.programs = programs;
        this.market = market;
        this.eventAuthority = eventAuthority;
        this.pool = pool;
    }

    /// The prepaid escrow of a payer and a session key; x402's `payTo`.
    ///
    /// @param sessionKey {@link PublicKey#NONE} for the address of an escrow that the payer opens itself
    /// @param openSlot   the slot that it is, or was, opened under
    public PublicKey address(PublicKey payer, PublicKey sessionKey, long openSlot) {
        return sessionKey.equals(PublicKey.NONE) ? pool.escrow(payer, openSlot) : programs.prepaid(market, payer, pool.mint(), sessionKey, openSlot);
    }

    /// The address of an escrow of either kind.
    public PublicKey address(Escrow escrow) {
        return address(escrow.payer(), seed(escrow), escrow.openSlot());
    }

    /// The session key as part of an address.
    private static PublicKey seed(Escrow escrow) {
        return escrow.prepaid() == 0 ? PublicKey.NONE : escrow.sessionKey();
    }

    /// Where plain transfers to an escrow arrive: its associated token account.
    public PublicKey inbox(PublicKey escrow) {
        return Tokens.associated(escrow, pool.mint(), pool.tokenProgram());
    }

    /// Makes the inbox where it is missing, then the escrow; to be put into a transaction in this order. Signer: rent payer, who gets the rent of both back
    /// when the escrow is closed.
    ///
    /// @param sessionKey signs vouchers, without end and up to what is deposited
    /// @param openSlot   a slot of the last 150
    public List<Instruction> open(PublicKey rentPayer, PublicKey payer, PublicKey sessionKey, long openSlot) {
        PublicKey escrow = address(payer, sessionKey, openSlot);
        return List.of(Tokens.createAssociated(rentPayer, escrow, pool.mint(), pool.tokenProgram()),
            new EscrowInstruction.OpenPrepaid(openSlot, payer, sessionKey).instruction(programs.escrow(), new EscrowInstruction.OpenPrepaid.Accounts(rentPayer, market,
                pool.pool(), escrow, inbox(escrow), pool.mint(), pool.tokenProgram(), eventAuthority, programs.escrow())));
    }

    /// Counts what came into an open escrow's inbox as its deposit; nothing there is no error. Anyone may send it, for an escrow of either kind.
    public Instruction count(PublicKey escrow) {
        return new EscrowInstruction.CountTransfers().instruction(programs.escrow(), new EscrowInstruction.CountTransfers.Accounts(market, pool.pool(), escrow,
            inbox(escrow), pool.mint(), pool.depositVault(), pool.tokenProgram(), eventAuthority, programs.escrow()));
    }

    /// Gives what lies in an exiting escrow's inbox back to its payer, and the inbox's rent to who paid the escrow's; to be put into a transaction in this
    /// order. Anyone may send it; an inbox that is not there is no error.
    ///
    /// @param feePayer pays for the payer's token account, where there is none
    public List<Instruction> giveBack(PublicKey feePayer, Escrow escrow) {
        return List.of(payerToken(feePayer, escrow.payer()), returned(escrow));
    }

    /// The same where there is no escrow, because it was closed or never opened; the inbox's rent goes to the payer.
    ///
    /// @param sessionKey a prepaid escrow's; {@link PublicKey#NONE} of one that its payer opened
    public List<Instruction> giveBack(PublicKey feePayer, PublicKey payer, PublicKey sessionKey, long openSlot) {
        return List.of(payerToken(feePayer, payer), returned(payer, sessionKey, openSlot, payer));
    }

    /// Pays out all that an exiting escrow of either kind has, in its inbox and in the deposits, and closes both; to be put into one transaction in this order,
    /// so that nobody can open the inbox again in between. Anyone may send it, from the exit slot on.
    ///
    /// @param feePayer pays for the payer's token account, where there is none
    public List<Instruction> exit(PublicKey feePayer, Escrow escrow) {
        PublicKey address = address(escrow);
        Instruction exit = new EscrowInstruction.Exit().instruction(programs.escrow(), new EscrowInstruction.Exit.Accounts(market, pool.pool(), address,
            escrow.rentPayer(), Tokens.associated(escrow.payer(), pool.mint(), pool.tokenProgram()), pool.mint(), pool.depositVault(), pool.tokenProgram(),
            eventAuthority, programs.escrow()), escrow.prepaid() == 0 ? List.of() : List.of(AccountMeta.createRead(inbox(address))));
        return List.of(payerToken(feePayer, escrow.payer()), returned(escrow), exit);
    }

    /// Closes a prepaid escrow that has nothing in it, {@link #STANDING_SLOTS} after its opening slot. Signer: who paid its rent and gets it back.
    public Instruction close(PublicKey rentPayer, PublicKey escrow) {
        return new EscrowInstruction.ClosePrepaid().instruction(programs.escrow(),
            new EscrowInstruction.ClosePrepaid.Accounts(rentPayer, market, escrow, inbox(escrow), pool.tokenProgram(), eventAuthority, programs.escrow()));
    }

    private Instruction payerToken(PublicKey feePayer, PublicKey payer) {
        return Tokens.createAssociated(feePayer, payer, pool.mint(), pool.tokenProgram());
    }

    private Instruction returned(Escrow escrow) {
        return returned(escrow.payer(), seed(escrow), escrow.openSlot(), escrow.rentPayer());
    }

    private Instruction returned(PublicKey payer, PublicKey sessionKey, long openSlot, PublicKey rentReceiver) {
        PublicKey address = address(payer, sessionKey, openSlot);
        return new EscrowInstruction.ReturnTransfers(sessionKey, openSlot).instruction(programs.escrow(), new EscrowInstruction.ReturnTransfers.Accounts(market, address,
            inbox(address), payer, Tokens.associated(payer, pool.mint(), pool.tokenProgram()), rentReceiver, pool.mint(), pool.tokenProgram(), eventAuthority,
            programs.escrow()));
    }
}
