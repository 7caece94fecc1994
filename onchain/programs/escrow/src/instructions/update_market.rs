//! Sets who operates the market, who is paid its fee, and who may take the authority over. What payers rely on is not changed here but by
//! `propose_terms`; a stolen operator's key must be replaceable at once.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | authority | s | | the market's |
//! | 1 | market | | w | of this program |
//! | 2 | event_authority | | | |
//! | 3 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, arguments};
use pinocchio::ProgramResult;

use crate::{
    events,
    instructions::{authority, event_bump, load_market_mut},
    state::market,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [authority_account, market_account, event_authority, this]);
    arguments!(data, { operator: Key, treasury: Key, nominee: Key });

    // Nobody signs for the zero key and nobody can be paid there.
    if operator == &[0; 32] || treasury == &[0; 32] {
        return Err(Error::InvalidArgument.into());
    }
    let bump = {
        let mut data = load_market_mut(market_account, program_id)?;
        authority(authority_account, &data)?;
        market::OPERATOR.set(&mut data, operator);
        market::TREASURY.set(&mut data, treasury);
        market::NOMINEE.set(&mut data, nominee);
        event_bump(&data)
    };
    events::MarketUpdated { market: market_account.address().as_array(), operator, treasury, nominee }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump,
    })
}
