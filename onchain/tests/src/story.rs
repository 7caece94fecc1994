//! One life of everything: each instruction called once where it must succeed, with the chain as it was before.

use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    bonds::{
        Bonded::{Node, Validator},
        Slash,
    },
    chain::{only_inside, outside},
    credit::{Credit, Tree},
    disputes::{Dispute, Job},
    idl::Arg,
    precompile,
    world::*,
};

/// A call that succeeds.
pub struct Step {
    /// The IDL's name, with what tells two steps of one instruction apart behind a space.
    pub name: String,
    /// The chain before the call.
    pub before: World,
    /// The call, last, with what must stand before it.
    pub instructions: Vec<Instruction>,
    pub units: u64,
    /// Of these, the token program's own.
    pub token_units: u64,
    /// Data of the events.
    pub events: Vec<Vec<u8>>,
    /// The slot from which on the call comes too late.
    pub until: Option<u64>,
}

impl Step {
    pub fn instruction(&self) -> &str {
        self.name.split(' ').next().unwrap()
    }

    pub fn call(&self) -> &Instruction {
        self.instructions.last().unwrap()
    }
}

/// Who is told of each step with the chain as it is: before the call is sent (true), and after.
pub type Listener = Box<dyn FnMut(bool, &mut World, &Step)>;

pub struct Story {
    pub steps: Vec<Step>,
    pub world: World,
    /// Accounts of every kind, by a name.
    pub accounts: Vec<(String, Address)>,
    /// The last final tree.
    pub tree: Tree,
    listener: Option<Listener>,
}

impl Story {
    fn step(&mut self, name: &str, instructions: Vec<Instruction>) {
        self.step_until(None, name, instructions);
    }

    /// A move of a dispute, which is due.
    fn move_of(&mut self, dispute: &Dispute, name: &str, call: Instruction) {
        let due = dispute.deadline(&self.world);
        self.step_until(Some(due), name, vec![call]);
    }

    fn step_until(&mut self, until: Option<u64>, name: &str, instructions: Vec<Instruction>) {
        let before = self.world.clone();
        let mut step = Step { name: name.to_owned(), before, instructions, units: 0, token_units: 0, events: vec![], until };
        if let Some(listener) = &mut self.listener {
            listener(true, &mut self.world, &step);
        }
        let sent = self.world.send(&step.instructions).unwrap_or_else(|reason| panic!("{name}: {reason}"));
        (step.units, step.token_units, step.events) = (sent.compute_units_consumed, sent.units_of(&self.world.token_program), events(&sent));
        if let Some(listener) = &mut self.listener {
            listener(false, &mut self.world, &step);
        }
        self.steps.push(step);
    }
}

/// Three payees: a node, the treasury, a payer who gets something back.
pub fn tree(pool: &Address) -> Tree {
    let credit = |name, kind, cumulative| Credit { payee: who(name), kind, cumulative };
    Tree::new(pool, vec![credit("node", 1, 300), credit("treasury", 4, 20), credit("payer", 5, 30)])
}

/// Tells the whole story on a token program.
pub fn tell(token_program: Address) -> Story {
    tell_to(token_program, None)
}

/// The same to somebody who listens.
pub fn tell_to(token_program: Address, listener: Option<Listener>) -> Story {
    let world = World::bare(token_program);
    let pool = world.pool("admin");
    let tree = tree(&pool.pool);
    let mut story = Story { steps: vec![], world, accounts: vec![], tree, listener };
    found(&mut story);
    govern(&mut story);
    nodes(&mut story);
    validators(&mut story);
    models(&mut story);
    disputes(&mut story);
    let escrow_key = money(&mut story);
    let [credits, unpaid] = prepaid(&mut story);
    govern_market(&mut story, escrow_key);
    jobs(&mut story);
    let disproved = directs(&mut story, escrow_key);
    batches(&mut story, &disproved);
    challenges(&mut story);
    leave(&mut story, escrow_key, &credits);
    end(&mut story, escrow_key, &unpaid);
    story
}

