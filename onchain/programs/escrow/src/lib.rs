//! The escrow: holds payers' deposits, settles vouchers into the pool, and pays what a final batch has credited.
//!
//! Layouts, instructions and events: `docs/protocol.md` §3; invariants: `docs/INVARIANTS.md`.
#![cfg_attr(any(target_os = "solana", target_arch = "bpf"), no_std)]

use nyxos_shared::{Call, Error, event};
use pinocchio::{AccountView, Address, ProgramResult};

pub mod constants;
pub mod credit;
pub mod events;
pub mod instructions;
pub mod state;
pub mod voucher;

#[cfg(any(target_os = "solana", target_arch = "bpf"))]
pinocchio::program_entrypoint!(process, 64);
#[cfg(any(target_os = "solana", target_arch = "bpf"))]
pinocchio::no_allocator!();
#[cfg(any(target_os = "solana", target_arch = "bpf"))]
pinocchio::nostd_panic_handler!();

/// Where the IDL says the program is. It runs at any other address as well: what it derives and compares is the address it was called at.
pub const ID: Address = Address::from_str_const("NyxosEscrow11111111111111111111111111111111");

/// Calls the instruction that the first byte names.
#[inline(always)]
pub fn process(program_id: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let (discriminator, arguments) = data.split_first().ok_or(Error::MalformedInstruction)?;
    if data.starts_with(&event::TAG) {
        return events::accept(program_id, accounts);
    }
    let call = Call { program_id, accounts, data: arguments };
    match *discriminator {
        1 => instructions::initialize_market::process(call),
        2 => instructions::initialize_pool::process(call),
        3 => instructions::open_escrow::process(call),
        4 => instructions::deposit::process(call),
        5 => instructions::settle_vouchers::process(call),
        6 => instructions::request_exit::process(call),
        7 => instructions::exit::process(call),
        8 => instructions::post_batch::process(call),
        9 => instructions::finalize_batch::process(call),
        10 => instructions::claim::process(call),
        11 => instructions::sync_inflow::process(call),
        12 => instructions::void_batch::process(call),
        13 => instructions::collect::process(call),
        14 => instructions::set_paused::process(call),
        15 => instructions::update_market::process(call),
        16 => instructions::accept_authority::process(call),
        17 => instructions::propose_terms::process(call),
        18 => instructions::apply_terms::process(call),
        19 => instructions::cancel_terms::process(call),
        20 => instructions::refresh_operator::process(call),
        21 => instructions::open_job::process(call),
        22 => instructions::release_job::process(call),
        23 => instructions::award_job::process(call),
        24 => instructions::refund_job::process(call),
        25 => instructions::pay::process(call),
        26 => instructions::close_payment::process(call),
        27 => instructions::close_batch::process(call),
        28 => instructions::bond_poster::process(call),
        29 => instructions::request_unbond_poster::process(call),
        30 => instructions::withdraw_poster_bond::process(call),
        31 => instructions::prove_leaf::process(call),
        32 => instructions::close_leaf::process(call),
        33 => instructions::challenge_batch::process(call),
        35 => instructions::settle_direct::process(call),
        36 => instructions::disprove_direct::process(call),
        37 => instructions::void_direct::process(call),
        38 => instructions::finish_direct::process(call),
        39 => instructions::return_direct::process(call),
        40 => instructions::close_direct::process(call),
        41 => instructions::open_prepaid::process(call),
        42 => instructions::count_transfers::process(call),
        43 => instructions::return_transfers::process(call),
        44 => instructions::close_prepaid::process(call),
        _ => Err(Error::UnknownInstruction.into()),
    }
}
