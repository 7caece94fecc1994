//! Ends a dispute whose next move is overdue, on anybody's word, against who was silent; before that on the accuser's, who gives up.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | ender | s | | before the deadline the accuser |
//! | 1 | config | | | of this program; signs for the vault |
//! | 2 | node | | w | the dispute's |
//! | 3 | dispute | | w | of this config |
//! | 4 | winner_token | | w | associated token account of bond_mint: of the accuser where the node was silent, else of the node's payout |
//! | 5 | bond_mint | | w | the config's |
//! | 6 | bond_vault | | w | PDA `["bonds", config]` |
//! | 7 | token_program | | | owns the mint |
//! | 8 | rent_payer | | w | the dispute's |
//! | 9 | event_authority | | | |
//! | 10 | program | | | this program |

use nyxos_shared::{Call, Error, accounts, address, arguments, signer};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    dispute::{load_dispute, outcome, waits_for_node},
    ending::Ending,
    state::dispute,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [ender, config_account, node_account, dispute_account, winner_token, bond_mint, bond_vault, token_program, rent_payer, event_authority, this]
    );
    arguments!(data, {});

    signer(ender)?;
    let outcome = {
        let data = load_dispute(dispute_account, config_account, program_id)?;
        if Clock::get()?.slot < dispute::DEADLINE_SLOT.get(&data) {
            address(ender, dispute::ACCUSER.get(&data)).map_err(|_| Error::TooEarly)?;
            outcome::GIVEN_UP
        } else if waits_for_node(dispute::PHASE.get(&data)) {
            outcome::NODE_SILENT
        } else {
            outcome::ACCUSER_SILENT
        }
    };
    Ending {
        program_id,
        config: config_account,
        node: node_account,
        dispute: dispute_account,
        winner_token,
        bond_mint,
        bond_vault,
        token_program,
        rent_payer,
        event_authority,
        program: this,
    }
    .end(outcome)
}