fn found(story: &mut Story) {
    story.step("initialize_config", vec![story.world.initialize_config("admin")]);
    story.step("initialize_market", vec![story.world.initialize_market("admin")]);
    story.step("bond_poster", vec![story.world.bond_poster("admin", "operator", POSTER_BOND)]);
    story.step("bond_poster with more", vec![story.world.bond_poster("admin", "operator", 50)]);
    let pool = story.world.pool("admin");
    story.world.put_tokens(pool.vault, &pool.mint, &pool.pool, 0);
    story.step("initialize_pool", vec![story.world.initialize_pool("admin", pool.mint)]);
    let at = registry_of("admin");
    for (name, address) in [
        ("config", at.config),
        ("bonds", at.bonds),
        ("market", pool.market),
        ("pool", pool.pool),
        ("vault", pool.vault),
        ("deposits", pool.deposits),
        ("node", at.node(&who("node"))),
        ("validator", at.validator(&who("validator"))),
        ("proposal", at.proposal()),
        ("model", at.model(&MODEL)),
        ("batch", pool.batch(2)),
        ("claim", pool.claim(&who("node"), 1)),
        ("terms", terms_of("admin")),
        ("poster", poster_of("admin", "operator")),
        ("market bonds", bonds_of("admin")),
    ] {
        story.accounts.push((name.to_owned(), address));
    }
}

/// The registry changes hands and verifiers, and comes back to those that the rest of the story is told with.
fn govern(story: &mut Story) {
    for (name, paused) in [("set_paused", 1), ("set_paused back", 0)] {
        let call = story.world.govern("set_paused", "admin", &[("paused", Arg::U8(paused))]);
        story.step(name, vec![call]);
    }
    for (authority, next) in [("admin", "admin 2"), ("admin 2", "admin")] {
        let offer = story.world.govern("propose_authority", authority, &[("authority", Arg::Key(who(next)))]);
        let accept = story.world.govern("accept_authority", next, &[]);
        if next == "admin 2" {
            story.step("propose_authority", vec![offer]);
            story.step("accept_authority", vec![accept]);
        } else {
            story.world.send(&[offer, accept]).unwrap();
        }
    }
    story.step("propose_verifiers", vec![story.world.propose_verifiers("admin", 5, &NEXT_VERIFIERS)]);
    story.step("cancel_verifiers", vec![story.world.cancel_verifiers("admin")]);
    let again = story.world.propose_verifiers("admin", 2, &VERIFIERS);
    story.world.send(&[again]).unwrap();
    let began = story.world.slot();
    story.world.pass(NOTICE);
    story.step("apply_verifiers", vec![story.world.apply_verifiers()]);
    if !outside() {
        story.world.at(began);
    }
}

fn nodes(story: &mut Story) {
    let at = registry_of("admin");
    let node = at.node(&who("node"));
    story.step("register_node", vec![story.world.register_node("node", "provider")]);
    let other = story.world.register_node("node 2", "provider 2");
    story.world.send(&[other]).unwrap();
    story.step("add_bond", vec![Node.add(&story.world, node, "provider", 5)]);
    let keys = (who("receipt key 2"), who("sealing key 2"));
    // The last of them ends before the story does, in which on a cluster somebody waits for it.
    let [first, second, third] = if outside() { [400, 500, 600] } else { [10_000, 11_000, 12_000] }.map(|slots| story.world.slot() + slots);
    let update = registry().call(
        "update_node",
        &[("operator", who("provider")), ("config", at.config), ("node", node)],
        &[("tiers", Arg::U8(5)), ("receipt_key", Arg::Key(keys.0)), ("sealing_key", Arg::Key(keys.1)), ("payout", Arg::Key(who("provider")))],
    );
    story.step("update_node", vec![update]);
    story.step("record_attestation", attest(&node, &keys, [8; 32], first));
    story.step("revoke_attestation", story.world.revoke_attestation("node", [8; 32]));
    let second = attest(&node, &keys, [9; 32], second);
    story.world.send(&second).unwrap();
    story.step("withdraw_attestation", vec![story.world.of_node("withdraw_attestation", "node", "provider")]);
    let third = attest(&node, &keys, [10; 32], third);
    story.world.send(&third).unwrap();
}

fn validators(story: &mut Story) {
    story.step("register_validator", vec![story.world.register_validator("admin", "validator", "provider")]);
    let other = story.world.register_validator("admin", "validator 2", "provider 2");
    story.world.send(&[other]).unwrap();
    story.step("add_validator_bond", vec![Validator.add(&story.world, Validator.account("validator"), "provider", 5)]);
    story.step("update_validator", vec![story.world.update_validator("validator", "provider", who("payee"))]);
}

