//! One file an instruction, each with its accounts.

pub mod add_bond;
pub mod initialize_config;
pub mod record_attestation;
pub mod register_node;
pub mod request_unbond;
pub mod slash_node;
pub mod update_node;
pub mod withdraw_bond;

use nyxos_shared::{
    Error, address, load, load_mut,
    registry::{config, node},
};
use pinocchio::{
    AccountView, Address,
    account::{Ref, RefMut},
    error::ProgramError,
};

/// A registry's config.
pub fn load_config<'a>(account: &'a AccountView, program_id: &Address) -> Result<Ref<'a, [u8]>, ProgramError> {
    load(account, program_id, config::DISC, config::LEN)
}

/// A node of this registry: a node of another one has another quorum and another bond.
pub fn load_node<'a>(account: &'a mut AccountView, config: &AccountView, program_id: &Address) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_mut(account, program_id, node::DISC, node::LEN)?;
    if node::CONFIG.get(&data) != config.address().as_array() {
        return Err(Error::WrongAddress.into());
    }
    Ok(data)
}

/// The node's operator must sign for everything that moves the bond or changes its keys.
pub fn operator(account: &AccountView, node_data: &[u8]) -> Result<(), Error> {
    nyxos_shared::signer(account)?;
    address(account, node::OPERATOR.get(node_data)).map_err(|_| Error::Unauthorized)
}

/// A node that may serve has at least one known tier, a receipt key and a wallet to pay.
pub fn valid_node(tiers: u8, receipt_key: &[u8; 32], payout: &[u8; 32]) -> Result<(), Error> {
    if tiers == 0 || tiers & !0b111 != 0 || receipt_key == &[0; 32] || payout == &[0; 32] {
        return Err(Error::InvalidArgument);
    }
    Ok(())
}
