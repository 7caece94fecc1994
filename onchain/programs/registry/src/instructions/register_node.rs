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

use nyxos_shared::{Call, Emitter, accounts, arguments, registry::node};
use pinocchio::ProgramResult;

use crate::{
    bond::{Node, Registered, Registration},
    events,
    instructions::valid_node,
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
    arguments!(data, { tiers: u8, receipt_key: Key, sealing_key: Key, payout: Key, bond: u64 });

    valid_node(tiers, receipt_key, payout)?;
    let Registered { event_bump, slot } = Registration {
        program_id,
        rent_payer,
        operator,
        key: node_key,
        config: config_account,
        account: node_account,
        operator_token,
        bond_mint,
        bond_vault,
        token_program,
        system_program,
        payout,
        bond,
    }
    .register::<Node>()?;
    {
        let mut data = node_account.try_borrow_mut()?;
        node::TIERS.set(&mut data, tiers);
        node::RECEIPT_KEY.set(&mut data, receipt_key);
        node::SEALING_KEY.set(&mut data, sealing_key);
    }
    events::NodeRegistered {
        node: node_account.address().as_array(),
        node_key: node_key.address().as_array(),
        operator: operator.address().as_array(),
        payout,
        receipt_key,
        sealing_key,
        tiers,
        bond,
        slot,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
