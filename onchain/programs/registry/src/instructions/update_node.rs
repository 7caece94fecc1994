//! Changes an active node's tiers, keys or payout wallet. New keys end the attestation: a record speaks of the keys it was made for. Where there are disputes, a receipt key counts for an unbonding time after it was changed, and is not changed again before.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the node's |
//! | 1 | config | | | of this program |
//! | 2 | node | | w | of this config, active |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{
    Call, Error, accounts, arguments,
    event::Emitter,
    registry::{config, node},
};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

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
    let (event_bump, unbonding, disputes) = {
        let config_data = load_config(config_account, program_id)?;
        (config::EVENT_AUTHORITY_BUMP.get(&config_data), config::UNBONDING_SLOTS.get(&config_data), config::ANSWER_SLOTS.get(&config_data) != 0)
    };
    {
        let mut data = load_operated::<Node>(operator_account, node_account, config_account, program_id)?;
        require_active::<Node>(&data)?;
        if disputes && node::RECEIPT_KEY.get(&data) != receipt_key {
            let slot = Clock::get()?.slot;
            if slot < node::PREVIOUS_UNTIL_SLOT.get(&data) {
                return Err(Error::KeyChangedLately.into());
            }
            let previous = *node::RECEIPT_KEY.get(&data);
            node::PREVIOUS_RECEIPT_KEY.set(&mut data, &previous);
            node::PREVIOUS_UNTIL_SLOT.set(&mut data, slot.checked_add(unbonding).ok_or(Error::ArithmeticOverflow)?);
        }
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
