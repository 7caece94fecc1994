//! Bonds of who posts, and challenges. What can be shown of a batch is only ever its own fault: [`an_honest_poster_is_never_slashed`] lets a
//! challenger try everything there is, all through random honest lives, and [`a_batch_that_takes_something_back_is_always_caught`] does the
//! same to posters who are not.

use std::collections::{BTreeMap, BTreeSet};

use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    bytes::{SYSTEM, TOKEN, TOKEN_2022, u64_at},
    chain::only_inside,
    credit::{Credit, Tree},
    fuzz::{Random, number},
    world::*,
};

fn credit(name: &str, kind: u8, cumulative: u64) -> Credit {
    Credit { payee: who(name), kind, cumulative }
}

fn tree(credits: Vec<Credit>) -> Tree {
    Tree::new(&Pool::of(market_of("admin"), who("mint"), &TOKEN).pool, credits)
}

fn posting(world: &World, seq: u64, tree: &Tree) -> Vec<Instruction> {
    let roots = Roots::of(tree);
    vec![quorum(&roots.digest(&world.pool("admin"), seq)), world.post_batch(seq, &roots)]
}

fn send(world: &mut World, call: Instruction) {
    world.send(&[call]).unwrap();
}

/// A world with inflow and a challenger who can be rewarded.
fn with_inflow(token_program: Address, amount: u64) -> World {
    let mut world = World::ready(token_program);
    let pool = world.pool("admin");
    world.put_tokens(pool.vault, &pool.mint, &pool.pool, amount);
    world.tokens(&who("hunter"), 0);
    world
}

/// Posts and makes final.
fn finalize(world: &mut World, seq: u64, tree: &Tree) {
    let calls = posting(world, seq, tree);
    world.send(&calls).unwrap();
    world.pass(WINDOW);
    let call = world.finalize_batch(seq);
    send(world, call);
}

/// Proves a leaf and returns its account.
fn proven(world: &mut World, seq: u64, tree: &Tree, index: usize) -> Option<Address> {
    let call = world.prove_leaf(seq, tree, index);
    send(world, call);
    Some(leaf_of(&world.pool("admin").batch(seq), index))
}

fn set(world: &mut World, account: Address, at: usize, value: u64) {
    let mut data = world.data(&account);
    data[at..at + 8].copy_from_slice(&value.to_le_bytes());
    world.put(account, escrow().program, data, 10_000_000);
}

/// The market's least bond, changed as terms would.
fn ask_for(world: &mut World, bond: u64) {
    set(world, market_of("admin"), 552, bond);
}

/// Batch 1 with 300 of the treasury, final and proven; batch 2 with less of it, in its window, its leaf proven.
fn lowered() -> (World, Instruction) {
    let mut world = with_inflow(TOKEN, 1_000);
    let first = tree(vec![credit("treasury", 4, 300)]);
    finalize(&mut world, 1, &first);
    let second = tree(vec![credit("treasury", 4, 299), credit("payer", 5, 50)]);
    let calls = posting(&world, 2, &second);
    world.send(&calls).unwrap();
    let floor = proven(&mut world, 1, &first, 0);
    let index = second.index(&who("treasury"), 4);
    let leaf = proven(&mut world, 2, &second, index);
    let call = world.challenge_batch(2, LOWERED, [floor, leaf, None]);
    (world, call)
}

