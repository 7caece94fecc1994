//! Proves that a number which the node committed to does not follow from others that it committed to, nor from the model: the node loses its bond.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | accuser | s | | the dispute's |
//! | 1 | config | | | of this program; signs for the vault |
//! | 2 | node | | w | the dispute's |
//! | 3 | dispute | | w | of this config; a proof is to be given |
//! | 4 | evidence | | | of this dispute |
//! | 5 | winner_token | | w | the accuser's associated token account of bond_mint |
//! | 6 | bond_mint | | w | the config's |
//! | 7 | bond_vault | | w | PDA `["bonds", config]` |
//! | 8 | token_program | | | owns the mint |
//! | 9 | rent_payer | | w | the dispute's |
//! | 10 | event_authority | | | |
//! | 11 | program | | | this program |

use nyxos_engine::{Block, Choice, Refusal, Text, Token, block_fault, choice_fault, token_fault};
use nyxos_shared::{Call, Error, accounts, arguments};
use pinocchio::ProgramResult;

use crate::{
    dispute::{CHOICE_VECTORS, HASH, Round, load_dispute, load_evidence, outcome, phase, shape, steps, subject, unfit},
    ending::Ending,
    state::{dispute, evidence},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            accuser,
            config_account,
            node_account,
            dispute_account,
            evidence_account,
            winner_token,
            bond_mint,
            bond_vault,
            token_program,
            rent_payer,
            event_authority,
            this
        ]
    );
    arguments!(data, { element: u32 });

    let round = Round::of(config_account, program_id)?;
    {
        let written = load_evidence(evidence_account, dispute_account, program_id)?;
        let data = load_dispute(dispute_account, config_account, program_id)?;
        if round.accuser(accuser, &data)? != phase::PROOF {
            return Err(Error::WrongPhase.into());
        }
        let bytes = evidence::BYTES.get(&written);
        let proof = Proof { data: &data, evidence: bytes, element };
        let wrong = match dispute::SUBJECT.get(&data) {
            subject::BLOCK => proof.of_block(),
            subject::CHOICE => proof.of_choice(),
            _ => proof.of_token(),
        };
        if !wrong.map_err(unfit)? {
            return Err(Error::NothingWrong.into());
        }
    }
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
    .end(outcome::PROVEN)
}

/// The chunk that the node has opened.
fn content(data: &[u8]) -> &[u8] {
    &dispute::CONTENT.get(data)[..dispute::CONTENT_LENGTH.get(data) as usize]
}

/// What is to be judged: the dispute, and what the accuser shows.
struct Proof<'a> {
    data: &'a [u8],
    evidence: &'a [u8],
    element: u32,
}

impl Proof<'_> {
    #[inline(never)]
    fn of_block(&self) -> Result<bool, Refusal> {
        let Self { data, evidence, element } = *self;
        let of = Block {
            shape: &shape(data),
            weights_root: dispute::WEIGHTS_ROOT.get(data),
            trace_root: dispute::TRACE_ROOT.get(data),
            steps: steps(data),
            blocks_root: dispute::BLOCKS_ROOT.get(data),
            position: dispute::POSITION.get(data),
            token: dispute::TOKEN.get(data),
            layer: dispute::LAYER.get(data),
            roots: dispute::ROOTS.get(data),
            vector: dispute::VECTOR.get(data),
            chunk: dispute::CHUNK.get(data),
            content: content(data),
            element,
        };
        block_fault(&of, evidence)
    }

    #[inline(never)]
    fn of_choice(&self) -> Result<bool, Refusal> {
        let Self { data, evidence, element } = *self;
        let position = dispute::POSITION.get(data);
        let roots = dispute::ROOTS.get(data).first_chunk::<{ CHOICE_VECTORS * HASH }>().ok_or(Refusal::Malformed)?;
        let of = Choice {
            shape: &shape(data),
            weights_root: dispute::WEIGHTS_ROOT.get(data),
            trace_root: dispute::TRACE_ROOT.get(data),
            steps: steps(data),
            // The step before gave the logits. A choice is one of a reply's, and every prompt has a token.
            position: position - 1,
            token: dispute::TOKEN.get(data),
            reply_index: position - dispute::TOKENS_IN.get(data),
            seed: dispute::SAMPLER_SEED.get(data),
            temperature: dispute::TEMPERATURE_MICRO.get(data),
            top_p: dispute::TOP_P_MICRO.get(data),
            top_k: dispute::TOP_K.get(data),
            candidates: dispute::CANDIDATES.get(data),
            roots,
            vector: dispute::VECTOR.get(data),
            chunk: dispute::CHUNK.get(data),
            content: content(data),
            element,
        };
        choice_fault(&of, evidence)
    }

    #[inline(never)]
    fn of_token(&self) -> Result<bool, Refusal> {
        let Self { data, evidence, .. } = *self;
        let (position, token, tokens_in) = (dispute::POSITION.get(data), dispute::TOKEN.get(data), dispute::TOKENS_IN.get(data));
        if position >= tokens_in {
            let (commitment, count) = (dispute::OUTPUT_HASH.get(data), dispute::TOKENS_OUT.get(data));
            return token_fault(&Token { text: Text::Reply, commitment, count, index: position - tokens_in, token }, evidence);
        }
        let (salt, evidence) = evidence.split_first_chunk::<HASH>().ok_or(Refusal::Malformed)?;
        let commitment = dispute::PROMPT_COMMITMENT.get(data);
        let wrong = token_fault(&Token { text: Text::Prompt { salt }, commitment, count: tokens_in, index: position, token }, evidence)?;
        // A node that committed to prompt and trace by two salts is one that hides its prompt.
        Ok(wrong || salt != dispute::SALT.get(data))
    }
}
