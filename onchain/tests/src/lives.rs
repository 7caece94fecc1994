//! Random lives of a registry against a plain model of it: thousands of calls, allowed and not, by several parties over time. Before each
//! call the model says what will come of it, error and all; after each call accounts and balances are the model's.
//! `NYXOS_SEED` and `NYXOS_CALLS` look elsewhere and longer; a failure names its seed and call.

use std::collections::BTreeMap;

use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    bonds::{
        Bonded::{self, Node, Validator},
        KINDS, Slash,
    },
    bytes::{SYSTEM, TOKEN, TOKEN_2022, u64_at},
    chain::only_inside,
    disputes::{Dispute, Job, NODES_MOVE, WINNING_MOVES},
    fuzz::{Random, number},
    idl::Arg,
    story::attest,
    world::*,
};

const KEYS: [&str; 14] =
    ["node", "node 2", "node 3", "node 4", "node 5", "node 6", "node 7", "node 8", "node 9", "node 10", "node 11", "node 12", "node 13", "node 14"];
const AUTHORITIES: [&str; 3] = ["admin", "admin 2", "attacker"];
const MODEL_ID: [u8; 32] = [0x3d; 32];
/// Who doubts what nodes sign.
const ACCUSERS: [&str; 2] = ["attacker", "payer 2"];

const ACTIVE: u8 = 1;
const UNBONDING_STATE: u8 = 2;
const WITHDRAWN: u8 = 3;
const SLASHED: u8 = 4;

/// Whose bond: a kind and a key.
type Of = (Bonded, &'static str);
/// Which dispute: a node's key and an accuser; every node lied in the one job that it did.
type Case = (&'static str, &'static str);

#[derive(Default)]
struct Bond {
    state: u8,
    amount: u64,
    unbond_slot: u64,
    slashed: u64,
    payout: &'static str,
    // Of nodes alone.
    attestation: Option<(u8, u64)>,
    floor: u64,
    revoked: u8,
    disputes: u32,
}

/// How far a dispute has come.
struct Course {
    moves: usize,
    deadline: u64,
}

impl Bond {
    fn end_attestation(&mut self) -> Result<u8, &'static str> {
        let (quote, expiry) = self.attestation.take().ok_or("WrongState")?;
        self.floor = self.floor.max(expiry);
        self.revoked = quote;
        Ok(quote)
    }
}

#[derive(Default)]
struct Published {
    retired: bool,
    royalty: u16,
    pending: u16,
    pending_slot: u64,
}

/// The registry as anybody would keep it in their head.
struct Plain {
    slot: u64,
    authority: &'static str,
    offered: Option<&'static str>,
    paused: bool,
    /// Which of the two verifier sets rules, and which follows from when on.
    set: usize,
    next: Option<(usize, u64)>,
    /// Of every key as each kind; derived once, for deriving takes longer than a call.
    addresses: BTreeMap<Of, Address>,
    bonds: BTreeMap<Of, Bond>,
    /// How many there ever were of each kind.
    registered: BTreeMap<Bonded, u64>,
    model: Option<Published>,
    cases: BTreeMap<Case, Dispute>,
    courses: BTreeMap<Case, Course>,
    /// What the accusers have.
    purses: BTreeMap<&'static str, u64>,
    tokens: u64,
    rewards: u64,
    refunds: u64,
    supply: u64,
}

/// The first signers of each set; all of them are a quorum.
fn signers(set: usize) -> &'static [&'static str] {
    [&VERIFIERS[..2], &NEXT_VERIFIERS[..]][set]
}

/// A call to make, and what the model says comes of it.
struct Wish {
    about: String,
    calls: Vec<Instruction>,
    expected: Result<(), &'static str>,
}