#[test]
fn who_posts_answers_with_a_bond() {
    if only_inside("writes the market: terms would take an exit and a window each time") {
        return;
    }
    let mut world = with_inflow(TOKEN, 100);
    let batch = tree(vec![credit("treasury", 4, 100)]);
    let post = posting(&world, 1, &batch);
    ask_for(&mut world, POSTER_BOND + 1);
    assert_eq!(world.refused(&post), "BondTooSmall");
    let more = world.bond_poster("admin", "operator", 1);
    send(&mut world, more);
    assert_eq!(world.refused(&post), "nothing");
    let leave = world.request_unbond_poster("operator");
    send(&mut world, leave);
    assert_eq!(world.refused(&post), "WrongState");
    ask_for(&mut world, 0);
    assert_eq!(world.refused(&post), "WrongState", "who leaves does not post, whatever is asked");
    // A bond that is there cannot be hidden behind another account.
    for other in [poster_of("attacker", "operator"), poster_of("admin", "attacker"), who("nobody")] {
        let mut hidden = post.clone();
        hidden[1].accounts[6].pubkey = other;
        assert_eq!(world.refused(&hidden), "WrongAddress");
    }
    world.pass(EXIT + WINDOW);
    let withdraw = world.withdraw_poster_bond("operator");
    send(&mut world, withdraw);
    assert_eq!(world.refused(&post), "nothing", "no bond where none is asked for");
    ask_for(&mut world, 1);
    assert_eq!(world.refused(&post), "BondTooSmall");
    let one = world.bond_poster("admin", "operator", 1);
    send(&mut world, one);
    world.send(&post).unwrap();
    let final_slot = world.slot() + WINDOW;
    assert_eq!(u64_at(&world.data(&poster_of("admin", "operator")), 120), final_slot, "the bond answers until then");
}

#[test]
fn a_bond_in_another_market_or_of_another_operator_answers_for_nothing() {
    let mut world = with_inflow(TOKEN, 100);
    world.found("attacker");
    let mine = world.bond_poster("admin", "attacker", POSTER_BOND);
    send(&mut world, mine);
    let mut post = posting(&world, 1, &tree(vec![credit("treasury", 4, 100)]));
    for other in [poster_of("attacker", "operator"), poster_of("admin", "attacker")] {
        post[1].accounts[6].pubkey = other;
        assert_eq!(world.refused(&post), "WrongAddress");
    }
    let mut unbond = world.request_unbond_poster("operator");
    unbond.accounts[2].pubkey = poster_of("attacker", "operator");
    assert_eq!(world.refused(&[unbond]), "WrongAddress");
    assert_eq!(world.refused(&[world.bond_poster("admin", "operator", 0)]), "ZeroAmount");
}

#[test]
fn a_poster_leaves_only_when_nothing_that_it_posted_can_be_challenged() {
    if only_inside("writes the market, and counts to the slot") {
        return;
    }
    let mut world = with_inflow(TOKEN, 100);
    // The window is long while it posts, and short when it asks to leave.
    set(&mut world, market_of("admin"), 232, 5_000);
    let post = posting(&world, 1, &tree(vec![credit("treasury", 4, 100)]));
    world.send(&post).unwrap();
    let last = world.slot() + 5_000;
    set(&mut world, market_of("admin"), 232, WINDOW);
    assert_eq!(world.refused(&[world.withdraw_poster_bond("operator")]), "WrongState", "it never asked");
    let ask = world.request_unbond_poster("operator");
    send(&mut world, ask.clone());
    assert_eq!(world.refused(&[ask.clone()]), "WrongState", "the time does not begin again");
    world.at(last - 1);
    assert_eq!(world.refused(&[world.withdraw_poster_bond("operator")]), "TooEarly");
    // More bond takes the request back, and the time begins anew.
    let more = world.bond_poster("admin", "operator", 9);
    send(&mut world, more);
    world.at(last);
    assert_eq!(world.refused(&[world.withdraw_poster_bond("operator")]), "WrongState");
    send(&mut world, ask);
    world.pass(EXIT + WINDOW - 1);
    assert_eq!(world.refused(&[world.withdraw_poster_bond("operator")]), "TooEarly", "an exit and a window after the request");
    world.pass(1);
    let poster = poster_of("admin", "operator");
    let (rent, held) = (world.balance(&who("rent")), world.balance(&poster));
    let (had, withdraw) = (world.amount(&world.token(&who("operator"))), world.withdraw_poster_bond("operator"));
    send(&mut world, withdraw.clone());
    assert_eq!(world.amount(&world.token(&who("operator"))), had + POSTER_BOND + 9);
    assert_eq!(world.amount(&bonds_of("admin")), 0);
    assert_eq!(world.balance(&who("rent")), rent + held, "and the rent");
    assert_eq!(world.refused(&[withdraw]), "WrongOwner", "once");
}

