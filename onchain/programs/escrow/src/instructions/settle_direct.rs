//! Counts a job against its payer's voucher on its node's own word, after the operator has posted nothing for as long as the market says. The charge
//! is held, and paid once the window has passed.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent; gets it back when the record is closed |
//! | 1 | node_key | s | | whom the assignment names |
//! | 2 | market | | | of this program; one of its gateways signed the assignment |
//! | 3 | pool | | | of this market; nothing was posted for direct_slots |
//! | 4 | escrow | | w | of this market and the pool's mint; its session key signed voucher and request binding |
//! | 5 | direct | | w | PDA `["direct", escrow, job]`, empty |
//! | 6 | node | | | node_key's in the market's registry, active, of the job's tier |
//! | 7 | instructions_sysvar | | | the precompile with voucher, request binding and assignment, in this order, stands before this instruction |
//! | 8 | system_program | | | |
//! | 9 | event_authority | | | |
//! | 10 | program | | | this program |
//!
//! Of what was signed, the arguments are what the program does not know by itself: it makes the request binding's and the assignment's digests
//! anew, so that a word about another job, node, escrow, mint or ceiling is none about this one. What decides nothing here comes as its hash.

use nyxos_shared::{
    Call, Create, Emitter, Error, accounts, add, arguments,
    ed25519::{self, Precompile},
    hash::sha256,
    pda, program,
    registry::{bond_state, node},
    signer,
};
use pinocchio::{
    AccountView, ProgramResult,
    cpi::Seed,
    error::ProgramError,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{Debit, event_bump, load_escrow, load_market, load_node, read_pool, release::fee},
    state::{MAX_GATEWAYS, direct, direct_state, escrow, market, pool},
};

/// Voucher, request binding, assignment.
const SIGNATURES: usize = 3;
/// Voucher as a job's payment.
const VOUCHER: u8 = 2;
/// The tier whose nodes prove what they run.
const CONFIDENTIAL: u8 = 4;

/// What the payer asked and a gateway assigned, as it was signed.
struct Job<'a> {
    escrow: &'a [u8; 32],
    mint: &'a [u8; 32],
    node_key: &'a [u8; 32],
    id: [u8; 32],
    nonce: &'a [u8; 32],
    /// Of the voucher that the request was sent with; the one given may be a later one.
    cumulative: u64,
    request_hash: &'a [u8; 32],
    tier: u8,
    ceiling: u64,
    /// Of everything in the assignment that decides nothing here: model, bounds, prices, sampling, constraints, times.
    work_hash: &'a [u8; 32],
    charge: u64,
    /// Whose assignments count, and when this is.
    gateways: &'a [u8; 32 * MAX_GATEWAYS],
    clock: &'a Clock,
}

/// Whose word it was, and what the escrow has been debited with it.
struct Settled {
    gateway: [u8; 32],
    cumulative: u64,
}

