//! Adds to an active node's bond.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the node's |
//! | 1 | config | | | of this program, not paused |
//! | 2 | node | | w | of this config, active |
//! | 3 | operator_token | | w | of bond_mint, owned by operator |
//! | 4 | bond_mint | | | the config's |
//! | 5 | bond_vault | | w | PDA `["bonds", config]` |
//! | 6 | token_program | | | owns the mint |
//! | 7 | event_authority | | | |
//! | 8 | program | | | this program |

use nyxos_shared::{
    Args, Call, Error, Event, accounts, add, address,
    event::Emitter,
    pda,
    registry::{config, node, node_state},
    token::{self, Movement, Token},
};
use pinocchio::ProgramResult;

use crate::{
    events,
    instructions::{load_config, load_node, not_paused, operator},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [operator_account, config_account, node_account, operator_token, bond_mint, bond_vault, token_program, event_authority, this]
    );
    let mut args = Args::new(data);
    let amount = args.u64()?;
    args.end()?;

    if amount == 0 {
        return Err(Error::ZeroAmount.into());
    }
    let event_bump = {
        let config_data = load_config(config_account, program_id)?;
        not_paused(&config_data)?;
        address(bond_mint, config::BOND_MINT.get(&config_data)).map_err(|_| Error::WrongMint)?;
        config::STATE.get(&config_data)
    };
    let decimals = token::mint(bond_mint, token_program)?;
    pda(bond_vault, &[b"bonds", config_account.address().as_ref()], program_id)?;
    token::holding(operator_token, token_program, bond_mint.address(), operator_account.address())?;
    let bond = {
        let mut data = load_node(node_account, config_account, program_id)?;
        operator(operator_account, &data)?;
        if node::STATE.get(&data) != node_state::ACTIVE {
            return Err(Error::WrongState.into());
        }
        add(&mut data, node::BOND, amount)?
    };
    let token = Token { mint: bond_mint, decimals, program: token_program };
    token.transfer(&Movement { from: operator_token, to: bond_vault, authority: operator_account, amount: amount }, &[])?;
    Event::new(events::BOND_ADDED).key(node_account.address()).u64(amount).u64(bond).emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
