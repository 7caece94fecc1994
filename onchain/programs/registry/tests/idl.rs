//! The committed IDL says what the source does.

#[path = "../../idl_check.rs"]
mod idl_check;

use idl_check::{Account, Idl};
use nyxos_shared::{
    registry::{config, node},
    rotation::proposal,
};

#[test]
fn the_idl_is_the_source() {
    let idl = Idl::read("registry.json");
    idl.has_accounts(&[
        Account { name: "Config", disc: config::DISC, len: config::LEN, fields: config::FIELDS },
        Account { name: "Node", disc: node::DISC, len: node::LEN, fields: node::FIELDS },
        Account { name: "VerifierProposal", disc: proposal::DISC, len: proposal::LEN, fields: proposal::FIELDS },
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
    ]);
    idl.has_errors(nyxos_shared::Error::ALL);
    idl.has_constants(&[("MAX_VERIFIERS", nyxos_shared::quorum::MAX as u64)]);
}