#[test]
fn a_bonds_time_beyond_counting_is_refused() {
    if only_inside("writes the market: no instruction makes its times that long") {
        return;
    }
    let mut world = with_inflow(TOKEN, 0);
    for endless in [u64::MAX, u64::MAX - WINDOW] {
        set(&mut world, market_of("admin"), 240, endless);
        assert_eq!(world.refused(&[world.request_unbond_poster("operator")]), "ArithmeticOverflow");
    }
    let mut world = lowered().0;
    set(&mut world, poster_of("admin", "operator"), 128, u64::MAX);
    assert_eq!(world.refused(&[lowered().1]), "ArithmeticOverflow", "what was slashed");
}

#[test]
fn a_challenge_voids_the_batch_halves_the_bond_and_burns_the_rest() {
    let (mut world, challenge) = lowered();
    let pool = world.pool("admin");
    let supply = |world: &World| u64_at(&world.data(&world.mint), 36);
    let before = supply(&world);
    send(&mut world, challenge.clone());
    assert_eq!(world.amount(&world.token(&who("hunter"))), POSTER_BOND / 2);
    assert_eq!(supply(&world), before - (POSTER_BOND - POSTER_BOND / 2));
    assert_eq!(world.amount(&bonds_of("admin")), 0);
    assert_eq!(world.data(&pool.batch(2))[3], 3, "void");
    assert_eq!(u64_at(&world.data(&pool.pool), 224), 0, "nothing is pending");
    assert_eq!(world.refused(&[challenge]), "WrongState", "once");
    world.pass(WINDOW);
    assert_eq!(world.refused(&[world.finalize_batch(2)]), "WrongState");
    // The next batch is posted as after a void, once there is a bond again.
    let next = posting(&world, 3, &tree(vec![credit("treasury", 4, 300), credit("payer", 5, 50)]));
    assert_eq!(world.refused(&next), "BondTooSmall");
    let again = world.bond_poster("admin", "operator", POSTER_BOND);
    send(&mut world, again);
    world.send(&next).unwrap();
}

#[test]
fn a_batch_falls_also_where_there_is_no_bond() {
    if only_inside("writes the poster") {
        return;
    }
    // The poster was slashed for another pool's batch, or the market asked for none.
    let (mut world, challenge) = lowered();
    set(&mut world, poster_of("admin", "operator"), 104, 0);
    send(&mut world, challenge);
    assert_eq!(world.amount(&world.token(&who("hunter"))), 0);
    // Nothing is left to withdraw, and that is no reason to stay.
    let leave = world.request_unbond_poster("operator");
    send(&mut world, leave);
    world.pass(EXIT + WINDOW);
    let close = world.withdraw_poster_bond("operator");
    send(&mut world, close);
    assert!(world.account(&poster_of("admin", "operator")).is_none());

    let (mut world, challenge) = lowered();
    world.put(poster_of("admin", "operator"), SYSTEM, vec![], 0);
    let mut elsewhere = challenge.clone();
    elsewhere.accounts[4].pubkey = who("nobody");
    assert_eq!(world.refused(&[elsewhere]), "WrongAddress", "a bond cannot be hidden");
    send(&mut world, challenge);
    assert_eq!(world.data(&world.pool("admin").batch(2))[3], 3, "void");
}

