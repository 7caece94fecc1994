//! Puts proposed terms into force once their time has come. Anyone may send it: a proposal is not kept in stock.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | w | of this program |
//! | 1 | terms | | w | of this market, slot ≥ apply_slot; closed |
//! | 2 | rent_payer | | w | the proposal's |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, arguments};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{close, event_bump, load_market_mut, load_terms},
    state::{market, terms},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [market_account, terms_account, rent_payer, event_authority, this]);
    arguments!(data, {});

    let bump = {
        let new = load_terms(terms_account, market_account, program_id)?;
        if Clock::get()?.slot < terms::APPLY_SLOT.get(&new) {
            return Err(Error::TooEarly.into());
        }
        let mut data = load_market_mut(market_account, program_id)?;
        market::FEE_BPS.set(&mut data, terms::FEE_BPS.get(&new));
        market::CHALLENGE_SLOTS.set(&mut data, terms::CHALLENGE_SLOTS.get(&new));
        market::EXIT_SLOTS.set(&mut data, terms::EXIT_SLOTS.get(&new));
        market::DIRECT_SLOTS.set(&mut data, terms::DIRECT_SLOTS.get(&new));
        market::MIN_POSTER_BOND.set(&mut data, terms::MIN_POSTER_BOND.get(&new));
        market::VERIFIER_COUNT.set(&mut data, terms::VERIFIER_COUNT.get(&new));
        market::THRESHOLD.set(&mut data, terms::THRESHOLD.get(&new));
        market::VERIFIERS.set(&mut data, terms::VERIFIERS.get(&new));
        market::GATEWAYS.set(&mut data, terms::GATEWAYS.get(&new));
        event_bump(&data)
    };
    events::TermsApplied { terms: terms_account.address().as_array(), market: market_account.address().as_array() }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump,
    })?;
    // Last: lamports that have moved would unbalance a call that names their owner.
    close(terms_account, rent_payer, terms::RENT_PAYER)
}
