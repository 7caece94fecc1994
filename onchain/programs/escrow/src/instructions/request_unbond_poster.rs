//! Starts a poster's leaving: it posts no more, and the bond stays until everybody could have challenged what it posted.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the poster's |
//! | 1 | market | | | of this program |
//! | 2 | poster | | w | of this market and operator, not unbonding |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, arguments, signer};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{event_bump, load_market, load_poster, notice},
    state::{poster, poster_state},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [operator, market_account, poster_account, event_authority, this]);
    arguments!(data, {});

    signer(operator)?;
    let (bump, wait) = {
        let data = load_market(market_account, program_id)?;
        (event_bump(&data), notice(&data)?)
    };
    let unbond_slot = {
        let mut data = load_poster(poster_account, market_account, operator.address().as_array(), program_id)?;
        if poster::STATE.get(&data) != poster_state::BONDED {
            return Err(Error::WrongState.into());
        }
        // Windows may have been longer when it posted; it posts no more, so this slot needs no second look.
        let waited = Clock::get()?.slot.checked_add(wait).ok_or(Error::ArithmeticOverflow)?;
        let unbond_slot = waited.max(poster::LOCKED_UNTIL.get(&data));
        poster::STATE.set(&mut data, poster_state::UNBONDING);
        poster::UNBOND_SLOT.set(&mut data, unbond_slot);
        unbond_slot
    };
    events::PosterUnbondRequested { poster: poster_account.address().as_array(), unbond_slot }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump,
    })
}