#[test]
fn a_batch_is_challenged_only_in_its_window_and_while_it_stands() {
    if only_inside("writes the pool, and counts to the slot") {
        return;
    }
    let (mut world, challenge) = lowered();
    let void = [quorum(&void_digest(&world.pool("admin").batch(2), &roots_of(&world, 2), 1)), world.void_batch(2, 1)];
    let mut voided = world.clone();
    voided.send(&void).unwrap();
    assert_eq!(voided.refused(std::slice::from_ref(&challenge)), "WrongState", "the quorum was first");
    let mut foreign = world.clone();
    let pool = foreign.pool("admin").pool;
    set(&mut foreign, pool, 224, 9);
    assert_eq!(foreign.refused(std::slice::from_ref(&challenge)), "WrongSequence");
    let mut unknown = challenge.clone();
    for fault in [0, 4] {
        unknown.data[1] = fault;
        assert_eq!(world.refused(std::slice::from_ref(&unknown)), "InvalidArgument");
    }
    world.pass(WINDOW - 1);
    assert_eq!(world.refused(std::slice::from_ref(&challenge)), "nothing");
    world.pass(1);
    assert_eq!(world.refused(&[challenge]), "TooLate");
}

fn roots_of(world: &World, seq: u64) -> [u8; 32] {
    world.data(&world.pool("admin").batch(seq))[144..176].try_into().unwrap()
}

#[test]
fn a_leaf_is_proven_by_the_batch_it_stands_in() {
    let mut world = with_inflow(TOKEN, 1_000);
    let batch = tree(vec![credit("treasury", 4, 300), credit("payer", 5, 50), credit("payer", 2, 7)]);
    let calls = posting(&world, 1, &batch);
    world.send(&calls).unwrap();
    let index = batch.index(&who("treasury"), 4);
    let good = world.prove_leaf(1, &batch, index);
    // Offsets in the data: 1 index, 5 payee, 37 kind, 38 cumulative, 46 the proof's length.
    for at in [5, 37, 38, 60, good.data.len() - 1] {
        let mut changed = good.clone();
        changed.data[at] ^= 1;
        assert_eq!(world.refused(&[changed]), "WrongProof", "byte {at}");
    }
    let mut elsewhere = good.clone();
    elsewhere.data[1] ^= 3;
    assert_eq!(world.refused(&[elsewhere]), "WrongProof", "another index");
    let mut deep = good.clone();
    deep.data[46] = 33;
    assert_eq!(world.refused(&[deep]), "InvalidArgument");
    send(&mut world, good.clone());
    let leaf = leaf_of(&world.pool("admin").batch(1), index);
    let data = world.data(&leaf);
    assert_eq!((data[3], &data[72..104], u64_at(&data, 104), u64_at(&data, 112)), (4, who("treasury").as_ref(), 300, 1));
    let (rent, held) = (world.balance(&who("hunter")), world.balance(&leaf));
    let close = world.close_leaf(leaf);
    send(&mut world, close);
    assert_eq!(world.balance(&who("hunter")), rent + held);
    let void = [quorum(&void_digest(&world.pool("admin").batch(1), &roots_of(&world, 1), 1)), world.void_batch(1, 1)];
    world.send(&void).unwrap();
    assert_eq!(world.refused(&[good]), "WrongState", "a void batch shows nothing");
}

#[test]
fn what_a_claim_was_paid_by_the_last_final_batch_is_a_floor_too() {
    let mut world = with_inflow(TOKEN, 1_000);
    world.tokens(&who("treasury"), 0);
    let first = tree(vec![credit("treasury", 4, 300)]);
    finalize(&mut world, 1, &first);
    let claim = world.claim(1, &first, 0, &who("treasury"));
    send(&mut world, claim);
    let paid = Some(world.pool("admin").claim(&who("treasury"), 4));
    let second = tree(vec![credit("payer", 5, 400)]);
    let calls = posting(&world, 2, &second);
    world.send(&calls).unwrap();
    let leaf = proven(&mut world, 2, &second, 0);
    assert_eq!(world.refused(&[world.challenge_batch(2, OMITTED, [paid, leaf, None])]), "nothing");
    assert_eq!(world.refused(&[world.challenge_batch(2, LOWERED, [paid, leaf, None])]), "NoFault", "that leaf is somebody else's");
    // Once another batch has become final, an older one's claim says nothing: the poster builds on the last one.
    world.pass(WINDOW);
    let close = world.finalize_batch(2);
    send(&mut world, close);
    let third = tree(vec![credit("payer", 5, 500)]);
    let calls = posting(&world, 3, &third);
    world.send(&calls).unwrap();
    let leaf = proven(&mut world, 3, &third, 0);
    let old = proven(&mut world, 1, &first, 0);
    for floor in [paid, old] {
        assert_eq!(world.refused(&[world.challenge_batch(3, OMITTED, [floor, leaf, None])]), "LeafForeign");
    }
}

