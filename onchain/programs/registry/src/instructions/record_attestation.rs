//! Writes what the verifier quorum found in a node's TEE evidence: measurement, hash of the quote, expiry. Anyone may send it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | config | | | of this program; its verifiers signed |
//! | 1 | node | | w | of this config, active; every record it ever had expires earlier, the quote was not revoked |
//! | 2 | instructions_sysvar | | | the precompile stands before this instruction |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{
    Call, Error, accounts, arguments,
    event::Emitter,
    hash::sha256,
    registry::{CONFIG_VERIFIERS, config, node},
};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    bond::{Node, load_bonded, require_active},
    events,
    instructions::load_config,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [config_account, node_account, instructions, event_authority, this]);
    arguments!(data, { kind: u8, measurement: [u8; 48], quote_hash: Hash, receipt_key: Key, sealing_key: Key, expiry_slot: u64 });

    // Zero stands for no quote.
    if (kind != 1 && kind != 2) || quote_hash == &[0; 32] {
        return Err(Error::InvalidArgument.into());
    }
    if expiry_slot <= Clock::get()?.slot {
        return Err(Error::TooLate.into());
    }
    let event_bump = {
        let config_data = load_config(config_account, program_id)?;
        let digest = sha256(&[
            b"nyxos:attestation:v1",
            program_id.as_ref(),
            node_account.address().as_ref(),
            &[kind],
            measurement,
            quote_hash,
            receipt_key,
            sealing_key,
            &expiry_slot.to_le_bytes(),
        ]);
        CONFIG_VERIFIERS.get(&config_data).require(instructions, &digest)?;
        config::EVENT_AUTHORITY_BUMP.get(&config_data)
    };
    {
        let mut data = load_bonded::<Node>(node_account, config_account, program_id)?;
        require_active::<Node>(&data)?;
        // Evidence for keys the node has rotated away from must not vouch for the new ones.
        if node::RECEIPT_KEY.get(&data) != receipt_key || node::SEALING_KEY.get(&data) != sealing_key {
            return Err(Error::InvalidArgument.into());
        }
        // The quorum's signatures are on chain for everybody: whoever sent an older record again would bring back the measurement
        // that a newer one replaced, or what a revocation or other keys have ended.
        if expiry_slot <= node::ATTESTATION_EXPIRY_SLOT.get(&data) || expiry_slot <= node::ATTESTATION_FLOOR_SLOT.get(&data) {
            return Err(Error::AttestationOutdated.into());
        }
        if quote_hash == node::REVOKED_QUOTE_HASH.get(&data) {
            return Err(Error::AttestationRevoked.into());
        }
        node::ATTESTATION_KIND.set(&mut data, kind);
        node::ATTESTATION_MEASUREMENT.set(&mut data, measurement);
        node::ATTESTATION_QUOTE_HASH.set(&mut data, quote_hash);
        node::ATTESTATION_EXPIRY_SLOT.set(&mut data, expiry_slot);
    }
    events::AttestationRecorded { node: node_account.address().as_array(), kind, measurement, quote_hash, expiry_slot }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