/// The model of the story.
pub const MODEL: [u8; 32] = [0x0d; 32];

fn models(story: &mut Story) {
    story.step("register_model", vec![story.world.register_model("admin", "publisher", MODEL, (500, &[1, 2]))]);
    story.step("update_model", vec![story.world.update_model("publisher", MODEL, (800, &[1, 2, 3]))]);
    story.step("retire_model", vec![story.world.retire_model("publisher", MODEL)]);
}

/// The dispute of a job of "node 3", which ran a token that nobody gave it, by "payer".
pub fn liars(serial: u8) -> Dispute {
    Dispute::new(Job::lied("node 3", serial), "payer")
}

/// A node that lied is asked, answers, and is convicted; another dispute of it is given up.
fn disputes(story: &mut Story) {
    story.world.wallet("node 3");
    let register = story.world.register_node("node 3", "provider 2");
    story.world.send(&[register]).unwrap();
    let (dispute, other) = (liars(1), Dispute::new(Job::new("node 3", 2), "payer 2"));
    story.accounts.extend([("dispute".to_owned(), dispute.address), ("evidence".to_owned(), dispute.evidence)]);
    let opening = other.open(&story.world);
    story.world.send(&opening).unwrap();
    other.written(&mut story.world, &other.job.texts());
    story.world.remember("dispute of payer 2", other.address);
    story.world.remember("evidence of payer 2", other.evidence);

    story.step("open_dispute", dispute.open(&story.world));
    story.step("open_evidence", vec![dispute.open_evidence()]);
    let model = dispute.job.model([&[], &[], &[]]);
    story.step("write_evidence", vec![dispute.write(0, &model)]);
    story.move_of(&dispute, "show_model", dispute.show_model(0));
    story.move_of(&dispute, "ask_ids", dispute.ask_ids());
    dispute.written(&mut story.world, &dispute.job.texts());
    story.move_of(&dispute, "show_ids", dispute.show_ids());
    story.move_of(&dispute, "answer the trace", dispute.trace());
    let steps = dispute.job.steps();
    let (halves, side) = dispute.halves(&steps, 1);
    story.move_of(&dispute, "answer halves", halves);
    story.move_of(&dispute, "choose a side", dispute.choose(side));
    dispute.descend(&mut story.world, &steps[..2], 1);
    story.move_of(&dispute, "answer a step", dispute.step(1));
    story.move_of(&dispute, "choose a part", dispute.choose(1));
    dispute.written(&mut story.world, &dispute.token_proof());
    let prove = dispute.prove(&story.world, 0);
    story.move_of(&dispute, "prove_fault", prove);
    story.step("close_evidence", vec![dispute.close_evidence()]);
    let overdue = other.deadline(&story.world).saturating_sub(story.world.slot());
    story.world.pass(overdue);
    story.step("end_dispute", vec![other.end(&story.world, "hunter", "provider 2")]);
}

/// Slots for which an opening slot is good.
const OPENING: u64 = 150;

/// The quorum's record about a node.
pub fn attest(node: &Address, keys: &(Address, Address), quote_hash: [u8; 32], expiry: u64) -> Vec<Instruction> {
    let call = registry().call(
        "record_attestation",
        &[("config", registry_of("admin").config), ("node", *node)],
        &[
            ("kind", Arg::U8(1)),
            ("measurement", Arg::Bytes(vec![7; 48])),
            ("quote_hash", Arg::Bytes(quote_hash.to_vec())),
            ("receipt_key", Arg::Key(keys.0)),
            ("sealing_key", Arg::Key(keys.1)),
            ("expiry_slot", Arg::U64(expiry)),
        ],
    );
    vec![quorum(&attestation_digest(node, 1, &quote_hash, keys, expiry)), call]
}

