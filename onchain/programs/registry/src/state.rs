//! The registry's accounts, by the names that the IDL has for them. They are declared in the shared crate, because the escrow program reads
//! nodes and configs.

pub use nyxos_shared::{
    event::event_authority,
    registry::{bond_vault, config, model, node, validator},
    rotation::proposal as verifier_proposal,
};
