//! Gives escrows the market's present operator. Anyone may send it; until then the operator under whom an escrow was opened settles it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | | of this program |
//! | 1 | event_authority | | | |
//! | 2 | program | | | this program |
//! | 3.. | escrows | | w | of this market; another account is passed over |

use nyxos_shared::{Call, Emitter, Error, Event, arguments};
use pinocchio::ProgramResult;

use crate::{
    events,
    instructions::{event_bump, load_escrow, load_market},
    state::{escrow, market},
};

const FIXED: usize = 3;
/// As many as the event has room for.
const MAX_ENTRIES: usize = 28;
/// Where the event's count stands: after tag, id, market and operator.
const COUNT_AT: usize = 8 + 1 + 32 + 32;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    if accounts.len() <= FIXED || accounts.len() > FIXED + MAX_ENTRIES {
        return Err(Error::WrongAccountCount.into());
    }
    let (fixed, escrows) = accounts.split_at_mut(FIXED);
    nyxos_shared::accounts!(fixed, [market_account, event_authority, this]);
    arguments!(data, {});

    let (bump, operator) = {
        let data = load_market(market_account, program_id)?;
        (event_bump(&data), *market::OPERATOR.get(&data))
    };
    let mut event = Event::new(events::OperatorRefreshed::ID);
    events::OperatorRefreshed { market: market_account.address().as_array(), operator: &operator, escrows: 0 }.put(&mut event);
    let mut count = 0u32;
    for account in escrows.iter_mut() {
        let key = *account.address();
        // One that its payer closes while this is under way stops nobody else's.
        let Ok(mut data) = load_escrow(account, market_account, program_id) else {
            continue;
        };
        if escrow::OPERATOR.get(&data) != &operator {
            escrow::OPERATOR.set(&mut data, &operator);
            event.key(key.as_array());
            count += 1;
        }
    }
    if count == 0 {
        return Ok(());
    }
    event.fill(COUNT_AT, &count.to_le_bytes());
    event.emit(&Emitter { program_id, program: this, authority: event_authority, bump })
}
