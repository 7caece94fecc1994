//! What a node can be asked for: how many chunks a vector has, and how long each is.

use crate::shape::{Shape, chunks, codes_len, values};

/// Vectors of a block, in the order in which each follows from those before.
pub mod block {
    pub const NORM: u8 = 0;
    pub const CODES: u8 = 1;
    pub const QUERIES: u8 = 2;
    pub const KEYS: u8 = 3;
    pub const VALUES: u8 = 4;
    pub const ROTATED: u8 = 5;
    pub const SCORES: u8 = 6;
    pub const PEAKS: u8 = 7;
    pub const WEIGHTS: u8 = 8;
    pub const MIXED: u8 = 9;
    pub const ATTENDED: u8 = 10;
    pub const MIDDLE: u8 = 11;
    pub const MIDDLE_NORM: u8 = 12;
    pub const MIDDLE_CODES: u8 = 13;
    pub const GATE: u8 = 14;
    pub const UP: u8 = 15;
    pub const HIDDEN: u8 = 16;
    /// The block itself: its root is what the step's tree has.
    pub const OUTPUT: u8 = 17;
    /// How many vectors a block has.
    pub const COUNT: usize = 18;
}

/// Vectors of a choice.
pub mod choice {
    pub const NORM: u8 = 0;
    pub const CODES: u8 = 1;
    pub const LOGITS: u8 = 2;
    pub const CANDIDATES: u8 = 3;
    pub const CHOSEN: u8 = 4;
    /// How many vectors a choice has.
    pub const COUNT: usize = 5;
}

/// Positions of a chunk of scores or weights.
pub(crate) const POSITIONS: u32 = 64;
/// Candidates of a chunk.
pub(crate) const CANDIDATES: u32 = 32;
/// Bytes of `d u8 ‖ u u8 ‖ R u64 ‖ E i16`.
pub(crate) const NORM_LEN: usize = 12;
/// Bytes of `at u32 ‖ max i64 ‖ X at u32 ‖ X u8`.
const PEAKS_LEN: usize = 17;
/// Bytes of `id u32 ‖ logit i32 ‖ running weight u64`.
pub(crate) const CANDIDATE_LEN: usize = 16;
/// Bytes of `kept u32 ‖ target u64 ‖ at u32`.
const CHOSEN_LEN: usize = 16;

/// Chunks of positions that a head has at a position: ⌈n / 64⌉.
pub(crate) fn position_chunks(position: u32) -> u32 {
    position / POSITIONS + 1
}

/// How many chunks a vector of a block has at a position; none where there is no such vector.
pub fn block_chunks(shape: &Shape, vector: u8, position: u32) -> Option<u32> {
    Some(match vector {
        block::NORM | block::MIDDLE_NORM => 1,
        block::CODES | block::MIDDLE | block::MIDDLE_CODES => shape.stream_chunks(),
        block::KEYS | block::VALUES => shape.key_heads,
        block::QUERIES | block::ROTATED | block::PEAKS | block::ATTENDED => shape.heads,
        block::SCORES | block::WEIGHTS => shape.heads.checked_mul(position_chunks(position))?,
        block::MIXED => shape.heads.checked_mul(position.checked_add(1)?)?,
        block::GATE | block::UP | block::HIDDEN => shape.hidden_chunks(),
        block::OUTPUT => shape.block_leaves(),
        _ => return None,
    })
}

/// How many bytes a chunk of a vector of a block has; none where there is no such chunk.
pub fn block_chunk_len(shape: &Shape, vector: u8, position: u32, chunk: u32) -> Option<usize> {
    if chunk >= block_chunks(shape, vector, position)? {
        return None;
    }
    let head = shape.head_size as usize;
    Some(match vector {
        block::NORM | block::MIDDLE_NORM => NORM_LEN,
        block::CODES | block::MIDDLE_CODES => codes_len(values(shape.width, chunk)),
        block::QUERIES | block::KEYS | block::VALUES => 4 * head,
        block::ROTATED => 1 + 2 * head,
        block::SCORES | block::WEIGHTS => {
            let first = chunk % position_chunks(position) * POSITIONS;
            8 * (position - first + 1).min(POSITIONS) as usize
        }
        block::PEAKS => PEAKS_LEN,
        block::MIXED => 8 + 4 * head,
        block::ATTENDED => codes_len(shape.head_size),
        block::HIDDEN => codes_len(values(shape.feed_forward, chunk)),
        block::GATE | block::UP => 4 * values(shape.feed_forward, chunk) as usize,
        block::OUTPUT if chunk >= shape.stream_chunks() => shape.key_head_len(),
        _ => 4 * values(shape.width, chunk) as usize,
    })
}

/// How many chunks a vector of a choice has; none where there is no such vector, and none for a number of candidates that cannot be.
pub fn choice_chunks(shape: &Shape, vector: u8, candidates: u32) -> Option<u32> {
    if candidates == 0 || candidates > shape.vocabulary {
        return None;
    }
    Some(match vector {
        choice::NORM | choice::CHOSEN => 1,
        choice::CODES => shape.stream_chunks(),
        choice::LOGITS => chunks(shape.vocabulary),
        choice::CANDIDATES => candidates.div_ceil(CANDIDATES),
        _ => return None,
    })
}

/// How many bytes a chunk of a vector of a choice has; none where there is no such chunk.
pub fn choice_chunk_len(shape: &Shape, vector: u8, candidates: u32, chunk: u32) -> Option<usize> {
    if chunk >= choice_chunks(shape, vector, candidates)? {
        return None;
    }
    Some(match vector {
        choice::NORM => NORM_LEN,
        choice::CODES => codes_len(values(shape.width, chunk)),
        choice::LOGITS => 4 * values(shape.vocabulary, chunk) as usize,
        choice::CANDIDATES => CANDIDATE_LEN * (candidates - chunk * CANDIDATES).min(CANDIDATES) as usize,
        _ => CHOSEN_LEN,
    })
}