impl Job<'_> {
    /// What the payer's session key signed of the request.
    fn binding(&self) -> [u8; 32] {
        sha256(&[b"nyxos:request:v1", self.escrow, &self.cumulative.to_le_bytes(), self.nonce, self.request_hash])
    }

    /// What the gateway signed.
    fn assignment(&self, gateway: &[u8; 32]) -> [u8; 32] {
        sha256(&[
            b"nyxos:assignment:v2",
            &[2],
            &self.id,
            gateway,
            self.node_key,
            self.mint,
            &[self.tier],
            &self.ceiling.to_le_bytes(),
            &[VOUCHER],
            self.request_hash,
            self.work_hash,
        ])
    }

    /// Debits the escrow, if all three have signed what they must have.
    #[inline(never)]
    fn settle(&self, precompile: &Precompile, data: &mut [u8]) -> Result<Settled, Error> {
        if precompile.count() != SIGNATURES {
            return Err(Error::SignatureCount);
        }
        let asked = precompile.signed(1)?;
        if asked.key != escrow::SESSION_KEY.get(data) {
            return Err(Error::WrongSigner);
        }
        if asked.message != self.binding() {
            return Err(Error::WrongMessage);
        }
        let assigned = precompile.signed(2)?;
        if assigned.key == &[0; 32] || !self.gateways.chunks_exact(32).any(|gateway| gateway == assigned.key) {
            return Err(Error::WrongSigner);
        }
        if assigned.message != self.assignment(assigned.key) {
            return Err(Error::WrongMessage);
        }
        if self.charge > self.ceiling {
            return Err(Error::CeilingExceeded);
        }
        let voucher = precompile.signed(0)?;
        let debited = Debit { escrow: self.escrow, signed: &voucher, clock: self.clock }.draw(data, |voucher, settled| {
            let cumulative = settled.checked_add(self.charge).ok_or(Error::ArithmeticOverflow)?;
            if cumulative > voucher.cumulative { Err(Error::VoucherExceeded) } else { Ok(cumulative) }
        })?;
        Ok(Settled { gateway: *assigned.key, cumulative: debited.cumulative })
    }
}

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            rent_payer,
            node_key,
            market_account,
            pool_account,
            escrow_account,
            direct_account,
            node_account,
            instructions,
            system_program,
            event_authority,
            this
        ]
    );
    arguments!(data, {
        nonce: Hash, cumulative: u64, request_hash: Hash, tier: u8, ceiling: u64, work_hash: Hash, charge: u64, receipt_hash: Hash,
    });

    signer(node_key)?;
    program(system_program, &pinocchio_system::ID)?;
    let escrow_key = *escrow_account.address().as_array();
    let id = sha256(&[b"nyxos:job:v1", &[VOUCHER], &escrow_key, nonce]);
    let clock = Clock::get()?;
    let market_data = load_market(market_account, program_id)?;
    let mint = silent(&market_data, &read_pool(pool_account, market_account, program_id)?, clock.slot)?;
    let job = Job {
        escrow: &escrow_key,
        mint: &mint,
        node_key: node_key.address().as_array(),
        id,
        nonce,
        cumulative,
        request_hash,
        tier,
        ceiling,
        work_hash,
        charge,
        gateways: market::GATEWAYS.get(&market_data),
        clock: &clock,
    };
    fit(&job, node_account, &market_data)?;
    let fee = fee(charge, market::FEE_BPS.get(&market_data));
    let final_slot = clock.slot.checked_add(market::CHALLENGE_SLOTS.get(&market_data)).ok_or(Error::ArithmeticOverflow)?;
    let (payer, settled) = {
        let mut data = load_escrow(escrow_account, market_account, program_id)?;
        if escrow::MINT.get(&data) != &mint {
            return Err(Error::EscrowForeign.into());
        }
        let settled = ed25519::before(instructions, |precompile| Ok(job.settle(&precompile, &mut data)?))?;
        // Nothing that `collect` may move: from here on the record holds it.
        add(&mut data, escrow::COLLECTED, charge)?;
        (*escrow::PAYER.get(&data), settled)
    };
    let direct_bump = pda(direct_account, &direct::seeds(&escrow_key, &job.id), program_id)?;
    let bump = [direct_bump];
    let seeds = [Seed::from(b"direct"), Seed::from(&escrow_key), Seed::from(&job.id), Seed::from(&bump)];
    Create { rent_payer, owner: program_id, disc: direct::DISC, len: direct::LEN, bump: direct_bump }.at(direct_account, &seeds)?;
    {
        let mut data = direct_account.try_borrow_mut()?;
        direct::STATE.set(&mut data, direct_state::OPEN);
        direct::MARKET.set(&mut data, market_account.address().as_array());
        direct::POOL.set(&mut data, pool_account.address().as_array());
        direct::ESCROW.set(&mut data, &escrow_key);
        direct::JOB.set(&mut data, &job.id);
        direct::NODE_KEY.set(&mut data, job.node_key);
        direct::PAYER.set(&mut data, &payer);
        direct::RENT_PAYER.set(&mut data, rent_payer.address().as_array());
        direct::RECEIPT_HASH.set(&mut data, receipt_hash);
        direct::CHARGE.set(&mut data, charge);
        direct::FEE.set(&mut data, fee);
        direct::SLOT.set(&mut data, clock.slot);
        direct::FINAL_SLOT.set(&mut data, final_slot);
    }
    events::DirectSettled {
        direct: direct_account.address().as_array(),
        pool: pool_account.address().as_array(),
        escrow: &escrow_key,
        job: &job.id,
        node_key: job.node_key,
        payer: &payer,
        gateway: &settled.gateway,
        receipt_hash,
        charge,
        fee,
        settled: settled.cumulative,
        final_slot,
        rent_payer: rent_payer.address().as_array(),
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump(&market_data) })
}

/// The pool's mint, if nothing was posted for as long as the market's terms want.
fn silent(market_data: &[u8], pool_data: &[u8], slot: u64) -> Result<[u8; 32], Error> {
    let silence = market::DIRECT_SLOTS.get(market_data);
    if silence == 0 {
        return Err(Error::NoDirectSettlement);
    }
    if slot < pool::LAST_POST_SLOT.get(pool_data).checked_add(silence).ok_or(Error::ArithmeticOverflow)? {
        return Err(Error::TooEarly);
    }
    Ok(*pool::MINT.get(pool_data))
}

/// The node may work now in the job's tier, as far as the registry knows.
#[inline(never)]
fn fit(job: &Job, account: &AccountView, market_data: &[u8]) -> Result<(), ProgramError> {
    let data = load_node(account, job.node_key, market_data)?;
    let attested = job.tier != CONFIDENTIAL || node::ATTESTATION_EXPIRY_SLOT.get(&data) > job.clock.slot;
    if node::STATE.get(&data) != bond_state::ACTIVE || node::TIERS.get(&data) & job.tier == 0 || !attested {
        return Err(Error::NodeUnfit.into());
    }
    Ok(())
}
