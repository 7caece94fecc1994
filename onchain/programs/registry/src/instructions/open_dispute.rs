//! Doubts a receipt of the verified tier: the accuser puts up a stake, and the node has to open what it committed to. The receipt key's signature over the receipt's hash stands in the instruction before.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent |
//! | 1 | accuser | s | | owns `accuser_token` |
//! | 2 | config | | | of this program, not paused, with disputes |
//! | 3 | node | | w | of this config, active or unbonding; its receipt key signed |
//! | 4 | dispute | | w | PDA `["dispute", node, receipt_hash, accuser]`, empty |
//! | 5 | accuser_token | | w | of bond_mint, owned by accuser |
//! | 6 | bond_mint | | | the config's |
//! | 7 | bond_vault | | w | PDA `["bonds", config]` |
//! | 8 | token_program | | | owns the mint |
//! | 9 | instructions_sysvar | | | the precompile stands before this instruction |
//! | 10 | system_program | | | |
//! | 11 | event_authority | | | |
//! | 12 | program | | | this program |

use nyxos_shared::{
    Call, Create, Emitter, Error, accounts, arguments,
    ed25519::{self, Precompile},
    pda, program,
    registry::{bond_state, config, node},
    signer,
    token::{self, Movement, Token},
};
use pinocchio::{
    AccountView, ProgramResult,
    cpi::Seed,
    error::ProgramError,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    bond::{Node, Vault, load_bonded},
    dispute::phase,
    events,
    instructions::{load_config, not_paused},
    receipt,
    state::dispute,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            rent_payer,
            accuser,
            config_account,
            node_account,
            dispute_account,
            accuser_token,
            bond_mint,
            bond_vault,
            token_program,
            instructions,
            system_program,
            event_authority,
            this
        ]
    );
    arguments!(data, { receipt: [u8; ..=receipt::LEN] });

    signer(accuser)?;
    program(system_program, &pinocchio_system::ID)?;
    let vault = Vault { config: config_account, account: bond_vault, mint: bond_mint, token_program };
    let Stake { event_bump, stake, answer_slots, token } = {
        let config_data = load_config(config_account, program_id)?;
        not_paused(&config_data)?;
        let answer_slots = config::ANSWER_SLOTS.get(&config_data);
        if answer_slots == 0 {
            return Err(Error::NoDisputes.into());
        }
        let token = vault.token_of(&config_data, program_id)?;
        Stake { event_bump: config::EVENT_AUTHORITY_BUMP.get(&config_data), stake: config::MIN_BOND.get(&config_data), answer_slots, token }
    };
    token::holding(accuser_token, token_program, bond_mint.address(), accuser.address())?;
    let slot = Clock::get()?.slot;
    let receipt_hash = receipt::hash(receipt);
    let node_key = {
        let mut data = load_bonded::<Node>(node_account, config_account, program_id)?;
        let state = node::STATE.get(&data);
        if state != bond_state::ACTIVE && state != bond_state::UNBONDING {
            return Err(Error::WrongState.into());
        }
        receipt::disputable(receipt, node::NODE_KEY.get(&data))?;
        signed(instructions, &receipt_hash, &data, slot)?;
        let open = node::OPEN_DISPUTES.get(&data).checked_add(1).ok_or(Error::ArithmeticOverflow)?;
        node::OPEN_DISPUTES.set(&mut data, open);
        *node::NODE_KEY.get(&data)
    };
    let (of_node, of_accuser) = (node_account.address().as_ref(), accuser.address().as_ref());
    let bump = pda(dispute_account, &dispute::seeds(of_node, &receipt_hash, of_accuser), program_id)?;
    let bump_seed = [bump];
    let seeds = [Seed::from(dispute::SEED), Seed::from(of_node), Seed::from(&receipt_hash), Seed::from(of_accuser), Seed::from(&bump_seed)];
    Create { rent_payer, owner: program_id, disc: dispute::DISC, len: dispute::LEN, bump }.at(dispute_account, &seeds)?;
    let deadline_slot = slot.checked_add(answer_slots).ok_or(Error::ArithmeticOverflow)?;
    {
        let mut data = dispute_account.try_borrow_mut()?;
        dispute::PHASE.set(&mut data, phase::MODEL);
        dispute::CONFIG.set(&mut data, config_account.address().as_array());
        dispute::NODE.set(&mut data, node_account.address().as_array());
        dispute::NODE_KEY.set(&mut data, &node_key);
        dispute::ACCUSER.set(&mut data, accuser.address().as_array());
        dispute::RENT_PAYER.set(&mut data, rent_payer.address().as_array());
        dispute::STAKE.set(&mut data, stake);
        dispute::DEADLINE_SLOT.set(&mut data, deadline_slot);
        dispute::OPENED_SLOT.set(&mut data, slot);
        dispute::RECEIPT_HASH.set(&mut data, &receipt_hash);
        note(&mut data, receipt);
    }
    token.transfer(&Movement { from: accuser_token, to: bond_vault, authority: accuser, amount: stake }, &[])?;
    events::DisputeOpened {
        dispute: dispute_account.address().as_array(),
        config: config_account.address().as_array(),
        node: node_account.address().as_array(),
        accuser: accuser.address().as_array(),
        rent_payer: rent_payer.address().as_array(),
        receipt_hash: &receipt_hash,
        model_id: receipt::MODEL_ID.get(receipt),
        tokens_in: receipt::TOKENS_IN.get(receipt),
        tokens_out: receipt::TOKENS_OUT.get(receipt),
        stake,
        deadline_slot,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}