#[test]
fn accounts_that_a_fault_does_not_need_are_not_taken() {
    if only_inside("the part with a leaf of another pool writes that leaf") {
        return;
    }
    let (mut world, challenge) = lowered();
    let [floor, leaf] = [5, 6].map(|at| Some(challenge.accounts[at].pubkey));
    for (fault, shown, refusal) in [
        (LOWERED, [floor, leaf, leaf], "WrongProgram"),
        (LOWERED, [None, leaf, None], "WrongOwner"),
        (LOWERED, [leaf, leaf, None], "LeafForeign"),
        (LOWERED, [floor, floor, None], "LeafForeign"),
        (LOWERED, [floor, None, None], "WrongOwner"),
        (OMITTED, [floor, leaf, None], "NoFault"),
        (OMITTED, [floor, leaf, leaf], "NoFault"),
        (OMITTED, [floor, leaf, floor], "LeafForeign"),
        (DISORDERED, [floor, leaf, leaf], "WrongProgram"),
        (DISORDERED, [None, leaf, leaf], "NoFault"),
        (DISORDERED, [None, leaf, None], "WrongOwner"),
    ] {
        assert_eq!(world.refused(&[world.challenge_batch(2, fault, shown)]), refusal, "{fault} {shown:?}");
    }
    // A credit of nothing may be left out, and a leaf of another pool is no floor.
    set(&mut world, floor.unwrap(), 104, 0);
    let elsewhere = floor.unwrap();
    let mut data = world.data(&elsewhere);
    data[8] ^= 1;
    world.put(elsewhere, escrow().program, data, 10_000_000);
    assert_eq!(world.refused(&[challenge]), "LeafForeign");
}

#[test]
fn a_credit_of_nothing_may_be_left_out() {
    let mut world = with_inflow(TOKEN, 1_000);
    let first = tree(vec![credit("treasury", 4, 0), credit("payer", 5, 9)]);
    finalize(&mut world, 1, &first);
    let second = tree(vec![credit("payer", 5, 9)]);
    let calls = posting(&world, 2, &second);
    world.send(&calls).unwrap();
    let floor = proven(&mut world, 1, &first, first.index(&who("treasury"), 4));
    let leaf = proven(&mut world, 2, &second, 0);
    assert_eq!(world.refused(&[world.challenge_batch(2, OMITTED, [floor, leaf, None])]), "NoFault");
}

// --- lives -------------------------------------------------------------------------------------------------------------

type Key = ([u8; 32], u8);

/// A challenger who keeps every leaf that was ever proven, and tries everything at every occasion.
#[derive(Default)]
struct Greedy {
    leaves: BTreeMap<u64, Vec<Address>>,
    tried: usize,
}

impl Greedy {
    fn prove(&mut self, world: &mut World, seq: u64, tree: &Tree) {
        let accounts = (0..tree.credits.len()).filter_map(|index| proven(world, seq, tree, index)).collect();
        self.leaves.insert(seq, accounts);
    }

    /// Every challenge of the batch in its window that has a form: each fault, with every claim and every leaf of the last batches as floor,
    /// each leaf of the batch, and behind it the next one, itself, the first, or none.
    fn challenges(&self, world: &World, seq: u64, claims: &BTreeSet<Address>) -> Vec<Instruction> {
        let mine = &self.leaves[&seq];
        let floors: Vec<_> = self.leaves.values().rev().take(4).flatten().chain(claims).copied().collect();
        let mut all = vec![];
        for (at, leaf) in mine.iter().enumerate() {
            let next = BTreeSet::from([mine.get(at + 1), Some(leaf), mine.first()].map(|next| next.copied()));
            let behind = next.iter().copied().chain([None]).collect::<BTreeSet<_>>();
            for floor in &floors {
                all.push(world.challenge_batch(seq, LOWERED, [Some(*floor), Some(*leaf), None]));
                all.extend(behind.iter().map(|next| world.challenge_batch(seq, OMITTED, [Some(*floor), Some(*leaf), *next])));
            }
            all.extend(next.iter().flatten().map(|next| world.challenge_batch(seq, DISORDERED, [None, Some(*leaf), Some(*next)])));
        }
        all
    }

