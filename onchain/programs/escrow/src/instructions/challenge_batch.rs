//! Voids a batch in its window by what the chain alone shows, and takes its poster's bond: half to the challenger, the rest is burned. Anyone
//! may send it. Nothing is lost: the next batch carries what was right in it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | challenger | s | | owns `reward_token` |
//! | 1 | market | | | of this program; signs for the vault |
//! | 2 | pool | | w | of this market |
//! | 3 | batch | | w | of this pool, posted, slot < final_slot |
//! | 4 | poster | | w | PDA `["poster", market, batch.poster]` |
//! | 5 | floor | | | faults 1, 2: a leaf of the pool's last final batch, or a claim that was paid by it; fault 3: this program's id |
//! | 6 | leaf | | | a leaf of this batch |
//! | 7 | next | | | fault 2 between two leaves, fault 3: the leaf of this batch behind it; else this program's id |
//! | 8 | reward_token | | w | of bond_mint, owned by challenger |
//! | 9 | bond_mint | | w | the market's |
//! | 10 | bond_vault | | w | PDA `["bonds", market]` |
//! | 11 | token_program | | | owns the mint |
//! | 12 | event_authority | | | |
//! | 13 | program | | | this program |

use nyxos_shared::{
    Call, Emitter, Error, accounts, add, arguments, load, program, signer,
    token::{self, Burning, Movement, Token},
    writable,
};
use pinocchio::{
    AccountView, Address, ProgramResult,
    cpi::Seed,
    error::ProgramError,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{Bonds, event_bump, load_batch, load_market, load_pool, load_poster, no_poster},
    state::{batch, batch_state, claim, fault, leaf, market, pool, poster},
};

/// The challenger's part of a bond is one of so many. The rest is burned, or a poster could challenge itself and lose nothing.
const REWARD_PART: u64 = 2;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            challenger,
            market_account,
            pool_account,
            batch_account,
            poster_account,
            floor,
            leaf_account,
            next,
            reward_token,
            bond_mint,
            bond_vault,
            token_program,
            event_authority,
            this
        ]
    );
    arguments!(data, { fault: u8 });

    signer(challenger)?;
    writable(bond_mint)?;
    let market_data = load_market(market_account, program_id)?;
    let token = Bonds { market: market_account, mint: bond_mint, vault: bond_vault, token_program }.token(&market_data, program_id)?;
    token::holding(reward_token, token_program, bond_mint.address(), challenger.address())?;
    let (seq, count, operator) = {
        let mut data = load_batch(batch_account, pool_account, program_id)?;
        if batch::STATE.get(&data) != batch_state::POSTED {
            return Err(Error::WrongState.into());
        }
        if Clock::get()?.slot >= batch::FINAL_SLOT.get(&data) {
            return Err(Error::TooLate.into());
        }
        batch::STATE.set(&mut data, batch_state::VOID);
        (batch::SEQ.get(&data), batch::PAYEE_COUNT.get(&data), *batch::POSTER.get(&data))
    };
    let final_seq = {
        let mut data = load_pool(pool_account, market_account, program_id)?;
        if pool::PENDING_SEQ.get(&data) != seq {
            return Err(Error::WrongSequence.into());
        }
        pool::PENDING_SEQ.set(&mut data, 0);
        pool::FINAL_SEQ.get(&data)
    };
    let evidence = Evidence { program_id, pool: pool_account.address(), floor, leaf: leaf_account, next };
    let credit = evidence.shows(fault, &Place { seq, count, final_seq })?;

    // A bond that is gone, or that the market never asked for, keeps no batch standing.
    let bond = if no_poster(poster_account, market_account, &operator, program_id)? {
        0
    } else {
        let mut data = load_poster(poster_account, market_account, &operator, program_id)?;
        let bond = poster::BOND.get(&data);
        poster::BOND.set(&mut data, 0);
        add(&mut data, poster::SLASHED_TOTAL, bond)?;
        bond
    };
    let reward = bond / REWARD_PART;
    slash(&token, &Slash { market: market_account, market_data: &market_data, vault: bond_vault, to: reward_token, reward, burned: bond - reward })?;
    events::BatchChallenged {
        batch: batch_account.address().as_array(),
        pool: pool_account.address().as_array(),
        seq,
        fault,
        payee: &credit.payee,
        kind: credit.kind,
        challenger: challenger.address().as_array(),
        poster: poster_account.address().as_array(),
        reward,
        burned: bond - reward,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump(&market_data) })
}

/// What leaves the vault, and where to.
struct Slash<'a> {
    market: &'a AccountView,
    market_data: &'a [u8],
    vault: &'a AccountView,
    to: &'a AccountView,
    reward: u64,
    burned: u64,
}