impl Plain {
    fn governs(&self, who: &str) -> Result<(), &'static str> {
        if who == self.authority { Ok(()) } else { Err("Unauthorized") }
    }

    fn rules(&self, set: usize) -> Result<(), &'static str> {
        if set == self.set { Ok(()) } else { Err("WrongSigner") }
    }

    fn bond(&mut self, of: Of) -> Result<&mut Bond, &'static str> {
        self.bonds.get_mut(&of).ok_or("WrongOwner")
    }

    fn node(&mut self, key: &'static str) -> Result<&mut Bond, &'static str> {
        self.bond((Node, key))
    }

    fn active(&mut self, of: Of) -> Result<&mut Bond, &'static str> {
        let bond = self.bond(of)?;
        if bond.state == ACTIVE { Ok(bond) } else { Err("WrongState") }
    }

    fn not_paused(&self) -> Result<(), &'static str> {
        if self.paused { Err("Paused") } else { Ok(()) }
    }

    fn register(&mut self, of: Of) -> Result<(), &'static str> {
        self.not_paused()?;
        if self.bonds.contains_key(&of) {
            return Err("AlreadyInitialized");
        }
        let least = of.0.least();
        self.bonds.insert(of, Bond { state: ACTIVE, amount: least, payout: "provider", ..Bond::default() });
        *self.registered.entry(of.0).or_default() += 1;
        self.tokens -= least;
        Ok(())
    }

    fn add_bond(&mut self, of: Of, amount: u64) -> Result<(), &'static str> {
        self.not_paused()?;
        let bond = self.active(of)?;
        bond.amount += amount;
        self.tokens -= amount;
        Ok(())
    }

    fn unbond(&mut self, of: Of) -> Result<(), &'static str> {
        let slot = self.slot;
        let bond = self.active(of)?;
        (bond.state, bond.unbond_slot) = (UNBONDING_STATE, slot + UNBONDING);
        Ok(())
    }

    fn withdraw(&mut self, of: Of) -> Result<(), &'static str> {
        let slot = self.slot;
        let bond = self.bond(of)?;
        match bond.state {
            ACTIVE | WITHDRAWN => return Err("WrongState"),
            _ if slot < bond.unbond_slot => return Err("TooEarly"),
            _ if bond.disputes > 0 => return Err("NodeDisputed"),
            _ if bond.amount == 0 => return Err("ZeroAmount"),
            UNBONDING_STATE => bond.state = WITHDRAWN,
            _ => {}
        }
        let amount = std::mem::take(&mut bond.amount);
        self.tokens += amount;
        Ok(())
    }

    fn slash(&mut self, of: Of, set: usize, slash: &Slash) -> Result<(), &'static str> {
        let burned = slash.amount.checked_sub(slash.reward.0 + slash.refund.0).ok_or("InvalidArgument")?;
        self.rules(set)?;
        let slot = self.slot;
        let bond = self.bond(of)?;
        if bond.state != ACTIVE && bond.state != UNBONDING_STATE {
            return Err("WrongState");
        }
        bond.amount = bond.amount.checked_sub(slash.amount).ok_or("BondExceeded")?;
        bond.state = SLASHED;
        bond.slashed += slash.amount;
        if bond.unbond_slot == 0 {
            bond.unbond_slot = slot + UNBONDING;
        }
        self.rewards += slash.reward.0;
        self.refunds += slash.refund.0;
        self.supply -= burned;
        Ok(())
    }

    fn dispute(&mut self, case: Case) -> Result<(), &'static str> {
        self.not_paused()?;
        let deadline = self.slot + ANSWER;
        let bond = self.node(case.0)?;
        if bond.state != ACTIVE && bond.state != UNBONDING_STATE {
            return Err("WrongState");
        }
        if self.courses.contains_key(&case) {
            return Err("AlreadyInitialized");
        }
        self.node(case.0)?.disputes += 1;
        self.courses.insert(case, Course { moves: 0, deadline });
        *self.purses.get_mut(case.1).unwrap() -= MIN_BOND;
        Ok(())
    }

    /// The next move; the last one proves the lie.
    fn go_on(&mut self, case: Case) -> Result<(), &'static str> {
        let slot = self.slot;
        let course = self.courses.get_mut(&case).ok_or("WrongOwner")?;
        if slot >= course.deadline {
            return Err("TooLate");
        }
        (course.moves, course.deadline) = (course.moves + 1, slot + ANSWER);
        if course.moves == WINNING_MOVES {
            self.conclude(case, true);
        }
        Ok(())
    }

    /// Whether the node has lost when somebody ends it now.
    fn end(&mut self, case: Case, ender: &str) -> Result<(), &'static str> {
        let course = self.courses.get(&case).ok_or("WrongOwner")?;
        if self.slot < course.deadline && ender != case.1 {
            return Err("TooEarly");
        }
        let node_lost = self.is_nodes_fault(case);
        self.conclude(case, node_lost);
        Ok(())
    }

    fn is_nodes_fault(&self, case: Case) -> bool {
        self.courses.get(&case).is_some_and(|course| self.slot >= course.deadline && NODES_MOVE[course.moves])
    }

    fn conclude(&mut self, case: Case, node_lost: bool) {
        self.courses.remove(&case);
        let slot = self.slot;
        let bond = self.bonds.get_mut(&(Node, case.0)).unwrap();
        bond.disputes -= 1;
        if !node_lost {
            self.tokens += MIN_BOND / 2;
            self.supply -= MIN_BOND - MIN_BOND / 2;
            return;
        }
        let taken = std::mem::take(&mut bond.amount);
        if taken > 0 {
            (bond.state, bond.slashed) = (SLASHED, bond.slashed + taken);
            if bond.unbond_slot == 0 {
                bond.unbond_slot = slot + UNBONDING;
            }
        }
        *self.purses.get_mut(case.1).unwrap() += MIN_BOND + taken / 2;
        self.supply -= taken - taken / 2;
    }

    fn pay_to(&mut self, key: &'static str, payout: &'static str) -> Result<(), &'static str> {
        self.active((Validator, key))?.payout = payout;
        Ok(())
    }

    fn record(&mut self, key: &'static str, set: usize, quote: u8, expiry: u64) -> Result<(), &'static str> {
        if expiry <= self.slot {
            return Err("TooLate");
        }
        self.rules(set)?;
        let node = self.active((Node, key))?;
        if expiry <= node.floor.max(node.attestation.map_or(0, |(_, last)| last)) {
            return Err("AttestationOutdated");
        }
        if quote == node.revoked {
            return Err("AttestationRevoked");
        }
        node.attestation = Some((quote, expiry));
        Ok(())
    }

    fn revoke(&mut self, key: &'static str, set: usize, quote: u8) -> Result<(), &'static str> {
        self.rules(set)?;
        let node = self.node(key)?;
        if node.attestation.is_none_or(|(recorded, _)| recorded != quote) {
            return Err("WrongState");
        }
        node.end_attestation().map(|_| ())
    }

    fn close(&mut self, of: Of) -> Result<(), &'static str> {
        let slot = self.slot;
        let bond = self.bond(of)?;
        if bond.state != WITHDRAWN {
            return Err("WrongState");
        }
        if slot < bond.floor.max(bond.attestation.map_or(0, |(_, expiry)| expiry)) {
            return Err("TooEarly");
        }
        self.bonds.remove(&of);
        Ok(())
    }

    fn propose(&mut self, by: &str, set: usize) -> Result<(), &'static str> {
        self.governs(by)?;
        if self.next.is_some() {
            return Err("AlreadyInitialized");
        }
        self.next = Some((set, self.slot + NOTICE));
        Ok(())
    }

    fn apply(&mut self) -> Result<(), &'static str> {
        let (set, from) = self.next.ok_or("WrongOwner")?;
        if self.slot < from {
            return Err("TooEarly");
        }
        (self.set, self.next) = (set, None);
        Ok(())
    }

    fn cancel(&mut self, by: &str) -> Result<(), &'static str> {
        self.governs(by)?;
        self.next.take().map(|_| ()).ok_or("WrongOwner")
    }

    fn offer(&mut self, by: &str, to: Option<&'static str>) -> Result<(), &'static str> {
        self.governs(by)?;
        self.offered = to;
        Ok(())
    }

    fn accept(&mut self, by: &'static str) -> Result<(), &'static str> {
        match self.offered {
            None => Err("WrongState"),
            Some(offered) if offered != by => Err("Unauthorized"),
            Some(_) => {
                (self.authority, self.offered) = (by, None);
                Ok(())
            }
        }
    }

    fn pause(&mut self, by: &str, paused: bool) -> Result<(), &'static str> {
        self.governs(by)?;
        self.paused = paused;
        Ok(())
    }

    fn publish(&mut self, by: &str, royalty: u16) -> Result<(), &'static str> {
        self.governs(by)?;
        self.not_paused()?;
        if self.model.is_some() {
            return Err("AlreadyInitialized");
        }
        self.model = Some(Published { royalty, ..Published::default() });
        Ok(())
    }

    fn ask(&mut self, royalty: u16) -> Result<(), &'static str> {
        let slot = self.slot;
        let model = self.published()?;
        if model.pending_slot != 0 && slot >= model.pending_slot {
            *model = Published { royalty: model.pending, ..Published::default() };
        }
        if royalty <= model.royalty {
            *model = Published { royalty, ..Published::default() };
        } else {
            let waits_already = model.pending_slot != 0 && royalty <= model.pending;
            model.pending_slot = if waits_already { model.pending_slot } else { slot + UNBONDING };
            model.pending = royalty;
        }
        Ok(())
    }

    fn published(&mut self) -> Result<&mut Published, &'static str> {
        let model = self.model.as_mut().ok_or("WrongOwner")?;
        if model.retired { Err("WrongState") } else { Ok(model) }
    }
}