    /// The first challenge that succeeds.
    fn catch(&mut self, world: &mut World, seq: u64, claims: &BTreeSet<Address>) -> Option<Instruction> {
        let challenges = self.challenges(world, seq, claims);
        self.tried += challenges.len();
        challenges.into_iter().find(|challenge| match world.refused(std::slice::from_ref(challenge)).as_str() {
            "nothing" => true,
            "NoFault" | "LeafForeign" => false,
            other => panic!("{other}"),
        })
    }
}

/// A market as its honest poster keeps it.
struct Life {
    world: World,
    /// What the last final batch credits.
    last: BTreeMap<Key, u64>,
    /// Every batch that became final and was not closed.
    finals: BTreeMap<u64, Tree>,
    claims: BTreeSet<Address>,
    seq: u64,
    greedy: Greedy,
}

const PAYEES: [&str; 4] = ["treasury", "payer", "payer 2", "publisher"];

impl Life {
    fn begin(token_program: Address) -> Self {
        let mut world = with_inflow(token_program, 1_000_000);
        PAYEES.iter().for_each(|name| world.tokens(&who(name), 0));
        Self { world, last: BTreeMap::new(), finals: BTreeMap::new(), claims: BTreeSet::new(), seq: 1, greedy: Greedy::default() }
    }

    /// What was earned since, on top of the last final batch.
    fn earned(&self, random: &mut Random) -> BTreeMap<Key, u64> {
        let mut next = self.last.clone();
        for _ in 0..=random.below(3) {
            let key = (who(PAYEES[random.below(PAYEES.len())]).to_bytes(), 2 + random.below(2) as u8);
            *next.entry(key).or_default() += 1 + random.below(500) as u64;
        }
        next
    }

    fn tree(&self, credits: &BTreeMap<Key, u64>) -> Tree {
        let credits = credits.iter().map(|((payee, kind), cumulative)| Credit { payee: (*payee).into(), kind: *kind, cumulative: *cumulative });
        Tree::as_given(&self.world.pool("admin").pool, credits.collect())
    }

    fn post(&mut self, tree: &Tree) -> u64 {
        let calls = posting(&self.world, self.seq, tree);
        self.world.send(&calls).unwrap();
        let seq = self.seq;
        self.greedy.prove(&mut self.world, seq, tree);
        self.seq += 1;
        seq
    }

    /// Somebody claims, by the last final batch or by an older one, all or nothing at all.
    fn claim(&mut self, random: &mut Random) {
        let Some(seq) = self.finals.keys().nth(random.below(self.finals.len().max(1))).copied() else { return };
        let tree = &self.finals[&seq];
        let index = random.below(tree.credits.len());
        let credit = &tree.credits[index];
        let call = self.world.claim(seq, tree, index, &credit.payee);
        let claim = self.world.pool("admin").claim(&credit.payee, credit.kind);
        if self.world.send(&[call]).is_ok() {
            self.claims.insert(claim);
        }
    }

    fn resolve(&mut self, seq: u64, tree: Tree, credits: BTreeMap<Key, u64>, voided: bool) {
        if voided {
            let root = roots_of(&self.world, seq);
            let calls = [quorum(&void_digest(&self.world.pool("admin").batch(seq), &root, 1)), self.world.void_batch(seq, 1)];
            self.world.send(&calls).unwrap();
            return;
        }
        self.world.pass(WINDOW);
        let call = self.world.finalize_batch(seq);
        send(&mut self.world, call);
        self.last = credits;
        self.finals.insert(seq, tree);
    }
}

