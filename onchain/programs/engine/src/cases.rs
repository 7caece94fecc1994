//! Disputes about the vectors of whole runs: `cases.bin`, which `disputes.py` makes of the engine's second implementation, and the node's own.
//!
//! A file: `cases u32`, then each case, all little endian:
//! `kind u8 (0 block, 1 choice) ‖ shape 45 ‖ weights root ‖ trace root ‖ steps u32 ‖ position u32 ‖ token u32`;
//! of a block `blocks root ‖ layer u32 ‖ 18 roots`, of a choice `reply index u32 ‖ seed u64 ‖ temperature u32 ‖ top_p u32 ‖ top_k u32 ‖
//! candidates u32 ‖ 5 roots`; then `vector u8 ‖ chunk u32 ‖ element u32 ‖ length u16 ‖ content ‖ length u32 ‖ evidence ‖ verdict u8 (1 wrong)`.

use std::vec::Vec;

use crate::{Block, Choice, Refusal, Shape, block_fault, choice_fault, evidence::Evidence};

const CASES: &[u8] = include_bytes!("cases.bin");
/// What the node makes (`onchain/tests/vectors/README.md`).
const NODES: &[u8] = include_bytes!("../../../tests/vectors/disputes.bin");

/// A dispute as the chain knows it.
pub enum Dispute {
    Block(Block<'static>),
    Choice(Choice<'static>),
}

impl Dispute {
    pub fn verdict(&self, evidence: &[u8]) -> Result<bool, Refusal> {
        match self {
            Self::Block(block) => block_fault(block, evidence),
            Self::Choice(choice) => choice_fault(choice, evidence),
        }
    }
}

pub struct Case {
    pub dispute: Dispute,
    pub evidence: &'static [u8],
    pub wrong: bool,
}

struct Reader(Evidence<'static>);

impl Reader {
    fn array<const N: usize>(&mut self) -> &'static [u8; N] {
        self.0.take(N).unwrap().try_into().unwrap()
    }

    fn u8(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(*self.array())
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(*self.array())
    }

    fn case(&mut self) -> Case {
        let kind = self.u8();
        let shape: &'static Shape = std::boxed::Box::leak(std::boxed::Box::new(Shape::read(self.array())));
        let (weights_root, trace_root) = (self.array(), self.array());
        let (steps, position, token) = (self.u32(), self.u32(), self.u32());
        let mut dispute = if kind == 0 {
            let (blocks_root, layer, roots) = (self.array(), self.u32(), self.array());
            let (vector, chunk, element, content) = (0, 0, 0, &[][..]);
            Dispute::Block(Block {
                shape,
                weights_root,
                trace_root,
                steps,
                blocks_root,
                position,
                token,
                layer,
                roots,
                vector,
                chunk,
                content,
                element,
            })
        } else {
            let (reply_index, seed) = (self.u32(), self.u64());
            let (temperature, top_p, top_k, candidates, roots) = (self.u32(), self.u32(), self.u32(), self.u32(), self.array());
            let (vector, chunk, element, content) = (0, 0, 0, &[][..]);
            Dispute::Choice(Choice {
                shape,
                weights_root,
                trace_root,
                steps,
                position,
                token,
                reply_index,
                seed,
                temperature,
                top_p,
                top_k,
                candidates,
                roots,
                vector,
                chunk,
                content,
                element,
            })
        };
        let place = (self.u8(), self.u32(), self.u32(), self.0.counted().unwrap());
        match &mut dispute {
            Dispute::Block(block) => (block.vector, block.chunk, block.element, block.content) = place,
            Dispute::Choice(choice) => (choice.vector, choice.chunk, choice.element, choice.content) = place,
        }
        let length = self.u32() as usize;
        Case { dispute, evidence: self.0.take(length).unwrap(), wrong: self.u8() == 1 }
    }
}

fn cases(file: &'static [u8]) -> Vec<Case> {
    let mut reader = Reader(Evidence(file));
    let cases = (0..reader.u32()).map(|_| reader.case()).collect();
    reader.0.end().unwrap();
    cases
}

/// Those of `cases.bin`.
pub fn own_cases() -> Vec<Case> {
    cases(CASES)
}

impl Case {
    /// Kind, vector, chunk, element.
    pub fn place(&self) -> (u8, u8, u32, u32) {
        match &self.dispute {
            Dispute::Block(block) => (0, block.vector, block.chunk, block.element),
            Dispute::Choice(choice) => (1, choice.vector, choice.chunk, choice.element),
        }
    }
}

fn every_verdict_is(file: &'static [u8]) {
    let mut seen = Vec::new();
    let mut odd = Vec::new();
    for (index, case) in cases(file).iter().enumerate() {
        let (kind, vector, ..) = case.place();
        seen.push((kind, vector, case.wrong));
        let verdict = case.dispute.verdict(case.evidence);
        if verdict != Ok(case.wrong) {
            odd.push(std::format!("{index} {:?} {} {verdict:?}", case.place(), case.wrong));
        }
    }
    assert!(odd.is_empty(), "{} cases: {odd:#?}", odd.len());
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 2 * (18 + 5), "each vector, right and wrong");
}

#[test]
fn every_verdict_is_the_second_implementations() {
    every_verdict_is(CASES);
}

#[test]
fn every_verdict_is_the_nodes() {
    every_verdict_is(NODES);
}
