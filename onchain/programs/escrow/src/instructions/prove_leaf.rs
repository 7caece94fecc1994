//! Keeps a credit that is proven to stand in a batch, so that a challenge needs no proof: two of a large batch would not fit a transaction.
//! Of a final batch it notes what the next one may not take back; of a posted one it is evidence against it. Anyone may send it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | prover | s | w | pays the rent; part of the seeds, so that nobody else can close what a challenge needs |
//! | 1 | batch | | | of this program, posted or final |
//! | 2 | leaf | | w | PDA `["leaf", batch, prover, index]`, empty |
//! | 3 | system_program | | | |
//! | 4 | event_authority | | | PDA `["__event_authority"]` |
//! | 5 | program | | | this program |

use nyxos_shared::{Call, Create, Emitter, Error, accounts, arguments, event::event_authority, load, pda, program};
use pinocchio::{ProgramResult, cpi::Seed};

use crate::{
    credit::{self, Proof, ProofNode},
    events,
    state::{batch, batch_state, leaf},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [prover, batch_account, leaf_account, system_program, event_authority, this]);
    arguments!(data, { index: u32, payee: Key, kind: u8, cumulative: u64, proof: [ProofNode; ..=credit::MAX_STEPS] });

    program(system_program, &pinocchio_system::ID)?;
    let event_bump = pda(event_authority, &event_authority::seeds(), program_id)?;
    let (pool, seq) = {
        let data = load(batch_account, program_id, batch::DISC, batch::LEN)?;
        // Of a void batch nothing can be shown any more.
        if batch::STATE.get(&data) == batch_state::VOID {
            return Err(Error::WrongState.into());
        }
        Proof { payee, kind, cumulative, index, steps: proof }.stands_in(&data)?;
        (*batch::POOL.get(&data), batch::SEQ.get(&data))
    };
    let index_bytes = index.to_le_bytes();
    let leaf_bump = pda(leaf_account, &leaf::seeds(batch_account.address().as_ref(), prover.address().as_ref(), &index_bytes), program_id)?;
    let bump = [leaf_bump];
    let seeds = [
        Seed::from(b"leaf"),
        Seed::from(batch_account.address().as_ref()),
        Seed::from(prover.address().as_ref()),
        Seed::from(&index_bytes),
        Seed::from(&bump),
    ];
    Create { rent_payer: prover, owner: program_id, disc: leaf::DISC, len: leaf::LEN, bump: leaf_bump }.at(leaf_account, &seeds)?;
    {
        let mut data = leaf_account.try_borrow_mut()?;
        leaf::KIND.set(&mut data, kind);
        leaf::INDEX.set(&mut data, index);
        leaf::POOL.set(&mut data, &pool);
        leaf::PROVER.set(&mut data, prover.address().as_array());
        leaf::PAYEE.set(&mut data, payee);
        leaf::CUMULATIVE.set(&mut data, cumulative);
        leaf::SEQ.set(&mut data, seq);
    }
    events::LeafProven {
        leaf: leaf_account.address().as_array(),
        batch: batch_account.address().as_array(),
        prover: prover.address().as_array(),
        index,
        payee,
        kind,
        cumulative,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
