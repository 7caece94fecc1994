//! Opens a registry. Its address holds its creator's key, so nobody can take another's place by being first.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent |
//! | 1 | creator | s | | part of the seeds |
//! | 2 | config | | w | PDA `["config", creator, id]`, empty |
//! | 3 | bond_mint | | | mint without refused extensions |
//! | 4 | bond_vault | | w | PDA `["bonds", config]`, empty |
//! | 5 | token_program | | | owns the mint |
//! | 6 | system_program | | | |
//! | 7 | event_authority | | | PDA `["__event_authority"]` |
//! | 8 | program | | | this program |

use nyxos_shared::{
    Call, Create, Error, accounts, arguments,
    event::{Emitter, event_authority},
    pda, program, quorum,
    registry::{CONFIG_VERIFIERS, MAX_ANSWER_SLOTS, MAX_UNBONDING_SLOTS, MIN_ANSWER_SLOTS, MIN_UNBONDING_SLOTS, bond_vault, config},
    signer,
    token::{self, Opening, Token},
};
use pinocchio::{ProgramResult, cpi::Seed};

use crate::events;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [rent_payer, creator, config_account, bond_mint, bond_vault, token_program, system_program, event_authority, this]);
    arguments!(data, {
        id: u16, authority: Key, min_bond: u64, min_validator_bond: u64, unbonding_slots: u64, threshold: u8, verifiers: [Key; ..=quorum::MAX],
        answer_slots: u64,
    });

    signer(creator)?;
    program(system_program, &pinocchio_system::ID)?;
    quorum::valid_set(verifiers, threshold)?;
    let in_bounds = (MIN_UNBONDING_SLOTS..=MAX_UNBONDING_SLOTS).contains(&unbonding_slots);
    let answerable = answer_slots == 0 || (MIN_ANSWER_SLOTS..=MAX_ANSWER_SLOTS).contains(&answer_slots);
    if min_bond == 0 || min_validator_bond == 0 || !in_bounds || !answerable {
        return Err(Error::InvalidArgument.into());
    }
    let decimals = token::mint(bond_mint, token_program)?;
    let id_bytes = id.to_le_bytes();
    let config_bump = pda(config_account, &config::seeds(creator.address().as_ref(), &id_bytes), program_id)?;
    let vault_bump = pda(bond_vault, &bond_vault::seeds(config_account.address().as_ref()), program_id)?;
    let event_bump = pda(event_authority, &event_authority::seeds(), program_id)?;

    let bump = [config_bump];
    let seeds = [Seed::from(b"config"), Seed::from(creator.address().as_ref()), Seed::from(&id_bytes), Seed::from(&bump)];
    Create { rent_payer, owner: program_id, disc: config::DISC, len: config::LEN, bump: config_bump }.at(config_account, &seeds)?;
    let bump = [vault_bump];
    let seeds = [Seed::from(b"bonds"), Seed::from(config_account.address().as_ref()), Seed::from(&bump)];
    Token { mint: bond_mint, decimals, program: token_program }.create_vault(
        bond_vault,
        &Opening { owner: config_account.address(), rent_payer },
        &seeds,
    )?;

    {
        let mut data = config_account.try_borrow_mut()?;
        config::EVENT_AUTHORITY_BUMP.set(&mut data, event_bump);
        config::ID.set(&mut data, id);
        config::CREATOR.set(&mut data, creator.address().as_array());
        config::AUTHORITY.set(&mut data, authority);
        config::BOND_MINT.set(&mut data, bond_mint.address().as_array());
        config::MIN_BOND.set(&mut data, min_bond);
        config::MIN_VALIDATOR_BOND.set(&mut data, min_validator_bond);
        config::UNBONDING_SLOTS.set(&mut data, unbonding_slots);
        config::ANSWER_SLOTS.set(&mut data, answer_slots);
        CONFIG_VERIFIERS.put(&mut data, &quorum::Set { verifiers, threshold });
    }
    events::ConfigInitialized {
        config: config_account.address().as_array(),
        creator: creator.address().as_array(),
        id,
        authority,
        bond_mint: bond_mint.address().as_array(),
        min_bond,
        min_validator_bond,
        unbonding_slots,
        threshold,
        verifiers,
        answer_slots,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
