//! Whether a chunk of a choice's vectors is wrong (`docs/disputes.md`, evidence: the second table).

use crate::{
    Choice, Refusal,
    bytes::{i32_at, u32_at, u64_at},
    evidence::Evidence,
    matrix::{CODES, Codes, Row},
    norm::Norm,
    normed::{Coded, Normed},
    proof::{Trace, Vectors},
    sampling,
    shape::CHUNK,
    stream::{Chunk, Stream},
    vectors::{CANDIDATE_LEN, CANDIDATES, choice, choice_chunk_len, choice_chunks},
    weights::Weights,
};

impl Vectors for Choice<'_> {
    fn chunks(&self, vector: u8) -> Option<u32> {
        choice_chunks(self.shape, vector, self.candidates)
    }

    fn length(&self, vector: u8, chunk: u32) -> Option<usize> {
        choice_chunk_len(self.shape, vector, self.candidates, chunk)
    }

    fn root(&self, vector: u8) -> Option<&[u8; 32]> {
        self.roots.as_chunks().0.get(vector as usize)
    }
}

/// Whether the chunk in dispute is wrong, or that element of it; refuses evidence that is not what the table asks for.
pub fn choice_fault(choice: &Choice, evidence: &[u8]) -> Result<bool, Refusal> {
    let length = choice.length(choice.vector, choice.chunk).ok_or(Refusal::NoElement)?;
    if choice.position >= choice.steps {
        return Err(Refusal::NoElement);
    }
    if choice.content.len() != length {
        return Ok(true);
    }
    let mut evidence = Evidence(evidence);
    let wrong = match choice.vector {
        choice::NORM => choice.norm(&mut evidence),
        choice::CODES => choice.codes(&mut evidence),
        choice::LOGITS => choice.logit(&mut evidence),
        choice::CANDIDATES => choice.candidate(&mut evidence),
        _ => match Chosen::read(choice.content).by_itself(choice) {
            true => return Ok(true),
            false => choice.chosen(&mut evidence),
        },
    }?;
    evidence.end()?;
    Ok(wrong)
}

/// `id u32 ‖ logit i32 ‖ running weight u64`.
#[derive(Clone, Copy)]
struct Candidate {
    id: u32,
    logit: i32,
    running: u64,
}

impl Candidate {
    /// The candidate at `index` of a chunk that has so many.
    fn read(chunk: &[u8], index: u32) -> Self {
        let bytes = chunk.get(index as usize * CANDIDATE_LEN..).unwrap_or(&[]);
        Self { id: u32_at(bytes, 0), logit: i32_at(bytes, 1), running: u64_at(bytes, 1) }
    }

    /// Whether it stands behind another: of a lower logit, or of the same and a higher id.
    fn behind(&self, other: &Self) -> bool {
        (self.logit, other.id) < (other.logit, self.id)
    }
}

/// `kept u32 ‖ target u64 ‖ at u32`.
struct Chosen {
    kept: u32,
    target: u64,
    at: u32,
}

impl Chosen {
    fn read(chunk: &[u8]) -> Self {
        let behind = |at| chunk.get(at..).unwrap_or(&[]);
        Self { kept: u32_at(chunk, 0), target: u64_at(behind(4), 0), at: u32_at(behind(12), 0) }
    }

    /// Whether it is wrong whatever the logits.
    fn by_itself(&self, choice: &Choice) -> bool {
        match choice.element {
            0 if choice.temperature == 0 => choice.candidates != 1 || (self.kept, self.target, self.at) != (1, 0, 0),
            0 => self.kept == 0 || self.kept > choice.cut(),
            2 => choice.temperature != 0 && self.at >= self.kept,
            _ => false,
        }
    }
}