/// A random wish, and what becomes of the model with it.
fn wish(world: &World, plain: &mut Plain, random: &mut Random) -> Wish {
    let kind = random.below(40);
    let any = KEYS[random.below(KEYS.len())];
    // Attestations mostly of nodes that can have one; often those are accused that leave, and ask for their bonds.
    let likely = match kind {
        10..=13 => ACTIVE,
        7 | 8 | 25 if random.below(2) > 0 => UNBONDING_STATE,
        _ => 0,
    };
    let those: Vec<_> = plain.bonds.iter().filter(|((kind, _), bond)| *kind == Node && bond.state == likely).map(|((_, key), _)| *key).collect();
    let key = if those.is_empty() { any } else { those[random.below(those.len())] };
    // Mostly those who may, so that lives get somewhere.
    let set = if random.below(4) > 0 { plain.set } else { random.below(2) };
    let by = if random.below(4) > 0 { plain.authority } else { AUTHORITIES[random.below(3)] };
    let bonded = KINDS[random.below(2)];
    let of = (bonded, key);
    let (account, node) = (plain.addresses[&of], plain.addresses[&(Node, key)]);
    let keys = (who("receipt key"), who("sealing key"));
    let quote = 1 + random.below(3) as u8;
    let royalty = 100 * random.below(30) as u16;
    let signed = |digest: &[u8; 32], call: Instruction| vec![signed_by(signers(set), digest), call];
    let ours = |mut call: Instruction, at: usize| {
        call.accounts[at].pubkey = who(by);
        vec![call]
    };
    // Mostly of disputes that there are.
    let open: Vec<_> = plain.courses.keys().copied().collect();
    let case = if open.is_empty() || kind == 25 || random.below(4) == 0 { (key, ACCUSERS[random.below(2)]) } else { open[random.below(open.len())] };
    let (calls, expected) = match kind {
        0..=3 => (vec![bonded.register(world, key, "provider")], plain.register(of)),
        4 => {
            let amount = 1 + random.below(50) as u64;
            (vec![bonded.add(world, account, "provider", amount)], plain.add_bond(of, amount))
        }
        // Who was slashed is so for ever: too many, and nothing else would happen.
        9 if random.below(3) == 0 => {
            let whole = plain.bonds.get(&of).map_or(1, |bond| bond.amount.max(1));
            let amount = [whole, whole + 1, 1 + random.below(bonded.least() as usize) as u64][random.below(3)];
            let mut slash = Slash::of(amount);
            // Often nothing for one of them, now and then one unit more than was taken.
            let reward = random.below(amount as usize + 1) as u64 * random.below(2) as u64;
            let refund = match random.below(5) {
                0 => amount - reward + 1,
                some => random.below((amount - reward) as usize + 1) as u64 * (some % 2) as u64,
            };
            if reward > 0 {
                slash = slash.rewarding(reward, world.token(&who("hunter")));
            }
            if refund > 0 {
                slash = slash.refunding(refund, world.token(&who("payer")));
            }
            (signed(&slash.digest(bonded, &account), bonded.slash(world, account, &slash)), plain.slash(of, set, &slash))
        }
        5 | 6 | 9 => (vec![bonded.request(account, "provider")], plain.unbond(of)),
        7 | 8 => (vec![bonded.withdraw(world, account, "provider")], plain.withdraw(of)),
        10 | 11 => {
            let expiry = plain.slot + [0, 1, random.below(40), random.below(UNBONDING as usize)][random.below(4)] as u64;
            let call = attest(&node, &keys, [quote; 32], expiry).remove(1);
            (signed(&attestation_digest(&node, 1, &[quote; 32], &keys, expiry), call), plain.record(key, set, quote, expiry))
        }
        12 => {
            let call = world.revoke_attestation(key, [quote; 32]).remove(1);
            (signed(&revoke_digest(&node, &[quote; 32]), call), plain.revoke(key, set, quote))
        }
        13 => {
            let expected = plain.node(key).and_then(|node| node.end_attestation().map(|_| ()));
            (vec![world.of_node("withdraw_attestation", key, "provider")], expected)
        }
        14 | 15 => (vec![bonded.close(account, "provider")], plain.close(of)),
        16 => {
            let next = random.below(2);
            let call = if next == 0 { world.propose_verifiers("admin", 2, &VERIFIERS) } else { world.propose_verifiers("admin", 5, &NEXT_VERIFIERS) };
            (ours(call, 1), plain.propose(by, next))
        }
        17 => (vec![world.apply_verifiers()], plain.apply()),
        18 => (vec![world.cancel_verifiers(by)], plain.cancel(by)),
        19 => {
            let to = [None, Some("admin"), Some("admin 2")][random.below(3)];
            let call = world.govern("propose_authority", by, &[("authority", Arg::Key(to.map_or(SYSTEM, who)))]);
            (vec![call], plain.offer(by, to))
        }
        20 => {
            let by = AUTHORITIES[random.below(3)];
            (vec![world.govern("accept_authority", by, &[])], plain.accept(by))
        }
        21 => {
            let paused = random.below(4) == 0;
            (vec![world.govern("set_paused", by, &[("paused", Arg::U8(paused as u8))])], plain.pause(by, paused))
        }
        25 | 26 => (plain.cases[&case].open(world), plain.dispute(case)),
        27..=35 => {
            // Mostly of the one that is nearest to its end, or hardly any would come to it.
            let due = plain.courses.iter().filter(|(_, course)| plain.slot < course.deadline);
            let nearest = due.max_by_key(|(_, course)| course.moves).map(|(case, _)| *case);
            let case = if random.below(4) > 0 { nearest.unwrap_or(case) } else { case };
            let moves = plain.courses.get(&case).map_or(0, |course| course.moves);
            // Some at once, all in one slot.
            let last = WINNING_MOVES.min(moves + 1 + random.below(4));
            let calls = (moves..last).flat_map(|number| plain.cases[&case].winning_move(world, number)).collect();
            (calls, (moves..last).try_for_each(|_| plain.go_on(case)))
        }
        36..=39 => {
            let ender = [case.1, "hunter", "provider"][random.below(3)];
            let winner = if plain.is_nodes_fault(case) { case.1 } else { "provider" };
            (vec![plain.cases[&case].end(world, ender, winner)], plain.end(case, ender))
        }
        22 => (ours(world.register_model("admin", "publisher", MODEL_ID, (royalty, &[1])), 2), plain.publish(by, royalty)),
        23 => {
            let payout = ["provider", "payee"][random.below(2)];
            (vec![world.update_validator(key, "provider", who(payout))], plain.pay_to(key, payout))
        }
        _ if random.below(40) == 0 => (vec![world.retire_model("publisher", MODEL_ID)], plain.published().map(|model| model.retired = true)),
        _ => (vec![world.update_model("publisher", MODEL_ID, (royalty, &[1, 2]))], plain.ask(royalty)),
    };
    Wish { about: format!("call of kind {kind} on {of:?} by {by} and set {set} in slot {}", plain.slot), calls, expected }
}

