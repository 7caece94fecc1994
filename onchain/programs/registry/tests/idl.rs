//! The committed IDL says what the source does.

#[path = "../../idl_check.rs"]
mod idl_check;

use idl_check::{Account, Idl};
use nyxos_shared::{
    registry::{MAX_MEASUREMENTS, MAX_ROYALTY_BPS, MAX_UNBONDING_SLOTS, MIN_UNBONDING_SLOTS, config, model, node, validator},
    rotation::proposal,
};

#[test]
fn the_idl_is_the_source() {
    let idl = Idl::read("registry.json");
    idl.has_accounts(&[
        Account { name: "Config", disc: config::DISC, len: config::LEN, fields: config::FIELDS },
        Account { name: "Node", disc: node::DISC, len: node::LEN, fields: node::FIELDS },
        Account { name: "VerifierProposal", disc: proposal::DISC, len: proposal::LEN, fields: proposal::FIELDS },
        Account { name: "Model", disc: model::DISC, len: model::LEN, fields: model::FIELDS },
        Account { name: "Validator", disc: validator::DISC, len: validator::LEN, fields: validator::FIELDS },
    ]);
    idl.has_instructions(&[
        "initialize_config",
        "register_node",
        "add_bond",
        "update_node",
        "request_unbond",
        "withdraw_bond",
        "record_attestation",
        "slash_node",
        "propose_verifiers",
        "apply_verifiers",
        "cancel_verifiers",
        "propose_authority",
        "accept_authority",
        "set_paused",
        "revoke_attestation",
        "withdraw_attestation",
        "close_node",
        "register_model",
        "update_model",
        "retire_model",
        "register_validator",
        "add_validator_bond",
        "update_validator",
        "request_validator_unbond",
        "withdraw_validator_bond",
        "slash_validator",
        "close_validator",
    ]);
    idl.has_events(&[
        "ConfigInitialized",
        "NodeRegistered",
        "BondAdded",
        "NodeUpdated",
        "UnbondRequested",
        "BondWithdrawn",
        "AttestationRecorded",
        "NodeSlashed",
        "VerifiersProposed",
        "VerifiersApplied",
        "VerifiersCancelled",
        "AuthorityProposed",
        "AuthorityAccepted",
        "PausedSet",
        "AttestationRevoked",
        "NodeClosed",
        "ModelRegistered",
        "ModelUpdated",
        "ModelRetired",
        "ValidatorRegistered",
        "ValidatorBondAdded",
        "ValidatorUpdated",
        "ValidatorUnbondRequested",
        "ValidatorBondWithdrawn",
        "ValidatorSlashed",
        "ValidatorClosed",
    ]);
    idl.has_errors(nyxos_shared::Error::ALL);
    idl.has_constants(&[
        ("MAX_VERIFIERS", nyxos_shared::quorum::MAX as u64),
        ("MAX_ROYALTY_BPS", MAX_ROYALTY_BPS as u64),
        ("MAX_MEASUREMENTS", MAX_MEASUREMENTS as u64),
        ("MIN_UNBONDING_SLOTS", MIN_UNBONDING_SLOTS),
        ("MAX_UNBONDING_SLOTS", MAX_UNBONDING_SLOTS),
    ]);
}