#[inline(never)]
fn slash(token: &Token, slash: &Slash) -> ProgramResult {
    let (id, bump) = (market::ID.get(slash.market_data).to_le_bytes(), [market::BUMP.get(slash.market_data)]);
    let (cluster, creator) = (market::CLUSTER.get(slash.market_data), market::CREATOR.get(slash.market_data));
    let seeds = [Seed::from(b"market"), Seed::from(cluster), Seed::from(creator), Seed::from(&id), Seed::from(&bump)];
    if slash.reward > 0 {
        token.transfer(&Movement { from: slash.vault, to: slash.to, authority: slash.market, amount: slash.reward }, &seeds)?;
    }
    if slash.burned > 0 {
        token.burn(&Burning { from: slash.vault, authority: slash.market, amount: slash.burned }, &seeds)?;
    }
    Ok(())
}

/// The batch that is challenged, and the one that it had to carry on: none can have become final since it was posted.
struct Place {
    seq: u64,
    count: u32,
    final_seq: u64,
}

/// A credit as an account shows it; credits order as their leaves must, by (payee, kind).
struct Credit {
    payee: [u8; 32],
    kind: u8,
    cumulative: u64,
    index: u32,
}

impl Credit {
    fn key(&self) -> (&[u8; 32], u8) {
        (&self.payee, self.kind)
    }
}

/// Accounts that show a fault.
struct Evidence<'a> {
    program_id: &'a Address,
    pool: &'a Address,
    floor: &'a AccountView,
    leaf: &'a AccountView,
    next: &'a AccountView,
}

impl Evidence<'_> {
    /// The credit that was wronged, when the accounts show the fault. A batch whose leaves ascend, and which has every credit of the last
    /// final batch at no less than it was there, cannot be shown any.
    #[inline(never)]
    fn shows(&self, kind: u8, place: &Place) -> Result<Credit, ProgramError> {
        let at = self.leaf_of(self.leaf, place.seq)?;
        let (shown, credit) = match kind {
            fault::LOWERED => {
                self.unused(self.next)?;
                let floor = self.floor(place.final_seq)?;
                (at.key() == floor.key() && at.cumulative < floor.cumulative, floor)
            }
            fault::OMITTED => {
                let floor = self.floor(place.final_seq)?;
                let shown = if self.next.address() == self.program_id {
                    let before_all = at.index == 0 && floor.key() < at.key();
                    // The walk to the root has held the index below the count.
                    let behind_all = at.index + 1 == place.count && at.key() < floor.key();
                    before_all || behind_all
                } else {
                    let next = self.leaf_of(self.next, place.seq)?;
                    at.index + 1 == next.index && at.key() < floor.key() && floor.key() < next.key()
                };
                // A credit of nothing may be left out: nobody loses by it.
                (shown && floor.cumulative > 0, floor)
            }
            fault::DISORDERED => {
                self.unused(self.floor)?;
                let next = self.leaf_of(self.next, place.seq)?;
                (at.index + 1 == next.index && at.key() >= next.key(), next)
            }
            _ => return Err(Error::InvalidArgument.into()),
        };
        if shown { Ok(credit) } else { Err(Error::NoFault.into()) }
    }

    /// One form only: an account that nobody reads would let the same challenge be written in many ways.
    fn unused(&self, account: &AccountView) -> Result<(), Error> {
        program(account, self.program_id)
    }

    /// A proven leaf of this pool's batch `seq`.
    #[inline(never)]
    fn leaf_of(&self, account: &AccountView, seq: u64) -> Result<Credit, ProgramError> {
        let data = load(account, self.program_id, leaf::DISC, leaf::LEN)?;
        if leaf::POOL.get(&data) != self.pool.as_array() || leaf::SEQ.get(&data) != seq {
            return Err(Error::LeafForeign.into());
        }
        Ok(Credit {
            payee: *leaf::PAYEE.get(&data),
            kind: leaf::KIND.get(&data),
            cumulative: leaf::CUMULATIVE.get(&data),
            index: leaf::INDEX.get(&data),
        })
    }

    /// What the last final batch credits somebody, from a leaf of it or from a claim that it paid. What an older batch shows counts for
    /// nothing: an honest poster builds on the last one, whatever came before.
    #[inline(never)]
    fn floor(&self, final_seq: u64) -> Result<Credit, ProgramError> {
        if self.floor.data_len() != claim::LEN {
            return self.leaf_of(self.floor, final_seq);
        }
        let data = load(self.floor, self.program_id, claim::DISC, claim::LEN)?;
        if claim::POOL.get(&data) != self.pool.as_array() || claim::LAST_SEQ.get(&data) != final_seq {
            return Err(Error::LeafForeign.into());
        }
        Ok(Credit { payee: *claim::PAYEE.get(&data), kind: claim::KIND.get(&data), cumulative: claim::CLAIMED.get(&data), index: 0 })
    }
}
