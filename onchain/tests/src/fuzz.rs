//! Random bytes in the place of arguments, random orders of accounts: no program crashes, no token and no lamport appears.
//! `NYXOS_SEED` and `NYXOS_ROUNDS` look elsewhere and longer; a failure names its seed.

use std::{collections::BTreeSet, env};

use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};

use crate::{
    bytes::{SYSTEM, TOKEN, TOKEN_2022, hex},
    chain::{Would, only_inside},
    story::tell,
    world::*,
};

/// Splitmix64.
pub struct Random(u64);

impl Random {
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

pub fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Changes a call at random; numbers at their edges more often than chance would.
fn disturb(call: &mut Instruction, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let len = call.data.len();
        match random.below(8) {
            0 | 1 if len > 1 => {
                let at = 1 + random.below(len - 1);
                call.data[at] = random.next() as u8;
            }
            2 if len > 8 => {
                let at = 1 + random.below(len - 8);
                let edge = [0, 1, u64::MAX, u64::MAX - 1, 1 << 63, 1 << 32][random.below(6)];
                call.data[at..at + 8].copy_from_slice(&u64::to_le_bytes(edge));
            }
            3 => call.data.truncate(random.below(len + 1)),
            4 => (0..random.below(40)).for_each(|_| call.data.push(random.next() as u8)),
            5 => call.data[0] = random.below(48) as u8,
            6 if !call.accounts.is_empty() => {
                let (a, b) = (random.below(call.accounts.len()), random.below(call.accounts.len()));
                call.accounts.swap(a, b);
            }
            _ if !call.accounts.is_empty() => {
                let (a, b) = (random.below(call.accounts.len()), random.below(call.accounts.len()));
                call.accounts[a].pubkey = call.accounts[b].pubkey;
            }
            _ => {}
        }
        if call.data.is_empty() {
            call.data.push(0);
        }
    }
}

fn is_token(owner: &solana_address::Address, data: &[u8]) -> bool {
    (*owner == TOKEN || *owner == TOKEN_2022) && (data.len() == 165 || (data.len() > 165 && data[165] == 2))
}

fn units(data: &[u8]) -> u128 {
    u64::from_le_bytes(data[64..72].try_into().unwrap()) as u128
}

/// Errors that say a program went where it should have refused.
const CRASHES: [&str; 6] = ["ProgramFailedToComplete", "Unbalanced", "DataModified", "ComputationalBudget", "LamportSpend", "LamportChange"];

/// That a call is refused as calls are, or moves no unit out of nowhere or into nothing; whether it passed.
fn harmless(world: &mut World, instructions: &[Instruction], crashes: &[&str], place: &str) -> bool {
    match world.would(instructions) {
        Err(reason) => {
            assert!(!crashes.iter().any(|bad| reason.contains(bad)), "{reason} at {place}");
            false
        }
        Ok(Would { after, .. }) => {
            let before: Vec<_> = after.iter().map(|(address, _)| world.account(address).unwrap_or_default()).collect();
            let tokens = |owner, data: &[u8]| if is_token(owner, data) { units(data) } else { 0 };
            let had: u128 = before.iter().map(|account| tokens(&account.owner, &account.data)).sum();
            let have: u128 = after.iter().map(|(_, account)| tokens(&account.owner, &account.data)).sum();
            // Only a slash burns, and a stake that is lost.
            let call = instructions.last().unwrap();
            let slashes = match call.program_id {
                program if program == registry().program => &SLASHES[..],
                _ => &[CHALLENGE_BATCH],
            };
            let burns = call.data.first().is_some_and(|number| slashes.contains(number));
            assert!(have == had || (have < had && burns), "{had} tokens became {have} at {place}");
            let lamports: u128 = before.iter().map(|account| account.lamports as u128).sum();
            let left: u128 = after.iter().map(|(_, account)| account.lamports as u128).sum();
            assert!(left <= lamports, "lamports appeared at {place}");
            true
        }
    }
}

/// Discriminators of `slash_node`, `slash_validator`, and the two that end a dispute.
const SLASHES: [u8; 4] = [8, 26, 32, 33];
/// That of `challenge_batch`.
const CHALLENGE_BATCH: u8 = 33;

fn bytes(random: &mut Random, count: usize) -> Vec<u8> {
    (0..count).map(|_| random.next() as u8).collect()
}

/// What an account of a right owner could hold: noise, noise behind a true beginning, or the true data with some of it changed.
fn contents(random: &mut Random, data: &[u8]) -> Vec<u8> {
    let len = [data.len(), data.len(), random.below(400), 0][random.below(4)];
    let mut made = bytes(random, len);
    let keep = match random.below(3) {
        0 => 0,
        // The kind and version byte, and what lies around them.
        1 => 8.min(len).min(data.len()),
        _ => len.min(data.len()),
    };
    made[..keep].copy_from_slice(&data[..keep]);
    for _ in 0..random.below(4) {
        if !made.is_empty() {
            let at = random.below(made.len());
            made[at] = random.next() as u8;
        }
        if made.len() > 8 {
            let at = random.below(made.len() - 7);
            let edge = [0, 1, u64::MAX, 1 << 63][random.below(4)];
            made[at..at + 8].copy_from_slice(&u64::to_le_bytes(edge));
        }
    }
    made
}

