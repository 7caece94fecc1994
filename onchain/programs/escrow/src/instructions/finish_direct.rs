//! Pays a node what it settled by itself, and the treasury its fee, once the window has passed. Anyone may send it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | | of this program |
//! | 1 | pool | | w | of this market and mint; signs for the deposit vault |
//! | 2 | direct | | w | of this pool, open, slot ≥ final_slot |
//! | 3 | node | | | the record's node in the market's registry, not slashed |
//! | 4 | payout_token | | w | ATA of the node's payout wallet |
//! | 5 | treasury_token | | w | ATA of the market's treasury |
//! | 6 | mint | | | the pool's |
//! | 7 | deposit_vault | | w | the pool's |
//! | 8 | token_program | | | the pool's |
//! | 9 | event_authority | | | |
//! | 10 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, arguments, sub};
use pinocchio::{
    Address, ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{
        event_bump, load_direct, load_market, node_wallet,
        payout::{Deposits, Share},
    },
    state::{direct, direct_state, market, pool},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            market_account,
            pool_account,
            direct_account,
            node_account,
            payout_token,
            treasury_token,
            mint,
            deposit_vault,
            token_program,
            event_authority,
            this
        ]
    );
    arguments!(data, {});

    let (event_bump, payout, treasury, net, fee) = {
        let market_data = load_market(market_account, program_id)?;
        let mut data = load_direct(direct_account, market_account, program_id)?;
        if direct::POOL.get(&data) != pool_account.address().as_array() {
            return Err(Error::WrongAddress.into());
        }
        if direct::STATE.get(&data) != direct_state::OPEN {
            return Err(Error::WrongState.into());
        }
        if Clock::get()?.slot < direct::FINAL_SLOT.get(&data) {
            return Err(Error::TooEarly.into());
        }
        let payout = node_wallet(node_account, direct::NODE_KEY.get(&data), &market_data)?;
        direct::STATE.set(&mut data, direct_state::PAID);
        let fee = direct::FEE.get(&data);
        let treasury = Address::new_from_array(*market::TREASURY.get(&market_data));
        (event_bump(&market_data), payout, treasury, sub(direct::CHARGE.get(&data), fee)?, fee)
    };
    Deposits { program_id, market: market_account, pool: pool_account, mint, vault: deposit_vault, token_program }.pay(&[
        Share { account: payout_token, wallet: &payout, amount: net, counter: pool::DIRECT },
        Share { account: treasury_token, wallet: &treasury, amount: fee, counter: pool::DIRECT },
    ])?;
    events::DirectPaid {
        direct: direct_account.address().as_array(),
        pool: pool_account.address().as_array(),
        amount: net,
        fee,
        destination: payout_token.address().as_array(),
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
