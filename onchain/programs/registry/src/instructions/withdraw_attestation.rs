//! Ends a node's attestation on its operator's word alone, as `revoke_attestation` does on the quorum's.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the node's |
//! | 1 | config | | | of this program |
//! | 2 | node | | w | of this config; has a record |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{
    Call, accounts, arguments,
    event::Emitter,
    registry::{config, node},
};
use pinocchio::ProgramResult;

use crate::{
    bond::{Node, load_operated},
    events::{self, revoked_by},
    instructions::{load_config, revoke},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [operator_account, config_account, node_account, event_authority, this]);
    arguments!(data, {});

    let event_bump = config::EVENT_AUTHORITY_BUMP.get(&load_config(config_account, program_id)?);
    let (quote_hash, floor) = {
        let mut data = load_operated::<Node>(operator_account, node_account, config_account, program_id)?;
        (revoke(&mut data)?, node::ATTESTATION_FLOOR_SLOT.get(&data))
    };
    events::AttestationRevoked { node: node_account.address().as_array(), quote_hash: &quote_hash, floor_slot: floor, by: revoked_by::OPERATOR }
        .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