fn money(story: &mut Story) -> Address {
    let (escrow_key, open) = story.world.open_escrow("admin", "payer", 1_000, (0, 0));
    let until = story.world.slot() + OPENING;
    story.step_until(Some(until), "open_escrow", vec![open]);
    let (second, open) = story.world.open_escrow("admin", "payer 2", 1_000, (0, 0));
    story.world.send(&[open]).unwrap();
    story.world.remember("escrow of payer 2", second);
    story.accounts.push(("escrow".to_owned(), escrow_key));
    story.step("deposit", vec![story.world.deposit(escrow_key, "attacker", 50)]);
    let sessions = [key("payer session"), key("payer 2 session")];
    let vouchers = [voucher(&escrow_key, 500, 0), voucher(&second, 400, story.world.unix_time() + 1_000_000)];
    let verify = precompile::verify(&[(&sessions[0], &vouchers[0][..]), (&sessions[1], &vouchers[1][..])]);
    story.step("settle_vouchers (1)", vec![precompile::verify(&[(&sessions[0], &vouchers[0][..])]), story.world.settle(&[(escrow_key, 300)])]);
    story.step("settle_vouchers (2)", vec![verify, story.world.settle(&[(escrow_key, 250), (second, 300)])]);
    story.step("collect", vec![story.world.collect(&[escrow_key, second])]);
    // An exact payment comes into the vault by itself.
    let vault = story.world.pool("admin").vault;
    let pool = story.world.pool("admin");
    story.world.put_tokens(vault, &pool.mint, &pool.pool, 350 + 77);
    story.step("sync_inflow", vec![story.world.sync_inflow()]);
    escrow_key
}

/// Two escrows that nobody signed for: one is paid into and spent from, one waits for a payment.
fn prepaid(story: &mut Story) -> [Receiver; 2] {
    let (pool, slot) = (story.world.pool("admin"), story.world.slot());
    let both = ["payer", "payer 2"].map(|payer| pool.prepaid(payer, slot));
    let [paid, unpaid] = &both;
    story.accounts.push(("prepaid".to_owned(), paid.escrow));
    both.iter().for_each(|one| story.world.put_inbox(one, 0));
    story.step_until(Some(slot + OPENING), "open_prepaid", vec![story.world.open_prepaid(paid)]);
    let other = story.world.open_prepaid(unpaid);
    story.world.send(&[other]).unwrap();
    story.world.remember("prepaid escrow of payer 2", unpaid.escrow);
    story.world.put_inbox(paid, 600);
    story.step("count_transfers", vec![story.world.count_transfers(paid)]);
    let paper = voucher(&paid.escrow, 250, 0);
    let verify = precompile::verify(&[(&key("payer session"), &paper[..])]);
    story.step("settle_vouchers of a prepaid escrow", vec![verify, story.world.settle(&[(paid.escrow, 50)])]);
    both
}

/// The market's own affairs, at the end of which all is as it was but for fee and silence.
fn govern_market(story: &mut Story, escrow_key: Address) {
    story.step("set_paused (market)", vec![story.world.set_paused("admin", 1)]);
    let resume = story.world.set_paused("admin", 0);
    story.world.send(&[resume]).unwrap();
    story.step("update_market", vec![story.world.update_market("admin", "hunter", who("hunter"))]);
    story.step("refresh_operator", vec![story.world.refresh_operator(&[escrow_key])]);
    story.step("accept_authority (market)", vec![story.world.accept_authority("hunter")]);
    let back = [story.world.update_market("hunter", "operator", who("admin")), story.world.accept_authority("admin")];
    story.world.send(&back).unwrap();
    let proposal = story.world.propose_terms("admin", (300, [WINDOW, EXIT, SILENCE]), &VERIFIERS);
    story.step("propose_terms", vec![proposal.clone()]);
    story.step("cancel_terms", vec![story.world.cancel_terms("admin")]);
    story.world.send(&[proposal]).unwrap();
    story.world.pass(EXIT + WINDOW);
    story.step("apply_terms", vec![story.world.apply_terms()]);
}

fn jobs(story: &mut Story) {
    let deadline = story.world.slot() + 400;
    let (job, open) = story.world.open_job(1_000, deadline);
    story.accounts.push(("job".to_owned(), job));
    let until = story.world.slot() + OPENING;
    story.step_until(Some(until), "open_job", vec![open]);
    story.world.tokens(&who("treasury"), 0);
    story.step("release_job", vec![story.world.release_job(job, 300)]);
    story.step_until(Some(deadline), "award_job", vec![quorum(&award_digest(&job, 700)), story.world.award_job(job, 700)]);
    let (payment, pay) = story.world.pay([0xab; 32], 60);
    story.accounts.push(("payment".to_owned(), payment));
    story.step("pay", vec![pay]);
    story.world.pass(400);
    story.step("refund_job", vec![story.world.refund_job(job)]);
}

