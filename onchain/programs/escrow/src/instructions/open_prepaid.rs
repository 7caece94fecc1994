//! Opens a prepaid escrow: one that anybody may open for a payer, and that plain token transfers to its address fill. The payer's signature is not
//! asked for: the address commits to payer and session key, and who sends money there has derived it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent; gets it back when the escrow is closed |
//! | 1 | market | | | of this program, not paused |
//! | 2 | pool | | | of this market and mint |
//! | 3 | prepaid | | w | PDA `["prepaid", market, payer, mint, session_key, open_slot]`, empty |
//! | 4 | inbox | | | ATA of `prepaid` and mint, there already |
//! | 5 | mint | | | the pool's |
//! | 6 | token_program | | | the pool's |
//! | 7 | system_program | | | |
//! | 8 | event_authority | | | |
//! | 9 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, arguments, program};
use pinocchio::ProgramResult;

use crate::{
    events,
    instructions::{
        PoolToken, event_bump,
        inbox::Inbox,
        load_market, not_paused,
        opening::{Opening, opened_at},
        origin::Origin,
        read_pool,
    },
    state::market,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [rent_payer, market_account, pool_account, prepaid_account, inbox, mint, token_program, system_program, event_authority, this]
    );
    arguments!(data, { open_slot: u64, payer: Key, session_key: Key });

    program(system_program, &pinocchio_system::ID)?;
    // Of nobody, the money could never leave.
    if payer == &[0; 32] || session_key == &[0; 32] {
        return Err(Error::InvalidArgument.into());
    }
    opened_at(open_slot)?;
    let (event_bump, operator) = {
        let market_data = load_market(market_account, program_id)?;
        not_paused(&market_data)?;
        (event_bump(&market_data), *market::OPERATOR.get(&market_data))
    };
    PoolToken { mint, token_program }.check(&read_pool(pool_account, market_account, program_id)?)?;
    let mut origin = Origin {
        market: *market_account.address().as_array(),
        payer: *payer,
        mint: *mint.address().as_array(),
        session_key: Some(*session_key),
        open_slot: open_slot.to_le_bytes(),
        bump: [0],
    };
    origin.derive(prepaid_account, program_id)?;
    // A stock client does not make the account that it pays into. What lies in it already was meant for this escrow, and is counted.
    Inbox { account: inbox, escrow: prepaid_account.address(), mint: mint.address(), token_program }.amount()?;

    Opening { program_id, rent_payer, origin: &origin, session_key, session_expires: 0, session_limit: 0, amount: 0, operator: &operator }
        .create(prepaid_account)?;
    events::PrepaidOpened {
        escrow: prepaid_account.address().as_array(),
        market: market_account.address().as_array(),
        payer,
        mint: mint.address().as_array(),
        session_key,
        open_slot,
        rent_payer: rent_payer.address().as_array(),
        operator: &operator,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
