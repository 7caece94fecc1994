//! Layouts of the escrow program's accounts.

pub use nyxos_shared::event::event_authority;
use nyxos_shared::{derived, layout};

layout!(
    /// Rules of a market.
    market at [b"market", cluster, creator, id], disc 1, len 712, {
    3 EVENT_AUTHORITY_BUMP: U8, 4 ID: U16, 6 FEE_BPS: U16, 8 CLUSTER: Hash, 40 CREATOR: Key, 72 AUTHORITY: Key, 104 OPERATOR: Key, 136 TREASURY: Key,
    168 REGISTRY_PROGRAM: Key, 200 REGISTRY_CONFIG: Key, 232 CHALLENGE_SLOTS: U64, 240 EXIT_SLOTS: U64, 248 DIRECT_SLOTS: U64, 256 PAUSED: U8,
    257 VERIFIER_COUNT: U8, 258 THRESHOLD: U8, 259 PADDING: [U8; 5], 264 VERIFIERS: [Key; 7], 488 NOMINEE: Key, 520 BOND_MINT: Key,
    552 MIN_POSTER_BOND: U64, 560 GATEWAYS: [Key; 4], 688 RESERVED: [U8; 24],
});

layout!(
    /// One mint's money in a market.
    pool at [b"pool", market, mint], disc 2, len 352, {
    3 KIND: U8, 4 DEPOSIT_VAULT_BUMP: U8, 5 DECIMALS: U8, 6 PADDING: [U8; 2], 8 MARKET: Key, 40 MINT: Key, 72 TOKEN_PROGRAM: Key, 104 VAULT: Key,
    136 DEPOSIT_VAULT: Key, 168 DEPOSITED: U64, 176 SETTLED: U64, 184 EXITED: U64, 192 INFLOW: U64, 200 CREDITED: U64, 208 CLAIMED: U64,
    216 NEXT_SEQ: U64, 224 PENDING_SEQ: U64, 232 FINAL_SEQ: U64, 240 LAST_POST_SLOT: U64, 248 UNCOLLECTED: U64, 256 DIRECT: U64,
    264 RESERVED: [U8; 88],
});

layout!(
    /// A payer's deposit.
    escrow at [b"escrow", market, payer, mint, open_slot], disc 3, len 280, {
    3 STATE: U8, 4 PREPAID: U8, 5 PADDING: [U8; 3], 8 MARKET: Key, 40 PAYER: Key, 72 MINT: Key, 104 SESSION_KEY: Key, 136 RENT_PAYER: Key, 168 DEPOSITED: U64,
    176 SETTLED: U64, 184 OPEN_SLOT: U64, 192 EXIT_SLOT: U64, 200 SESSION_EXPIRES: I64, 208 SESSION_LIMIT: U64, 216 COLLECTED: U64, 224 OPERATOR: Key,
    256 RESERVED: [U8; 24],
});

layout!(
    /// A batch of verified work.
    batch at [b"batch", pool, seq], disc 4, len 240, {
    3 STATE: U8, 4 RECEIPTS_COUNT: U32, 8 POOL: Key, 40 POSTER: Key, 72 RENT_PAYER: Key, 104 SEQ: U64, 112 RECEIPTS_ROOT: Hash, 144 CREDIT_ROOT: Hash,
    176 CREDIT_SUM: U64, 184 PAYEE_COUNT: U32, 188 PADDING: [U8; 4], 192 POSTED_SLOT: U64, 200 FINAL_SLOT: U64, 208 RESERVED: [U8; 32],
});

layout!(
    /// What a payee has claimed.
    claim at [b"claim", pool, payee, kind], disc 5, len 136, {
    3 KIND: U8, 4 PADDING: [U8; 4], 8 POOL: Key, 40 PAYEE: Key, 72 RENT_PAYER: Key, 104 CLAIMED: U64, 112 LAST_SEQ: U64, 120 RESERVED: [U8; 16],
});

layout!(
    /// Terms proposed for a market.
    terms at [b"terms", market], disc 6, len 488, {
    3 ZERO: U8, 4 FEE_BPS: U16, 6 VERIFIER_COUNT: U8, 7 THRESHOLD: U8, 8 MARKET: Key, 40 RENT_PAYER: Key, 72 CHALLENGE_SLOTS: U64, 80 EXIT_SLOTS: U64,
    88 DIRECT_SLOTS: U64, 96 APPLY_SLOT: U64, 104 VERIFIERS: [Key; 7], 328 MIN_POSTER_BOND: U64, 336 GATEWAYS: [Key; 4],
    464 RESERVED: [U8; 24],
});

layout!(
    /// An amount locked for one node's work.
    job at [b"job", pool, payer, open_slot], disc 7, len 248, {
    3 STATE: U8, 4 FEE_BPS: U16, 6 ZERO: [U8; 2], 8 POOL: Key, 40 PAYER: Key, 72 NODE_KEY: Key, 104 RENT_PAYER: Key, 136 TERMS_HASH: Hash,
    168 AMOUNT: U64, 176 RELEASED: U64, 184 OPEN_SLOT: U64, 192 DEADLINE_SLOT: U64, 200 RESERVED: [U8; 48],
});