/// What "node" is owed while nothing is posted: one job is paid, one voided by the verifiers; a third waits to be disproved.
fn directs(story: &mut Story, escrow_key: Address) -> DirectJob {
    let paid = DirectJob::new(escrow_key, 1, 500, 40);
    story.accounts.push(("direct".to_owned(), paid.address()));
    let settling = story.world.settle_direct(&paid);
    story.step("settle_direct", settling);
    let voided = DirectJob::new(escrow_key, 2, 500, 30);
    let settling = story.world.settle_direct(&voided);
    story.world.send(&settling).unwrap();
    story.step("void_direct", story.world.void_direct(&voided, 3));
    story.step("return_direct", vec![story.world.return_direct(&voided, "payer")]);
    story.world.pass(WINDOW);
    story.step("finish_direct", vec![story.world.finish_direct(&paid, "provider")]);
    let disproved = DirectJob::new(escrow_key, 3, 500, 20);
    let settling = story.world.settle_direct(&disproved);
    story.world.send(&settling).unwrap();
    disproved
}

fn batches(story: &mut Story, disproved: &DirectJob) {
    let (receipts_root, mut proofs) = receipts([[1; 32], disproved.receipt_hash(), [2; 32]]);
    let roots = Roots { receipts_root, ..Roots::of(&story.tree) };
    let pool = story.world.pool("admin");
    story.step("post_batch", vec![quorum(&roots.digest(&pool, 1)), story.world.post_batch(1, &roots)]);
    let closes = u64::from_le_bytes(story.world.data(&pool.batch(1))[200..208].try_into().unwrap());
    story.step_until(Some(closes), "void_batch", vec![quorum(&void_digest(&pool.batch(1), &roots.credit_root, 9)), story.world.void_batch(1, 9)]);
    let again = vec![quorum(&roots.digest(&pool, 2)), story.world.post_batch(2, &roots)];
    story.world.send(&again).unwrap();
    let place = (disproved.receipt(), 1, std::mem::take(&mut proofs[1]));
    story.step("disprove_direct", vec![story.world.disprove_direct(disproved.address(), 2, place)]);
    let back = story.world.return_direct(disproved, "payer");
    story.world.send(&[back]).unwrap();
    story.world.pass(WINDOW);
    story.step("finalize_batch", vec![story.world.finalize_batch(2)]);
    for (what, payee, kind, wallet) in [("of a node", "node", 1, "provider"), ("of the treasury", "treasury", 4, "treasury")] {
        let index = story.tree.index(&who(payee), kind);
        let claim = story.world.claim(2, &story.tree, index, &who(wallet));
        story.step(&format!("claim {what}"), vec![claim]);
    }
}

/// Three batches that do not carry on what the last final one credits, each of which costs the poster its bond.
fn challenges(story: &mut Story) {
    let pool = story.world.pool("admin");
    story.world.tokens(&who("hunter"), 0);
    let noted = story.tree.index(&who("node"), 1);
    let floor = leaf_of(&pool.batch(2), noted);
    story.accounts.push(("leaf".to_owned(), floor));
    story.step("prove_leaf", vec![story.world.prove_leaf(2, &story.tree, noted)]);
    // The node's credit sinks, is left out between two others, and stands in the wrong place.
    let others: Vec<_> = story.tree.credits.iter().filter(|credit| credit.payee != who("node")).cloned().collect();
    let node = story.tree.credits[noted].clone();
    let around = [[0; 32], [0xff; 32]].map(|payee| Credit { payee: payee.into(), kind: 2, cumulative: 400 });
    let lowered = Tree::new(&pool.pool, [others.clone(), vec![Credit { cumulative: 299, ..node.clone() }, around[0].clone()]].concat());
    let omitted = Tree::new(&pool.pool, [others.clone(), around.to_vec()].concat());
    let behind = omitted.credits.iter().position(|credit| credit.key() > node.key()).unwrap();
    let disordered = Tree::as_given(&pool.pool, vec![around[1].clone(), node.clone(), others[0].clone()]);
    let at = lowered.index(&who("node"), 1);
    for (seq, name, fault, tree, shown) in [
        (3, "lowered", LOWERED, lowered, [Some(at), None]),
        (4, "omitted", OMITTED, omitted, [Some(behind - 1), Some(behind)]),
        (5, "disordered", DISORDERED, disordered, [Some(0), Some(1)]),
    ] {
        let roots = Roots::of(&tree);
        story.world.put_tokens(pool.vault, &pool.mint, &pool.pool, 2_000);
        let posting = [quorum(&roots.digest(&pool, seq)), story.world.post_batch(seq, &roots)];
        story.world.send(&posting).unwrap();
        let proofs: Vec<_> = shown.iter().flatten().map(|index| story.world.prove_leaf(seq, &tree, *index)).collect();
        proofs.into_iter().for_each(|proof| drop(story.world.send(&[proof]).unwrap()));
        let [leaf, next] = shown.map(|index| index.map(|index| leaf_of(&pool.batch(seq), index)));
        let floor = Some(floor).filter(|_| fault != DISORDERED);
        let closes = u64::from_le_bytes(story.world.data(&pool.batch(seq))[200..208].try_into().unwrap());
        story.step_until(Some(closes), &format!("challenge_batch {name}"), vec![story.world.challenge_batch(seq, fault, [floor, leaf, next])]);
        let again = story.world.bond_poster("admin", "operator", POSTER_BOND);
        story.world.send(&[again]).unwrap();
    }
    story.step("close_leaf", vec![story.world.close_leaf(floor)]);
}