impl<'a> Choice<'a> {
    fn weights(&self) -> Weights<'a> {
        Weights { shape: self.shape, root: self.weights_root }
    }

    fn trace(&self) -> Trace<'a> {
        Trace { weights: self.weights(), root: self.trace_root, steps: self.steps, position: self.position, blocks_root: None }
    }

    fn last_layer(&self) -> u32 {
        self.shape.layers - 1
    }

    /// m: how many candidates `top_k` leaves.
    fn cut(&self) -> u32 {
        match self.top_k {
            0 => self.candidates,
            most => self.candidates.min(most),
        }
    }

    fn without_element(&self) -> Result<(), Refusal> {
        if self.element == 0 { Ok(()) } else { Err(Refusal::NoElement) }
    }

    #[inline(never)]
    fn norm(&self, evidence: &mut Evidence) -> Result<bool, Refusal> {
        self.without_element()?;
        let stream = Stream::behind(&self.trace(), evidence, self.last_layer())?;
        let leaf = self.shape.output_norm(0)?;
        Normed { content: self.content, weights: &self.weights(), stream: &stream, leaf }.differs(evidence)
    }

    #[inline(never)]
    fn codes(&self, evidence: &mut Evidence) -> Result<bool, Refusal> {
        self.without_element()?;
        let stream = Chunk::behind(&self.trace(), evidence, self.last_layer(), self.chunk)?;
        let norm = self.open(evidence, choice::NORM, 0)?;
        let leaf = self.shape.output_norm(self.chunk)?;
        Coded { content: self.content, weights: &self.weights(), stream, norm, leaf, chunk: self.chunk }.differ(evidence)
    }

    #[inline(never)]
    fn logit(&self, evidence: &mut Evidence) -> Result<bool, Refusal> {
        if self.element as usize >= self.content.len() / 4 {
            return Err(Refusal::NoElement);
        }
        let fraction = Norm::read(self.open(evidence, choice::NORM, 0)?)?.fraction;
        let chunk = self.length(choice::CODES, 0).ok_or(Refusal::NoElement)? / CODES;
        let codes = Codes { bytes: self.open_whole(evidence, choice::CODES)?, chunk };
        let leaf = self.shape.output_row(self.chunk * CHUNK + self.element)?;
        let row = Row::read(self.weights().open(evidence, leaf)?, self.shape.width)?;
        Ok(row.times(&codes, fraction)? != i32_at(self.content, self.element as usize))
    }

    /// Reads an opening of the logits' chunk that has a token's; gives the token's.
    #[inline(never)]
    fn open_logit(&self, evidence: &mut Evidence, id: u32) -> Result<i32, Refusal> {
        Ok(i32_at(self.open(evidence, choice::LOGITS, id / CHUNK)?, (id % CHUNK) as usize))
    }

    /// Reads an opening of the candidates' chunk that has this one.
    #[inline(never)]
    fn open_candidate(&self, evidence: &mut Evidence, index: u32) -> Result<Candidate, Refusal> {
        if index >= self.candidates {
            return Err(Refusal::NoElement);
        }
        Ok(Candidate::read(self.open(evidence, choice::CANDIDATES, index / CANDIDATES)?, index % CANDIDATES))
    }

    /// The candidate before one of the chunk in dispute, from that chunk or, read, from the one before; the first has none.
    #[inline(never)]
    fn before(&self, evidence: &mut Evidence, index: u32) -> Result<Option<Candidate>, Refusal> {
        Ok(match index.checked_sub(1) {
            None => None,
            Some(before) if before / CANDIDATES == self.chunk => Some(Candidate::read(self.content, before % CANDIDATES)),
            Some(before) => Some(self.open_candidate(evidence, before)?),
        })
    }

    /// What a candidate adds to the running weight.
    fn weight(&self, first: &Candidate, logit: i32) -> u64 {
        if self.temperature == 0 { 0 } else { sampling::weight(first.logit, logit, self.temperature) }
    }

    #[inline(never)]
    fn candidate(&self, evidence: &mut Evidence) -> Result<bool, Refusal> {
        let within = self.element / 4;
        if within as usize >= self.content.len() / CANDIDATE_LEN {
            return Err(Refusal::NoElement);
        }
        let (index, candidate) = (self.chunk * CANDIDATES + within, Candidate::read(self.content, within));
        match self.element % 4 {
            0 if candidate.id >= self.shape.vocabulary => Ok(true),
            0 => Ok(self.open_logit(evidence, candidate.id)? != candidate.logit),
            1 => self.misplaced(evidence, index, &candidate),
            2 => self.left_out_before(evidence, index, &candidate),
            _ if index + 1 == self.candidates && self.temperature != 0 => self.left_out_behind(evidence, &candidate),
            _ => Err(Refusal::NoElement),
        }
    }

    /// Whether a candidate does not stand behind the one before, has no weight, or has another running weight than it must have.
    #[inline(never)]
    fn misplaced(&self, evidence: &mut Evidence, index: u32, candidate: &Candidate) -> Result<bool, Refusal> {
        let first = self.open_candidate(evidence, 0)?;
        let before = self.before(evidence, index)?;
        let weight = self.weight(&first, candidate.logit);
        let running = before.map_or(0, |before| before.running).checked_add(weight);
        let in_order = before.is_none_or(|before| candidate.behind(&before));
        Ok(!in_order || weight == 0 && self.temperature != 0 || running != Some(candidate.running))
    }

    /// Reads a token, its logit, and the first candidate, which gives it its weight: both ways of leaving a token out are shown alike.
    #[inline(never)]
    fn open_token(&self, evidence: &mut Evidence) -> Result<(Candidate, Candidate), Refusal> {
        let id = evidence.u32()?;
        if id >= self.shape.vocabulary {
            return Err(Refusal::NoElement);
        }
        let token = Candidate { id, logit: self.open_logit(evidence, id)?, running: 0 };
        Ok((token, self.open_candidate(evidence, 0)?))
    }

    /// Whether a token belongs before a candidate, and behind the one before.
    #[inline(never)]
    fn left_out_before(&self, evidence: &mut Evidence, index: u32, candidate: &Candidate) -> Result<bool, Refusal> {
        let (token, _) = self.open_token(evidence)?;
        let behind = self.before(evidence, index)?.is_none_or(|before| token.behind(&before));
        Ok(behind && candidate.behind(&token))
    }

    /// Whether a token belongs behind the last candidate, and has a weight.
    #[inline(never)]
    fn left_out_behind(&self, evidence: &mut Evidence, last: &Candidate) -> Result<bool, Refusal> {
        let (token, first) = self.open_token(evidence)?;
        Ok(token.behind(last) && self.weight(&first, token.logit) > 0)
    }

    #[inline(never)]
    fn chosen(&self, evidence: &mut Evidence) -> Result<bool, Refusal> {
        let chosen = Chosen::read(self.content);
        match self.element {
            0 if self.temperature == 0 => Ok(false),
            0 => self.kept_wrongly(evidence, chosen.kept),
            1 if self.temperature != 0 => {
                let last = chosen.kept.checked_sub(1).ok_or(Refusal::NoElement)?;
                let total = self.open_candidate(evidence, last)?.running;
                Ok(sampling::high_product(sampling::draw(self.seed, self.reply_index), total) != chosen.target)
            }
            2 if self.temperature != 0 => {
                let reached = self.open_candidate(evidence, chosen.at)?.running > chosen.target;
                let before = match chosen.at.checked_sub(1) {
                    Some(before) => self.open_candidate(evidence, before)?.running > chosen.target,
                    None => false,
                };
                Ok(!reached || before)
            }
            3 => Ok(self.open_candidate(evidence, chosen.at)?.id != self.token),
            _ => Err(Refusal::NoElement),
        }
    }

    /// Whether `kept`, from 1 to m, is not the least that reaches its part of all weight.
    #[inline(never)]
    fn kept_wrongly(&self, evidence: &mut Evidence, kept: u32) -> Result<bool, Refusal> {
        let total = self.open_candidate(evidence, self.cut() - 1)?.running;
        let reached = self.open_candidate(evidence, kept - 1)?.running;
        let before = match kept.checked_sub(2) {
            Some(before) => Some(self.open_candidate(evidence, before)?.running),
            None => None,
        };
        if self.top_p >= sampling::ALL {
            return Ok(kept != self.cut());
        }
        let share = sampling::share(total, self.top_p);
        Ok(reached < share || before.is_some_and(|before| before >= share))
    }
}
