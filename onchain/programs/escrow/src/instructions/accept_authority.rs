//! Takes the authority over a market that `update_market` offered: with a key nobody holds it cannot be lost.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | nominee | s | | the market's |
//! | 1 | market | | w | of this program |
//! | 2 | event_authority | | | |
//! | 3 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, address, arguments, signer};
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
    arguments!(data, {});

    signer(nominee)?;
    let bump = {
        let mut data = load_market_mut(market_account, program_id)?;
        address(nominee, market::NOMINEE.get(&data)).map_err(|_| Error::Unauthorized)?;
        market::AUTHORITY.set(&mut data, nominee.address().as_array());
        market::NOMINEE.set(&mut data, &[0; 32]);
        event_bump(&data)
    };
    events::AuthorityAccepted { market: market_account.address().as_array(), authority: nominee.address().as_array() }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump,
    })
}
