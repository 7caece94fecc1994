//! Admits a mint to a market: the authority decides, the program refuses mints that would break the accounting.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent |
//! | 1 | authority | s | | the market's |
//! | 2 | market | | | of this program, not paused |
//! | 3 | pool | | w | PDA `["pool", market, mint]`, empty |
//! | 4 | mint | | | mint without refused extensions |
//! | 5 | vault | | | ATA of pool and mint: what x402 `exact` pays into |
//! | 6 | deposit_vault | | w | PDA `["deposits", pool]`, empty |
//! | 7 | token_program | | | owns the mint |
//! | 8 | system_program | | | |
//! | 9 | event_authority | | | |
//! | 10 | program | | | this program |

use nyxos_shared::{
    Call, Create, Emitter, Error, accounts, arguments, pda, program,
    token::{self, Opening, Token},
};
use pinocchio::{
    ProgramResult,
    cpi::Seed,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{authority, event_bump, load_market, not_paused},
    state::{deposit_vault, pool, vault},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            rent_payer,
            authority_account,
            market_account,
            pool_account,
            mint,
            vault,
            deposit_vault,
            token_program,
            system_program,
            event_authority,
            this
        ]
    );
    arguments!(data, {});

    program(system_program, &pinocchio_system::ID)?;
    let event_bump = {
        let market_data = load_market(market_account, program_id)?;
        authority(authority_account, &market_data)?;
        not_paused(&market_data)?;
        event_bump(&market_data)
    };
    let decimals = token::mint(mint, token_program)?;
    let pool_bump = pda(pool_account, &pool::seeds(market_account.address().as_ref(), mint.address().as_ref()), program_id)?;
    let deposit_bump = pda(deposit_vault, &deposit_vault::seeds(pool_account.address().as_ref()), program_id)?;
    let vault_seeds = vault::seeds(pool_account.address().as_ref(), token_program.address().as_ref(), mint.address().as_ref());
    pda(vault, &vault_seeds, &vault::PROGRAM).map_err(|_| Error::WrongTokenAccount)?;
    // What lies in the vault already counts as inflow at the first sync.
    token::holding(vault, token_program, mint.address(), pool_account.address())?;

    let bump = [pool_bump];
    let seeds = [Seed::from(b"pool"), Seed::from(market_account.address().as_ref()), Seed::from(mint.address().as_ref()), Seed::from(&bump)];
    Create { rent_payer, owner: program_id, disc: pool::DISC, len: pool::LEN, bump: pool_bump }.at(pool_account, &seeds)?;
    let bump = [deposit_bump];
    let seeds = [Seed::from(b"deposits"), Seed::from(pool_account.address().as_ref()), Seed::from(&bump)];
    Token { mint, decimals, program: token_program }.create_vault(deposit_vault, &Opening { owner: pool_account.address(), rent_payer }, &seeds)?;
    {
        let mut data = pool_account.try_borrow_mut()?;
        pool::KIND.set(&mut data, 1);
        pool::DEPOSIT_VAULT_BUMP.set(&mut data, deposit_bump);
        pool::DECIMALS.set(&mut data, decimals);
        pool::MARKET.set(&mut data, market_account.address().as_array());
        pool::MINT.set(&mut data, mint.address().as_array());
        pool::TOKEN_PROGRAM.set(&mut data, token_program.address().as_array());
        pool::VAULT.set(&mut data, vault.address().as_array());
        pool::DEPOSIT_VAULT.set(&mut data, deposit_vault.address().as_array());
        pool::NEXT_SEQ.set(&mut data, 1);
        // Silence is counted from here until a batch is posted.
        pool::LAST_POST_SLOT.set(&mut data, Clock::get()?.slot);
    }
    events::PoolInitialized {
        pool: pool_account.address().as_array(),
        market: market_account.address().as_array(),
        mint: mint.address().as_array(),
        token_program: token_program.address().as_array(),
        vault: vault.address().as_array(),
        deposit_vault: deposit_vault.address().as_array(),
        decimals,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