/// Accounts and balances of the chain are the model's.
fn compare(world: &World, plain: &Plain, about: &str) {
    let at = registry_of("admin");
    for (of, address) in &plain.addresses {
        let Some(bond) = plain.bonds.get(of) else {
            assert!(world.account(address).is_none(), "{of:?} is closed: {about}");
            continue;
        };
        let data = world.data(address);
        // Offsets of bond, slot and sum of slashes.
        let places = if of.0 == Node { [200, 208, 344] } else { [136, 144, 160] };
        let says = (data[3], places.map(|at| u64_at(&data, at)), Address::try_from(&data[104..136]).unwrap());
        assert_eq!(says, (bond.state, [bond.amount, bond.unbond_slot, bond.slashed], who(bond.payout)), "{of:?} after {about}");
        if of.0 == Node {
            let (quote, expiry) = bond.attestation.unwrap_or_default();
            let says = (data[5], u64_at(&data, 256), data[264], u64_at(&data, 352), data[360]);
            assert_eq!(says, (bond.attestation.is_some() as u8, expiry, quote, bond.floor, bond.revoked), "{of:?} after {about}");
            assert_eq!(u32::from_le_bytes(data[392..396].try_into().unwrap()), bond.disputes, "{of:?} after {about}");
        }
    }
    let bonds: u64 = plain.bonds.values().map(|bond| bond.amount).sum();
    let tokens = ["provider", "hunter", "payer"].map(|name| world.amount(&world.token(&who(name))));
    assert_eq!(tokens, [plain.tokens, plain.rewards, WEALTH + plain.refunds], "balances after {about}");
    let stakes = MIN_BOND * plain.courses.len() as u64;
    assert_eq!((world.amount(&at.bonds), world.supply()), (bonds + stakes, plain.supply), "bonds, stakes and supply after {about}");
    for (accuser, purse) in &plain.purses {
        assert_eq!(world.amount(&world.token(&who(accuser))), *purse, "{accuser} after {about}");
    }
    for (case, dispute) in &plain.cases {
        let deadline = world.account(&dispute.address).map(|account| u64_at(&account.data, 184));
        assert_eq!(deadline, plain.courses.get(case).map(|course| course.deadline), "{case:?} after {about}");
    }
    let config = world.data(&at.config);
    let key = |at: usize| Address::try_from(&config[at..at + 32]).unwrap();
    let authority = (key(40), key(360), config[392] == 1);
    assert_eq!(authority, (who(plain.authority), plain.offered.map_or(SYSTEM, who), plain.paused), "authority after {about}");
    let ever = KINDS.map(|kind| plain.registered.get(&kind).copied().unwrap_or_default());
    assert_eq!([u64_at(&config, 120), u64_at(&config, 408)], ever, "counts after {about}");
    assert_eq!((config[128], config[129]), [(3, 2), (5, 5)][plain.set], "verifiers after {about}");
    if let Some(model) = &plain.model {
        let data = world.data(&at.model(&MODEL_ID));
        let bps = |at: usize| u16::from_le_bytes([data[at], data[at + 1]]);
        let says = (data[3], bps(4), bps(6), u64_at(&data, 168));
        assert_eq!(says, (1 + model.retired as u8, model.royalty, model.pending, model.pending_slot), "the model after {about}");
    }
}

