//! Jobs that their nodes settle by themselves: when, on whose words, once, and where the charge ends.

use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    bonds::{Bonded::Node, Slash},
    bytes::{SYSTEM, TOKEN, u64_at},
    chain::only_inside,
    precompile,
    story::{attest, tree},
    world::*,
};

/// Slots of silence that the market of a new world wants.
const SILENT: u64 = 1_000;
const SILENCE_TAKES_LONG: &str = "waits for a silence of 1,000 slots and counts to the slot";

/// Two nodes, an escrow of "payer" with 1,000 units, and a silence that is over.
fn with_silence() -> (World, Address) {
    let mut world = World::ready(TOKEN);
    for (node, operator) in [("node", "provider"), ("node 2", "provider 2")] {
        let call = world.register_node(node, operator);
        world.send(&[call]).unwrap();
    }
    world.tokens(&who("treasury"), 0);
    let (escrow_key, open) = world.open_escrow("admin", "payer", 1_000, (0, 0));
    world.send(&[open]).unwrap();
    world.at(START + SILENT);
    (world, escrow_key)
}

fn sent(world: &mut World, instructions: Vec<Instruction>) {
    world.send(&instructions).unwrap();
}

/// Settled and collected of an escrow.
fn counted(world: &World, escrow_key: &Address) -> (u64, u64) {
    let data = world.data(escrow_key);
    (u64_at(&data, 176), u64_at(&data, 216))
}

/// deposited − settled − exited − direct of the pool is what open escrows, closed ones and the given records hold, and is in the vault.
fn held(world: &World, escrows: &[Address], records: u64) {
    let pool = world.data(&world.pool("admin").pool);
    let left = u64_at(&pool, 168) - u64_at(&pool, 176) - u64_at(&pool, 184) - u64_at(&pool, 256);
    let in_escrows: u64 = escrows.iter().map(|key| u64_at(&world.data(key), 168) - counted(world, key).1).sum();
    assert_eq!(left, in_escrows + u64_at(&pool, 248) + records);
    assert_eq!(world.amount(&world.pool("admin").deposits), left);
}

#[test]
fn a_node_is_paid_what_it_settled_once_the_window_has_passed() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let job = DirectJob::new(escrow_key, 1, 500, 60);
    let settling = world.settle_direct(&job);
    sent(&mut world, settling.clone());
    assert_eq!(counted(&world, &escrow_key), (60, 60), "debited, and nothing of it for the vault");
    held(&world, &[escrow_key], 60);
    let collect = world.collect(&[escrow_key]);
    sent(&mut world, vec![collect]);
    assert_eq!(world.amount(&world.pool("admin").vault), 0);
    assert_eq!(world.refused(&settling), "AlreadyInitialized");
    world.pass(WINDOW - 1);
    let finish = world.finish_direct(&job, "provider");
    assert_eq!(world.refused(std::slice::from_ref(&finish)), "TooEarly");
    assert_eq!(world.refused(&world.void_direct(&job, 1)), "nothing");
    world.pass(1);
    assert_eq!(world.refused(&world.void_direct(&job, 1)), "TooLate");
    let before = world.amount(&world.token(&who("provider")));
    sent(&mut world, vec![finish.clone()]);
    assert_eq!(world.amount(&world.token(&who("provider"))) - before, 59);
    assert_eq!(world.amount(&world.token(&who("treasury"))), 1);
    held(&world, &[escrow_key], 0);
    assert_eq!(world.refused(&[finish]), "WrongState");
    assert_eq!(world.refused(&[world.return_direct(&job, "payer")]), "WrongState");
    assert_eq!(world.refused(&world.void_direct(&job, 1)), "WrongState");
    // With another voucher, charge and receipt it is the same job.
    let again = DirectJob { voucher: (900, 0), charge: 5, ..job };
    assert_eq!(world.refused(&world.settle_direct(&again)), "AlreadyInitialized");
}

