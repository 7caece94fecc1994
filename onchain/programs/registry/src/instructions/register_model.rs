//! Registers a model with its publisher's terms. The registry's authority signs along: nobody can prove here to have made a model.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent |
//! | 1 | publisher | s | | |
//! | 2 | authority | s | | the config's |
//! | 3 | config | | | of this program, not paused |
//! | 4 | model | | w | PDA `["model", config, model_id]`, empty |
//! | 5 | system_program | | | |
//! | 6 | event_authority | | | |
//! | 7 | program | | | this program |

use nyxos_shared::{
    Call, Create, accounts, arguments,
    event::Emitter,
    pda, program,
    registry::{CONFIG_AUTHORITY, MAX_MEASUREMENTS, Measurement, config, model, model_state},
    signer,
};
use pinocchio::{
    ProgramResult,
    cpi::Seed,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{load_config, not_paused},
    model::Terms,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [rent_payer, publisher, authority, config_account, model_account, system_program, event_authority, this]);
    arguments!(data, { model_id: Hash, royalty_bps: u16, payee: Key, measurements: [Measurement; ..=MAX_MEASUREMENTS] });
    let terms = Terms { royalty_bps, payee, measurements };
    terms.valid()?;

    signer(publisher)?;
    program(system_program, &pinocchio_system::ID)?;
    let event_bump = {
        let config_data = load_config(config_account, program_id)?;
        // A stranger could otherwise take the royalty of weights that everybody has.
        CONFIG_AUTHORITY.signed(authority, &config_data)?;
        not_paused(&config_data)?;
        config::EVENT_AUTHORITY_BUMP.get(&config_data)
    };
    let model_bump = pda(model_account, &model::seeds(config_account.address().as_ref(), model_id), program_id)?;
    let slot = Clock::get()?.slot;
    let bump = [model_bump];
    let seeds = [Seed::from(b"model"), Seed::from(config_account.address().as_ref()), Seed::from(model_id), Seed::from(&bump)];
    Create { rent_payer, owner: program_id, disc: model::DISC, len: model::LEN, bump: model_bump }.at(model_account, &seeds)?;
    {
        let mut data = model_account.try_borrow_mut()?;
        model::STATE.set(&mut data, model_state::ACTIVE);
        model::CONFIG.set(&mut data, config_account.address().as_array());
        model::MODEL_ID.set(&mut data, model_id);
        model::PUBLISHER.set(&mut data, publisher.address().as_array());
        model::RENT_PAYER.set(&mut data, rent_payer.address().as_array());
        model::REGISTERED_SLOT.set(&mut data, slot);
        // Nobody serves it yet, so its first royalty surprises nobody.
        model::ROYALTY_BPS.set(&mut data, royalty_bps);
        terms.put(&mut data);
    }
    events::ModelRegistered {
        model: model_account.address().as_array(),
        config: config_account.address().as_array(),
        model_id,
        publisher: publisher.address().as_array(),
        slot,
        royalty_bps,
        payee,
        measurements,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
