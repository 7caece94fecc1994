//! Instructions for the Ed25519 precompile, well-formed and not.

use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

pub const PROGRAM: Address = Address::from_str_const("Ed25519SigVerify111111111111111111111111111");
/// The precompile instruction itself.
pub const OWN: u16 = u16::MAX;

/// Where one signature's parts lie: (offset, instruction) of signature and key, (offset, length, instruction) of the message.
pub struct Place {
    pub signature: (u16, u16),
    pub key: (u16, u16),
    pub message: (u16, u16, u16),
}

/// Each key's signature over its message, all parts in the instruction itself.
pub fn verify(signed: &[(&Keypair, &[u8])]) -> Instruction {
    let mut places = Vec::new();
    let mut tail = Vec::new();
    let start = 2 + 14 * signed.len();
    for (key, message) in signed {
        let at = (start + tail.len()) as u16;
        tail.extend_from_slice(key.sign_message(message).as_ref());
        tail.extend_from_slice(key.pubkey().as_ref());
        tail.extend_from_slice(message);
        places.push(Place { signature: (at, OWN), key: (at + 64, OWN), message: (at + 96, message.len() as u16, OWN) });
    }
    raw(&places, &tail)
}

/// Offsets as given, then `tail`.
pub fn raw(places: &[Place], tail: &[u8]) -> Instruction {
    let mut data = vec![places.len() as u8, 0];
    for Place { signature, key, message } in places {
        for field in [signature.0, signature.1, key.0, key.1, message.0, message.1, message.2] {
            data.extend_from_slice(&field.to_le_bytes());
        }
    }
    data.extend_from_slice(tail);
    Instruction { program_id: PROGRAM, accounts: vec![], data }
}