#[test]
fn nothing_is_settled_before_the_silence_and_never_without_one() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let settling = world.settle_direct(&DirectJob::new(escrow_key, 1, 500, 60));
    world.at(START + SILENT - 1);
    assert_eq!(world.refused(&settling), "TooEarly", "counted from the pool's opening");
    world.at(START + SILENT);
    assert_eq!(world.refused(&settling), "nothing");
    let pool = world.pool("admin");
    world.put_tokens(pool.vault, &pool.mint, &pool.pool, 350);
    let roots = Roots::of(&tree(&pool.pool));
    let posting = vec![quorum(&roots.digest(&pool, 1)), world.post_batch(1, &roots)];
    sent(&mut world, posting);
    assert_eq!(world.refused(&settling), "TooEarly", "the relayer is back");
    world.pass(SILENT);
    assert_eq!(world.refused(&settling), "nothing");
    world.patch(pool.pool, 240, &[0xff; 8]);
    assert_eq!(world.refused(&settling), "ArithmeticOverflow");
    world.patch(pool.pool, 240, &START.to_le_bytes());
    world.patch(pool.market, 248, &[0; 8]);
    assert_eq!(world.refused(&settling), "NoDirectSettlement");
    world.patch(pool.market, 248, &1u64.to_le_bytes());
    world.patch(pool.market, 232, &[0xff; 8]);
    assert_eq!(world.refused(&settling), "ArithmeticOverflow", "the window");
}

#[test]
fn all_three_words_are_needed_and_each_about_this_job() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let (second, open) = world.open_escrow("admin", "payer 2", 1_000, (0, 0));
    sent(&mut world, vec![open]);
    let good = DirectJob::new(escrow_key, 1, 500, 60);
    let call = world.settle_direct(&good).remove(1);
    let (session, other, gateway) = (key("payer session"), key("payer 2 session"), key(GATEWAY));
    let (paper, asked, assigned) = (voucher(&escrow_key, 500, 0), good.binding(), good.assignment(&world.mint));
    let mut verdict = |signed: &[(&solana_keypair::Keypair, &[u8])]| world.refused(&[precompile::verify(signed), call.clone()]);
    assert_eq!(verdict(&[(&session, &paper), (&session, &asked), (&gateway, &assigned)]), "nothing");
    assert_eq!(verdict(&[(&session, &paper), (&session, &asked)]), "SignatureCount");
    assert_eq!(verdict(&[(&session, &paper), (&session, &asked), (&gateway, &assigned), (&gateway, &assigned)]), "SignatureCount");
    assert_eq!(verdict(&[(&other, &paper), (&session, &asked), (&gateway, &assigned)]), "WrongSigner");
    assert_eq!(verdict(&[(&session, &paper), (&other, &asked), (&gateway, &assigned)]), "WrongSigner");
    assert_eq!(verdict(&[(&session, &paper), (&session, &asked), (&key("attacker"), &assigned)]), "WrongSigner");
    assert_eq!(verdict(&[(&session, &asked), (&session, &paper), (&gateway, &assigned)]), "WrongMessage", "in their order");
    assert_eq!(verdict(&[(&session, &paper), (&session, &assigned), (&gateway, &asked)]), "WrongMessage");
    // Words about another escrow, job, voucher, node, ceiling, tier, gateway or mint.
    let abroad = voucher(&second, 500, 0);
    assert_eq!(verdict(&[(&session, &abroad), (&session, &asked), (&gateway, &assigned)]), "WrongMessage");
    for foreign in
        [DirectJob { escrow: second, ..good.clone() }, DirectJob { nonce: [9; 32], ..good.clone() }, DirectJob { cumulative: 501, ..good.clone() }]
    {
        assert_eq!(verdict(&[(&session, &paper), (&session, &foreign.binding()), (&gateway, &assigned)]), "WrongMessage");
    }
    for foreign in [
        DirectJob { escrow: second, ..good.clone() },
        DirectJob { nonce: [9; 32], ..good.clone() },
        DirectJob { node: "node 2", ..good.clone() },
        DirectJob { ceiling: 101, ..good.clone() },
        DirectJob { tier: 4, ..good.clone() },
        DirectJob { gateway: "gateway 2", ..good.clone() },
    ] {
        assert_eq!(verdict(&[(&session, &paper), (&session, &asked), (&gateway, &foreign.assignment(&who("mint")))]), "WrongMessage");
    }
    assert_eq!(verdict(&[(&session, &paper), (&session, &asked), (&gateway, &good.assignment(&who("mint 2")))]), "WrongMessage");
    // What the program knows by its hash alone: another model, bound, price, sampling, constraint or time is another word.
    let mut other_work = call.clone();
    let at = other_work.data.windows(32).position(|bytes| bytes == good.work_hash()).unwrap();
    other_work.data[at] ^= 1;
    let all = precompile::verify(&[(&session, &paper), (&session, &asked), (&gateway, &assigned)]);
    assert_eq!(world.refused(&[all, other_work]), "WrongMessage");
    assert_eq!(world.refused(std::slice::from_ref(&call)), "PrecompileMissing");
    // Whoever saw the transaction has all three words, and is not the node.
    let mut thief = call.clone();
    (thief.accounts[0].pubkey, thief.accounts[1].pubkey) = (who("node 2"), who("node 2"));
    thief.accounts[6].pubkey = registry_of("admin").node(&who("node 2"));
    let verify = precompile::verify(&[(&session, &paper), (&session, &asked), (&gateway, &assigned)]);
    assert_eq!(world.refused(&[verify.clone(), thief]), "WrongMessage");
    let mut unsigned = call;
    unsigned.accounts[0].pubkey = who("rent");
    unsigned.accounts[1].is_signer = false;
    assert_eq!(world.refused(&[verify, unsigned]), "MissingSigner");
}

