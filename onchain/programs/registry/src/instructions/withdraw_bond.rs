//! Gives the bond back after the unbonding time; what a slash left of it too. A slashed node stays slashed.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the node's |
//! | 1 | config | | | of this program; signs for the vault |
//! | 2 | node | | w | of this config, unbonding or slashed, slot ≥ unbond_slot |
//! | 3 | operator_token | | w | of bond_mint, owned by operator |
//! | 4 | bond_mint | | | the config's |
//! | 5 | bond_vault | | w | PDA `["bonds", config]` |
//! | 6 | token_program | | | owns the mint |
//! | 7 | event_authority | | | |
//! | 8 | program | | | this program |

use nyxos_shared::{
    Args, Call, Error, Event, accounts, address,
    event::Emitter,
    pda,
    registry::{config, node, node_state},
    token::{self, Movement, Token},
};
use pinocchio::{
    ProgramResult,
    cpi::Seed,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{load_config, load_node, operator},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [operator_account, config_account, node_account, operator_token, bond_mint, bond_vault, token_program, event_authority, this]
    );
    Args::new(data).end()?;

    let (event_bump, config_bump, creator, id) = {
        let config_data = load_config(config_account, program_id)?;
        address(bond_mint, config::BOND_MINT.get(&config_data)).map_err(|_| Error::WrongMint)?;
        (config::STATE.get(&config_data), config::BUMP.get(&config_data), *config::CREATOR.get(&config_data), config::ID.get(&config_data))
    };
    let decimals = token::mint(bond_mint, token_program)?;
    pda(bond_vault, &[b"bonds", config_account.address().as_ref()], program_id)?;
    token::holding(operator_token, token_program, bond_mint.address(), operator_account.address())?;
    let amount = {
        let mut data = load_node(node_account, config_account, program_id)?;
        operator(operator_account, &data)?;
        let state = node::STATE.get(&data);
        if state != node_state::UNBONDING && state != node_state::SLASHED {
            return Err(Error::WrongState.into());
        }
        if Clock::get()?.slot < node::UNBOND_SLOT.get(&data) {
            return Err(Error::TooEarly.into());
        }
        let amount = node::BOND.get(&data);
        if amount == 0 {
            return Err(Error::ZeroAmount.into());
        }
        node::BOND.set(&mut data, 0);
        if state == node_state::UNBONDING {
            node::STATE.set(&mut data, node_state::WITHDRAWN);
        }
        amount
    };
    let (id, bump) = (id.to_le_bytes(), [config_bump]);
    let seeds = [Seed::from(b"config"), Seed::from(&creator), Seed::from(&id), Seed::from(&bump)];
    let token = Token { mint: bond_mint, decimals, program: token_program };
    token.transfer(&Movement { from: bond_vault, to: operator_token, authority: config_account, amount: amount }, &seeds)?;
    Event::new(events::BOND_WITHDRAWN).key(node_account.address()).u64(amount).emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
