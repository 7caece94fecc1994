//! Pays an exact amount into the vault under a reference that binds what it is for. The same payer's same reference cannot be paid twice.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent; gets it back when the payment is closed |
//! | 1 | payer | s | | part of the seeds |
//! | 2 | market | | | of this program, not paused |
//! | 3 | pool | | w | of this market and mint |
//! | 4 | payment | | w | PDA `["payment", pool, payer, reference]`, empty |
//! | 5 | payer_token | | w | of mint, owned by payer |
//! | 6 | vault | | w | the pool's |
//! | 7 | mint | | | the pool's |
//! | 8 | token_program | | | the pool's |
//! | 9 | system_program | | | |
//! | 10 | event_authority | | | |
//! | 11 | program | | | this program |
//!
//! The payer is part of the address, so that nobody can use another's reference up.

use nyxos_shared::{
    Call, Create, Emitter, Error, accounts, add, arguments, pda, program, signer,
    token::{self, Movement, Token},
};
use pinocchio::{
    ProgramResult,
    cpi::Seed,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{PoolToken, emit_inflow, event_bump, load_market, load_pool, not_paused, sync},
    state::{payment, pool},
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
            payment_account,
            payer_token,
            vault,
            mint,
            token_program,
            system_program,
            event_authority,
            this
        ]
    );
    arguments!(data, { reference: Hash, amount: u64 });

    signer(payer)?;
    program(system_program, &pinocchio_system::ID)?;
    if amount == 0 {
        return Err(Error::ZeroAmount.into());
    }
    let event_bump = {
        let market_data = load_market(market_account, program_id)?;
        not_paused(&market_data)?;
        event_bump(&market_data)
    };
    let (decimals, before, inflow) = {
        let mut pool_data = load_pool(pool_account, market_account, program_id)?;
        PoolToken { mint, token_program }.check(&pool_data)?;
        let before = sync(&mut pool_data, vault)?;
        (pool::DECIMALS.get(&pool_data), before, add(&mut pool_data, pool::INFLOW, amount)?)
    };
    token::holding(payer_token, token_program, mint.address(), payer.address())?;
    let payment_bump = pda(payment_account, &payment::seeds(pool_account.address().as_ref(), payer.address().as_ref(), reference), program_id)?;

    let bump = [payment_bump];
    let seeds = [
        Seed::from(b"payment"),
        Seed::from(pool_account.address().as_ref()),
        Seed::from(payer.address().as_ref()),
        Seed::from(reference),
        Seed::from(&bump),
    ];
    Create { rent_payer, owner: program_id, disc: payment::DISC, len: payment::LEN, bump: payment_bump }.at(payment_account, &seeds)?;
    {
        let mut data = payment_account.try_borrow_mut()?;
        payment::POOL.set(&mut data, pool_account.address().as_array());
        payment::PAYER.set(&mut data, payer.address().as_array());
        payment::RENT_PAYER.set(&mut data, rent_payer.address().as_array());
        payment::REFERENCE.set(&mut data, reference);
        payment::AMOUNT.set(&mut data, amount);
        payment::SLOT.set(&mut data, Clock::get()?.slot);
    }
    let token = Token { mint, decimals, program: token_program };
    token.transfer(&Movement { from: payer_token, to: vault, authority: payer, amount }, &[])?;
    let emitter = Emitter { program_id, program: this, authority: event_authority, bump: event_bump };
    emit_inflow(pool_account, before, inflow - amount, &emitter)?;
    events::PaymentReceived {
        payment: payment_account.address().as_array(),
        pool: pool_account.address().as_array(),
        payer: payer.address().as_array(),
        reference,
        amount,
        inflow,
        rent_payer: rent_payer.address().as_array(),
    }
    .emit(&emitter)
}