#[test]
fn words_of_one_market_or_cluster_are_none_in_another() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    world.found("attacker");
    let foreign = world.pool("attacker");
    let mut settling = world.settle_direct(&DirectJob::new(escrow_key, 1, 500, 60));
    // The cluster's genesis hash is in the market's address, the market's in the escrow's, and the escrow's in everything that was signed.
    let call = settling[1].clone();
    settling[1].accounts[2].pubkey = foreign.market;
    assert_eq!(world.refused(&settling), "WrongAddress", "the pool is of the other market");
    settling[1].accounts[3].pubkey = foreign.pool;
    world.pass(SILENT);
    assert_eq!(world.refused(&settling), "NodeForeign", "the other market has another registry");
    let mint = who("mint 2");
    world.mint(mint, &[]);
    let other = Pool::of(market_of("admin"), mint, &TOKEN);
    world.put_tokens(other.vault, &mint, &other.pool, 0);
    let pool = world.initialize_pool("admin", mint);
    sent(&mut world, vec![pool]);
    world.pass(SILENT);
    settling[1] = call;
    settling[1].accounts[3].pubkey = other.pool;
    assert_eq!(world.refused(&settling), "EscrowForeign", "the other pool has another mint");
}

#[test]
fn a_charge_keeps_to_ceiling_voucher_deposit_session_and_time() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let (second, open) = world.open_escrow("admin", "payer 2", 1_000, (world.unix_time() + 5, 300));
    sent(&mut world, vec![open]);
    let mine = |cumulative, charge| DirectJob { ceiling: 5_000, ..DirectJob::new(escrow_key, 1, cumulative, charge) };
    let limited = |charge| DirectJob { escrow: second, session: "payer 2 session", ..mine(900, charge) };
    let verdict = |world: &mut World, job: &DirectJob| {
        let calls = world.settle_direct(job);
        world.refused(&calls)
    };
    assert_eq!(verdict(&mut world, &DirectJob::new(escrow_key, 1, 500, 100)), "nothing");
    assert_eq!(verdict(&mut world, &DirectJob::new(escrow_key, 1, 500, 101)), "CeilingExceeded");
    assert_eq!(verdict(&mut world, &mine(500, 500)), "nothing");
    assert_eq!(verdict(&mut world, &mine(500, 501)), "VoucherExceeded");
    assert_eq!(verdict(&mut world, &mine(500, 0)), "NothingToSettle");
    assert_eq!(verdict(&mut world, &mine(2_000, 1_000)), "nothing");
    assert_eq!(verdict(&mut world, &mine(2_000, 1_001)), "DepositExceeded");
    assert_eq!(verdict(&mut world, &limited(300)), "nothing");
    assert_eq!(verdict(&mut world, &limited(301)), "SessionLimitExceeded");
    let now = world.unix_time();
    assert_eq!(verdict(&mut world, &DirectJob { voucher: (500, now), ..mine(500, 60) }), "nothing");
    assert_eq!(verdict(&mut world, &DirectJob { voucher: (500, now - 1), ..mine(500, 60) }), "VoucherExpired");
    // What others were settled before counts: a voucher that it used up serves no longer, a later one does.
    let earlier = DirectJob { nonce: [2; 32], node: "node 2", voucher: (700, 0), ..mine(700, 480) };
    let settling = world.settle_direct(&earlier);
    sent(&mut world, settling);
    assert_eq!(verdict(&mut world, &mine(500, 60)), "VoucherExceeded");
    assert_eq!(verdict(&mut world, &DirectJob { voucher: (700, 0), ..mine(500, 60) }), "nothing");
    let huge = DirectJob { ceiling: u64::MAX, voucher: (u64::MAX, 0), ..mine(500, u64::MAX) };
    assert_eq!(verdict(&mut world, &huge), "ArithmeticOverflow");
    world.pass(15);
    assert_eq!(verdict(&mut world, &limited(300)), "SessionExpired");
    let leave = world.request_exit(escrow_key, "payer");
    sent(&mut world, vec![leave]);
    let last = DirectJob { voucher: (700, 0), ..mine(500, 60) };
    world.pass(EXIT - 1);
    assert_eq!(verdict(&mut world, &last), "nothing");
    world.pass(1);
    assert_eq!(verdict(&mut world, &last), "EscrowExiting");
}

