//! Random bytes in the place of arguments, random orders of accounts: no program crashes, no token and no lamport appears.
//! `NYXOS_SEED` and `NYXOS_ROUNDS` look elsewhere and longer; a failure names its seed.

use std::env;

use solana_instruction::Instruction;

use crate::{
    bytes::{TOKEN, TOKEN_2022},
    chain::{Would, only_inside},
    story::tell,
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
                match world.would(&instructions) {
                    Err(reason) => assert!(
                        !["ProgramFailedToComplete", "Unbalanced", "ReadonlyDataModified", "ComputationalBudget"]
                            .iter()
                            .any(|bad| reason.contains(bad)),
                        "{reason} at {place}"
                    ),
                    Ok(Would { after, .. }) => {
                        passed += 1;
                        let before: Vec<_> = after.iter().map(|(address, _)| world.account(address).unwrap_or_default()).collect();
                        let tokens = |owner, data: &[u8]| if is_token(owner, data) { units(data) } else { 0 };
                        let had: u128 = before.iter().map(|account| tokens(&account.owner, &account.data)).sum();
                        let have: u128 = after.iter().map(|(_, account)| tokens(&account.owner, &account.data)).sum();
                        // Only a slash burns.
                        assert!(have == had || (have < had && step.instruction() == "slash_node"), "{had} tokens became {have} at {place}");
                        let lamports: u128 = before.iter().map(|account| account.lamports as u128).sum();
                        let left: u128 = after.iter().map(|(_, account)| account.lamports as u128).sum();
                        assert!(left <= lamports, "lamports appeared at {place}");
                    }
                }
            }
        }
    }
    assert!(passed > 20, "only {passed} changed calls passed: too few to say anything about sums");
}
