//! What `release_job` and `award_job` have in common: everything but whose word it is.

use nyxos_shared::{Call, Emitter, Error, accounts, address, arguments, hash::sha256, load_mut, signer};
use pinocchio::{
    AccountView, Address, ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{
        event_bump, load_market, node_wallet,
        payout::{Deposits, Share},
        verifiers,
    },
    state::{job, market, pool},
};

/// Whose word releases, and how the event names them.
#[derive(Clone, Copy)]
pub enum Word {
    Payer = 1,
    Verifiers = 2,
}

/// What a word is judged by.
struct Claimed<'a> {
    program_id: &'a Address,
    job: &'a Address,
    data: &'a [u8],
    market: &'a [u8],
    cumulative: u64,
}

impl Claimed<'_> {
    /// `account` is the payer, or the sysvar of the instructions among which the verifiers' signatures stand.
    #[inline(never)]
    fn allowed(&self, word: Word, account: &AccountView) -> ProgramResult {
        match word {
            Word::Payer => {
                signer(account)?;
                Ok(address(account, job::PAYER.get(self.data)).map_err(|_| Error::Unauthorized)?)
            }
            Word::Verifiers => {
                // From the deadline on the payer counts on the rest; its own word is still good.
                if Clock::get()?.slot >= job::DEADLINE_SLOT.get(self.data) {
                    return Err(Error::TooLate.into());
                }
                let digest = sha256(&[b"nyxos:award:v1", self.program_id.as_ref(), self.job.as_ref(), &self.cumulative.to_le_bytes()]);
                verifiers(self.market).require(account, &digest)
            }
        }
    }
}

/// The fee of an amount, rounded down; in halves, because this target has no product of 128 bits.
pub fn fee(amount: u64, bps: u16) -> u64 {
    let (whole, rest) = (amount / 10_000, amount % 10_000);
    // Not above the amount for any fee up to all of it: nothing wraps, and a checked product needs 128 bits.
    whole.wrapping_mul(bps as u64) + rest.wrapping_mul(bps as u64) / 10_000
}

#[inline(never)]
pub fn release(call: Call, word: Word) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            speaker,
            market_account,
            pool_account,
            job_account,
            node_account,
            payout_token,
            treasury_token,
            mint,
            deposit_vault,
            token_program,
            event_authority,
            this
        ]
    );
    // In the job's whole life, so that the same word counts once.
    arguments!(data, { cumulative: u64 });

    let (event_bump, payout, treasury, net, fee) = {
        let market_data = load_market(market_account, program_id)?;
        let key = *job_account.address();
        let mut data = load_mut(job_account, program_id, job::DISC, job::LEN)?;
        if job::POOL.get(&data) != pool_account.address().as_array() {
            return Err(Error::WrongAddress.into());
        }
        Claimed { program_id, job: &key, data: &data, market: &market_data, cumulative }.allowed(word, speaker)?;
        let released = job::RELEASED.get(&data);
        if cumulative <= released {
            return Err(Error::NothingToSettle.into());
        }
        if cumulative > job::AMOUNT.get(&data) {
            return Err(Error::DepositExceeded.into());
        }
        let bps = job::FEE_BPS.get(&data);
        // Of the sums, so that many small releases cost no less than one.
        let fee = fee(cumulative, bps) - fee(released, bps);
        let payout = node_wallet(node_account, job::NODE_KEY.get(&data), &market_data)?;
        job::RELEASED.set(&mut data, cumulative);
        let treasury = Address::new_from_array(*market::TREASURY.get(&market_data));
        (event_bump(&market_data), payout, treasury, cumulative - released - fee, fee)
    };
    Deposits { program_id, market: market_account, pool: pool_account, mint, vault: deposit_vault, token_program }.pay(&[
        Share { account: payout_token, wallet: &payout, amount: net, counter: pool::DIRECT },
        Share { account: treasury_token, wallet: &treasury, amount: fee, counter: pool::DIRECT },
    ])?;
    events::JobReleased {
        job: job_account.address().as_array(),
        pool: pool_account.address().as_array(),
        cumulative,
        amount: net,
        fee,
        destination: payout_token.address().as_array(),
        by: word as u8,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}

#[cfg(test)]
mod tests {
    use super::fee;

    #[test]
    fn a_fee_is_the_exact_quotient_rounded_down() {
        for amount in [0, 1, 49, 50, 9_999, 10_000, 10_001, 123_456_789, u64::MAX / 2, u64::MAX] {
            for bps in [0, 1, 200, 1_999, 2_000] {
                assert_eq!(fee(amount, bps) as u128, amount as u128 * bps as u128 / 10_000, "{amount} at {bps}");
            }
        }
    }
}
