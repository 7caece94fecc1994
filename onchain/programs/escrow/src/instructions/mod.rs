//! One file an instruction, each with its accounts.

pub mod accept_authority;
pub mod apply_terms;
pub mod award_job;
pub mod bond_poster;
pub mod cancel_terms;
pub mod challenge_batch;
pub mod claim;
pub mod close_batch;
pub mod close_direct;
pub mod close_leaf;
pub mod close_payment;
pub mod close_prepaid;
pub mod collect;
pub mod count_transfers;
pub mod deposit;
pub mod disprove_direct;
pub mod exit;
pub mod finalize_batch;
pub mod finish_direct;
pub mod inbox;
pub mod initialize_market;
pub mod initialize_pool;
pub mod open_escrow;
pub mod open_job;
pub mod open_prepaid;
pub mod opening;
pub mod origin;
pub mod pay;
pub mod payout;
pub mod post_batch;
pub mod propose_terms;
pub mod prove_leaf;
pub mod refresh_operator;
pub mod refund_job;
pub mod release;
pub mod release_job;
pub mod request_exit;
pub mod request_unbond_poster;
pub mod return_direct;
pub mod return_transfers;
pub mod set_paused;
pub mod settle_direct;
pub mod settle_vouchers;
pub mod sync_inflow;
pub mod update_market;
pub mod void_batch;
pub mod void_direct;
pub mod withdraw_poster_bond;

use nyxos_shared::{
    Emitter, Error, address,
    ed25519::Signed,
    layout::Key,
    load, load_mut, pda,
    registry::{bond_state, config, node},
    signer, sub, token,
};
use pinocchio::{
    AccountView, Address, ProgramResult,
    account::{Ref, RefMut},
    error::ProgramError,
    sysvars::clock::Clock,
};

use crate::{
    events,
    state::{
        MAX_FEE_BPS, MAX_GATEWAYS, MAX_SLOTS, OPEN_SLOT_WINDOW, batch, bond_vault, direct, direct_state, escrow, escrow_state, market, pool, poster,
        terms,
    },
    voucher::Voucher,
};

pub fn load_market<'a>(account: &'a AccountView, program_id: &Address) -> Result<Ref<'a, [u8]>, ProgramError> {
    load(account, program_id, market::DISC, market::LEN)
}

/// The event authority's bump, kept in the market so that it need not be searched.
pub fn event_bump(market_data: &[u8]) -> u8 {
    market::EVENT_AUTHORITY_BUMP.get(market_data)
}

/// The verifier set of a market.
pub fn verifiers(market_data: &[u8]) -> nyxos_shared::quorum::Set<'_> {
    nyxos_shared::quorum::Set {
        verifiers: &market_data[market::VERIFIERS.0..market::VERIFIERS.0 + 32 * market::VERIFIER_COUNT.get(market_data) as usize],
        threshold: market::THRESHOLD.get(market_data),
    }
}

/// As [`load_market`], to be written.
pub fn load_market_mut<'a>(account: &'a mut AccountView, program_id: &Address) -> Result<RefMut<'a, [u8]>, ProgramError> {
    load_mut(account, program_id, market::DISC, market::LEN)
}

/// The proposal of this market.
pub fn load_terms<'a>(account: &'a mut AccountView, market: &AccountView, program_id: &Address) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_mut(account, program_id, terms::DISC, terms::LEN)?;
    belongs(&data, terms::MARKET, market)?;
    Ok(data)
}

/// What a market asks of people.
pub struct MarketTerms {
    pub fee_bps: u16,
    pub challenge_slots: u64,
    pub exit_slots: u64,
    pub direct_slots: u64,
}

impl MarketTerms {
    /// What a market may ask: without a window nothing could be challenged, an exit shorter than the opening window could let an address live
    /// twice, and one without end would be none. Silence that ends before a window does would let nodes settle what a batch in its window
    /// pays them; none at all (0) lets no node settle by itself.
    pub fn valid(&self) -> Result<(), Error> {
        let within = self.fee_bps <= MAX_FEE_BPS
            && self.challenge_slots > 0
            && self.exit_slots >= OPEN_SLOT_WINDOW
            && (self.direct_slots == 0 || self.direct_slots >= self.challenge_slots);
        let ends = [self.challenge_slots, self.exit_slots, self.direct_slots].iter().all(|slots| *slots <= MAX_SLOTS);
        if within && ends { Ok(()) } else { Err(Error::InvalidArgument) }
    }
}

