//! Pays a payee what a final batch credits beyond what was claimed. Anyone may send it; the money goes to the payee alone.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent of a first claim |
//! | 1 | market | | | of this program |
//! | 2 | pool | | w | of this market; signs for the vault |
//! | 3 | batch | | | of this pool, final |
//! | 4 | claim | | w | PDA `["claim", pool, payee, kind]` |
//! | 5 | payee | | | the leaf's key |
//! | 6 | node | | | kind 1: the payee's node in the market's registry, not slashed; else this program's id |
//! | 7 | destination | | w | ATA of the node's payout wallet (kind 1) or of the payee; not the vault |
//! | 8 | mint | | | the pool's |
//! | 9 | vault | | w | the pool's |
//! | 10 | token_program | | | the pool's |
//! | 11 | system_program | | | |
//! | 12 | event_authority | | | |
//! | 13 | program | | | this program |

use nyxos_shared::{
    Call, Create, Emitter, Error, accounts, add, address, arguments, load_mut, pda, program, sub,
    token::{self, Movement, Token},
};
use pinocchio::{AccountView, Address, ProgramResult, cpi::Seed, error::ProgramError};

use crate::{
    credit::{self, Proof, ProofNode},
    events,
    instructions::{PoolToken, event_bump, load_market, load_pool, node_wallet},
    state::{batch, batch_state, claim, claim_kind, pool},
};

/// The leaf a claim stands on.
struct Leaf<'a> {
    payee: &'a AccountView,
    kind: u8,
    cumulative: u64,
    index: u32,
    proof: &'a [u8],
}

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            rent_payer,
            market_account,
            pool_account,
            batch_account,
            claim_account,
            payee,
            node_account,
            destination,
            mint,
            vault,
            token_program,
            system_program,
            event_authority,
            this
        ]
    );
    arguments!(data, { kind: u8, cumulative: u64, index: u32, proof: [ProofNode; ..=credit::MAX_STEPS] });

    program(system_program, &pinocchio_system::ID)?;
    if !(claim_kind::NODE..=claim_kind::REFUND).contains(&kind) {
        return Err(Error::WrongKind.into());
    }
    let leaf = Leaf { payee, kind, cumulative, index, proof };
    let (event_bump, wallet) = {
        let market_data = load_market(market_account, program_id)?;
        // One form only: an account that nobody reads would let the same claim be written in many ways.
        if kind != claim_kind::NODE {
            program(node_account, program_id)?;
        }
        (event_bump(&market_data), wallet(&leaf, node_account, &market_data)?)
    };
    let seq = proven(&leaf, batch_account, pool_account, program_id)?;
    let (decimals, pool_bump) = {
        let pool_data = load_pool(pool_account, market_account, program_id)?;
        PoolToken { mint, token_program }.check(&pool_data)?;
        address(vault, pool::VAULT.get(&pool_data)).map_err(|_| Error::WrongTokenAccount)?;
        (pool::DECIMALS.get(&pool_data), pool::BUMP.get(&pool_data))
    };
    // A claim into the vault itself would raise `claimed` while nothing left, and so pass for inflow at the next sync.
    if destination.address() == vault.address() {
        return Err(Error::DuplicateAccount.into());
    }
    token::associated(destination, &wallet, mint.address(), token_program)?;
    // An associated account can be given away; the money must not follow it.
    token::holding(destination, token_program, mint.address(), &wallet)?;

    if claim_account.owned_by(&pinocchio_system::ID) {
        let kind_byte = [kind];
        let claim_bump = pda(claim_account, &claim::seeds(pool_account.address().as_ref(), payee.address().as_ref(), &kind_byte), program_id)?;
        let bump = [claim_bump];
        let seeds = [
            Seed::from(b"claim"),
            Seed::from(pool_account.address().as_ref()),
            Seed::from(payee.address().as_ref()),
            Seed::from(&kind_byte),
            Seed::from(&bump),
        ];
        Create { rent_payer, owner: program_id, disc: claim::DISC, len: claim::LEN, bump: claim_bump }.at(claim_account, &seeds)?;
        let mut data = claim_account.try_borrow_mut()?;
        claim::KIND.set(&mut data, kind);
        claim::POOL.set(&mut data, pool_account.address().as_array());
        claim::PAYEE.set(&mut data, payee.address().as_array());
        claim::RENT_PAYER.set(&mut data, rent_payer.address().as_array());
    }
    let amount = {
        let mut data = load_mut(claim_account, program_id, claim::DISC, claim::LEN)?;
        if claim::POOL.get(&data) != pool_account.address().as_array()
            || claim::PAYEE.get(&data) != payee.address().as_array()
            || claim::KIND.get(&data) != kind
        {
            return Err(Error::WrongAddress.into());
        }
        let amount = cumulative.checked_sub(claim::CLAIMED.get(&data)).filter(|amount| *amount > 0).ok_or(Error::NothingToClaim)?;
        claim::CLAIMED.set(&mut data, cumulative);
        claim::LAST_SEQ.set(&mut data, seq);
        amount
    };
    {
        let mut pool_data = pool_account.try_borrow_mut()?;
        let claimed = add(&mut pool_data, pool::CLAIMED, amount)?;
        // Each leaf is bounded by its batch, and batches by the inflow; this holds the sum of all claims to it once more.
        sub(pool::CREDITED.get(&pool_data), claimed)?;
    }
    let bump = [pool_bump];
    let seeds = [Seed::from(b"pool"), Seed::from(market_account.address().as_ref()), Seed::from(mint.address().as_ref()), Seed::from(&bump)];
    let token = Token { mint, decimals, program: token_program };
    token.transfer(&Movement { from: vault, to: destination, authority: pool_account, amount }, &seeds)?;
    events::Claimed {
        pool: pool_account.address().as_array(),
        payee: payee.address().as_array(),
        kind,
        destination: destination.address().as_array(),
        amount,
        cumulative,
        seq,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}

/// The wallet a claim pays: a node's payout wallet, or the payee itself.
#[inline(never)]
fn wallet(leaf: &Leaf, node_account: &AccountView, market_data: &[u8]) -> Result<Address, ProgramError> {
    if leaf.kind != claim_kind::NODE {
        return Ok(*leaf.payee.address());
    }
    node_wallet(node_account, leaf.payee.address().as_array(), market_data)
}

/// Walks the proof to the root and the sum of a final batch of this pool; returns its sequence number.
#[inline(never)]
fn proven(leaf: &Leaf, batch_account: &AccountView, pool_account: &AccountView, program_id: &Address) -> Result<u64, ProgramError> {
    let data = nyxos_shared::load(batch_account, program_id, batch::DISC, batch::LEN)?;
    if batch::POOL.get(&data) != pool_account.address().as_array() {
        return Err(Error::WrongAddress.into());
    }
    if batch::STATE.get(&data) != batch_state::FINAL {
        return Err(Error::BatchNotFinal.into());
    }
    let Leaf { payee, kind, cumulative, index, proof } = *leaf;
    Proof { payee: payee.address().as_array(), kind, cumulative, index, steps: proof }.stands_in(&data)?;
    Ok(batch::SEQ.get(&data))
}
