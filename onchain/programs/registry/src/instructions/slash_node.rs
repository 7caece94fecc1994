//! Takes from a node's bond on evidence the verifier quorum has signed: the reward to who brought it, the rest is burned.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | config | | | of this program; its verifiers signed; signs for the vault |
//! | 1 | node | | w | of this config, active or unbonding |
//! | 2 | reward_token | | w | of bond_mint; named in the signed digest |
//! | 3 | bond_mint | | w | the config's |
//! | 4 | bond_vault | | w | PDA `["bonds", config]` |
//! | 5 | token_program | | | owns the mint |
//! | 6 | instructions_sysvar | | | the precompile stands before this instruction |
//! | 7 | event_authority | | | |
//! | 8 | program | | | this program |

use nyxos_shared::{
    Args, Call, Error, Event, accounts, add, address,
    event::Emitter,
    hash::sha256,
    pda,
    registry::{CONFIG_VERIFIERS, config, node, node_state},
    sub,
    token::{self, Burning, Movement, Token},
    writable,
};
use pinocchio::{
    ProgramResult,
    cpi::Seed,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{load_config, load_node},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [config_account, node_account, reward_token, bond_mint, bond_vault, token_program, instructions, event_authority, this]);
    let mut args = Args::new(data);
    let amount = args.u64()?;
    let reward = args.u64()?;
    let evidence_hash = args.key()?;
    args.end()?;

    if amount == 0 {
        return Err(Error::ZeroAmount.into());
    }
    let burned = sub(amount, reward).map_err(|_| Error::InvalidArgument)?;
    // Rewarding the vault itself would strand the units for ever.
    if reward_token.address() == bond_vault.address() {
        return Err(Error::DuplicateAccount.into());
    }
    writable(bond_mint)?;
    let (event_bump, config_bump, creator, id, unbonding) = {
        let config_data = load_config(config_account, program_id)?;
        address(bond_mint, config::BOND_MINT.get(&config_data)).map_err(|_| Error::WrongMint)?;
        let digest = sha256(&[
            b"nyxos:slash:v1",
            program_id.as_ref(),
            node_account.address().as_ref(),
            &amount.to_le_bytes(),
            &reward.to_le_bytes(),
            reward_token.address().as_ref(),
            evidence_hash,
        ]);
        CONFIG_VERIFIERS.get(&config_data).require(instructions, &digest)?;
        (
            config::STATE.get(&config_data),
            config::BUMP.get(&config_data),
            *config::CREATOR.get(&config_data),
            config::ID.get(&config_data),
            config::UNBONDING_SLOTS.get(&config_data),
        )
    };
    let decimals = token::mint(bond_mint, token_program)?;
    pda(bond_vault, &[b"bonds", config_account.address().as_ref()], program_id)?;
    let bond = {
        let mut data = load_node(node_account, config_account, program_id)?;
        // A slashed node stays slashed: the same evidence cannot be used again.
        let state = node::STATE.get(&data);
        if state != node_state::ACTIVE && state != node_state::UNBONDING {
            return Err(Error::WrongState.into());
        }
        let bond = sub(node::BOND.get(&data), amount).map_err(|_| Error::BondExceeded)?;
        node::BOND.set(&mut data, bond);
        node::STATE.set(&mut data, node_state::SLASHED);
        // What the slash left stays withdrawable, after the same time as any bond: no unit is stranded.
        if node::UNBOND_SLOT.get(&data) == 0 {
            let unbond_slot = Clock::get()?.slot.checked_add(unbonding).ok_or(Error::ArithmeticOverflow)?;
            node::UNBOND_SLOT.set(&mut data, unbond_slot);
        }
        add(&mut data, node::SLASHED_TOTAL, amount)?;
        bond
    };
    let (id, bump) = (id.to_le_bytes(), [config_bump]);
    let seeds = [Seed::from(b"config"), Seed::from(&creator), Seed::from(&id), Seed::from(&bump)];
    let token = Token { mint: bond_mint, decimals, program: token_program };
    if reward > 0 {
        token.transfer(&Movement { from: bond_vault, to: reward_token, authority: config_account, amount: reward }, &seeds)?;
    }
    if burned > 0 {
        token.burn(&Burning { from: bond_vault, authority: config_account, amount: burned }, &seeds)?;
    }
    Event::new(events::NODE_SLASHED).key(node_account.address()).u64(amount).u64(reward).u64(burned).bytes(evidence_hash).u64(bond).emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
