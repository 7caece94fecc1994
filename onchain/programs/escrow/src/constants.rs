//! What the IDL tells clients of this program's limits.

/// Most verifiers of a set
pub const MAX_VERIFIERS: u8 = nyxos_shared::quorum::MAX as u8;
/// Highest protocol fee, in basis points
pub const MAX_FEE_BPS: u16 = crate::state::MAX_FEE_BPS;
/// Slots that an opening slot may lie back, and the least exit time
pub const OPEN_SLOT_WINDOW: u64 = crate::state::OPEN_SLOT_WINDOW;
/// The longest window, exit or silence of a market, in slots
pub const MAX_SLOTS: u64 = crate::state::MAX_SLOTS;
/// Slots for which the record of a payment stands
pub const PAYMENT_SLOTS: u64 = crate::state::PAYMENT_SLOTS;
/// Slots for which a prepaid escrow stands, whatever comes in
pub const PREPAID_SLOTS: u64 = crate::state::PREPAID_SLOTS;
/// Most gateways whose assignments a market lets nodes settle by
pub const MAX_GATEWAYS: u8 = crate::state::MAX_GATEWAYS as u8;
/// Bytes of a voucher
pub const VOUCHER_LENGTH: u8 = crate::voucher::LEN as u8;
