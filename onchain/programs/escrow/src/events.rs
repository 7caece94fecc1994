//! Events, and who may sign for one.

use nyxos_shared::{event, load, signer};
use pinocchio::{AccountView, Address, ProgramResult};

use crate::state::escrow;

nyxos_shared::events! {
    1 MarketInitialized {
        market: Key, cluster: Hash, creator: Key, id: u16, authority: Key, operator: Key, treasury: Key, fee_bps: u16, challenge_slots: u64,
        exit_slots: u64, direct_slots: u64, bond_mint: Key, min_poster_bond: u64, registry_program: Key, registry_config: Key, threshold: u8,
        verifiers: [Key], gateways: [Key],
    }
    2 PoolInitialized { pool: Key, market: Key, mint: Key, token_program: Key, vault: Key, deposit_vault: Key, decimals: u8 }
    3 EscrowOpened {
        escrow: Key, market: Key, payer: Key, mint: Key, session_key: Key, session_expires: i64, session_limit: u64, open_slot: u64, rent_payer: Key,
        amount: u64, operator: Key,
    }
    4 Deposited { escrow: Key, depositor: Key, amount: u64, deposited: u64 }
    5 VouchersSettled { operator: Key, entries: [SettledEntry; ..] }
    6 ExitRequested { escrow: Key, exit_slot: u64 }
    7 EscrowExited { escrow: Key, payer: Key, amount: u64, uncollected: u64 }
    8 InflowSynced { pool: Key, amount: u64, inflow: u64 }
    9 BatchPosted {
        batch: Key, pool: Key, seq: u64, poster: Key, receipts_root: Hash, receipts_count: u32, credit_root: Hash, credit_sum: u64, payee_count: u32,
        final_slot: u64,
    }
    10 BatchFinalized { batch: Key, pool: Key, seq: u64, credit_sum: u64 }
    11 BatchVoided { batch: Key, pool: Key, seq: u64, reason: u8 }
    12 Claimed { pool: Key, payee: Key, kind: u8, destination: Key, amount: u64, cumulative: u64, seq: u64 }
    13 SettledCollected { pool: Key, total: u64, inflow: u64, closed: u64, entries: [CollectedEntry; ..] }
    14 PausedSet { market: Key, paused: u8 }
    15 MarketUpdated { market: Key, operator: Key, treasury: Key, nominee: Key }
    16 AuthorityAccepted { market: Key, authority: Key }
    17 TermsProposed {
        terms: Key, market: Key, apply_slot: u64, fee_bps: u16, challenge_slots: u64, exit_slots: u64, direct_slots: u64, min_poster_bond: u64,
        threshold: u8, verifiers: [Key], gateways: [Key],
    }
    18 TermsApplied { terms: Key, market: Key }
    19 TermsCancelled { terms: Key, market: Key }
    20 OperatorRefreshed { market: Key, operator: Key, escrows: [Key; ..] }
    21 JobOpened {
        job: Key, pool: Key, payer: Key, node_key: Key, amount: u64, fee_bps: u16, open_slot: u64, deadline_slot: u64, terms_hash: Hash,
        rent_payer: Key,
    }
    22 JobReleased { job: Key, pool: Key, cumulative: u64, amount: u64, fee: u64, destination: Key, by: u8 }
    23 JobClosed { job: Key, pool: Key, refunded: u64 }
    24 PaymentReceived { payment: Key, pool: Key, payer: Key, reference: Hash, amount: u64, inflow: u64, rent_payer: Key }
    25 PaymentClosed { payment: Key, pool: Key }
    26 BatchClosed { batch: Key, pool: Key, seq: u64 }
    27 PosterBonded { poster: Key, market: Key, operator: Key, rent_payer: Key, amount: u64, bond: u64 }
    28 PosterUnbondRequested { poster: Key, unbond_slot: u64 }
    29 PosterBondWithdrawn { poster: Key, amount: u64 }
    30 LeafProven { leaf: Key, batch: Key, prover: Key, index: u32, payee: Key, kind: u8, cumulative: u64 }
    31 LeafClosed { leaf: Key }
    32 BatchChallenged { batch: Key, pool: Key, seq: u64, fault: u8, payee: Key, kind: u8, challenger: Key, poster: Key, reward: u64, burned: u64 }
    34 DirectSettled {
        direct: Key, pool: Key, escrow: Key, job: Hash, node_key: Key, payer: Key, gateway: Key, receipt_hash: Hash, charge: u64, fee: u64,
        settled: u64, final_slot: u64, rent_payer: Key,
    }
    35 DirectVoided { direct: Key, pool: Key, charge: u64, by: u8, reason: u8 }
    36 DirectPaid { direct: Key, pool: Key, amount: u64, fee: u64, destination: Key }
    37 DirectReturned { direct: Key, pool: Key, escrow: Key, charge: u64, to_wallet: u8 }
    38 DirectClosed { direct: Key, pool: Key }
    39 PrepaidOpened { escrow: Key, market: Key, payer: Key, mint: Key, session_key: Key, open_slot: u64, rent_payer: Key, operator: Key }
    40 TransfersCounted { escrow: Key, pool: Key, amount: u64, deposited: u64 }
    41 TransfersReturned { escrow: Key, market: Key, payer: Key, mint: Key, amount: u64 }
}

nyxos_shared::record!(
    /// What became of one voucher.
    SettledEntry { escrow: Key, cumulative: u64, amount: u64, code: u32 });

nyxos_shared::record!(
    /// What was collected of one escrow.
    CollectedEntry { escrow: Key, amount: u64 });

/// Accepts an event call from ourselves: signed by the event authority, or by an escrow. Both are addresses of this program, which have no
/// private key, and the program signs for an escrow nowhere but in a settlement's event and in calls of a token program, which calls nobody.
pub fn accept(program_id: &Address, accounts: &[AccountView]) -> ProgramResult {
    if let [author] = accounts
        && load(author, program_id, escrow::DISC, escrow::LEN).is_ok()
    {
        return Ok(signer(author)?);
    }
    event::accept(program_id, accounts)
}
