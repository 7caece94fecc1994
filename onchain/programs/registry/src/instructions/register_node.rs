//! Registers a node with its bond. The node's own key signs, so nobody can register a key that is not theirs.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent |
//! | 1 | operator | s | | owns `operator_token` |
//! | 2 | node_key | s | | part of the seeds |
//! | 3 | config | | w | of this program, not paused |
//! | 4 | node | | w | PDA `["node", config, node_key]`, empty |
//! | 5 | operator_token | | w | of bond_mint, owned by operator |
//! | 6 | bond_mint | | | the config's |
//! | 7 | bond_vault | | w | PDA `["bonds", config]` |
//! | 8 | token_program | | | owns the mint |
//! | 9 | system_program | | | |
//! | 10 | event_authority | | | |
//! | 11 | program | | | this program |

use nyxos_shared::{
    Args, Call, Create, Error, Event, accounts, add, address,
    event::Emitter,
    load_mut, pda, program,
    registry::{config, node, node_state},
    signer,
    token::{self, Movement, Token},
};
use pinocchio::{
    ProgramResult,
    cpi::Seed,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{not_paused, valid_node},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            rent_payer,
            operator,
            node_key,
            config_account,
            node_account,
            operator_token,
            bond_mint,
            bond_vault,
            token_program,
            system_program,
            event_authority,
            this
        ]
    );
    let mut args = Args::new(data);
    let tiers = args.u8()?;
    let receipt_key = args.key()?;
    let sealing_key = args.key()?;
    let payout = args.key()?;
    let bond = args.u64()?;
    args.end()?;

    signer(operator)?;
    signer(node_key)?;
    program(system_program, &pinocchio_system::ID)?;
    valid_node(tiers, receipt_key, payout)?;
    let event_bump = {
        let mut config_data = load_mut(config_account, program_id, config::DISC, config::LEN)?;
        not_paused(&config_data)?;
        address(bond_mint, config::BOND_MINT.get(&config_data)).map_err(|_| Error::WrongMint)?;
        if bond < config::MIN_BOND.get(&config_data) {
            return Err(Error::BondTooSmall.into());
        }
        add(&mut config_data, config::NODE_COUNT, 1)?;
        config::STATE.get(&config_data)
    };
    let decimals = token::mint(bond_mint, token_program)?;
    pda(bond_vault, &[b"bonds", config_account.address().as_ref()], program_id)?;
    token::holding(operator_token, token_program, bond_mint.address(), operator.address())?;
    let node_bump = pda(node_account, &[b"node", config_account.address().as_ref(), node_key.address().as_ref()], program_id)?;
    let slot = Clock::get()?.slot;

    let bump = [node_bump];
    let seeds = [Seed::from(b"node"), Seed::from(config_account.address().as_ref()), Seed::from(node_key.address().as_ref()), Seed::from(&bump)];
    Create { rent_payer, owner: program_id, disc: node::DISC, len: node::LEN, bump: node_bump }.at(node_account, &seeds)?;
    {
        let mut data = node_account.try_borrow_mut()?;
        node::STATE.set(&mut data, node_state::ACTIVE);
        node::TIERS.set(&mut data, tiers);
        node::CONFIG.set(&mut data, config_account.address().as_array());
        node::NODE_KEY.set(&mut data, node_key.address().as_array());
        node::OPERATOR.set(&mut data, operator.address().as_array());
        node::PAYOUT.set(&mut data, payout);
        node::RECEIPT_KEY.set(&mut data, receipt_key);
        node::SEALING_KEY.set(&mut data, sealing_key);
        node::BOND.set(&mut data, bond);
        node::REGISTERED_SLOT.set(&mut data, slot);
        node::RENT_PAYER.set(&mut data, rent_payer.address().as_array());
    }
    let token = Token { mint: bond_mint, decimals, program: token_program };
    token.transfer(&Movement { from: operator_token, to: bond_vault, authority: operator, amount: bond }, &[])?;
    Event::new(events::NODE_REGISTERED)
        .key(node_account.address())
        .key(node_key.address())
        .key(operator.address())
        .bytes(payout)
        .bytes(receipt_key)
        .bytes(sealing_key)
        .u8(tiers)
        .u64(bond)
        .u64(slot)
        .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