/// Gateways as an account keeps them: distinct keys, 32 bytes each, and zero for none.
pub fn gateways_of(keys: &[u8]) -> Result<[u8; 32 * MAX_GATEWAYS], Error> {
    let mut kept = [0; 32 * MAX_GATEWAYS];
    for (i, key) in keys.chunks_exact(32).enumerate() {
        if key == [0; 32] || keys.chunks_exact(32).take(i).any(|earlier| earlier == key) {
            return Err(Error::InvalidArgument);
        }
    }
    kept[..keys.len()].copy_from_slice(keys);
    Ok(kept)
}

/// The registry's bonds must outlast the challenge of what their owners did: a job done at last, its batch posted up to a window later, and
/// the batch's window. A registry's unbonding time never changes, so a market asks when it sets its window.
pub fn bonds_outlast(challenge_slots: u64, registry_config: &AccountView, registry_program: &[u8; 32]) -> ProgramResult {
    let data = load(registry_config, &Address::new_from_array(*registry_program), config::DISC, config::LEN)?;
    if challenge_slots > config::UNBONDING_SLOTS.get(&data) / 2 { Err(Error::UnbondingTooShort.into()) } else { Ok(()) }
}

/// Closes an account of ours; its rent goes to who paid it, whom the account itself names in `rent_payer_at`.
#[inline(never)]
pub fn close(account: &mut AccountView, rent_payer: &mut AccountView, rent_payer_at: Key) -> ProgramResult {
    let payer = *rent_payer_at.get(&account.try_borrow()?);
    nyxos_shared::close(account, rent_payer, &payer)
}

/// What a market's bonds are in, and where they lie; the market signs for them.
pub struct Bonds<'a> {
    pub market: &'a AccountView,
    pub mint: &'a AccountView,
    pub vault: &'a AccountView,
    pub token_program: &'a AccountView,
}

impl<'a> Bonds<'a> {
    /// The mint and the vault must be the market's.
    #[inline(never)]
    pub fn token(&self, market_data: &[u8], program_id: &Address) -> Result<token::Token<'a>, ProgramError> {
        address(self.mint, market::BOND_MINT.get(market_data)).map_err(|_| Error::WrongMint)?;
        let decimals = token::mint(self.mint, self.token_program)?;
        pda(self.vault, &bond_vault::seeds(self.market.address().as_ref()), program_id).map_err(|_| Error::WrongTokenAccount)?;
        Ok(token::Token { mint: self.mint, decimals, program: self.token_program })
    }
}

/// The slots for which who leaves is waited for, from a notice on: an exit, with a batch's window to spare.
pub fn notice(market_data: &[u8]) -> Result<u64, Error> {
    market::EXIT_SLOTS.get(market_data).checked_add(market::CHALLENGE_SLOTS.get(market_data)).ok_or(Error::ArithmeticOverflow)
}

/// The poster account of an operator in this market.
pub fn load_poster<'a>(
    account: &'a mut AccountView,
    market: &AccountView,
    operator: &[u8; 32],
    program_id: &Address,
) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_mut(account, program_id, poster::DISC, poster::LEN)?;
    belongs(&data, poster::MARKET, market)?;
    if poster::OPERATOR.get(&data) != operator {
        return Err(Error::WrongAddress.into());
    }
    Ok(data)
}

/// Whether an operator has no poster account in this market: then its address must be given all the same, so that a bond cannot be hidden
/// by naming another account.
pub fn no_poster(account: &AccountView, market: &AccountView, operator: &[u8; 32], program_id: &Address) -> Result<bool, ProgramError> {
    if account.owned_by(program_id) {
        return Ok(false);
    }
    pda(account, &poster::seeds(market.address().as_ref(), operator), program_id)?;
    Ok(true)
}

