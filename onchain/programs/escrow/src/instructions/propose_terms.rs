//! Proposes new terms of a market: fee, windows, the least bond of who posts, verifiers, gateways. They can be applied only after everybody could have left under the old ones.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent; gets it back when the terms are applied or cancelled |
//! | 1 | authority | s | | the market's |
//! | 2 | market | | | of this program |
//! | 3 | registry_config | | | the market's; its bonds outlast a batch under the new window |
//! | 4 | terms | | w | PDA `["terms", market]`, empty: one proposal at a time |
//! | 5 | system_program | | | |
//! | 6 | event_authority | | | |
//! | 7 | program | | | this program |

use nyxos_shared::{Call, Create, Emitter, Error, accounts, address, arguments, pda, program, quorum};
use pinocchio::{
    ProgramResult,
    cpi::Seed,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{MarketTerms, authority, bonds_outlast, event_bump, gateways_of, load_market, notice},
    state::{MAX_GATEWAYS, market, terms},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [rent_payer, authority_account, market_account, registry_account, terms_account, system_program, event_authority, this]);
    arguments!(data, {
        fee_bps: u16, challenge_slots: u64, exit_slots: u64, direct_slots: u64, min_poster_bond: u64, threshold: u8,
        verifiers: [Key; ..=quorum::MAX], gateways: [Key; ..=MAX_GATEWAYS],
    });

    program(system_program, &pinocchio_system::ID)?;
    quorum::valid_set(verifiers, threshold)?;
    MarketTerms { fee_bps, challenge_slots, exit_slots, direct_slots }.valid()?;
    let kept_gateways = gateways_of(gateways)?;
    let (event_bump, apply_slot) = {
        let data = load_market(market_account, program_id)?;
        authority(authority_account, &data)?;
        address(registry_account, market::REGISTRY_CONFIG.get(&data))?;
        bonds_outlast(challenge_slots, registry_account, market::REGISTRY_PROGRAM.get(&data))?;
        // Who asks to leave when this is proposed has left before it applies.
        (event_bump(&data), Clock::get()?.slot.checked_add(notice(&data)?).ok_or(Error::ArithmeticOverflow)?)
    };
    let terms_bump = pda(terms_account, &terms::seeds(market_account.address().as_ref()), program_id)?;
    let bump = [terms_bump];
    let seeds = [Seed::from(b"terms"), Seed::from(market_account.address().as_ref()), Seed::from(&bump)];
    Create { rent_payer, owner: program_id, disc: terms::DISC, len: terms::LEN, bump: terms_bump }.at(terms_account, &seeds)?;
    let count = (verifiers.len() / 32) as u8;
    {
        let mut data = terms_account.try_borrow_mut()?;
        terms::FEE_BPS.set(&mut data, fee_bps);
        terms::VERIFIER_COUNT.set(&mut data, count);
        terms::THRESHOLD.set(&mut data, threshold);
        terms::MARKET.set(&mut data, market_account.address().as_array());
        terms::RENT_PAYER.set(&mut data, rent_payer.address().as_array());
        terms::CHALLENGE_SLOTS.set(&mut data, challenge_slots);
        terms::EXIT_SLOTS.set(&mut data, exit_slots);
        terms::DIRECT_SLOTS.set(&mut data, direct_slots);
        terms::MIN_POSTER_BOND.set(&mut data, min_poster_bond);
        terms::APPLY_SLOT.set(&mut data, apply_slot);
        data[terms::VERIFIERS.0..terms::VERIFIERS.0 + verifiers.len()].copy_from_slice(verifiers);
        terms::GATEWAYS.set(&mut data, &kept_gateways);
    }
    events::TermsProposed {
        terms: terms_account.address().as_array(),
        market: market_account.address().as_array(),
        apply_slot,
        fee_bps,
        challenge_slots,
        exit_slots,
        direct_slots,
        min_poster_bond,
        threshold,
        verifiers,
        gateways,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
