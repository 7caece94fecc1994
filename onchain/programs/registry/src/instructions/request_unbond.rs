//! Starts a node's leaving: it serves no more, and the bond stays for the unbonding time, so that what it did last can still be punished.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the node's |
//! | 1 | config | | | of this program |
//! | 2 | node | | w | of this config, active |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{
    Args, Call, Error, Event, accounts,
    event::Emitter,
    registry::{config, node, node_state},
};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{load_config, load_node, operator},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [operator_account, config_account, node_account, event_authority, this]);
    Args::new(data).end()?;

    let (event_bump, unbonding) = {
        let config_data = load_config(config_account, program_id)?;
        (config::STATE.get(&config_data), config::UNBONDING_SLOTS.get(&config_data))
    };
    let unbond_slot = Clock::get()?.slot.checked_add(unbonding).ok_or(Error::ArithmeticOverflow)?;
    {
        let mut data = load_node(node_account, config_account, program_id)?;
        operator(operator_account, &data)?;
        if node::STATE.get(&data) != node_state::ACTIVE {
            return Err(Error::WrongState.into());
        }
        node::STATE.set(&mut data, node_state::UNBONDING);
        node::UNBOND_SLOT.set(&mut data, unbond_slot);
    }
    Event::new(events::UNBOND_REQUESTED).key(node_account.address()).u64(unbond_slot).emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
