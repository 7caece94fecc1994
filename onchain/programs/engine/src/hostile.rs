//! Evidence and numbers that nobody honest would give: no verdict against an honest node comes of them, and no fault. The host's overflow
//! checks are on.

use std::vec::Vec;

use crate::{
    Refusal, Shape,
    attention::{self, Attended, KeyHead, Part, Peaks, Projected, QUERY_LEN},
    cases::{Case, Dispute, own_cases},
    coding, feed_forward, header,
    matrix::{CODES, Codes, Row},
    norm::Norm,
    rotation::Rotation,
    sampling, token_fault,
};

/// SplitMix64, as the engine's.
struct Random(u32);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 += 1;
        sampling::draw(7, self.0)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Bytes that are random, or all ones, zeros or signs.
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let kind = self.next() % 8;
        (0..count)
            .map(|_| match kind {
                0 => 0xff,
                1 => 0,
                2 => 0x7f,
                3 => 0x80,
                4 => [0, 0x80, 0xff, 0x7f][self.below(4)],
                _ => self.next() as u8,
            })
            .collect()
    }

    fn i32(&mut self) -> i32 {
        [i32::MIN, i32::MAX, 0, -1, self.next() as i32][self.below(5)]
    }
}

/// Where nothing about a number is wrong, no evidence says so.
fn never_against(case: &Case, evidence: &[u8]) -> Result<bool, Refusal> {
    let verdict = case.dispute.verdict(evidence);
    assert!(case.wrong || verdict != Ok(true), "{:?}", case.place());
    verdict
}

#[test]
fn cut_or_followed_evidence_is_refused() {
    let mut random = Random(0);
    for case in own_cases().iter().filter(|case| !case.wrong) {
        if !case.evidence.is_empty() {
            let end = random.below(case.evidence.len());
            assert!(never_against(case, &case.evidence[..end]).is_err(), "{:?}", case.place());
        }
        let longer = [case.evidence, &[0]].concat();
        assert!(never_against(case, &longer).is_err(), "{:?}", case.place());
    }
}

#[test]
fn no_change_of_evidence_speaks_against_an_honest_node() {
    let mut random = Random(1_000_000);
    for case in own_cases().iter().filter(|case| !case.wrong && !case.evidence.is_empty()) {
        for _ in 0..3 {
            let mut changed = case.evidence.to_vec();
            let at = random.below(changed.len());
            changed[at] ^= 1 << random.below(8);
            // All but a token's id is under a hash; of another token nothing was shown.
            let verdict = never_against(case, &changed);
            assert!(verdict.is_err() || case.place().0 == 1 && case.place().1 == 3 && at < 4, "{:?} byte {at}", case.place());
        }
        let mut shuffled = random.bytes(case.evidence.len());
        shuffled[..2].copy_from_slice(&case.evidence[..2]);
        assert!(never_against(case, &shuffled).is_err());
    }
}

#[test]
fn a_chunk_of_another_length_is_wrong_whatever_the_evidence() {
    for mut case in own_cases() {
        match &mut case.dispute {
            Dispute::Block(block) => block.content = &block.content[1..],
            Dispute::Choice(choice) => choice.content = &choice.content[1..],
        }
        assert_eq!(case.dispute.verdict(&[]), Ok(true));
    }
}

#[test]
fn no_facts_make_it_fault() {
    let mut random = Random(2_000_000);
    let mut cases = own_cases();
    for round in 0..4 {
        for case in &mut cases {
            let number = [u32::MAX, 0, 1, random.next() as u32][random.below(4)];
            let content = random.bytes(match &case.dispute {
                Dispute::Block(block) => block.content.len(),
                Dispute::Choice(choice) => choice.content.len(),
            });
            let kind = random.below(4);
            match &mut case.dispute {
                Dispute::Block(block) => match kind {
                    0 => block.content = content.leak(),
                    1 => block.element = number,
                    2 => block.chunk = number,
                    _ => (block.position, block.steps, block.layer) = (number - number.min(1), number, block.layer ^ round),
                },
                Dispute::Choice(choice) => match kind {
                    0 => choice.content = content.leak(),
                    1 => choice.element = number,
                    2 => choice.chunk = number,
                    _ => (choice.candidates, choice.top_k, choice.top_p, choice.temperature) = (number, number, number, number),
                },
            }
            let _ = case.dispute.verdict(case.evidence);
        }
    }
}

