//! Ends a node's attestation on the verifier quorum's word, for good: neither the record nor another one about its quote comes back. Anyone may send it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | config | | | of this program; its verifiers signed |
//! | 1 | node | | w | of this config; has a record of this quote |
//! | 2 | instructions_sysvar | | | the precompile stands before this instruction |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{
    Call, Error, accounts, arguments,
    event::Emitter,
    hash::sha256,
    registry::{CONFIG_VERIFIERS, config, node},
};
use pinocchio::ProgramResult;

use crate::{
    bond::{Node, load_bonded},
    events::{self, revoked_by},
    instructions::{load_config, revoke},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [config_account, node_account, instructions, event_authority, this]);
    arguments!(data, { quote_hash: Hash });

    let event_bump = {
        let config_data = load_config(config_account, program_id)?;
        let digest = sha256(&[b"nyxos:revoke:v1", program_id.as_ref(), node_account.address().as_ref(), quote_hash]);
        CONFIG_VERIFIERS.get(&config_data).require(instructions, &digest)?;
        config::EVENT_AUTHORITY_BUMP.get(&config_data)
    };
    let floor = {
        let mut data = load_bonded::<Node>(node_account, config_account, program_id)?;
        // The word was given about one quote; a newer record stands on another.
        if &revoke(&mut data)? != quote_hash {
            return Err(Error::WrongState.into());
        }
        node::ATTESTATION_FLOOR_SLOT.get(&data)
    };
    events::AttestationRevoked { node: node_account.address().as_array(), quote_hash, floor_slot: floor, by: revoked_by::QUORUM }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
