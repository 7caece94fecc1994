//! Closes a proven leaf; the rent goes back to its prover, who alone may do this.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | prover | s | w | the leaf's |
//! | 1 | leaf | | w | of this program; closed |
//! | 2 | event_authority | | | PDA `["__event_authority"]` |
//! | 3 | program | | | this program |

use nyxos_shared::{Call, Emitter, accounts, arguments, event::event_authority, load_mut, pda, signer};
use pinocchio::ProgramResult;

use crate::{events, instructions::close, state::leaf};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [prover, leaf_account, event_authority, this]);
    arguments!(data, {});

    signer(prover)?;
    drop(load_mut(leaf_account, program_id, leaf::DISC, leaf::LEN)?);
    let event_bump = pda(event_authority, &event_authority::seeds(), program_id)?;
    events::LeafClosed { leaf: leaf_account.address().as_array() }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })?;
    // Last: lamports that have moved would unbalance a call that names their owner.
    close(leaf_account, prover, leaf::PROVER)
}
