//! Changes an active node's tiers, keys or payout wallet. New keys end the attestation: a record speaks of the keys it was made for.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the node's |
//! | 1 | config | | | of this program |
//! | 2 | node | | w | of this config, active |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{
    Call, accounts, arguments,
    event::Emitter,
    registry::{config, node},
};
use pinocchio::ProgramResult;

use crate::{
    bond::{Node, load_operated, require_active},
    events,
    instructions::{clear_attestation, load_config, valid_node},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [operator_account, config_account, node_account, event_authority, this]);
    arguments!(data, { tiers: u8, receipt_key: Key, sealing_key: Key, payout: Key });

    valid_node(tiers, receipt_key, payout)?;
    let event_bump = config::EVENT_AUTHORITY_BUMP.get(&load_config(config_account, program_id)?);
    {
        let mut data = load_operated::<Node>(operator_account, node_account, config_account, program_id)?;
        require_active::<Node>(&data)?;
        if node::RECEIPT_KEY.get(&data) != receipt_key || node::SEALING_KEY.get(&data) != sealing_key {
            clear_attestation(&mut data);
        }
        node::TIERS.set(&mut data, tiers);
        node::RECEIPT_KEY.set(&mut data, receipt_key);
        node::SEALING_KEY.set(&mut data, sealing_key);
        node::PAYOUT.set(&mut data, payout);
    }
    events::NodeUpdated { node: node_account.address().as_array(), tiers, receipt_key, sealing_key, payout }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