#[test]
fn only_a_node_that_may_work_settles() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let open = DirectJob::new(escrow_key, 1, 500, 60);
    let confidential = DirectJob { tier: 4, ..open.clone() };
    let verdict = |world: &mut World, job: &DirectJob| {
        let calls = world.settle_direct(job);
        world.refused(&calls)
    };
    assert_eq!(verdict(&mut world, &open), "nothing");
    assert_eq!(verdict(&mut world, &confidential), "NodeUnfit", "nothing is attested");
    let node = registry_of("admin").node(&who("node"));
    let expiry = world.slot() + 10;
    let record = attest(&node, &(who("receipt key"), who("sealing key")), [1; 32], expiry);
    sent(&mut world, record);
    assert_eq!(verdict(&mut world, &confidential), "nothing");
    world.pass(10);
    assert_eq!(verdict(&mut world, &confidential), "NodeUnfit", "no longer");
    assert_eq!(verdict(&mut world, &DirectJob { tier: 0, ..open.clone() }), "NodeUnfit");
    let stranger = DirectJob { node: "payer 2", ..open.clone() };
    assert_eq!(verdict(&mut world, &stranger), "NodeForeign");
    let mut data = world.data(&node);
    data[4] = 2;
    world.put(node, registry().program, data, 10_000_000);
    assert_eq!(verdict(&mut world, &open), "NodeUnfit", "not its tier");
    assert_eq!(verdict(&mut world, &DirectJob { tier: 2, ..open.clone() }), "nothing");
    let unbond = Node.request(registry_of("admin").node(&who("node")), "provider");
    sent(&mut world, vec![unbond]);
    assert_eq!(verdict(&mut world, &DirectJob { tier: 2, ..open }), "NodeUnfit", "it is leaving");
}