/// The market's authority must sign.
pub fn authority(account: &AccountView, market_data: &[u8]) -> Result<(), Error> {
    signer(account)?;
    address(account, market::AUTHORITY.get(market_data)).map_err(|_| Error::Unauthorized)
}

/// The market's operator must sign.
pub fn operator(account: &AccountView, market_data: &[u8]) -> Result<(), Error> {
    signer(account)?;
    address(account, market::OPERATOR.get(market_data)).map_err(|_| Error::Unauthorized)
}

/// New money is refused while the market is paused; money going out never asks.
pub fn not_paused(market_data: &[u8]) -> Result<(), Error> {
    if market::PAUSED.get(market_data) == 0 { Ok(()) } else { Err(Error::Paused) }
}

/// A pool of this market: one of another market has other rules.
pub fn load_pool<'a>(account: &'a mut AccountView, market: &AccountView, program_id: &Address) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_mut(account, program_id, pool::DISC, pool::LEN)?;
    belongs(&data, pool::MARKET, market)?;
    Ok(data)
}

/// As [`load_pool`], only to be read.
pub fn read_pool<'a>(account: &'a AccountView, market: &AccountView, program_id: &Address) -> Result<Ref<'a, [u8]>, ProgramError> {
    let data = load(account, program_id, pool::DISC, pool::LEN)?;
    belongs(&data, pool::MARKET, market)?;
    Ok(data)
}

/// An escrow of this market.
pub fn load_escrow<'a>(account: &'a mut AccountView, market: &AccountView, program_id: &Address) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_mut(account, program_id, escrow::DISC, escrow::LEN)?;
    belongs(&data, escrow::MARKET, market).map_err(|_| Error::EscrowForeign)?;
    Ok(data)
}

/// A job of this market that its node settles by itself.
pub fn load_direct<'a>(account: &'a mut AccountView, market: &AccountView, program_id: &Address) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_mut(account, program_id, direct::DISC, direct::LEN)?;
    belongs(&data, direct::MARKET, market)?;
    Ok(data)
}

/// A record can be voided now: it is open, and its window has not passed.
pub fn ends_direct(data: &[u8], slot: u64) -> Result<(), Error> {
    if direct::STATE.get(data) != direct_state::OPEN {
        return Err(Error::WrongState);
    }
    if slot >= direct::FINAL_SLOT.get(data) { Err(Error::TooLate) } else { Ok(()) }
}

/// A batch of this pool.
pub fn load_batch<'a>(account: &'a mut AccountView, pool: &AccountView, program_id: &Address) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_mut(account, program_id, batch::DISC, batch::LEN)?;
    belongs(&data, batch::POOL, pool)?;
    Ok(data)
}

fn belongs(data: &[u8], field: Key, to: &AccountView) -> Result<(), Error> {
    if field.get(data) == to.address().as_array() { Ok(()) } else { Err(Error::WrongAddress) }
}

/// The accounts that every token movement of a pool names must be the pool's own.
pub struct PoolToken<'a> {
    pub mint: &'a AccountView,
    pub token_program: &'a AccountView,
}

impl PoolToken<'_> {
    pub fn check(&self, pool_data: &[u8]) -> Result<(), Error> {
        address(self.mint, pool::MINT.get(pool_data)).map_err(|_| Error::WrongMint)?;
        address(self.token_program, pool::TOKEN_PROGRAM.get(pool_data)).map_err(|_| Error::WrongProgram)
    }

    /// The pool's deposit vault and no other.
    pub fn deposits(account: &AccountView, pool_data: &[u8]) -> Result<(), Error> {
        address(account, pool::DEPOSIT_VAULT.get(pool_data)).map_err(|_| Error::WrongTokenAccount)
    }
}

/// What a session's voucher is used for.
pub struct Debit<'a> {
    pub escrow: &'a [u8; 32],
    pub signed: &'a Signed<'a>,
    pub clock: &'a Clock,
}

