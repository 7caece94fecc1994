//! One file an instruction, each with its accounts.

pub mod accept_authority;
pub mod add_bond;
pub mod apply_verifiers;
pub mod cancel_verifiers;
pub mod initialize_config;
pub mod propose_authority;
pub mod propose_verifiers;
pub mod record_attestation;
pub mod register_node;
pub mod request_unbond;
pub mod set_paused;
pub mod slash_node;
pub mod update_node;
pub mod withdraw_bond;

use nyxos_shared::{
    Error, address, load, load_mut,
    registry::{CONFIG_AUTHORITY, config, node},
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

/// A registry's config, to be written by its authority.
pub fn load_config_for<'a>(authority: &AccountView, account: &'a mut AccountView, program_id: &Address) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_mut(account, program_id, config::DISC, config::LEN)?;
    CONFIG_AUTHORITY.signed(authority, &data)?;
    Ok(data)
}

/// New bonds are refused while the registry is paused; leaving, withdrawing and slashing never ask.
pub fn not_paused(config_data: &[u8]) -> Result<(), Error> {
    if config::PAUSED.get(config_data) == 0 { Ok(()) } else { Err(Error::Paused) }
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
