//! Stops new money from coming in, or lets it in again. Money going out never asks.
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
    arguments!(data, { paused: u8 });

    if paused > 1 {
        return Err(Error::InvalidArgument.into());
    }
    let bump = {
        let mut data = load_market_mut(market_account, program_id)?;
        authority(authority_account, &data)?;
        market::PAUSED.set(&mut data, paused);
        event_bump(&data)
    };
    events::PausedSet { market: market_account.address().as_array(), paused }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump,
    })
}
