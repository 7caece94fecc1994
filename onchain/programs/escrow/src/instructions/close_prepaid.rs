//! Closes a prepaid escrow that has nothing in it, never paid for or used up: who opened it gets the rent back without the payer's help. What is
//! sent to it later goes back by `return_transfers`.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | the escrow's |
//! | 1 | market | | | of this program |
//! | 2 | escrow | | w | of this market, prepaid, open, all of its deposit collected, slot ≥ open_slot + 9 000; signs for its inbox |
//! | 3 | inbox | | w | ATA of the escrow and its mint, empty |
//! | 4 | token_program | | | of the mint |
//! | 5 | event_authority | | | |
//! | 6 | program | | | this program |

use nyxos_shared::{
    Call, Emitter, Error, accounts, address, arguments, signer,
    token::{self, Closing},
};
use pinocchio::{
    Address, ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{close, event_bump, inbox::Inbox, load_escrow, load_market, origin::Origin},
    state::{PREPAID_SLOTS, escrow, escrow_state},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [rent_payer, market_account, escrow_account, inbox, token_program, event_authority, this]);
    arguments!(data, {});

    signer(rent_payer)?;
    let event_bump = event_bump(&load_market(market_account, program_id)?);
    let origin = {
        let data = load_escrow(escrow_account, market_account, program_id)?;
        address(rent_payer, escrow::RENT_PAYER.get(&data)).map_err(|_| Error::Unauthorized)?;
        // Any other was opened by its payer, who closes it.
        if escrow::PREPAID.get(&data) == 0 {
            return Err(Error::WrongAccountKind.into());
        }
        // One that is exiting the payer closes.
        if escrow::STATE.get(&data) != escrow_state::OPEN {
            return Err(Error::WrongState.into());
        }
        // Time for a payment to come in; and an address that could still be opened would live twice.
        if Clock::get()?.slot < escrow::OPEN_SLOT.get(&data).saturating_add(PREPAID_SLOTS) {
            return Err(Error::TooEarly.into());
        }
        let deposited = escrow::DEPOSITED.get(&data);
        if escrow::SETTLED.get(&data) != deposited || escrow::COLLECTED.get(&data) != deposited {
            return Err(Error::EscrowNotEmpty.into());
        }
        Origin::of(&data)
    };
    let mint = Address::new_from_array(origin.mint);
    if (Inbox { account: inbox, escrow: escrow_account.address(), mint: &mint, token_program }).amount()? != 0 {
        return Err(Error::EscrowNotEmpty.into());
    }
    token::close(&Closing { account: inbox, to: rent_payer, authority: escrow_account }, token_program, &origin.seeds())?;
    events::EscrowExited { escrow: escrow_account.address().as_array(), payer: &origin.payer, amount: 0, uncollected: 0 }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })?;
    // Last: lamports that have moved would unbalance a call that names their owner.
    close(escrow_account, rent_payer, escrow::RENT_PAYER)
}