/// Every instruction of both programs with lists of accounts that nobody chose: accounts of all kinds, of both programs and of others,
/// flags as they come, accounts of the right owner that hold noise.
#[test]
fn no_list_of_accounts_crashes_a_program_or_moves_a_unit() {
    if only_inside("copies the chain as it is before each call, and writes accounts") {
        return;
    }
    let seed = number("NYXOS_SEED", 20_261_121);
    let rounds = number("NYXOS_ROUNDS", 60);
    let mut random = Random(seed);
    for token_program in [TOKEN, TOKEN_2022] {
        let steps = tell(token_program).steps;
        // Everything that anybody names in the story, as it is before the last claim.
        let named: BTreeSet<_> = steps.iter().flat_map(|step| step.call().accounts.iter().map(|meta| meta.pubkey)).collect();
        let mut world = steps.iter().rfind(|step| step.instruction() == "claim").unwrap().before.clone();
        let mut all: Vec<_> = named.into_iter().collect();
        for (index, owner) in [registry().program, escrow().program, token_program, SYSTEM].into_iter().cycle().take(16).enumerate() {
            let address = who(&format!("noise {index}"));
            let like = world.account(&all[random.below(all.len())]).unwrap_or_default().data;
            let data = contents(&mut random, &like);
            world.put(address, owner, data, 10_000_000);
            all.push(address);
        }
        for idl in [registry(), escrow()] {
            for name in idl.instruction_names() {
                let discriminator = idl.discriminator(&name);
                let most = idl.account_names(&name).len();
                for round in 0..rounds {
                    // Mostly as many as it takes: another number is refused before anything is read.
                    let count = if random.below(4) == 0 { random.below(24) } else { most };
                    let accounts = (0..count).map(|_| {
                        let pubkey = all[random.below(all.len())];
                        AccountMeta { pubkey, is_signer: world.can_sign(&pubkey) && random.below(4) > 0, is_writable: random.below(4) > 0 }
                    });
                    let accounts = accounts.collect();
                    let length = random.below(200);
                    let data = [vec![discriminator], bytes(&mut random, length)].concat();
                    let call = Instruction { program_id: idl.program, accounts, data };
                    let place = format!("seed {seed}, {name} round {round}: {call:?}");
                    harmless(&mut world, &[call], &CRASHES, &place);
                }
            }
        }
    }
}

/// The right accounts, one of them with other contents than anybody wrote. A state of its own that no instruction makes may stop a
/// program, which is an error like another for the transaction; nothing may move all the same.
#[test]
fn no_contents_of_an_account_crash_a_program_or_make_money() {
    if only_inside("copies the chain as it is before each call, and writes accounts") {
        return;
    }
    let seed = number("NYXOS_SEED", 20_261_121);
    let rounds = number("NYXOS_ROUNDS", 60) / 2;
    let mut random = Random(seed);
    let mut passed = 0;
    for token_program in [TOKEN, TOKEN_2022] {
        for step in tell(token_program).steps {
            let ours = |key: &Address| {
                step.before.account(key).filter(|account| [registry().program, escrow().program, token_program].contains(&account.owner))
            };
            let written: Vec<_> = step.call().accounts.iter().filter_map(|meta| Some((meta.pubkey, ours(&meta.pubkey)?))).collect();
            for round in 0..rounds * !written.is_empty() as u64 {
                let mut world = step.before.clone();
                let (address, account) = &written[random.below(written.len())];
                let data = contents(&mut random, &account.data);
                let place = format!("seed {seed}, {} round {round}: {address} holds {}", step.name, hex(&data));
                world.put(*address, account.owner, data, account.lamports);
                passed += harmless(&mut world, &step.instructions, &CRASHES[1..], &place) as usize;
            }
        }
    }
    assert!(passed > 20, "only {passed} calls passed: too few to say anything about sums");
}

#[test]
fn no_bytes_crash_a_program_or_make_money() {
    if only_inside("copies the chain as it is before each call") {
        return;
    }
    let seed = number("NYXOS_SEED", 20_261_121);
    let rounds = number("NYXOS_ROUNDS", 60);
    let mut random = Random(seed);
    let mut passed = 0;
    for token_program in [TOKEN, TOKEN_2022] {
        for step in tell(token_program).steps {
            let mut world = step.before.clone();
            for round in 0..rounds {
                let mut instructions = step.instructions.clone();
                disturb(instructions.last_mut().unwrap(), &mut random);
                // A signer's place may have gone to an account that cannot sign: not a transaction.
                if instructions.last().unwrap().accounts.iter().any(|meta| meta.is_signer && !world.can_sign(&meta.pubkey)) {
                    continue;
                }
                let place = format!("seed {seed}, {} round {round}: {:?}", step.name, instructions.last().unwrap());
                passed += harmless(&mut world, &instructions, &CRASHES, &place) as usize;
            }
        }
    }
    assert!(passed > 20, "only {passed} changed calls passed: too few to say anything about sums");
}
