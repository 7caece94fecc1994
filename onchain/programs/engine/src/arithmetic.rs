//! The arithmetic, number by number, against the engine's second implementation: `arithmetic.txt`, which `vectors.py` writes.

use std::{string::String, vec, vec::Vec};

use crate::{
    Refusal, Shape,
    attention::{self, Attended, KeyHead, Part, Peaks, Projected, QUERY_LEN},
    bytes::{i32_at, u64_at},
    coding, feed_forward,
    halving::halve,
    matrix::{CODES, Codes, Row},
    norm::Norm,
    rotation::Rotation,
    rounding::shift,
    sampling,
    stream::{Proof, Stream},
};

const CASES: &str = include_str!("arithmetic.txt");

struct Case<'a> {
    name: &'a str,
    arguments: Vec<i128>,
    result: Vec<i128>,
}

fn cases() -> Vec<Case<'static>> {
    let numbers = |text: &str| text.split(' ').map(|number| number.parse().unwrap()).collect();
    let cases = CASES.lines().map(|line| {
        let mut parts = line.split(" | ");
        Case { name: parts.next().unwrap(), arguments: numbers(parts.next().unwrap()), result: numbers(parts.next().unwrap()) }
    });
    cases.collect()
}

fn bytes(numbers: &[i128]) -> Vec<u8> {
    numbers.iter().map(|number| *number as u8).collect()
}

fn i32s(numbers: &[i128]) -> Vec<u8> {
    numbers.iter().flat_map(|number| (*number as i32).to_le_bytes()).collect()
}

fn i16s(numbers: &[i128]) -> Vec<u8> {
    numbers.iter().flat_map(|number| (*number as i16).to_le_bytes()).collect()
}

fn u64s(numbers: &[i128]) -> Vec<u8> {
    numbers.iter().flat_map(|number| (*number as u64).to_le_bytes()).collect()
}

/// Exponents of one byte each, then i16.
fn head(exponents: usize, numbers: &[i128]) -> Vec<u8> {
    [bytes(&numbers[..exponents]), i16s(&numbers[exponents..])].concat()
}

/// Codes as a vector that was opened whole has them, in chunks of so many blocks.
fn whole(codes: &[u8], blocks: usize) -> Vec<u8> {
    let chunks = codes.chunks(CODES * blocks).map(|chunk| [&(chunk.len() as u16).to_le_bytes(), chunk].concat());
    chunks.collect::<Vec<_>>().concat()
}

fn shape(width: u32, epsilon: u64) -> Shape {
    Shape { layers: 1, width, heads: 1, key_heads: 1, head_size: 32, feed_forward: 32, vocabulary: 1, tied: true, epsilon, score_factor: 0 }
}

/// Where what is shown is right, and wrong with any one of its bytes changed, it is what the arithmetic gives.
fn codes_are(codes: &[u8], value: impl Fn(usize) -> Result<i64, Refusal>) {
    assert_eq!(coding::differ(codes, &value), Ok(false));
    for byte in (0..codes.len()).step_by(7) {
        let mut changed = codes.to_vec();
        changed[byte] ^= 1;
        assert_eq!(coding::differ(&changed, &value), Ok(true));
    }
}

fn norm(arguments: &[i128], codes: &[u8]) {
    let (&[epsilon, fraction], rest) = arguments.split_first_chunk().unwrap();
    let (x, gains) = rest.split_at(rest.len() / 2);
    let numbers = i32s(x);
    let chunks: Vec<_> = numbers.chunks(512).map(|chunk| [&(chunk.len() as u16).to_le_bytes(), chunk].concat()).collect();
    let stream = chunks.concat();
    let stream = Stream::Chunks { bytes: &stream, proof: Proof::None };
    let norm = Norm::of(&stream, &shape(x.len() as u32, epsilon as u64), fraction as i16).unwrap();
    let norm = Norm::read(&norm.write()).unwrap();
    assert_eq!(norm.fraction, fraction as i32);
    codes_are(codes, |i| norm.value(x[i] as i32, gains[i] as i32));
}

fn product(arguments: &[i128]) -> i32 {
    let all = bytes(&arguments[1..]);
    let stride = if all[0] == 4 { 22 } else { 34 };
    let blocks = (all.len() - 3) / (stride + CODES);
    let (row, codes) = all.split_at(3 + blocks * stride);
    let row = Row::read(row, 32 * blocks as u32).unwrap();
    let results = [1, 3, 4].map(|chunk| row.times(&Codes { bytes: &whole(codes, chunk), chunk }, arguments[0] as i32).unwrap());
    assert!(results.iter().all(|result| *result == results[0]), "however codes are cut into chunks");
    results[0]
}

/// A position, and so many values for each pair of which there is a step.
fn rotated(arguments: &[i128], heads: usize) -> (u32, Vec<u8>, Vec<&[i128]>) {
    let half = (arguments.len() - 1) / (1 + 2 * heads);
    (arguments[0] as u32, u64s(&arguments[1..1 + half]), arguments[1 + half..].chunks(2 * half).collect())
}

