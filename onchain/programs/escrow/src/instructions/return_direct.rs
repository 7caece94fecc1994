//! Gives the charge of a voided record, or of one whose node can no longer be paid, back to its payer: to the escrow while there is one, else to the
//! wallet. Anyone may send it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | | of this program |
//! | 1 | pool | | w | of this market and mint; signs for the deposit vault |
//! | 2 | direct | | w | of this pool; void, or open with slot ≥ final_slot and the node slashed or gone |
//! | 3 | escrow | | w | the record's, open or closed since |
//! | 4 | node | | | the record's in the market's registry, or its empty address |
//! | 5 | payer_token | | w | ATA of the payer and mint |
//! | 6 | mint | | | the pool's |
//! | 7 | deposit_vault | | w | the pool's |
//! | 8 | token_program | | | the pool's |
//! | 9 | event_authority | | | |
//! | 10 | program | | | this program |
//!
//! Apart from the voiding, so that no state of any token account keeps a record from being voided in time.

use nyxos_shared::{
    Call, Emitter, Error, accounts, address, arguments, pda,
    registry::{bond_state, node},
    sub,
};
use pinocchio::{
    AccountView, Address, ProgramResult,
    error::ProgramError,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{
        event_bump, load_direct, load_escrow, load_market, load_node,
        payout::{Deposits, Share},
    },
    state::{direct, direct_state, escrow, market, pool},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            market_account,
            pool_account,
            direct_account,
            escrow_account,
            node_account,
            payer_token,
            mint,
            deposit_vault,
            token_program,
            event_authority,
            this
        ]
    );
    arguments!(data, {});

    let (event_bump, payer, charge) = {
        let market_data = load_market(market_account, program_id)?;
        let mut data = load_direct(direct_account, market_account, program_id)?;
        if direct::POOL.get(&data) != pool_account.address().as_array() {
            return Err(Error::WrongAddress.into());
        }
        address(escrow_account, direct::ESCROW.get(&data)).map_err(|_| Error::EscrowForeign)?;
        let payable = payable(node_account, direct::NODE_KEY.get(&data), &market_data)?;
        match direct::STATE.get(&data) {
            direct_state::VOID => {}
            direct_state::OPEN if payable => return Err(Error::WrongState.into()),
            direct_state::OPEN if Clock::get()?.slot < direct::FINAL_SLOT.get(&data) => return Err(Error::TooEarly.into()),
            direct_state::OPEN => {}
            _ => return Err(Error::WrongState.into()),
        }
        direct::STATE.set(&mut data, direct_state::RETURNED);
        (event_bump(&market_data), Address::new_from_array(*direct::PAYER.get(&data)), direct::CHARGE.get(&data))
    };
    let to_wallet = !escrow_account.owned_by(program_id);
    let amount = if to_wallet { charge } else { 0 };
    Deposits { program_id, market: market_account, pool: pool_account, mint, vault: deposit_vault, token_program }.pay(&[Share {
        account: payer_token,
        wallet: &payer,
        amount,
        counter: pool::EXITED,
    }])?;
    if !to_wallet {
        let mut data = load_escrow(escrow_account, market_account, program_id)?;
        // As if it had never been settled: the vouchers that cover what was settled since cover it still.
        for field in [escrow::SETTLED, escrow::COLLECTED] {
            let rest = sub(field.get(&data), charge)?;
            field.set(&mut data, rest);
        }
    }
    events::DirectReturned {
        direct: direct_account.address().as_array(),
        pool: pool_account.address().as_array(),
        escrow: escrow_account.address().as_array(),
        charge,
        to_wallet: to_wallet as u8,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}

/// Whether the node can still be paid: it can while it is registered and not slashed.
#[inline(never)]
fn payable(account: &AccountView, node_key: &[u8; 32], market_data: &[u8]) -> Result<bool, ProgramError> {
    let registry = Address::new_from_array(*market::REGISTRY_PROGRAM.get(market_data));
    if account.owned_by(&registry) {
        return Ok(node::STATE.get(&load_node(account, node_key, market_data)?) != bond_state::SLASHED);
    }
    // A node that closed its account has none: only its empty address says so.
    pda(account, &[b"node", market::REGISTRY_CONFIG.get(market_data), node_key], &registry).map_err(|_| Error::NodeForeign)?;
    Ok(false)
}