fn leave(story: &mut Story, escrow_key: Address, credits: &Receiver) {
    story.step("close_batch", vec![story.world.close_batch(1)]);
    story.step("request_exit", vec![story.world.request_exit(escrow_key, "payer")]);
    let too = story.world.request_exit(credits.escrow, "payer");
    story.world.send(&[too]).unwrap();
    story.world.put_inbox(credits, 70);
    story.step("return_transfers", vec![story.world.return_transfers(credits, "rent")]);
    story.world.pass(EXIT);
    story.step("exit", vec![story.world.exit(escrow_key, "payer")]);
    story.step("exit of a prepaid escrow", vec![story.world.exit_prepaid(credits)]);
    let at = registry_of("admin");
    let (node, cheat) = (at.node(&who("node")), at.node(&who("node 2")));
    let (validator, liar) = (Validator.account("validator"), Validator.account("validator 2"));
    story.step("request_unbond", vec![Node.request(node, "provider")]);
    story.step("request_validator_unbond", vec![Validator.request(validator, "provider")]);
    let (hunter, payer) = (story.world.token(&who("hunter")), story.world.token(&who("payer")));
    let slash = Slash::of(MIN_BOND - 10).rewarding(100, hunter).refunding(60, payer);
    story.step("slash_node", Node.slashed(&story.world, cheat, &slash));
    let slash = Slash::of(MIN_VALIDATOR_BOND).rewarding(50, hunter).refunding(30, payer);
    story.step("slash_validator", Validator.slashed(&story.world, liar, &slash));
    story.world.pass(UNBONDING);
    story.step("withdraw_bond", vec![Node.withdraw(&story.world, node, "provider")]);
    story.step("withdraw_bond after a slash", vec![Node.withdraw(&story.world, cheat, "provider 2")]);
    story.step("withdraw_validator_bond", vec![Validator.withdraw(&story.world, validator, "provider")]);
    story.step("close_validator", vec![Validator.close(validator, "provider")]);
    let expiry = u64::from_le_bytes(story.world.data(&node)[256..264].try_into().unwrap());
    let slots = expiry.saturating_sub(story.world.slot());
    story.world.pass(slots);
    story.step("close_node", vec![Node.close(node, "provider")]);
    story.step("request_unbond_poster", vec![story.world.request_unbond_poster("operator")]);
    story.world.pass(EXIT + WINDOW);
    story.step("withdraw_poster_bond", vec![story.world.withdraw_poster_bond("operator")]);
}

/// What waits for hours.
fn end(story: &mut Story, escrow_key: Address, unpaid: &Receiver) {
    if only_inside("close_payment, close_direct and close_prepaid are not attacked: they wait 9,000 slots or more") {
        return;
    }
    story.world.pass(9_000);
    story.step("close_prepaid", vec![story.world.close_prepaid(unpaid)]);
    let payment = story.world.pool("admin").payment(&who("payer"), &[0xab; 32]);
    story.world.pass(216_000);
    story.step("close_payment", vec![story.world.close_payment(payment)]);
    story.step("close_direct", vec![story.world.close_direct(&DirectJob::new(escrow_key, 1, 500, 40))]);
}
