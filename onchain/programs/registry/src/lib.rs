//! The registry: who may earn. A node is registered with a bond, rotates its keys, leaves after an unbonding time longer than
//! the challenge window, and loses the bond on evidence that the verifier quorum has signed. Its authority can rotate the verifiers
//! under a timelock, hand itself over, and stop new bonds; it can touch no bond and stop nobody from leaving. Validators, who replay sampled
//! jobs, answer for their verdicts with a bond under the same rules. Publishers register models with their royalties here. Who doubts what a
//! node signed disputes it, and the program itself recomputes the number on which they differ.
//!
//! Layouts, instructions and events: `docs/protocol.md` §2.
#![cfg_attr(any(target_os = "solana", target_arch = "bpf"), no_std)]

use nyxos_shared::{Call, Error, event};
use pinocchio::{AccountView, Address, ProgramResult};

pub mod bond;
pub mod constants;
pub mod dispute;
pub mod ending;
pub mod events;
pub mod instructions;
pub mod model;
pub mod receipt;
pub mod state;

#[cfg(any(target_os = "solana", target_arch = "bpf"))]
pinocchio::program_entrypoint!(process, 32);
#[cfg(any(target_os = "solana", target_arch = "bpf"))]
pinocchio::no_allocator!();
#[cfg(any(target_os = "solana", target_arch = "bpf"))]
pinocchio::nostd_panic_handler!();

/// Where the IDL says the program is. It runs at any other address as well: what it derives and compares is the address it was called at.
pub const ID: Address = Address::from_str_const("NyxosRegistry111111111111111111111111111111");

/// Calls the instruction that the first byte names.
#[inline(always)]
pub fn process(program_id: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let (discriminator, arguments) = data.split_first().ok_or(Error::MalformedInstruction)?;
    if data.starts_with(&event::TAG) {
        return event::accept(program_id, accounts);
    }
    let call = Call { program_id, accounts, data: arguments };
    match *discriminator {
        1 => instructions::initialize_config::process(call),
        2 => instructions::register_node::process(call),
        3 => instructions::add_bond::process(call),
        4 => instructions::update_node::process(call),
        5 => instructions::request_unbond::process(call),
        6 => instructions::withdraw_bond::process(call),
        7 => instructions::record_attestation::process(call),
        8 => instructions::slash_node::process(call),
        9 => instructions::propose_verifiers::process(call),
        10 => instructions::apply_verifiers::process(call),
        11 => instructions::cancel_verifiers::process(call),
        12 => instructions::propose_authority::process(call),
        13 => instructions::accept_authority::process(call),
        14 => instructions::set_paused::process(call),
        15 => instructions::revoke_attestation::process(call),
        16 => instructions::withdraw_attestation::process(call),
        17 => instructions::close_node::process(call),
        18 => instructions::register_model::process(call),
        19 => instructions::update_model::process(call),
        20 => instructions::retire_model::process(call),
        21 => instructions::register_validator::process(call),
        22 => instructions::add_validator_bond::process(call),
        23 => instructions::update_validator::process(call),
        24 => instructions::request_validator_unbond::process(call),
        25 => instructions::withdraw_validator_bond::process(call),
        26 => instructions::slash_validator::process(call),
        27 => instructions::close_validator::process(call),
        28 => instructions::open_dispute::process(call),
        29 => instructions::show_model::process(call),
        30 => instructions::answer::process(call),
        31 => instructions::choose::process(call),
        32 => instructions::prove_fault::process(call),
        33 => instructions::end_dispute::process(call),
        34 => instructions::open_evidence::process(call),
        35 => instructions::write_evidence::process(call),
        36 => instructions::close_evidence::process(call),
        37 => instructions::ask_ids::process(call),
        38 => instructions::show_ids::process(call),
        _ => Err(Error::UnknownInstruction.into()),
    }
}
