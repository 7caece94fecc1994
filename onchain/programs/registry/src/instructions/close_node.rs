//! Closes a node that has its bond back; its key can be registered anew. What it earned is claimed to its payout wallet before: afterwards it waits for whoever registers the key.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the node's |
//! | 1 | config | | | of this program |
//! | 2 | node | | w | of this config, withdrawn, without bond; every attestation it ever had has expired |
//! | 3 | rent_payer | | w | the node's |
//! | 4 | event_authority | | | |
//! | 5 | program | | | this program |

use nyxos_shared::{
    Args, Call, Error, Event, accounts, close,
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
    accounts!(accounts, [operator_account, config_account, node_account, rent_payer, event_authority, this]);
    Args::new(data).end()?;

    let event_bump = config::STATE.get(&load_config(config_account, program_id)?);
    let paid_by = {
        let data = load_node(node_account, config_account, program_id)?;
        operator(operator_account, &data)?;
        // A slashed node stays for ever: under a new account its key would be paid again, and the old slash could be sent again.
        if node::STATE.get(&data) != node_state::WITHDRAWN || node::BOND.get(&data) != 0 {
            return Err(Error::WrongState.into());
        }
        // The new account knows nothing of the floor, so no record of the old one may be in time any more.
        if Clock::get()?.slot < node::ATTESTATION_FLOOR_SLOT.get(&data).max(node::ATTESTATION_EXPIRY_SLOT.get(&data)) {
            return Err(Error::TooEarly.into());
        }
        *node::RENT_PAYER.get(&data)
    };
    let node_key = *node_account.address();
    close(node_account, rent_payer, &paid_by)?;
    Event::new(events::NODE_CLOSED).key(&node_key).emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
