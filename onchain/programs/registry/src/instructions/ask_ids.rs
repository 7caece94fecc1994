//! The node, which need not keep prompts, asks once for the prompt's and the reply's ids before it answers.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | node_key | s | | the dispute's |
//! | 1 | config | | | of this program |
//! | 2 | dispute | | w | of this config; the node is to move, and has not asked yet |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{Call, Error, accounts, arguments};
use pinocchio::ProgramResult;

use crate::{
    dispute::{Made, Round, Teller, ids, load_dispute, made_by, phase},
    state::dispute,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [node_key, config_account, dispute_account, event_authority, this]);
    arguments!(data, {});

    let round = Round::of(config_account, program_id)?;
    {
        let mut data = load_dispute(dispute_account, config_account, program_id)?;
        let asked_in = round.node(node_key, &data)?;
        if dispute::IDS_ASKED.get(&data) != 0 {
            return Err(Error::WrongState.into());
        }
        dispute::IDS_ASKED.set(&mut data, ids::ASKED);
        dispute::RESUMES.set(&mut data, asked_in);
        round.pass(&mut data, phase::IDS)?;
    }
    let made = Made { by: made_by::ASK_IDS, choice: 0, content_hash: [0; 32] };
    round.tell(dispute_account, &made, &Teller { program_id, program: this, event_authority })
}
