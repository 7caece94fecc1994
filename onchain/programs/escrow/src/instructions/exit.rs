//! Pays an exiting escrow's rest to its payer and closes it. Anyone may send it: nobody's help is needed to leave. What was settled and not
//! collected stays in the deposit vault, counted by the pool for the next collection: leaving depends on no other account of the market's.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | | of this program |
//! | 1 | pool | | w | of this market and mint; signs for the deposit vault |
//! | 2 | escrow | | w | of this market and mint, exiting, slot ≥ exit_slot |
//! | 3 | rent_payer | | w | the escrow's |
//! | 4 | payer_token | | w | ATA of the payer and mint |
//! | 5 | mint | | | the pool's |
//! | 6 | deposit_vault | | w | the pool's |
//! | 7 | token_program | | | the pool's |
//! | 8 | event_authority | | | |
//! | 9 | program | | | this program |
//! | 10.. | inbox | | | of a prepaid escrow: its ATA of the mint, closed; any other has none |
//!
//! What lies in a prepaid escrow's inbox goes back first, by `return_transfers`; in one transaction nobody can open the inbox again in between.

use nyxos_shared::{Call, Emitter, Error, accounts, add, address, arguments, sub};
use pinocchio::{
    Address, ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{
        close, event_bump,
        inbox::Inbox,
        load_escrow, load_market, load_pool,
        payout::{Deposits, Share},
    },
    state::{escrow, escrow_state, pool},
};

const FIXED: usize = 10;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    if accounts.len() < FIXED {
        return Err(Error::WrongAccountCount.into());
    }
    let (fixed, inboxes) = accounts.split_at_mut(FIXED);
    accounts!(
        fixed,
        [market_account, pool_account, escrow_account, rent_payer, payer_token, mint, deposit_vault, token_program, event_authority, this]
    );
    arguments!(data, {});

    let event_bump = event_bump(&load_market(market_account, program_id)?);
    let key = *escrow_account.address();
    let (payer, amount, uncollected) = {
        let data = load_escrow(escrow_account, market_account, program_id)?;
        address(mint, escrow::MINT.get(&data)).map_err(|_| Error::EscrowForeign)?;
        if escrow::STATE.get(&data) != escrow_state::EXITING {
            return Err(Error::WrongState.into());
        }
        if Clock::get()?.slot < escrow::EXIT_SLOT.get(&data) {
            return Err(Error::TooEarly.into());
        }
        match (escrow::PREPAID.get(&data), inboxes) {
            (0, []) => {}
            (1, [inbox]) if (Inbox { account: inbox, escrow: &key, mint: mint.address(), token_program }).is_open()? => {
                return Err(Error::InboxOpen.into());
            }
            (1, [_]) => {}
            _ => return Err(Error::WrongAccountCount.into()),
        }
        let settled = escrow::SETTLED.get(&data);
        (Address::new_from_array(*escrow::PAYER.get(&data)), sub(escrow::DEPOSITED.get(&data), settled)?, sub(settled, escrow::COLLECTED.get(&data))?)
    };
    add(&mut load_pool(pool_account, market_account, program_id)?, pool::UNCOLLECTED, uncollected)?;
    Deposits { program_id, market: market_account, pool: pool_account, mint, vault: deposit_vault, token_program }.pay(&[Share {
        account: payer_token,
        wallet: &payer,
        amount,
        counter: pool::EXITED,
    }])?;
    events::EscrowExited { escrow: escrow_account.address().as_array(), payer: payer.as_array(), amount, uncollected }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })?;
    // Last: lamports that have moved would unbalance a call that names their owner.
    close(escrow_account, rent_payer, escrow::RENT_PAYER)
}
