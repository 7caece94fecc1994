//! Rows of matrices, and their products with codes.

use crate::{
    Refusal,
    bytes::{i16_at, i32_at},
    rounding::{bits, shift},
    shape::BLOCK,
};

/// Bytes of a block of codes: `A u8 ‖ q u8 ‖ 32 × i8`.
pub(crate) const CODES: usize = 34;
/// Bytes of a row before its blocks: `bits u8 ‖ e i16`.
const HEAD: usize = 3;
/// Bytes of a block of 4-bit codes: `S i16 ‖ N i32 ‖ 16 bytes`.
const NARROW: usize = 22;
/// Bytes of a block of 8-bit codes: `S i16 ‖ 32 × i8`.
const WIDE: usize = 34;
/// Greatest |S| and |N| of a row.
const MAX_SCALE: i64 = 1 << 14;
const MAX_MINIMUM: i64 = 1 << 18;

/// A matrix's row, as the model's tree has it.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    exponent: i32,
    wide: bool,
    blocks: &'a [u8],
}

/// One block of a row.
struct Block<'a> {
    scale: i64,
    minimum: i64,
    codes: &'a [u8],
}

impl Block<'_> {
    /// What a code stands for in a row of this exponent, with 16 bits.
    #[inline(always)]
    fn value(&self, code: i64, exponent: i32) -> i32 {
        shift((code * self.scale + self.minimum) as i32, 16 - exponent)
    }
}

impl<'a> Row<'a> {
    /// Reads a row of so many columns.
    pub fn read(bytes: &'a [u8], columns: u32) -> Result<Self, Refusal> {
        let (head, blocks) = bytes.split_first_chunk::<HEAD>().ok_or(Refusal::Malformed)?;
        let row = Self { exponent: i16_at(&head[1..], 0) as i32, wide: head[0] == 8, blocks };
        if !matches!(head[0], 4 | 8) || blocks.len() != (columns / BLOCK) as usize * row.stride() {
            return Err(Refusal::Malformed);
        }
        Ok(row)
    }

    fn stride(&self) -> usize {
        if self.wide { WIDE } else { NARROW }
    }

    /// A block's bytes, taken apart.
    #[inline(always)]
    fn block(&self, bytes: &'a [u8]) -> Result<Block<'a>, Refusal> {
        let (scale, rest) = bytes.split_at_checked(2).ok_or(Refusal::Malformed)?;
        let (minimum, codes) = rest.split_at_checked(if self.wide { 0 } else { 4 }).ok_or(Refusal::Malformed)?;
        let block = Block { scale: i16_at(scale, 0) as i64, minimum: i32_at(minimum, 0) as i64, codes };
        if block.scale.abs() > MAX_SCALE || block.minimum.abs() > MAX_MINIMUM {
            return Err(Refusal::OutOfRange);
        }
        Ok(block)
    }

    /// A column's weight, with 16 bits: what an embedding's row begins a stream with.
    pub fn value(&self, column: usize) -> Result<i32, Refusal> {
        let stride = self.stride();
        let at = column / BLOCK as usize * stride;
        let block = self.block(self.blocks.get(at..at + stride).ok_or(Refusal::NoElement)?)?;
        let within = column % BLOCK as usize;
        let code = if self.wide { block.codes[within] as i8 as i64 } else { (block.codes[within / 2] >> (within % 2 * 4) & 15) as i64 };
        Ok(block.value(code, self.exponent))
    }

    /// All columns' weights in turn.
    #[inline(always)]
    pub fn each(&self, mut take: impl FnMut(i32)) -> Result<(), Refusal> {
        for bytes in self.blocks.chunks_exact(self.stride()) {
            let block = self.block(bytes)?;
            for byte in block.codes {
                if self.wide {
                    take(block.value(*byte as i8 as i64, self.exponent));
                } else {
                    take(block.value((byte & 15) as i64, self.exponent));
                    take(block.value((byte >> 4) as i64, self.exponent));
                }
            }
        }
        Ok(())
    }

    /// The product with codes of `fraction` bits, with 16 bits.
    #[inline(never)]
    pub fn times(&self, codes: &Codes, fraction: i32) -> Result<i32, Refusal> {
        let most = codes.blocks().fold(0, |most, block| block[1].max(most)) as i32;
        let height = bits((self.blocks.len() / self.stride()).saturating_sub(1) as u64) as i32;
        let mut sum = 0;
        let mut blocks = codes.blocks();
        for bytes in self.blocks.chunks_exact(self.stride()) {
            let [a, q, x @ ..] = blocks.next().ok_or(Refusal::Malformed)?;
            let block = self.block(bytes)?;
            let (products, total) = if self.wide { wide(block.codes, x) } else { narrow(block.codes, x) };
            let term = ((products * block.scale + total * block.minimum + 128) >> 8) * *a as i64;
            sum += term >> (most - *q as i32 + height).min(31);
        }
        let sum = i32::try_from(sum).map_err(|_| Refusal::OutOfRange)?;
        Ok(shift(sum, most - fraction + height + 17 - self.exponent))
    }
}

/// Σ code_w · code_x and Σ code_x of a block of 4-bit codes: column 2j in the low half of byte j.
#[inline(always)]
fn narrow(weights: &[u8], codes: &[u8; BLOCK as usize]) -> (i64, i64) {
    let (mut products, mut total) = (0, 0);
    for (pair, x) in weights.iter().zip(codes.chunks_exact(2)) {
        let (even, odd) = (x[0] as i8 as i64, x[1] as i8 as i64);
        products += (pair & 15) as i64 * even + (pair >> 4) as i64 * odd;
        total += even + odd;
    }
    (products, total)
}

/// The same of 8-bit codes, which have no minimum.
#[inline(always)]
fn wide(weights: &[u8], codes: &[u8; BLOCK as usize]) -> (i64, i64) {
    (weights.iter().zip(codes).map(|(w, x)| *w as i8 as i64 * *x as i8 as i64).sum(), 0)
}

/// A whole vector of codes, as evidence has it: chunks of so many blocks, the length of each in front of it.
#[derive(Clone, Copy)]
pub(crate) struct Codes<'a> {
    pub bytes: &'a [u8],
    /// Blocks of a chunk; the last may have fewer.
    pub chunk: usize,
}

impl<'a> Codes<'a> {
    fn blocks(&self) -> Blocks<'a> {
        Blocks { rest: self.bytes, left: 0, chunk: self.chunk }
    }
}

/// Block after block, past the lengths.
struct Blocks<'a> {
    rest: &'a [u8],
    left: usize,
    chunk: usize,
}

impl<'a> Iterator for Blocks<'a> {
    type Item = &'a [u8; CODES];

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            self.rest = self.rest.get(2..)?;
            self.left = self.chunk;
        }
        let (block, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        self.left -= 1;
        Some(block)
    }
}