/// What an escrow was debited.
pub struct Debited {
    /// All that was ever settled.
    pub cumulative: u64,
    /// What is new of it.
    pub amount: u64,
}

impl Debit<'_> {
    /// Debits an escrow up to what `bound` makes of the voucher and of what was settled before, if session and voucher are in force.
    #[inline(never)]
    pub fn draw(&self, data: &mut [u8], bound: impl FnOnce(&Voucher, u64) -> Result<u64, Error>) -> Result<Debited, Error> {
        if escrow::SESSION_KEY.get(data) != self.signed.key {
            return Err(Error::WrongSigner);
        }
        let voucher = Voucher::parse(self.signed.message, self.escrow)?;
        let now = self.clock.unix_timestamp;
        if voucher.expires != 0 && now > voucher.expires {
            return Err(Error::VoucherExpired);
        }
        let session_expires = escrow::SESSION_EXPIRES.get(data);
        if session_expires != 0 && now > session_expires {
            return Err(Error::SessionExpired);
        }
        // After the exit slot the payer may leave at any moment; what was not settled by then is lost to the operator, not to the payer.
        if escrow::STATE.get(data) == escrow_state::EXITING && self.clock.slot >= escrow::EXIT_SLOT.get(data) {
            return Err(Error::EscrowExiting);
        }
        let settled = escrow::SETTLED.get(data);
        let cumulative = bound(&voucher, settled)?;
        if cumulative > escrow::DEPOSITED.get(data) {
            return Err(Error::DepositExceeded);
        }
        let limit = escrow::SESSION_LIMIT.get(data);
        if limit != 0 && cumulative > limit {
            return Err(Error::SessionLimitExceeded);
        }
        if cumulative <= settled {
            return Err(Error::NothingToSettle);
        }
        escrow::SETTLED.set(data, cumulative);
        Ok(Debited { cumulative, amount: cumulative - settled })
    }
}

/// A node of the market's registry.
pub fn load_node<'a>(account: &'a AccountView, node_key: &[u8; 32], market_data: &[u8]) -> Result<Ref<'a, [u8]>, ProgramError> {
    let registry = Address::new_from_array(*market::REGISTRY_PROGRAM.get(market_data));
    let data = load(account, &registry, node::DISC, node::LEN).map_err(|_| Error::NodeForeign)?;
    if node::CONFIG.get(&data) != market::REGISTRY_CONFIG.get(market_data) || node::NODE_KEY.get(&data) != node_key {
        return Err(Error::NodeForeign.into());
    }
    Ok(data)
}

/// The payout wallet of a node of the market's registry that was not slashed.
#[inline(never)]
pub fn node_wallet(account: &AccountView, node_key: &[u8; 32], market_data: &[u8]) -> Result<Address, ProgramError> {
    let data = load_node(account, node_key, market_data)?;
    if node::STATE.get(&data) == bond_state::SLASHED {
        return Err(Error::NodeSlashed.into());
    }
    Ok(Address::new_from_array(*node::PAYOUT.get(&data)))
}

/// Takes in whatever reached the vault: `inflow = vault + claimed`. Returns what was new.
pub fn sync(pool_data: &mut [u8], vault: &AccountView) -> Result<u64, ProgramError> {
    address(vault, pool::VAULT.get(pool_data)).map_err(|_| Error::WrongTokenAccount)?;
    let amount = token::amount(&vault.try_borrow()?)?;
    let inflow = amount.checked_add(pool::CLAIMED.get(pool_data)).ok_or(Error::ArithmeticOverflow)?;
    // The vault pays out only through claims, which are counted, so inflow never falls.
    let new = sub(inflow, pool::INFLOW.get(pool_data))?;
    pool::INFLOW.set(pool_data, inflow);
    Ok(new)
}

/// Tells of new inflow, when there is any.
#[inline(never)]
pub fn emit_inflow(pool: &AccountView, new: u64, inflow: u64, emitter: &Emitter) -> ProgramResult {
    if new == 0 {
        return Ok(());
    }
    events::InflowSynced { pool: pool.address().as_array(), amount: new, inflow }.emit(emitter)
}