#[test]
fn a_gateway_that_was_replaced_assigns_nothing_from_when_the_terms_apply() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let old = DirectJob::new(escrow_key, 1, 500, 60);
    let new = DirectJob { gateway: "gateway 2", ..old.clone() };
    let proposal = world.propose_terms_with("admin", (200, [WINDOW, EXIT, SILENCE]), &VERIFIERS, &["gateway 2", "gateway 3"]);
    sent(&mut world, vec![proposal]);
    world.pass(EXIT + WINDOW);
    assert_eq!(world.refused(&world.settle_direct(&old)), "nothing", "nodes have as long as payers");
    assert_eq!(world.refused(&world.settle_direct(&new)), "WrongSigner");
    let apply = world.apply_terms();
    sent(&mut world, vec![apply]);
    assert_eq!(world.refused(&world.settle_direct(&old)), "WrongSigner");
    assert_eq!(world.refused(&world.settle_direct(&new)), "nothing");
    let proposed = |world: &World, gateways: &[&str]| {
        world.clone().refused(&[world.propose_terms_with("admin", (200, [WINDOW, EXIT, SILENCE]), &VERIFIERS, gateways)])
    };
    assert_eq!(proposed(&world, &["gateway", "gateway 2", "gateway 3", "gateway 4"]), "nothing");
    assert_eq!(proposed(&world, &["gateway", "gateway 2", "gateway 3", "gateway 4", "gateway 5"]), "InvalidArgument");
    assert_eq!(proposed(&world, &["gateway", "gateway"]), "InvalidArgument", "the same twice");
    let none = world.propose_terms_with("admin", (200, [WINDOW, EXIT, SILENCE]), &VERIFIERS, &[]);
    sent(&mut world, vec![none]);
    world.pass(EXIT + WINDOW);
    let apply = world.apply_terms();
    sent(&mut world, vec![apply]);
    assert_eq!(world.refused(&world.settle_direct(&new)), "WrongSigner", "nobody's word");
}

/// A batch of three receipts, the middle one given; posted, and not yet final.
fn posted(world: &mut World, seq: u64, receipt_hash: [u8; 32]) -> [Vec<[u8; 32]>; 3] {
    let pool = world.pool("admin");
    world.put_tokens(pool.vault, &pool.mint, &pool.pool, 350);
    let (receipts_root, proofs) = receipts([[1; 32], receipt_hash, [2; 32]]);
    let roots = Roots { receipts_root, ..Roots::of(&tree(&pool.pool)) };
    let posting = vec![quorum(&roots.digest(&pool, seq)), world.post_batch(seq, &roots)];
    sent(world, posting);
    proofs
}

#[test]
fn a_receipt_of_the_same_job_in_a_batch_voids_it_in_the_window() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let job = DirectJob::new(escrow_key, 1, 500, 60);
    let other = DirectJob { nonce: [7; 32], ..job.clone() };
    // Another node's receipt for the job counts as well: the job is being paid there.
    let theirs = DirectJob { node: "node 2", ..job.clone() };
    let settling = [world.settle_direct(&job), world.settle_direct(&other)];
    settling.into_iter().for_each(|calls| sent(&mut world, calls));
    let [_, proof, _] = posted(&mut world, 1, theirs.receipt_hash());
    let disprove =
        |world: &World, direct: &DirectJob, receipt: Vec<u8>, index: u32| world.disprove_direct(direct.address(), 1, (receipt, index, proof.clone()));
    assert_eq!(world.refused(&[disprove(&world, &job, job.receipt(), 1)]), "WrongProof", "not the one in the batch");
    assert_eq!(world.refused(&[disprove(&world, &job, theirs.receipt(), 0)]), "WrongProof");
    assert_eq!(world.refused(&[disprove(&world, &job, theirs.receipt(), 3)]), "WrongProof");
    assert_eq!(world.refused(&[disprove(&world, &other, theirs.receipt(), 1)]), "ReceiptForeign");
    assert_eq!(world.refused(&[disprove(&world, &job, theirs.receipt()[..32].to_vec(), 1)]), "ReceiptForeign");
    let mut version = theirs.receipt();
    version[0] = 2;
    assert_eq!(world.refused(&[disprove(&world, &job, version, 1)]), "ReceiptForeign");
    let good = disprove(&world, &job, theirs.receipt(), 1);
    assert_eq!(world.refused(std::slice::from_ref(&good)), "nothing");
    let mut late = world.clone();
    late.pass(WINDOW);
    assert_eq!(late.refused(std::slice::from_ref(&good)), "TooLate");
    sent(&mut world, vec![good.clone()]);
    assert_eq!(world.refused(&[good]), "WrongState");
    world.pass(WINDOW);
    assert_eq!(world.refused(&[world.finish_direct(&job, "provider")]), "WrongState");
    assert_eq!(world.refused(&world.settle_direct(&job)), "TooEarly", "and not once more");
}