/// What the config says of a new dispute.
struct Stake<'a> {
    event_bump: u8,
    stake: u64,
    answer_slots: u64,
    token: Token<'a>,
}

/// Requires one signature over the hash, by the node's receipt key or by the one before it while that counts.
fn signed(instructions: &AccountView, receipt_hash: &[u8; 32], node_data: &[u8], slot: u64) -> Result<(), ProgramError> {
    ed25519::before(instructions, |precompile: Precompile<'_>| {
        if precompile.count() != 1 {
            return Err(Error::SignatureCount.into());
        }
        let signed = precompile.signed(0)?;
        if signed.message != receipt_hash {
            return Err(Error::WrongMessage.into());
        }
        let previous = signed.key == node::PREVIOUS_RECEIPT_KEY.get(node_data) && slot < node::PREVIOUS_UNTIL_SLOT.get(node_data);
        if signed.key == node::RECEIPT_KEY.get(node_data) || previous { Ok(()) } else { Err(Error::WrongSigner.into()) }
    })
}

/// Keeps what the game asks of the receipt.
fn note(data: &mut [u8], receipt: &[u8]) {
    dispute::MODEL_ID.set(data, receipt::MODEL_ID.get(receipt));
    dispute::TRACE_COMMITMENT.set(data, receipt::TRACE_COMMITMENT.get(receipt));
    dispute::PROMPT_COMMITMENT.set(data, receipt::PROMPT_COMMITMENT.get(receipt));
    dispute::OUTPUT_HASH.set(data, receipt::OUTPUT_HASH.get(receipt));
    dispute::ASSIGNMENT_HASH.set(data, receipt::ASSIGNMENT_HASH.get(receipt));
    dispute::TOKENS_IN.set(data, receipt::TOKENS_IN.get(receipt));
    dispute::TOKENS_OUT.set(data, receipt::TOKENS_OUT.get(receipt));
    dispute::SAMPLER_SEED.set(data, receipt::SEED.get(receipt));
    dispute::TEMPERATURE_MICRO.set(data, receipt::TEMPERATURE_MICRO.get(receipt));
    dispute::TOP_P_MICRO.set(data, receipt::TOP_P_MICRO.get(receipt));
    dispute::TOP_K.set(data, receipt::TOP_K.get(receipt));
}