#[test]
fn no_numbers_make_the_arithmetic_fault() {
    let mut random = Random(3_000_000);
    for _ in 0..3_000 {
        let size = [32, 64, 96, 128][random.below(4)];
        let (mut norm, peaks) = (random.bytes(12), Peaks::read(&random.bytes(17)));
        (norm[0], norm[1]) = (norm[0] % 10, norm[1] % 31);
        if random.below(2) == 0 {
            norm[5..10].fill(0);
        }
        if let Ok(norm) = Norm::read(&norm) {
            let _ = norm.value(random.i32(), random.i32());
        }
        let shift = random.below(64);
        let values: Vec<_> = (0..32).map(|_| (random.next() as i64) >> shift).collect();
        let _ = coding::differ(&random.bytes(CODES), |i| Ok(values[i]));
        feed_forward::hidden(random.i32(), random.i32());

        let mut row = random.bytes(3 + 22 * 4);
        row[0] = 4;
        let mut wide = random.bytes(3 + 34 * 4);
        wide[0] = 8;
        for row in [row, wide] {
            let row = Row::read(&row, 128).unwrap();
            let _ = row.value(random.below(128));
            let _ = row.times(&Codes { bytes: &random.bytes(2 + 4 * CODES), chunk: 4 }, random.next() as i16 as i32);
        }

        let (steps, key, value) = (random.bytes(4 * size), random.bytes(4 * size), random.bytes(4 * size));
        let rotation = Rotation { steps: &steps, position: random.next() as u32 };
        attention::query(&rotation, &key, &mut [0; QUERY_LEN]);
        KeyHead::of(&Projected { rotation, key: &key, value: &value });
        let head = KeyHead::read(&random.bytes(2 + 4 * size)).unwrap();
        let _ = attention::score(&random.bytes(1 + 2 * size), &head, random.next() % (1 << 29));
        let weight = peaks.weight(random.next() as i64);
        let mixed = random.bytes(8 + 4 * size);
        if let Ok(part) = Part::of(weight.unwrap_or(random.next() % (1 << 30)), random.next() >> random.below(64), &peaks, &head) {
            part.differs(&[&random.bytes(8 + 4 * size), &mixed], &head);
        }
        if let Ok(attended) = Attended::of(&mixed, &peaks) {
            let _ = attended.value(random.below(size));
        }
        sampling::weight(random.i32(), random.i32(), random.next() as u32);
    }
}

#[test]
fn no_header_makes_it_fault() {
    let mut random = Random(4_000_000);
    let shape = Shape {
        layers: 1,
        width: 64,
        heads: 2,
        key_heads: 1,
        head_size: 32,
        feed_forward: 32,
        vocabulary: 4,
        tied: true,
        epsilon: 1,
        score_factor: 1,
    };
    let mut right = [&(61u16 + 128).to_le_bytes()[..], b"nyxos:weights:v1", &shape.write(), &[1; 128], &[0]].concat();
    // One leaf more than the header: the path of a tree has as many steps as its leaves ask for.
    assert_eq!(header(&right), Err(Refusal::WrongProof));
    let steps = (shape.leaves() - 1).ilog2() + 1;
    *right.last_mut().unwrap() = steps as u8;
    right.extend(std::iter::repeat_n(5, 32 * steps as usize));
    let (read, _, rest) = header(&right).unwrap();
    assert_eq!((read, rest), (shape, &[][..]));
    for _ in 0..20_000 {
        let mut changed = right.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(2 + 61);
            changed[at] = random.next() as u8;
        }
        if let Ok((shape, ..)) = header(&changed) {
            assert!(shape.leaves() < 1 << 30);
        }
        let _ = token_fault(&crate::Token { text: crate::Text::Reply, commitment: &[0; 32], count: 1, index: 0, token: 0 }, &changed);
    }
}
