//! Makes the account that a dispute's evidence is written into.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | writer | s | w | the dispute's accuser; pays the rent |
//! | 1 | dispute | | | of this program |
//! | 2 | evidence | | w | PDA `["evidence", dispute]`, empty |
//! | 3 | system_program | | | |

use nyxos_shared::{Call, Create, Error, accounts, address, arguments, load, pda, program};
use pinocchio::{ProgramResult, cpi::Seed};

use crate::state::{dispute, evidence};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [writer, dispute_account, evidence_account, system_program]);
    arguments!(data, {});

    program(system_program, &pinocchio_system::ID)?;
    {
        let data = load(dispute_account, program_id, dispute::DISC, dispute::LEN)?;
        address(writer, dispute::ACCUSER.get(&data)).map_err(|_| Error::Unauthorized)?;
    }
    let of = dispute_account.address().as_ref();
    let bump = pda(evidence_account, &evidence::seeds(of), program_id)?;
    let bump_seed = [bump];
    let seeds = [Seed::from(evidence::SEED), Seed::from(of), Seed::from(&bump_seed)];
    // The accuser signs: the account to pay the rent must.
    Create { rent_payer: writer, owner: program_id, disc: evidence::DISC, len: evidence::LEN, bump }.at(evidence_account, &seeds)?;
    let mut data = evidence_account.try_borrow_mut()?;
    evidence::DISPUTE.set(&mut data, dispute_account.address().as_array());
    evidence::ACCUSER.set(&mut data, writer.address().as_array());
    Ok(())
}
