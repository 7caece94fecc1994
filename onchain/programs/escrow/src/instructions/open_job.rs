//! Locks an amount for one node's long work, until a deadline. What the payer or the verifiers release goes to the node, the rest back.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent; gets it back when the job is closed |
//! | 1 | payer | s | | part of the seeds |
//! | 2 | market | | | of this program, not paused |
//! | 3 | pool | | w | of this market and mint |
//! | 4 | job | | w | PDA `["job", pool, payer, open_slot]`, empty |
//! | 5 | payer_token | | w | of mint, owned by payer |
//! | 6 | mint | | | the pool's |
//! | 7 | deposit_vault | | w | the pool's |
//! | 8 | token_program | | | the pool's |
//! | 9 | system_program | | | |
//! | 10 | event_authority | | | |
//! | 11 | program | | | this program |

use nyxos_shared::{
    Call, Create, Emitter, Error, accounts, arguments, pda, program, signer,
    token::{self, Movement, Token},
};
use pinocchio::{ProgramResult, cpi::Seed};

use crate::{
    events,
    instructions::{event_bump, load_market, not_paused, opening::opened_at, payout::Deposits},
    state::{MAX_SLOTS, OPEN_SLOT_WINDOW, job, job_state, market},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            rent_payer,
            payer,
            market_account,
            pool_account,
            job_account,
            payer_token,
            mint,
            deposit_vault,
            token_program,
            system_program,
            event_authority,
            this
        ]
    );
    arguments!(data, { open_slot: u64, node_key: Key, amount: u64, deadline_slot: u64, terms_hash: Hash });

    signer(payer)?;
    program(system_program, &pinocchio_system::ID)?;
    if amount == 0 {
        return Err(Error::ZeroAmount.into());
    }
    let slot = opened_at(open_slot)?;
    // With the opening window this keeps an address from hosting two jobs, of which one's release could pass for the other's.
    let earliest = open_slot.checked_add(OPEN_SLOT_WINDOW).ok_or(Error::ArithmeticOverflow)?;
    let latest = slot.checked_add(MAX_SLOTS).ok_or(Error::ArithmeticOverflow)?;
    if deadline_slot < earliest || deadline_slot > latest {
        return Err(Error::InvalidArgument.into());
    }
    let (event_bump, fee_bps) = {
        let market_data = load_market(market_account, program_id)?;
        not_paused(&market_data)?;
        (event_bump(&market_data), market::FEE_BPS.get(&market_data))
    };
    let decimals = Deposits { program_id, market: market_account, pool: pool_account, mint, vault: deposit_vault, token_program }.receive(amount)?;
    token::holding(payer_token, token_program, mint.address(), payer.address())?;
    let slot_bytes = open_slot.to_le_bytes();
    let job_bump = pda(job_account, &job::seeds(pool_account.address().as_ref(), payer.address().as_ref(), &slot_bytes), program_id)?;

    let bump = [job_bump];
    let seeds = [
        Seed::from(b"job"),
        Seed::from(pool_account.address().as_ref()),
        Seed::from(payer.address().as_ref()),
        Seed::from(&slot_bytes),
        Seed::from(&bump),
    ];
    Create { rent_payer, owner: program_id, disc: job::DISC, len: job::LEN, bump: job_bump }.at(job_account, &seeds)?;
    {
        let mut data = job_account.try_borrow_mut()?;
        job::STATE.set(&mut data, job_state::OPEN);
        job::FEE_BPS.set(&mut data, fee_bps);
        job::POOL.set(&mut data, pool_account.address().as_array());
        job::PAYER.set(&mut data, payer.address().as_array());
        job::NODE_KEY.set(&mut data, node_key);
        job::RENT_PAYER.set(&mut data, rent_payer.address().as_array());
        job::TERMS_HASH.set(&mut data, terms_hash);
        job::AMOUNT.set(&mut data, amount);
        job::OPEN_SLOT.set(&mut data, open_slot);
        job::DEADLINE_SLOT.set(&mut data, deadline_slot);
    }
    let token = Token { mint, decimals, program: token_program };
    token.transfer(&Movement { from: payer_token, to: deposit_vault, authority: payer, amount }, &[])?;
    events::JobOpened {
        job: job_account.address().as_array(),
        pool: pool_account.address().as_array(),
        payer: payer.address().as_array(),
        node_key,
        amount,
        fee_bps,
        open_slot,
        deadline_slot,
        terms_hash,
        rent_payer: rent_payer.address().as_array(),
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