#[test]
fn a_voided_batch_disproves_nothing_and_a_final_one_does() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let job = DirectJob::new(escrow_key, 1, 500, 60);
    // In a batch already, and asked for once more after the silence.
    let [_, proof, _] = posted(&mut world, 1, job.receipt_hash());
    let mut voided = world.clone();
    let root = Roots::of(&tree(&world.pool("admin").pool)).credit_root;
    let void = vec![quorum(&void_digest(&world.pool("admin").batch(1), &root, 1)), world.void_batch(1, 1)];
    sent(&mut voided, void);
    world.pass(WINDOW);
    let finalize = world.finalize_batch(1);
    sent(&mut world, vec![finalize]);
    for (world, verdict) in [(&mut world, "nothing"), (&mut voided, "WrongState")] {
        world.pass(SILENT);
        let settling = world.settle_direct(&job);
        sent(world, settling);
        let call = world.disprove_direct(job.address(), 1, (job.receipt(), 1, proof.clone()));
        assert_eq!(world.refused(&[call]), verdict);
    }
    // A batch of another pool says nothing of this one's jobs.
    let batch = world.pool("admin").batch(1);
    world.patch(batch, 8, who("nobody").as_ref());
    assert_eq!(world.refused(&[world.disprove_direct(job.address(), 1, (job.receipt(), 1, proof))]), "WrongAddress");
}

#[test]
fn the_quorum_voids_what_does_not_pass_and_the_escrow_has_its_money_back() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let job = DirectJob::new(escrow_key, 1, 500, 60);
    let other = DirectJob::new(escrow_key, 2, 500, 70);
    let settling = [world.settle_direct(&job), world.settle_direct(&other)];
    settling.into_iter().for_each(|calls| sent(&mut world, calls));
    let call = world.void_direct(&job, 4).remove(1);
    let mut verdict = |names: &[&str], digest: &[u8; 32]| world.refused(&[signed_by(names, digest), call.clone()]);
    let digest = direct_void_digest(&job, 4);
    assert_eq!(verdict(&VERIFIERS[..2], &digest), "nothing");
    assert_eq!(verdict(&VERIFIERS[..1], &digest), "QuorumTooSmall");
    assert_eq!(verdict(&[VERIFIERS[0], "attacker"], &digest), "WrongSigner");
    let cheaper = DirectJob { charge: 59, ..job.clone() };
    for foreign in [direct_void_digest(&other, 4), direct_void_digest(&job, 5), direct_void_digest(&cheaper, 4)] {
        assert_eq!(verdict(&VERIFIERS[..2], &foreign), "WrongMessage");
    }
    assert_eq!(world.refused(&[world.return_direct(&job, "payer")]), "WrongState", "nothing was voided yet");
    let voiding = world.void_direct(&job, 4);
    sent(&mut world, voiding);
    held(&world, &[escrow_key], 130);
    let back = world.return_direct(&job, "payer");
    sent(&mut world, vec![back.clone()]);
    assert_eq!(counted(&world, &escrow_key), (70, 70), "as if it had never been settled");
    held(&world, &[escrow_key], 70);
    assert_eq!(world.refused(&[back]), "WrongState");
    assert_eq!(world.refused(&world.settle_direct(&job)), "AlreadyInitialized", "voided is voided");
    let mut diverted = world.return_direct(&other, "payer");
    let voiding = world.void_direct(&other, 4);
    sent(&mut world, voiding);
    assert_eq!(world.refused(std::slice::from_ref(&diverted)), "nothing");
    diverted.accounts[3].pubkey = SYSTEM;
    assert_eq!(world.refused(std::slice::from_ref(&diverted)), "EscrowForeign", "an escrow that is there is not passed over");
}

