//! The committed IDL says what the source does.

#[path = "../../idl_check.rs"]
mod idl_check;

use idl_check::{Account, Idl};
use nyxos_escrow::{
    state::{MAX_FEE_BPS, MAX_SLOTS, OPEN_SLOT_WINDOW, PAYMENT_SLOTS, batch, claim, escrow, job, leaf, market, payment, pool, poster, terms},
    voucher,
};

#[test]
fn the_idl_is_the_source() {
    let idl = Idl::read("escrow.json");
    idl.has_accounts(&[
        Account { name: "Market", disc: market::DISC, len: market::LEN, fields: market::FIELDS },
        Account { name: "Pool", disc: pool::DISC, len: pool::LEN, fields: pool::FIELDS },
        Account { name: "Escrow", disc: escrow::DISC, len: escrow::LEN, fields: escrow::FIELDS },
        Account { name: "Batch", disc: batch::DISC, len: batch::LEN, fields: batch::FIELDS },
        Account { name: "Claim", disc: claim::DISC, len: claim::LEN, fields: claim::FIELDS },
        Account { name: "Terms", disc: terms::DISC, len: terms::LEN, fields: terms::FIELDS },
        Account { name: "Job", disc: job::DISC, len: job::LEN, fields: job::FIELDS },
        Account { name: "Payment", disc: payment::DISC, len: payment::LEN, fields: payment::FIELDS },
        Account { name: "Poster", disc: poster::DISC, len: poster::LEN, fields: poster::FIELDS },
        Account { name: "Leaf", disc: leaf::DISC, len: leaf::LEN, fields: leaf::FIELDS },
    ]);
    idl.has_instructions(&[
        "initialize_market",
        "initialize_pool",
        "open_escrow",
        "deposit",
        "settle_vouchers",
        "request_exit",
        "exit",
        "post_batch",
        "finalize_batch",
        "claim",
        "sync_inflow",
        "void_batch",
        "collect",
        "set_paused",
        "update_market",
        "accept_authority",
        "propose_terms",
        "apply_terms",
        "cancel_terms",
        "refresh_operator",
        "open_job",
        "release_job",
        "award_job",
        "refund_job",
        "pay",
        "close_payment",
        "close_batch",
        "bond_poster",
        "request_unbond_poster",
        "withdraw_poster_bond",
        "prove_leaf",
        "close_leaf",
        "challenge_batch",
    ]);
    idl.has_events(&[
        "MarketInitialized",
        "PoolInitialized",
        "EscrowOpened",
        "Deposited",
        "VouchersSettled",
        "ExitRequested",
        "EscrowExited",
        "InflowSynced",
        "BatchPosted",
        "BatchFinalized",
        "BatchVoided",
        "Claimed",
        "SettledCollected",
        "PausedSet",
        "MarketUpdated",
        "AuthorityAccepted",
        "TermsProposed",
        "TermsApplied",
        "TermsCancelled",
        "OperatorRefreshed",
        "JobOpened",
        "JobReleased",
        "JobClosed",
        "PaymentReceived",
        "PaymentClosed",
        "BatchClosed",
        "PosterBonded",
        "PosterUnbondRequested",
        "PosterBondWithdrawn",
        "LeafProven",
        "LeafClosed",
        "BatchChallenged",
    ]);
    idl.has_errors(nyxos_shared::Error::ALL);
    idl.has_constants(&[
        ("MAX_VERIFIERS", nyxos_shared::quorum::MAX as u64),
        ("MAX_FEE_BPS", MAX_FEE_BPS as u64),
        ("OPEN_SLOT_WINDOW", OPEN_SLOT_WINDOW),
        ("MAX_SLOTS", MAX_SLOTS),
        ("PAYMENT_SLOTS", PAYMENT_SLOTS),
        ("VOUCHER_LENGTH", voucher::LEN as u64),
    ]);
}
