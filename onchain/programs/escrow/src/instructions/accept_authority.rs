//! Takes the authority over a market that `update_market` offered: with a key nobody holds it cannot be lost.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | nominee | s | | the market's |
//! | 1 | market | | w | of this program |
//! | 2 | event_authority | | | |
//! | 3 | program | | | this program |

use nyxos_shared::{Args, Call, Emitter, Error, Event, accounts, address, signer};
use pinocchio::ProgramResult;

use crate::{
    events,
    instructions::{event_bump, load_market_mut},
    state::market,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [nominee, market_account, event_authority, this]);
    Args::new(data).end()?;

    signer(nominee)?;
    let bump = {
        let mut data = load_market_mut(market_account, program_id)?;
        address(nominee, market::NOMINEE.get(&data)).map_err(|_| Error::Unauthorized)?;
        market::AUTHORITY.set(&mut data, nominee.address().as_array());
        market::NOMINEE.set(&mut data, &[0; 32]);
        event_bump(&data)
    };
    Event::new(events::AUTHORITY_ACCEPTED).key(market_account.address()).key(nominee.address()).emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump,
    })
}