#[test]
fn a_payer_who_left_gets_a_voided_charge_in_its_wallet() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let leave = world.request_exit(escrow_key, "payer");
    sent(&mut world, vec![leave]);
    world.pass(EXIT - 1);
    let jobs = [1, 2].map(|nonce| DirectJob::new(escrow_key, nonce, 500, 60));
    for job in &jobs {
        let settling = world.settle_direct(job);
        sent(&mut world, settling);
    }
    world.pass(1);
    let wallet = world.token(&who("payer"));
    let before = world.amount(&wallet);
    let exit = world.exit(escrow_key, "payer");
    sent(&mut world, vec![exit]);
    assert_eq!(world.amount(&wallet) - before, 880, "nobody waits for the windows of others");
    held(&world, &[], 120);
    let voiding = world.void_direct(&jobs[0], 4);
    sent(&mut world, voiding);
    let back = world.return_direct(&jobs[0], "payer");
    // An associated account that was given away does not take the money along.
    let mut stolen = world.clone();
    stolen.patch(wallet, 32, who("attacker").as_ref());
    assert_eq!(stolen.refused(std::slice::from_ref(&back)), "WrongTokenAccount");
    let mut kept = back.clone();
    kept.accounts[5].pubkey = world.pool("admin").deposits;
    assert_eq!(world.refused(&[kept]), "DuplicateAccount", "it would count as returned and stay");
    sent(&mut world, vec![back]);
    assert_eq!(world.amount(&wallet) - before, 940);
    held(&world, &[], 60);
    world.pass(WINDOW);
    let finish = world.finish_direct(&jobs[1], "provider");
    sent(&mut world, vec![finish]);
    held(&world, &[], 0);
    assert_eq!(world.amount(&world.pool("admin").deposits), 0);
}

#[test]
fn what_a_slashed_or_closed_node_is_not_paid_goes_back() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let jobs = [DirectJob::new(escrow_key, 1, 500, 60), DirectJob { node: "node 2", ..DirectJob::new(escrow_key, 2, 500, 70) }];
    for job in &jobs {
        let settling = world.settle_direct(job);
        sent(&mut world, settling);
    }
    let at = registry_of("admin");
    let slashing = Node.slashed(&world, at.node(&who("node")), &Slash::of(100));
    sent(&mut world, slashing);
    assert_eq!(world.refused(&[world.return_direct(&jobs[0], "payer")]), "TooEarly");
    world.pass(WINDOW);
    assert_eq!(world.refused(&[world.finish_direct(&jobs[0], "provider")]), "NodeSlashed");
    assert_eq!(world.refused(&[world.return_direct(&jobs[1], "payer")]), "WrongState", "who can be paid is paid");
    let back = world.return_direct(&jobs[0], "payer");
    sent(&mut world, vec![back]);
    let unbond = Node.request(at.node(&who("node 2")), "provider 2");
    sent(&mut world, vec![unbond]);
    assert_eq!(world.refused(&[world.finish_direct(&jobs[1], "provider 2")]), "nothing", "who leaves is paid what it earned");
    world.pass(UNBONDING);
    let leaving = [Node.withdraw(&world, at.node(&who("node 2")), "provider 2"), Node.close(at.node(&who("node 2")), "provider 2")];
    world.send(&leaving).unwrap();
    assert_eq!(world.refused(&[world.finish_direct(&jobs[1], "provider 2")]), "NodeForeign");
    let mut elsewhere = world.return_direct(&jobs[1], "payer");
    elsewhere.accounts[4].pubkey = SYSTEM;
    assert_eq!(world.refused(&[elsewhere]), "NodeForeign", "an empty address, and not the node's");
    let back = world.return_direct(&jobs[1], "payer");
    sent(&mut world, vec![back]);
    assert_eq!(counted(&world, &escrow_key), (0, 0));
    held(&world, &[escrow_key], 0);
}

#[test]
fn a_record_stands_while_its_job_could_be_settled_again_and_a_day_longer() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let job = DirectJob::new(escrow_key, 1, 500, 60);
    let settling = world.settle_direct(&job);
    sent(&mut world, settling);
    let close = world.close_direct(&job);
    let leave = world.request_exit(escrow_key, "payer");
    sent(&mut world, vec![leave]);
    world.pass(EXIT);
    world.pass(216_000);
    assert_eq!(world.refused(std::slice::from_ref(&close)), "WrongState", "its charge is still held");
    let finish = world.finish_direct(&job, "provider");
    sent(&mut world, vec![finish]);
    assert_eq!(world.refused(std::slice::from_ref(&close)), "WrongState", "the escrow is there");
    let exit = world.exit(escrow_key, "payer");
    sent(&mut world, vec![exit]);
    world.at(START + SILENT + WINDOW + 216_000 - 1);
    assert_eq!(world.refused(std::slice::from_ref(&close)), "TooEarly");
    world.pass(1);
    let mut other = close.clone();
    other.accounts[3].pubkey = SYSTEM;
    assert_eq!(world.refused(&[other]), "EscrowForeign");
    let mut stolen = close.clone();
    stolen.accounts[0].pubkey = who("attacker");
    assert_eq!(world.refused(&[stolen]), "WrongAddress");
    let (before, rent) = (world.balance(&who("node")), world.balance(&job.address()));
    sent(&mut world, vec![close]);
    assert_eq!(world.balance(&who("node")), before + rent);
    assert_eq!(world.refused(&world.settle_direct(&job)), "WrongOwner", "without its escrow nothing settles it again");
}

