//! How a dispute ends: the loser pays the winner half, the other half is burned.

use nyxos_shared::{
    Emitter, Error, close,
    registry::{config, node},
    sub,
    token::{self, Burning, Movement},
    writable,
};
use pinocchio::{AccountView, Address, ProgramResult, error::ProgramError};

use crate::{
    bond::{Bonded, Node, Seal, Slash, Vault, lessen, load_bonded},
    dispute::{load_dispute, outcome},
    events,
    instructions::load_config,
    state::dispute,
};

/// What an end moves and closes.
pub struct Ending<'a> {
    pub program_id: &'a Address,
    pub config: &'a AccountView,
    pub node: &'a mut AccountView,
    pub dispute: &'a mut AccountView,
    /// Of the accuser where the node has lost, else of the node's payout.
    pub winner_token: &'a AccountView,
    pub bond_mint: &'a AccountView,
    pub bond_vault: &'a AccountView,
    pub token_program: &'a AccountView,
    pub rent_payer: &'a mut AccountView,
    pub event_authority: &'a AccountView,
    pub program: &'a AccountView,
}

/// What an end needs of the dispute.
struct Facts {
    accuser: [u8; 32],
    rent_payer: [u8; 32],
    receipt_hash: [u8; 32],
    stake: u64,
}

/// What an end takes from whom.
struct Shares {
    winner: [u8; 32],
    /// Of the bond where the node has lost, else of the stake.
    reward: u64,
    burned: u64,
    /// The stake, where it goes back.
    returned: u64,
    /// The bond that was taken, where there was one.
    slashed: Option<u64>,
}

/// What is to be told when all is done.
struct Ended<'a> {
    dispute: &'a Address,
    outcome: u8,
    facts: &'a Facts,
    shares: &'a Shares,
}

impl Ending<'_> {
    /// Ends the dispute, and the account with it.
    #[inline(never)]
    pub fn end(&mut self, outcome: u8) -> ProgramResult {
        writable(self.bond_mint)?;
        let vault = Vault { config: self.config, account: self.bond_vault, mint: self.bond_mint, token_program: self.token_program };
        let (event_bump, seal, unbonding, token) = {
            let data = load_config(self.config, self.program_id)?;
            let token = vault.token_of(&data, self.program_id)?;
            (config::EVENT_AUTHORITY_BUMP.get(&data), Seal::of(&data), config::UNBONDING_SLOTS.get(&data), token)
        };
        let facts = self.facts()?;
        let shares = self.shares(outcome, &facts, unbonding)?;
        token::associated(self.winner_token, &Address::new_from_array(shares.winner), self.bond_mint.address(), self.token_program)?;
        let amount = shares.reward.checked_add(shares.returned).ok_or(Error::ArithmeticOverflow)?;
        let seeds = seal.seeds();
        token.transfer(&Movement { from: self.bond_vault, to: self.winner_token, authority: self.config, amount }, &seeds)?;
        if shares.burned > 0 {
            token.burn(&Burning { from: self.bond_vault, authority: self.config, amount: shares.burned }, &seeds)?;
        }
        let ended = *self.dispute.address();
        close(self.dispute, self.rent_payer, &facts.rent_payer)?;
        let emitter = Emitter { program_id: self.program_id, program: self.program, authority: self.event_authority, bump: event_bump };
        if let Some(taken) = shares.slashed {
            let slash = Slash { amount: taken, reward: shares.reward, refund: 0, burned: shares.burned, evidence_hash: &facts.receipt_hash, bond: 0 };
            Node::slashed(self.node.address(), &slash, &emitter)?;
        }
        self.tell(&Ended { dispute: &ended, outcome, facts: &facts, shares: &shares }, &emitter)
    }

    #[inline(never)]
    fn facts(&mut self) -> Result<Facts, ProgramError> {
        let data = load_dispute(self.dispute, self.config, self.program_id)?;
        if dispute::NODE.get(&data) != self.node.address().as_array() {
            return Err(Error::WrongAddress.into());
        }
        Ok(Facts {
            accuser: *dispute::ACCUSER.get(&data),
            rent_payer: *dispute::RENT_PAYER.get(&data),
            receipt_hash: *dispute::RECEIPT_HASH.get(&data),
            stake: dispute::STAKE.get(&data),
        })
    }

    /// Who gets what; a bond that is lost is gone from the node's account.
    #[inline(never)]
    fn shares(&mut self, outcome: u8, facts: &Facts, unbonding: u64) -> Result<Shares, ProgramError> {
        let mut data = load_bonded::<Node>(self.node, self.config, self.program_id)?;
        let open = node::OPEN_DISPUTES.get(&data).checked_sub(1).ok_or(Error::ArithmeticOverflow)?;
        node::OPEN_DISPUTES.set(&mut data, open);
        if outcome != outcome::PROVEN && outcome != outcome::NODE_SILENT {
            let reward = facts.stake / 2;
            let burned = sub(facts.stake, reward)?;
            return Ok(Shares { winner: *node::PAYOUT.get(&data), reward, burned, returned: 0, slashed: None });
        }
        let bond = node::BOND.get(&data);
        let reward = bond / 2;
        // Where others have taken all of it before, there is nothing to take and nothing to tell of.
        if bond > 0 {
            lessen::<Node>(&mut data, bond, unbonding)?;
        }
        let slashed = Some(bond).filter(|bond| *bond > 0);
        Ok(Shares { winner: facts.accuser, reward, burned: sub(bond, reward)?, returned: facts.stake, slashed })
    }

    #[inline(never)]
    fn tell(&self, ended: &Ended, emitter: &Emitter) -> ProgramResult {
        let Ended { dispute, outcome, facts, shares } = *ended;
        events::DisputeEnded {
            dispute: dispute.as_array(),
            node: self.node.address().as_array(),
            accuser: &facts.accuser,
            outcome,
            reward: shares.reward,
            burned: shares.burned,
            returned: shares.returned,
        }
        .emit(emitter)
    }
}
