//! Events.

use nyxos_shared::registry::Measurement;

nyxos_shared::events! {
    1 ConfigInitialized {
        config: Key, creator: Key, id: u16, authority: Key, bond_mint: Key, min_bond: u64, min_validator_bond: u64, unbonding_slots: u64,
        threshold: u8, verifiers: [Key], answer_slots: u64,
    }
    2 NodeRegistered { node: Key, node_key: Key, operator: Key, payout: Key, receipt_key: Key, sealing_key: Key, tiers: u8, bond: u64, slot: u64 }
    3 BondAdded { node: Key, amount: u64, bond: u64 }
    4 NodeUpdated { node: Key, tiers: u8, receipt_key: Key, sealing_key: Key, payout: Key }
    5 UnbondRequested { node: Key, unbond_slot: u64 }
    6 BondWithdrawn { node: Key, amount: u64 }
    7 AttestationRecorded { node: Key, kind: u8, measurement: [u8; 48], quote_hash: Hash, expiry_slot: u64 }
    8 NodeSlashed { node: Key, amount: u64, reward: u64, refund: u64, burned: u64, evidence_hash: Hash, bond: u64 }
    9 VerifiersProposed { config: Key, proposal: Key, rent_payer: Key, effective_slot: u64, threshold: u8, verifiers: [Key] }
    10 VerifiersApplied { config: Key, proposal: Key, threshold: u8, verifiers: [Key] }
    11 VerifiersCancelled { config: Key, proposal: Key }
    12 AuthorityProposed { config: Key, authority: Key }
    13 AuthorityAccepted { config: Key, authority: Key }
    14 PausedSet { config: Key, paused: u8 }
    15 AttestationRevoked { node: Key, quote_hash: Hash, floor_slot: u64, by: u8 }
    16 NodeClosed { node: Key }
    17 ModelRegistered {
        model: Key, config: Key, model_id: Hash, publisher: Key, slot: u64, royalty_bps: u16, payee: Key, measurements: [Measurement],
    }
    18 ModelUpdated { model: Key, royalty_bps: u16, pending_royalty_bps: u16, pending_slot: u64, payee: Key, measurements: [Measurement] }
    19 ModelRetired { model: Key }
    20 ValidatorRegistered { validator: Key, config: Key, validator_key: Key, operator: Key, payout: Key, bond: u64, slot: u64, rent_payer: Key }
    21 ValidatorBondAdded { validator: Key, amount: u64, bond: u64 }
    22 ValidatorUpdated { validator: Key, payout: Key }
    23 ValidatorUnbondRequested { validator: Key, unbond_slot: u64 }
    24 ValidatorBondWithdrawn { validator: Key, amount: u64 }
    25 ValidatorSlashed { validator: Key, amount: u64, reward: u64, refund: u64, burned: u64, evidence_hash: Hash, bond: u64 }
    26 ValidatorClosed { validator: Key }
    27 DisputeOpened {
        dispute: Key, config: Key, node: Key, accuser: Key, rent_payer: Key, receipt_hash: Hash, model_id: Hash, tokens_in: u32, tokens_out: u32,
        stake: u64, deadline_slot: u64,
    }
    28 DisputeMoved {
        dispute: Key, node: Key, call: u8, choice: u8, content_hash: Hash, phase: u8, deadline_slot: u64, level: u8, vector: u8,
        place_hash: Hash, place_first: u32, place_count: u32,
    }
    29 DisputeEnded { dispute: Key, node: Key, accuser: Key, outcome: u8, reward: u64, burned: u64, returned: u64 }
}

/// Who ended an attestation, as its event says.
pub mod revoked_by {
    pub const QUORUM: u8 = 1;
    pub const OPERATOR: u8 = 2;
}
