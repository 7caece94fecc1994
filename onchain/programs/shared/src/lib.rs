//! What both programs share: account layouts as typed offsets, argument decoding, guards, events, token and system calls,
//! Ed25519 introspection, hashing. Nothing here holds a rule of its own program.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod account;
pub mod args;
pub mod authority;
pub mod ed25519;
pub mod error;
pub mod event;
pub mod hash;
pub mod hash_tree;
pub mod layout;
pub mod quorum;
pub mod registry;
pub mod rotation;
pub mod token;
pub mod tree;

use pinocchio::{AccountView, Address};

pub use account::*;
pub use args::Args;
pub use authority::Authority;
pub use error::Error;
pub use event::{Emitter, Event};

/// What an instruction is called with. One value by reference, because an sBPF function takes five registers of arguments
/// and no more; functions of this crate keep to that.
pub struct Call<'a> {
    pub program_id: &'a Address,
    pub accounts: &'a mut [AccountView],
    /// The arguments: instruction data without its discriminator.
    pub data: &'a [u8],
}