#[test]
fn the_operator_settles_on_what_nodes_settled_before() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let job = DirectJob::new(escrow_key, 1, 500, 60);
    let settling = world.settle_direct(&job);
    sent(&mut world, settling);
    let session = key("payer session");
    let paper = voucher(&escrow_key, 500, 0);
    let settling = vec![precompile::verify(&[(&session, &paper)]), world.settle(&[(escrow_key, 400)])];
    sent(&mut world, settling);
    assert_eq!(counted(&world, &escrow_key), (100, 60));
    let collect = world.collect(&[escrow_key]);
    sent(&mut world, vec![collect]);
    assert_eq!(world.amount(&world.pool("admin").vault), 40, "the operator's part alone");
    held(&world, &[escrow_key], 60);
    let voiding = world.void_direct(&job, 1);
    sent(&mut world, voiding);
    let back = world.return_direct(&job, "payer");
    sent(&mut world, vec![back]);
    assert_eq!(counted(&world, &escrow_key), (40, 40));
    held(&world, &[escrow_key], 0);
}

#[test]
fn a_pause_keeps_no_node_from_its_money() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let pause = world.set_paused("admin", 1);
    sent(&mut world, vec![pause]);
    let jobs = [1, 2].map(|nonce| DirectJob::new(escrow_key, nonce, 500, 60));
    for job in &jobs {
        let settling = world.settle_direct(job);
        sent(&mut world, settling);
    }
    let voiding = world.void_direct(&jobs[1], 1);
    sent(&mut world, voiding);
    world.pass(WINDOW);
    let ending = [world.finish_direct(&jobs[0], "provider"), world.return_direct(&jobs[1], "payer")];
    world.send(&ending).unwrap();
    let mut wrong = world.finish_direct(&jobs[0], "provider");
    wrong.accounts[1].pubkey = Pool::of(market_of("admin"), who("mint 2"), &TOKEN).pool;
    assert_eq!(world.refused(&[wrong]), "WrongAddress");
}

#[test]
fn a_receipt_of_the_longest_engine_name_fits_a_transaction_with_its_proof() {
    if only_inside(SILENCE_TAKES_LONG) {
        return;
    }
    let (mut world, escrow_key) = with_silence();
    let job = DirectJob::new(escrow_key, 1, 500, 60);
    let long = [job.receipt(), vec![0x5a; 512 - job.receipt().len()]].concat();
    let size = |world: &mut World, receipt: &[u8], steps: usize| {
        let call = world.disprove_direct(job.address(), 1, (receipt.to_vec(), 0, vec![[0; 32]; steps]));
        let transaction = world.transaction(&[call]);
        solana_size(&transaction)
    };
    // 1,232 bytes are a packet; a proof of 11 steps is of a batch of 2,048 receipts.
    assert!(size(&mut world, &long, 11) <= 1_232);
    assert!(size(&mut world, &job.receipt(), 15) <= 1_232);
    let settling = world.settle_direct(&job);
    let transaction = world.transaction(&settling);
    assert!(solana_size(&transaction) <= 1_232);
    let longer = [long, vec![0]].concat();
    assert_eq!(world.refused(&[world.disprove_direct(job.address(), 1, (longer, 0, vec![]))]), "InvalidArgument");
}

fn solana_size(transaction: &solana_transaction::versioned::VersionedTransaction) -> usize {
    bincode::serialize(transaction).unwrap().len()
}