/// All of a head's attention, each position by itself as disputes have it.
fn attend(arguments: &[i128], result: &[i128]) {
    let (&[factor, size, exponent], rest) = arguments.split_first_chunk().unwrap();
    let size = size as usize;
    let (query, heads) = rest.split_at(size);
    let query = [vec![exponent as u8], i16s(query)].concat();
    let heads: Vec<_> = heads.chunks(2 + 2 * size).map(|numbers| KeyHead::read(&head(2, numbers)).unwrap()).collect();
    let scores: Vec<_> = heads.iter().map(|head| attention::score(&query, head, factor as u64).unwrap()).collect();
    let peaks = Peaks {
        score_at: 0,
        score: *scores.iter().max().unwrap(),
        exponent_at: 0,
        exponent: heads.iter().map(KeyHead::value_exponent).max().unwrap(),
    };
    let weights: Vec<_> = scores.iter().map(|score| peaks.weight(*score).unwrap()).collect();
    let total = weights.iter().sum();
    let mut before = Vec::new();
    for (head, weight) in heads.iter().zip(weights) {
        let part = Part::of(weight, total, &peaks, head).unwrap();
        let mixed = part.after(&before, head);
        assert!(!part.differs(&[&before, &mixed], head));
        for byte in 0..mixed.len() {
            let mut changed = mixed.clone();
            changed[byte] ^= 1;
            assert!(part.differs(&[&before, &changed], head), "byte {byte}");
        }
        before = mixed;
    }
    let attended = Attended::of(&before, &peaks).unwrap();
    for (index, right) in result.iter().enumerate() {
        assert_eq!(attended.value(index).unwrap() as i128, *right);
    }
}

impl Part {
    /// What is mixed up to and with this position; the checks compare, and tests have to make it.
    fn after(&self, before: &[u8], head: &KeyHead) -> Vec<u8> {
        let (shares, values) = self.parts(head);
        let sum = u64_at(before, 0) + shares;
        let mixed = values.iter().enumerate().flat_map(|(d, value)| (i32_at(before, 2 + d) + *value as i32).to_le_bytes());
        sum.to_le_bytes().into_iter().chain(mixed).collect()
    }
}

#[test]
fn every_number_is_the_second_implementations() {
    let cases = cases();
    for case in &cases {
        let (arguments, result) = (&case.arguments[..], &case.result[..]);
        let number = |index: usize| arguments[index];
        match case.name {
            "halve" => assert_eq!(halve(number(0) as u64) as i128, result[0]),
            "hidden" => assert_eq!(feed_forward::hidden(number(0) as i32, number(1) as i32) as i128, result[0]),
            "shift" => assert_eq!(shift(number(0) as i32, number(1) as i32) as i128, result[0]),
            "code" => codes_are(&bytes(result), |i| Ok(arguments[i] as i64)),
            "norm" => norm(arguments, &bytes(result)),
            "product" => assert_eq!(product(arguments) as i128, result[0]),
            "embedding" => {
                let bytes = bytes(arguments);
                let row = Row::read(&bytes, result.len() as u32).unwrap();
                let values: Vec<_> = (0..result.len()).map(|column| row.value(column).unwrap() as i128).collect();
                assert_eq!(values, result);
                let mut each = Vec::new();
                row.each(|value| each.push(value as i128)).unwrap();
                assert_eq!(each, result);
            }
            "query" => {
                let (position, steps, heads) = rotated(arguments, 1);
                let mut out = [0; QUERY_LEN];
                attention::query(&Rotation { steps: &steps, position }, &i32s(heads[0]), &mut out);
                assert_eq!(out[..1 + 2 * heads[0].len()], head(1, result));
            }
            "key_head" => {
                let (position, steps, heads) = rotated(arguments, 2);
                let kept = KeyHead::of(&Projected { rotation: Rotation { steps: &steps, position }, key: &i32s(heads[0]), value: &i32s(heads[1]) });
                assert_eq!(kept.bytes(), head(2, result));
            }
            "attend" => attend(arguments, result),
            "draw" => {
                let drawn = sampling::draw(number(0) as u64, number(1) as u32);
                let (total, part) = (number(2) as u64, number(3) as u32);
                assert_eq!([drawn, sampling::high_product(drawn, total), sampling::share(total, part)].map(i128::from), result);
            }
            "weight" => assert_eq!(sampling::weight(number(0) as i32, number(1) as i32, number(2) as u32) as i128, result[0]),
            other => panic!("{other}"),
        }
    }
    let mut names: Vec<String> = cases.iter().map(|case| case.name.into()).collect();
    names.dedup();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 12, "{names:?}");
}

/// Whatever the numbers, nothing faults; the host's overflow checks are on.
#[test]
fn products_of_64_bits_are_exact() {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state >> (state % 61)
    };
    for _ in 0..10_000 {
        let (a, b, part) = (next(), next(), (next() % 1_000_001) as u32);
        assert_eq!(sampling::high_product(a, b) as u128, (a as u128 * b as u128) >> 64);
        assert_eq!(sampling::share(a, part) as u128, (a as u128 * part as u128).div_ceil(1_000_000));
    }
    assert_eq!(sampling::high_product(u64::MAX, u64::MAX), u64::MAX - 1);
    assert_eq!(sampling::share(u64::MAX, 1_000_000), u64::MAX);
}
