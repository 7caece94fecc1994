//! Posts a batch: a root over its receipts and a Merkle-sum root over everybody's cumulative credits, signed by the verifier quorum
//! and never worth more than the pool received.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent |
//! | 1 | operator | s | | the market's |
//! | 2 | market | | | of this program; its verifiers signed |
//! | 3 | pool | | w | of this market; no batch pending |
//! | 4 | vault | | | the pool's |
//! | 5 | batch | | w | PDA `["batch", pool, seq]`, empty |
//! | 6 | poster | | w | PDA `["poster", market, operator]`; its bond at least what the market asks, not unbonding |
//! | 7 | instructions_sysvar | | | the precompile stands before this instruction |
//! | 8 | system_program | | | |
//! | 9 | event_authority | | | |
//! | 10 | program | | | this program |

use nyxos_shared::{Call, Create, Emitter, Error, accounts, arguments, hash::sha256, pda, program};
use pinocchio::{
    ProgramResult,
    cpi::Seed,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{emit_inflow, event_bump, load_market, load_pool, load_poster, no_poster, operator, sync, verifiers},
    state::{batch, batch_state, market, pool, poster, poster_state},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            rent_payer,
            operator_account,
            market_account,
            pool_account,
            vault,
            batch_account,
            poster_account,
            instructions,
            system_program,
            event_authority,
            this
        ]
    );
    arguments!(data, { seq: u64, receipts_root: Hash, receipts_count: u32, credit_root: Hash, credit_sum: u64, payee_count: u32 });

    program(system_program, &pinocchio_system::ID)?;
    if payee_count == 0 {
        return Err(Error::InvalidArgument.into());
    }
    let slot = Clock::get()?.slot;
    let (event_bump, final_slot, min_bond) = {
        let market_data = load_market(market_account, program_id)?;
        operator(operator_account, &market_data)?;
        let digest = sha256(&[
            b"nyxos:batch:v1",
            program_id.as_ref(),
            pool_account.address().as_ref(),
            &seq.to_le_bytes(),
            receipts_root,
            &receipts_count.to_le_bytes(),
            credit_root,
            &credit_sum.to_le_bytes(),
            &payee_count.to_le_bytes(),
        ]);
        verifiers(&market_data).require(instructions, &digest)?;
        let final_slot = slot.checked_add(market::CHALLENGE_SLOTS.get(&market_data)).ok_or(Error::ArithmeticOverflow)?;
        (event_bump(&market_data), final_slot, market::MIN_POSTER_BOND.get(&market_data))
    };
    if no_poster(poster_account, market_account, operator_account.address().as_array(), program_id)? {
        if min_bond > 0 {
            return Err(Error::BondTooSmall.into());
        }
    } else {
        let mut data = load_poster(poster_account, market_account, operator_account.address().as_array(), program_id)?;
        answer(&mut data, min_bond, final_slot)?;
    }
    let (new, inflow) = {
        let mut pool_data = load_pool(pool_account, market_account, program_id)?;
        if seq != pool::NEXT_SEQ.get(&pool_data) {
            return Err(Error::WrongSequence.into());
        }
        if pool::PENDING_SEQ.get(&pool_data) != 0 {
            return Err(Error::BatchPending.into());
        }
        let new = sync(&mut pool_data, vault)?;
        let inflow = pool::INFLOW.get(&pool_data);
        // Nobody is credited what was not paid in.
        if credit_sum > inflow {
            return Err(Error::CreditExceedsInflow.into());
        }
        // Credits are for all time: a smaller sum would take something back from a payee.
        if credit_sum < pool::CREDITED.get(&pool_data) {
            return Err(Error::CreditShrinks.into());
        }
        pool::PENDING_SEQ.set(&mut pool_data, seq);
        pool::NEXT_SEQ.set(&mut pool_data, seq.checked_add(1).ok_or(Error::ArithmeticOverflow)?);
        pool::LAST_POST_SLOT.set(&mut pool_data, slot);
        (new, inflow)
    };
    let seq_bytes = seq.to_le_bytes();
    let batch_bump = pda(batch_account, &batch::seeds(pool_account.address().as_ref(), &seq_bytes), program_id)?;
    let bump = [batch_bump];
    let seeds = [Seed::from(b"batch"), Seed::from(pool_account.address().as_ref()), Seed::from(&seq_bytes), Seed::from(&bump)];
    Create { rent_payer, owner: program_id, disc: batch::DISC, len: batch::LEN, bump: batch_bump }.at(batch_account, &seeds)?;
    {
        let mut data = batch_account.try_borrow_mut()?;
        batch::STATE.set(&mut data, batch_state::POSTED);
        batch::RECEIPTS_COUNT.set(&mut data, receipts_count);
        batch::POOL.set(&mut data, pool_account.address().as_array());
        batch::POSTER.set(&mut data, operator_account.address().as_array());
        batch::RENT_PAYER.set(&mut data, rent_payer.address().as_array());
        batch::SEQ.set(&mut data, seq);
        batch::RECEIPTS_ROOT.set(&mut data, receipts_root);
        batch::CREDIT_ROOT.set(&mut data, credit_root);
        batch::CREDIT_SUM.set(&mut data, credit_sum);
        batch::PAYEE_COUNT.set(&mut data, payee_count);
        batch::POSTED_SLOT.set(&mut data, slot);
        batch::FINAL_SLOT.set(&mut data, final_slot);
    }
    let emitter = Emitter { program_id, program: this, authority: event_authority, bump: event_bump };
    emit_inflow(pool_account, new, inflow, &emitter)?;
    events::BatchPosted {
        batch: batch_account.address().as_array(),
        pool: pool_account.address().as_array(),
        seq,
        poster: operator_account.address().as_array(),
        receipts_root,
        receipts_count,
        credit_root,
        credit_sum,
        payee_count,
        final_slot,
    }
    .emit(&emitter)
}

/// The bond answers for the batch until its window has passed. Who is leaving does not post, whatever the market asks.
fn answer(poster_data: &mut [u8], min_bond: u64, final_slot: u64) -> Result<(), Error> {
    if poster::STATE.get(poster_data) != poster_state::BONDED {
        return Err(Error::WrongState);
    }
    if poster::BOND.get(poster_data) < min_bond {
        return Err(Error::BondTooSmall);
    }
    let until = poster::LOCKED_UNTIL.get(poster_data).max(final_slot);
    poster::LOCKED_UNTIL.set(poster_data, until);
    Ok(())
}
