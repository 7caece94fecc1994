//! What the IDL tells clients of this program's limits.

/// Most verifiers of a set
pub const MAX_VERIFIERS: u8 = nyxos_shared::quorum::MAX as u8;
/// Highest royalty, in basis points
pub const MAX_ROYALTY_BPS: u16 = nyxos_shared::registry::MAX_ROYALTY_BPS;
/// Most measurements a model allows
pub const MAX_MEASUREMENTS: u8 = nyxos_shared::registry::MAX_MEASUREMENTS as u8;
/// Shortest unbonding time, in slots
pub const MIN_UNBONDING_SLOTS: u64 = nyxos_shared::registry::MIN_UNBONDING_SLOTS;
/// Longest unbonding time, in slots
pub const MAX_UNBONDING_SLOTS: u64 = nyxos_shared::registry::MAX_UNBONDING_SLOTS;
/// Shortest time for a move of a dispute, in slots
pub const MIN_ANSWER_SLOTS: u64 = nyxos_shared::registry::MIN_ANSWER_SLOTS;
/// Longest time for a move of a dispute, in slots
pub const MAX_ANSWER_SLOTS: u64 = nyxos_shared::registry::MAX_ANSWER_SLOTS;
/// Most bytes of a dispute's evidence
pub const MAX_EVIDENCE: u32 = crate::state::MAX_EVIDENCE;