layout!(
    /// An exact payment under a reference.
    payment at [b"payment", pool, payer, reference], disc 8, len 164, {
    3 ZERO: U8, 4 POOL: Key, 36 PAYER: Key, 68 RENT_PAYER: Key, 100 REFERENCE: Hash, 132 AMOUNT: U64, 140 SLOT: U64, 148 RESERVED: [U8; 16],
});

layout!(
    /// Who posts batches, and the bond that answers for them.
    poster at [b"poster", market, operator], disc 9, len 160, {
    3 STATE: U8, 4 PADDING: [U8; 4], 8 MARKET: Key, 40 OPERATOR: Key, 72 RENT_PAYER: Key, 104 BOND: U64, 112 UNBOND_SLOT: U64, 120 LOCKED_UNTIL: U64,
    128 SLASHED_TOTAL: U64, 136 RESERVED: [U8; 24],
});

layout!(
    /// A credit that was proven to stand in a batch.
    leaf at [b"leaf", batch, prover, index], disc 10, len 144, {
    3 KIND: U8, 4 INDEX: U32, 8 POOL: Key, 40 PROVER: Key, 72 PAYEE: Key, 104 CUMULATIVE: U64, 112 SEQ: U64, 120 RESERVED: [U8; 24],
});

derived!(
    /// A payer's deposit that anybody may have opened: its address says who may spend it and who gets it back.
    prepaid at [b"prepaid", market, payer, mint, session_key, open_slot]);

derived!(
    /// Where plain transfers to an escrow arrive: its associated token account.
    inbox at [escrow, token_program, mint] of nyxos_shared::token::ASSOCIATED);

derived!(
    /// What a pool has received: its associated token account.
    vault at [pool, token_program, mint] of nyxos_shared::token::ASSOCIATED);

derived!(
    /// What payers have put down and nobody has collected.
    deposit_vault at [b"deposits", pool]);

derived!(
    /// The bonds of who posts batches.
    bond_vault at [b"bonds", market]);

/// States of a poster.
pub mod poster_state {
    pub const BONDED: u8 = 1;
    pub const UNBONDING: u8 = 2;
}

/// What a batch can be shown to have done wrong.
pub mod fault {
    /// It credits less than the last final batch did.
    pub const LOWERED: u8 = 1;
    /// It leaves out a credit of the last final batch.
    pub const OMITTED: u8 = 2;
    /// Its leaves do not ascend.
    pub const DISORDERED: u8 = 3;
}

layout!(
    /// A job that its node settles by itself, and what was debited for it.
    direct at [b"direct", escrow, job], disc 11, len 320, {
    3 STATE: U8, 4 ZERO: [U8; 4], 8 MARKET: Key, 40 POOL: Key, 72 ESCROW: Key, 104 JOB: Hash, 136 NODE_KEY: Key, 168 PAYER: Key, 200 RENT_PAYER: Key,
    232 RECEIPT_HASH: Hash, 264 CHARGE: U64, 272 FEE: U64, 280 SLOT: U64, 288 FINAL_SLOT: U64, 296 RESERVED: [U8; 24],
});

/// States of a job settled directly. The charge is held in the first and the third, and is somewhere else in the other two.
pub mod direct_state {
    pub const OPEN: u8 = 1;
    pub const PAID: u8 = 2;
    pub const VOID: u8 = 3;
    pub const RETURNED: u8 = 4;
}

/// States of a job.
pub mod job_state {
    pub const OPEN: u8 = 1;
}

/// States of an escrow.
pub mod escrow_state {
    pub const OPEN: u8 = 1;
    pub const EXITING: u8 = 2;
}

/// States of a batch.
pub mod batch_state {
    pub const POSTED: u8 = 1;
    pub const FINAL: u8 = 2;
    pub const VOID: u8 = 3;
}

/// Kinds of a claim.
pub mod claim_kind {
    pub const NODE: u8 = 1;
    pub const REFUND: u8 = 5;
}

/// Slots an opening slot may lie back, and the least exit time: together they keep an address from hosting two lives.
pub const OPEN_SLOT_WINDOW: u64 = 150;
/// The longest window, exit or silence, about a year: what is added to a slot cannot wrap, and nobody's money is locked up for ever.
pub const MAX_SLOTS: u64 = 78_840_000;
/// Slots, about a day, for which a payment's record stands: no offer of its reference is good for longer.
pub const PAYMENT_SLOTS: u64 = 216_000;
/// Slots, about an hour, for which a prepaid escrow waits for its first payment before who paid its rent may close it.
pub const PREPAID_SLOTS: u64 = 9_000;
/// Most gateways whose assignments a market lets nodes settle by.
pub const MAX_GATEWAYS: usize = 4;
/// Highest protocol fee, in basis points.
pub const MAX_FEE_BPS: u16 = 2000;
