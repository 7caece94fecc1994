//! Takes a proposal of terms back.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | authority | s | | the market's |
//! | 1 | market | | | of this program |
//! | 2 | terms | | w | of this market; closed |
//! | 3 | rent_payer | | w | the proposal's |
//! | 4 | event_authority | | | |
//! | 5 | program | | | this program |

use nyxos_shared::{Call, Emitter, accounts, arguments};
use pinocchio::ProgramResult;

use crate::{
    events,
    instructions::{authority, close, event_bump, load_market, load_terms},
    state::terms,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [authority_account, market_account, terms_account, rent_payer, event_authority, this]);
    arguments!(data, {});

    let bump = {
        let data = load_market(market_account, program_id)?;
        authority(authority_account, &data)?;
        event_bump(&data)
    };
    drop(load_terms(terms_account, market_account, program_id)?);
    events::TermsCancelled { terms: terms_account.address().as_array(), market: market_account.address().as_array() }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump,
    })?;
    // Last: lamports that have moved would unbalance a call that names their owner.
    close(terms_account, rent_payer, terms::RENT_PAYER)
}