#[test]
fn an_honest_poster_is_never_slashed() {
    if only_inside("tries thousands of challenges") {
        return;
    }
    let (seed, rounds) = (number("NYXOS_SEED", 20_261_121), number("NYXOS_POSTS", 5));
    let (mut tried, mut voids) = (0, 0);
    for (life, token_program) in [TOKEN, TOKEN_2022].into_iter().enumerate() {
        let mut random = Random::of(seed + life as u64);
        let mut life = Life::begin(token_program);
        // In one of the lives, a poster before this one took something back, and nobody challenged it.
        let bad_past = token_program == TOKEN;
        for round in 0..rounds {
            let mut credits = life.earned(&mut random);
            if bad_past && round == 2 {
                let first = *credits.keys().next().unwrap();
                credits.remove(&first);
                credits.insert(([0xfe; 32], 2), 5_000);
            }
            let tree = life.tree(&credits);
            let seq = life.post(&tree);
            (0..random.below(6)).for_each(|_| life.claim(&mut random));
            if !bad_past || round != 2 {
                life.world.pass(random.below(WINDOW as usize) as u64);
                let caught = life.greedy.catch(&mut life.world, seq, &life.claims);
                assert!(caught.is_none(), "seed {seed}, round {round}: {caught:?}");
            }
            let voided = random.below(4) == 0;
            voids += voided as usize;
            life.resolve(seq, tree, credits, voided);
            (0..random.below(4)).for_each(|_| life.claim(&mut random));
        }
        tried += life.greedy.tried;
        assert_eq!(life.world.amount(&bonds_of("admin")), POSTER_BOND);
        assert!(!life.claims.is_empty(), "nobody claimed");
    }
    assert!(tried > 1_000, "only {tried} challenges");
    assert!(voids > 0, "nothing was ever voided");
}

#[test]
fn a_batch_that_takes_something_back_is_always_caught() {
    if only_inside("tries thousands of challenges") {
        return;
    }
    let (seed, rounds) = (number("NYXOS_SEED", 20_261_121), number("NYXOS_POSTS", 5));
    let mut random = Random::of(seed);
    let mut life = Life::begin(TOKEN);
    for round in 0..2 + rounds * 2 {
        let credits = life.earned(&mut random);
        let honest = life.tree(&credits);
        if round < 2 {
            let seq = life.post(&honest);
            life.resolve(seq, honest, credits, false);
            continue;
        }
        let mut bad = honest.credits.clone();
        let wronged: Vec<_> = (0..bad.len()).filter(|at| life.last.contains_key(&bad[*at].key())).collect();
        let at = wronged[random.below(wronged.len())];
        match round % 3 {
            0 => bad[at].cumulative = life.last[&bad[at].key()] - 1,
            1 => drop(bad.remove(at)),
            // Out of order, or the same twice: an omission could hide behind either.
            _ if random.below(2) == 0 && bad.len() > 1 => bad.swap(at, if at == 0 { 1 } else { at - 1 }),
            _ => bad.insert(at, bad[at].clone()),
        }
        // What was taken goes to somebody else: the sum alone shows nothing.
        bad.push(Credit { payee: [0xff; 32].into(), kind: 5, cumulative: 100_000 });
        let about = format!("seed {seed}, round {round}: {bad:?}");
        let tree = Tree::as_given(&life.world.pool("admin").pool, bad);
        let seq = life.post(&tree);
        let caught = life.greedy.catch(&mut life.world, seq, &life.claims).unwrap_or_else(|| panic!("not caught: {about}"));
        let before = life.world.amount(&life.world.token(&who("hunter")));
        send(&mut life.world, caught);
        assert_eq!(life.world.amount(&life.world.token(&who("hunter"))), before + POSTER_BOND / 2, "{about}");
        life.greedy.leaves.remove(&seq);
        let again = life.world.bond_poster("admin", "operator", POSTER_BOND);
        send(&mut life.world, again);
    }
}