fn live(token_program: Address, seed: u64, calls: u64) -> BTreeMap<String, u64> {
    let mut world = World::ready(token_program);
    KEYS.iter().for_each(|key| world.wallet(key));
    world.tokens(&who("hunter"), 0);
    let mut plain = Plain {
        slot: world.slot(),
        authority: "admin",
        offered: None,
        paused: false,
        set: 0,
        next: None,
        addresses: KINDS.iter().flat_map(|kind| KEYS.map(|key| ((*kind, key), kind.account(key)))).collect(),
        bonds: BTreeMap::new(),
        registered: BTreeMap::new(),
        model: None,
        cases: KEYS.iter().flat_map(|key| ACCUSERS.map(|accuser| ((*key, accuser), Dispute::new(Job::lied(key, 1), accuser)))).collect(),
        courses: BTreeMap::new(),
        purses: ACCUSERS.map(|accuser| (accuser, WEALTH)).into(),
        tokens: WEALTH,
        rewards: 0,
        refunds: 0,
        supply: world.supply(),
    };
    let mut random = Random::of(seed);
    let mut outcomes = BTreeMap::new();
    for call in 0..calls {
        if random.below(3) == 0 {
            let slots = random.below(UNBONDING as usize / 2) as u64;
            world.pass(slots);
            plain.slot += slots;
        }
        let wish = wish(&world, &mut plain, &mut random);
        let about = format!("seed {seed}, call {call}: {}", wish.about);
        let came = world.send(&wish.calls);
        for (name, told) in came.iter().flat_map(events).map(|data| registry().event(&data)) {
            if name == "DisputeEnded" {
                *outcomes.entry(format!("a dispute ended by {}", told["outcome"])).or_default() += 1;
            }
        }
        let came = came.map(|_| ());
        assert_eq!(came, wish.expected.map_err(str::to_owned), "{about}");
        compare(&world, &plain, &about);
        *outcomes.entry(wish.expected.err().unwrap_or("done").to_owned()).or_default() += 1;
    }
    outcomes
}

#[test]
fn a_registry_and_its_model_agree_through_any_life() {
    if only_inside("its model says to the slot what comes of each call") {
        return;
    }
    let (seed, calls) = (number("NYXOS_SEED", 20_261_121), number("NYXOS_CALLS", 1_600));
    let mut outcomes = BTreeMap::<String, u64>::new();
    for life in 0..2 {
        for token_program in [TOKEN, TOKEN_2022] {
            live(token_program, seed + life, calls).into_iter().for_each(|(outcome, count)| *outcomes.entry(outcome).or_default() += count);
        }
    }
    // A life in which nothing happens, or nothing is refused, says nothing.
    for expected in [
        "done",
        "a dispute ended by 1",
        "a dispute ended by 2",
        "a dispute ended by 3",
        "a dispute ended by 4",
        "AlreadyInitialized",
        "AttestationOutdated",
        "AttestationRevoked",
        "BondExceeded",
        "InvalidArgument",
        "NodeDisputed",
        "Paused",
        "TooEarly",
        "TooLate",
        "Unauthorized",
        "WrongOwner",
        "WrongSigner",
        "WrongState",
        "ZeroAmount",
    ] {
        assert!(outcomes.contains_key(expected), "{expected} never came up: {outcomes:?}");
    }
}
