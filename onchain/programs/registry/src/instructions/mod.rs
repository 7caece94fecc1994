//! One file an instruction, each with its accounts.

pub mod accept_authority;
pub mod add_bond;
pub mod add_validator_bond;
pub mod answer;
pub mod apply_verifiers;
pub mod ask_ids;
pub mod cancel_verifiers;
pub mod choose;
pub mod close_evidence;
pub mod close_node;
pub mod close_validator;
pub mod end_dispute;
pub mod initialize_config;
pub mod open_dispute;
pub mod open_evidence;
pub mod propose_authority;
pub mod propose_verifiers;
pub mod prove_fault;
pub mod record_attestation;
pub mod register_model;
pub mod register_node;
pub mod register_validator;
pub mod request_unbond;
pub mod request_validator_unbond;
pub mod retire_model;
pub mod revoke_attestation;
pub mod set_paused;
pub mod show_ids;
pub mod show_model;
pub mod slash_node;
pub mod slash_validator;
pub mod update_model;
pub mod update_node;
pub mod update_validator;
pub mod withdraw_attestation;
pub mod withdraw_bond;
pub mod withdraw_validator_bond;
pub mod write_evidence;

use nyxos_shared::{
    Error, address, load, load_mut,
    registry::{CONFIG_AUTHORITY, config, model, model_state, node},
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

/// New nodes, bonds and models are refused while the registry is paused; leaving, withdrawing and slashing never ask.
pub fn not_paused(config_data: &[u8]) -> Result<(), Error> {
    if config::PAUSED.get(config_data) == 0 { Ok(()) } else { Err(Error::Paused) }
}

/// Ends a node's attestation. The quorum's signatures of a record are on chain for everybody, so the floor keeps all that expire as early
/// from coming back.
pub fn clear_attestation(data: &mut [u8]) {
    let floor = node::ATTESTATION_FLOOR_SLOT.get(data).max(node::ATTESTATION_EXPIRY_SLOT.get(data));
    node::ATTESTATION_FLOOR_SLOT.set(data, floor);
    node::ATTESTATION_KIND.set(data, 0);
    node::ATTESTATION_EXPIRY_SLOT.set(data, 0);
    node::ATTESTATION_QUOTE_HASH.set(data, &[0; 32]);
    node::ATTESTATION_MEASUREMENT.set(data, &[0; 48]);
}

/// As [`clear_attestation`], and the quote is remembered: whatever was signed about it and not sent yet does not come back either.
pub fn revoke(data: &mut [u8]) -> Result<[u8; 32], Error> {
    if node::ATTESTATION_KIND.get(data) == 0 {
        return Err(Error::WrongState);
    }
    let quote_hash = *node::ATTESTATION_QUOTE_HASH.get(data);
    clear_attestation(data);
    node::REVOKED_QUOTE_HASH.set(data, &quote_hash);
    Ok(quote_hash)
}

/// An active model of this registry, to be changed by its publisher, who must sign.
pub fn load_model<'a>(
    publisher: &AccountView,
    account: &'a mut AccountView,
    config: &AccountView,
    program_id: &Address,
) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_mut(account, program_id, model::DISC, model::LEN)?;
    if model::CONFIG.get(&data) != config.address().as_array() {
        return Err(Error::WrongAddress.into());
    }
    nyxos_shared::signer(publisher)?;
    address(publisher, model::PUBLISHER.get(&data)).map_err(|_| Error::Unauthorized)?;
    if model::STATE.get(&data) != model_state::ACTIVE {
        return Err(Error::WrongState.into());
    }
    Ok(data)
}

/// A node that may serve has at least one known tier, a receipt key and a wallet to pay.
pub fn valid_node(tiers: u8, receipt_key: &[u8; 32], payout: &[u8; 32]) -> Result<(), Error> {
    if tiers == 0 || tiers & !0b111 != 0 || receipt_key == &[0; 32] {
        return Err(Error::InvalidArgument);
    }
    valid_wallet(payout)
}

/// Zero is nobody's wallet.
pub fn valid_wallet(wallet: &[u8; 32]) -> Result<(), Error> {
    if wallet == &[0; 32] { Err(Error::InvalidArgument) } else { Ok(()) }
}
