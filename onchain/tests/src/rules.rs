//! Time, state, mints and rent.

use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};

use crate::{
    bonds::{Bonded::Node, Slash},
    bytes::{SYSTEM, TOKEN, TOKEN_2022},
    chain::{only_inside, outside},
    credit::{Credit, Tree},
    idl::Arg,
    precompile,
    story::{MODEL, attest},
    world::*,
};

/// A world with two registered nodes.
fn with_nodes(token_program: Address) -> World {
    let mut world = World::ready(token_program);
    for (node, operator) in [("node", "provider"), ("node 2", "provider 2")] {
        let call = world.register_node(node, operator);
        world.send(&[call]).unwrap();
    }
    world
}

fn node(name: &str) -> Address {
    registry_of("admin").node(&who(name))
}

/// An escrow of "payer" with 1,000 units.
fn with_escrow() -> (World, Address) {
    let mut world = World::ready(TOKEN);
    let (escrow_key, open) = world.open_escrow("admin", "payer", 1_000, (0, 0));
    world.send(&[open]).unwrap();
    (world, escrow_key)
}

/// A world whose vault received `inflow` units.
fn with_inflow(inflow: u64) -> World {
    let mut world = World::ready(TOKEN);
    let pool = world.pool("admin");
    world.put_tokens(pool.vault, &pool.mint, &pool.pool, inflow);
    world
}

fn treasury_tree(world: &World, cumulative: u64) -> Tree {
    Tree::new(&world.pool("admin").pool, vec![Credit { payee: who("treasury"), kind: 4, cumulative }])
}

fn post(world: &World, seq: u64, roots: &Roots) -> Vec<Instruction> {
    vec![quorum(&roots.digest(&world.pool("admin"), seq)), world.post_batch(seq, roots)]
}

/// The registry's verifiers after a proposal of theirs has been applied.
fn rotate(world: &mut World, threshold: u8, verifiers: &[&str]) {
    let propose = world.propose_verifiers("admin", threshold, verifiers);
    world.send(&[propose]).unwrap();
    world.pass(NOTICE);
    let apply = world.apply_verifiers();
    world.send(&[apply]).unwrap();
}

#[test]
fn verifiers_change_only_after_notice_and_the_old_ones_rule_until_then() {
    let mut world = with_nodes(TOKEN);
    let slashing = Node.slashed(&world, node("node"), &Slash::of(100));
    let by_next = [signed_by(&NEXT_VERIFIERS, &Slash::of(100).digest(Node, &node("node"))), slashing[1].clone()];
    assert_eq!(world.refused(&[world.apply_verifiers()]), "WrongOwner", "nothing was proposed");
    let propose = world.propose_verifiers("admin", 5, &NEXT_VERIFIERS);
    world.send(std::slice::from_ref(&propose)).unwrap();
    assert_eq!(world.refused(&[propose]), "AlreadyInitialized", "one at a time");
    world.almost(NOTICE);
    assert_eq!(world.refused(&[world.apply_verifiers()]), "TooEarly");
    assert_eq!(world.refused(&slashing), "nothing");
    assert_eq!(world.refused(&by_next), "WrongSigner");
    world.pass(1);
    let (rent, held) = (world.balance(&who("rent")), world.balance(&registry_of("admin").proposal()));
    let apply = world.apply_verifiers();
    world.send(std::slice::from_ref(&apply)).unwrap();
    assert_eq!(world.balance(&who("rent")), rent + held, "the proposal's rent went back");
    assert_eq!(world.refused(&slashing), "WrongSigner");
    assert_eq!(world.refused(&by_next), "nothing");
    assert_eq!(world.refused(&[apply]), "WrongOwner", "a proposal is applied once");
    // A smaller set after a larger one: nothing of the larger one may count.
    rotate(&mut world, 1, &["verifier 0"]);
    assert_eq!(world.refused(&by_next), "WrongSigner");
    let config = world.data(&registry_of("admin").config);
    assert_eq!((config[128], config[129], &config[136..168]), (1, 1, who("verifier 0").as_ref()));
    assert!(config[168..360].iter().all(|byte| *byte == 0));
}

#[test]
fn who_asks_to_leave_within_half_an_unbonding_time_has_left_before_the_next_verifiers_rule() {
    if only_inside("counts to the slot") {
        return;
    }
    let mut world = with_nodes(TOKEN);
    let [propose, at_once] = [world.propose_verifiers("admin", 5, &NEXT_VERIFIERS), Node.request(node("node"), "provider")];
    world.send(&[propose, at_once]).unwrap();
    world.pass(UNBONDING / 2 - 1);
    let later = Node.request(node("node 2"), "provider 2");
    world.send(&[later]).unwrap();
    for (name, operator, slots) in [("node", "provider", UNBONDING / 2 + 1), ("node 2", "provider 2", UNBONDING / 2 - 1)] {
        world.pass(slots);
        let withdrawal = Node.withdraw(&world, node(name), operator);
        world.send(&[withdrawal]).unwrap();
        assert_eq!(world.amount(&world.token(&who(operator))), WEALTH);
        assert_eq!(world.refused(&[world.apply_verifiers()]), "TooEarly");
    }
    world.pass(1);
    let apply = world.apply_verifiers();
    world.send(&[apply]).unwrap();
}

#[test]
fn bonds_outlast_the_challenge_of_what_their_owners_did() {
    let mut world = World::ready(TOKEN);
    let window = |slots: u64| (300, [slots, EXIT, SILENCE]);
    assert_eq!(world.refused(&[world.propose_terms("admin", window(UNBONDING / 2), &VERIFIERS)]), "nothing");
    assert_eq!(world.refused(&[world.propose_terms("admin", window(UNBONDING / 2 + 1), &VERIFIERS)]), "UnbondingTooShort");
    let config = world.initialize_config("attacker");
    world.send(&[config]).unwrap();
    let mut elsewhere = world.propose_terms("admin", window(WINDOW), &VERIFIERS);
    elsewhere.accounts[3].pubkey = registry_of("attacker").config;
    assert_eq!(world.refused(&[elsewhere]), "WrongAddress", "another registry's time");
    // Offsets in the data: 133 challenge, 157 registry program.
    let mut market = world.initialize_market("attacker");
    market.data[133..141].copy_from_slice(&(UNBONDING / 2 + 1).to_le_bytes());
    assert_eq!(world.refused(&[market.clone()]), "UnbondingTooShort");
    market.data[133..141].copy_from_slice(&(UNBONDING / 2).to_le_bytes());
    assert_eq!(world.refused(&[market.clone()]), "nothing");
    market.data[157..189].copy_from_slice(who("nobody").as_ref());
    assert_eq!(world.refused(&[market]), "WrongOwner", "a config that its program did not write");
}

#[test]
fn a_proposal_is_a_possible_set_and_its_authority_can_take_it_back() {
    let mut world = World::ready(TOKEN);
    for (threshold, verifiers) in [(0, &VERIFIERS[..]), (4, &VERIFIERS), (1, &[]), (1, &["verifier 0", "verifier 0"])] {
        assert_eq!(world.refused(&[world.propose_verifiers("admin", threshold, verifiers)]), "InvalidVerifierSet");
    }
    let propose = world.propose_verifiers("admin", 5, &NEXT_VERIFIERS);
    let mut stranger = propose.clone();
    stranger.accounts[1].pubkey = who("attacker");
    assert_eq!(world.refused(&[stranger]), "Unauthorized");
    let mut many = propose.clone();
    many.data[2] = 8;
    many.data.resize(2 + 4 + 8 * 32, 1);
    assert_eq!(world.refused(&[many]), "InvalidArgument", "more than seven");
    let before = world.balance(&who("rent"));
    world.send(std::slice::from_ref(&propose)).unwrap();
    assert_eq!(world.refused(&[world.cancel_verifiers("attacker")]), "Unauthorized");
    let cancel = world.cancel_verifiers("admin");
    world.send(&[cancel]).unwrap();
    assert_eq!(world.balance(&who("rent")), before, "rent and all");
    world.pass(NOTICE);
    assert_eq!(world.refused(&[world.apply_verifiers()]), "WrongOwner");
    assert_eq!(world.refused(&[propose]), "nothing", "there can be another one");
}

#[test]
fn the_authority_passes_on_only_to_who_accepts_it() {
    let mut world = World::ready(TOKEN);
    let offer = |world: &World, from: &str, to: Address| world.govern("propose_authority", from, &[("authority", Arg::Key(to))]);
    assert_eq!(world.refused(&[world.govern("accept_authority", "admin 2", &[])]), "WrongState", "nothing was offered");
    assert_eq!(world.refused(&[offer(&world, "attacker", who("attacker"))]), "Unauthorized");
    let typo = offer(&world, "admin", who("nobody"));
    world.send(&[typo]).unwrap();
    assert_eq!(world.refused(&[world.govern("accept_authority", "admin 2", &[])]), "Unauthorized");
    // A mistaken offer costs nothing: it is taken back, or made anew.
    let back = offer(&world, "admin", SYSTEM);
    world.send(&[back]).unwrap();
    assert_eq!(world.refused(&[world.govern("accept_authority", "admin 2", &[])]), "WrongState");
    let right = offer(&world, "admin", who("admin 2"));
    world.send(&[right]).unwrap();
    let pause = |world: &World, who: &str| world.govern("set_paused", who, &[("paused", Arg::U8(1))]);
    assert_eq!(world.refused(&[pause(&world, "admin 2")]), "Unauthorized", "not before it has accepted");
    assert_eq!(world.refused(&[pause(&world, "admin")]), "nothing");
    let accept = world.govern("accept_authority", "admin 2", &[]);
    world.send(std::slice::from_ref(&accept)).unwrap();
    assert_eq!(world.refused(&[accept]), "WrongState", "once");
    assert_eq!(world.refused(&[pause(&world, "admin")]), "Unauthorized");
    assert_eq!(world.refused(&[pause(&world, "admin 2")]), "nothing");
}

#[test]
fn a_paused_registry_takes_no_bond_and_holds_none_back() {
    let mut world = with_nodes(TOKEN);
    assert_eq!(world.refused(&[world.govern("set_paused", "admin", &[("paused", Arg::U8(2))])]), "InvalidArgument");
    assert_eq!(world.refused(&[world.govern("set_paused", "attacker", &[("paused", Arg::U8(1))])]), "Unauthorized");
    let pause = world.govern("set_paused", "admin", &[("paused", Arg::U8(1))]);
    world.send(&[pause]).unwrap();
    world.wallet("node 3");
    let newcomer = world.register_node("node 3", "provider");
    assert_eq!(world.refused(std::slice::from_ref(&newcomer)), "Paused");
    assert_eq!(world.refused(&[Node.add(&world, node("node"), "provider", 5)]), "Paused");
    let slashing = Node.slashed(&world, node("node 2"), &Slash::of(10));
    world.send(&slashing).unwrap();
    let unbond = Node.request(node("node"), "provider");
    world.send(&[unbond]).unwrap();
    world.pass(UNBONDING);
    for call in [Node.withdraw(&world, node("node"), "provider"), Node.withdraw(&world, node("node 2"), "provider 2")] {
        world.send(&[call]).unwrap();
    }
    assert_eq!(world.amount(&world.token(&who("provider"))), WEALTH);
    let resume = world.govern("set_paused", "admin", &[("paused", Arg::U8(0))]);
    world.send(&[resume]).unwrap();
    assert_eq!(world.refused(&[newcomer]), "nothing");
}

#[test]
fn an_older_attestation_never_replaces_a_newer_one() {
    let mut world = with_nodes(TOKEN);
    let keys = (who("receipt key"), who("sealing key"));
    let older = attest(&node("node"), &keys, [1; 32], world.start + 1_000);
    let newer = attest(&node("node"), &keys, [2; 32], world.start + 2_000);
    world.send(&older).unwrap();
    world.send(&newer).unwrap();
    // The quorum's signatures of the older one are on chain for everybody to see and to send again.
    assert_eq!(world.refused(&older), "AttestationOutdated");
    assert_eq!(world.refused(&newer), "AttestationOutdated");
    assert_eq!(world.data(&node("node"))[264..296], [2; 32]);
}

#[test]
fn a_revoked_attestation_never_comes_back() {
    let mut world = with_nodes(TOKEN);
    let keys = (who("receipt key"), who("sealing key"));
    let start = world.start;
    let record = |quote: u8, expiry: u64| attest(&node("node"), &keys, [quote; 32], start + expiry);
    let by_operator = world.of_node("withdraw_attestation", "node", "provider");
    assert_eq!(world.refused(&world.revoke_attestation("node", [1; 32])), "WrongState", "nothing to revoke");
    assert_eq!(world.refused(std::slice::from_ref(&by_operator)), "WrongState");
    assert_eq!(world.refused(&record(0, 1_000)), "InvalidArgument", "zero is no quote");
    world.send(&record(1, 1_000)).unwrap();
    let revoke = world.revoke_attestation("node", [1; 32]);
    assert_eq!(world.refused(&world.revoke_attestation("node", [2; 32])), "WrongState", "it has another");
    assert_eq!(world.refused(&[world.of_node("withdraw_attestation", "node", "provider 2")]), "Unauthorized");
    world.send(&revoke).unwrap();
    assert_eq!(world.data(&node("node"))[256..344], [0; 88], "expiry, quote and measurement");
    assert_eq!(world.refused(&record(1, 1_000)), "AttestationOutdated", "the same bytes again");
    assert_eq!(world.refused(&record(2, 1_000)), "AttestationOutdated", "whatever expires as early");
    assert_eq!(world.refused(&record(1, 2_000)), "AttestationRevoked", "signed of the same quote, never sent");
    assert_eq!(world.refused(&revoke), "WrongState");
    world.send(&record(2, 1_001)).unwrap();
    assert_eq!(world.refused(&revoke), "WrongState", "the old revocation does not reach the new record");
    world.send(&[by_operator]).unwrap();
    assert_eq!(world.refused(&record(2, 1_001)), "AttestationOutdated");
    assert_eq!(world.refused(&record(2, 2_000)), "AttestationRevoked");
    assert_eq!(world.refused(&record(3, 1_002)), "nothing");
}

#[test]
fn an_attestation_that_new_keys_ended_does_not_come_back_with_the_old_ones() {
    let mut world = with_nodes(TOKEN);
    let keys = (who("receipt key"), who("sealing key"));
    let record = attest(&node("node"), &keys, [1; 32], world.start + 1_000);
    world.send(&record).unwrap();
    world.send(&[update(7, &keys)]).unwrap();
    assert_eq!(world.data(&node("node"))[5], 1, "the same keys leave it");
    world.send(&[update(7, &(who("another"), keys.1))]).unwrap();
    assert_eq!(world.data(&node("node"))[5], 0);
    world.pass(UNBONDING);
    world.send(&[update(7, &keys)]).unwrap();
    assert_eq!(world.refused(&record), "AttestationOutdated");
    assert_eq!(world.refused(&attest(&node("node"), &keys, [2; 32], world.start + 1_001)), "nothing");
}

#[test]
fn a_node_closes_only_when_it_is_free_of_bond_slash_and_attestation() {
    let mut world = with_nodes(TOKEN);
    let keys = (who("receipt key"), who("sealing key"));
    let expiry = world.slot() + UNBONDING + if outside() { 150 } else { 7 };
    let record = attest(&node("node"), &keys, [1; 32], expiry);
    world.send(&record).unwrap();
    let close = Node.close(node("node"), "provider");
    assert_eq!(world.refused(std::slice::from_ref(&close)), "WrongState", "active");
    let unbond = Node.request(node("node"), "provider");
    world.send(&[unbond]).unwrap();
    world.pass(UNBONDING);
    assert_eq!(world.refused(std::slice::from_ref(&close)), "WrongState", "has its bond");
    // Signed in time, not sent in time: the node has its bond back.
    let late_slash = Node.slashed(&world, node("node"), &Slash::of(10));
    let withdrawal = Node.withdraw(&world, node("node"), "provider");
    world.send(&[withdrawal]).unwrap();
    assert_eq!(world.refused(&late_slash), "WrongState");
    world.almost_until(expiry);
    assert_eq!(world.refused(std::slice::from_ref(&close)), "TooEarly", "the record could be sent again");
    world.pass(1);
    assert_eq!(world.refused(&[Node.close(node("node"), "provider 2")]), "Unauthorized");
    let (rent, held) = (world.balance(&who("rent")), world.balance(&node("node")));
    world.send(std::slice::from_ref(&close)).unwrap();
    assert_eq!(world.balance(&who("rent")), rent + held);
    assert!(world.account(&node("node")).is_none());
    assert_eq!(world.refused(&[close]), "WrongOwner");

    // The same key again: nothing of its first life is left, except what the quorum has said against it.
    let register = world.register_node("node", "provider");
    world.send(&[register]).unwrap();
    assert_eq!(world.refused(&record), "TooLate");
    assert_eq!(world.data(&node("node"))[5], 0);
    assert_eq!(world.refused(&late_slash), "nothing");
    assert_eq!(world.refused(&attest(&node("node"), &keys, [1; 32], world.slot() + 1_000)), "nothing", "a new word of the quorum counts");
}

/// Royalty in force as stored, announced, and from when.
fn royalty(world: &World) -> (u16, u16, u64) {
    let data = world.data(&registry_of("admin").model(&MODEL));
    let bps = |at: usize| u16::from_le_bytes([data[at], data[at + 1]]);
    (bps(4), bps(6), u64::from_le_bytes(data[168..176].try_into().unwrap()))
}

#[test]
fn a_higher_royalty_waits_for_the_unbonding_time() {
    let mut world = World::ready(TOKEN);
    assert_eq!(world.refused(&[world.register_model("admin", "publisher", MODEL, (3_001, &[]))]), "RoyaltyTooHigh");
    assert_eq!(world.refused(&[world.register_model("admin", "publisher", MODEL, (1, &[1, 1]))]), "InvalidArgument", "twice the same");
    assert_eq!(world.refused(&[world.register_model("admin", "publisher", MODEL, (1, &[1, 2, 3, 4, 5]))]), "InvalidArgument", "five");
    let register = world.register_model("admin", "publisher", MODEL, (500, &[1, 2, 3, 4]));
    world.send(&[register]).unwrap();
    let ask = |world: &mut World, bps: u16| {
        let call = world.update_model("publisher", MODEL, (bps, &[9]));
        world.send(&[call]).unwrap();
        royalty(world)
    };
    assert_eq!(ask(&mut world, 400), (400, 0, 0), "less at once");
    let before = world.slot();
    let (_, _, from) = ask(&mut world, 3_000);
    assert!((before..=world.slot()).contains(&(from - UNBONDING)), "announced for {from}");
    assert_eq!(royalty(&world), (400, 3_000, from));
    world.almost(UNBONDING);
    assert_eq!(ask(&mut world, 900), (400, 900, from), "an announcement can shrink");
    world.pass(1);
    assert_eq!(ask(&mut world, 900), (900, 0, 0));
    assert_eq!(world.refused(&[world.update_model("publisher", MODEL, (3_001, &[]))]), "RoyaltyTooHigh");
    let data = world.data(&registry_of("admin").model(&MODEL));
    assert_eq!((data[184], &data[192..240]), (1, &[9; 48][..]));
    assert_eq!(data[240..384], [0; 144], "nothing of the longer list is left");
}

#[test]
fn a_model_is_the_publishers_whom_the_authority_named_until_it_retires_and_after() {
    let mut world = World::ready(TOKEN);
    let pause = world.govern("set_paused", "admin", &[("paused", Arg::U8(1))]);
    let register = world.register_model("admin", "publisher", MODEL, (500, &[]));
    world.send(&[pause]).unwrap();
    assert_eq!(world.refused(std::slice::from_ref(&register)), "Paused");
    let resume = world.govern("set_paused", "admin", &[("paused", Arg::U8(0))]);
    world.send(&[resume]).unwrap();
    let mut alone = register.clone();
    alone.accounts[2].pubkey = who("publisher");
    assert_eq!(world.refused(&[alone]), "Unauthorized", "a publisher's word alone");
    let mut nobodys = register.clone();
    // Offsets in the data: 1 model id, 33 royalty, 35 payee.
    nobodys.data[35..67].fill(0);
    assert_eq!(world.refused(&[nobodys]), "InvalidArgument");
    world.send(&[register]).unwrap();
    assert_eq!(world.refused(&[world.register_model("admin", "attacker", MODEL, (1, &[]))]), "AlreadyInitialized");
    for call in [world.update_model("attacker", MODEL, (1, &[])), world.retire_model("attacker", MODEL)] {
        assert_eq!(world.refused(&[call]), "Unauthorized");
    }
    let retire = world.retire_model("publisher", MODEL);
    world.send(std::slice::from_ref(&retire)).unwrap();
    for call in [retire, world.update_model("publisher", MODEL, (1, &[]))] {
        assert_eq!(world.refused(&[call]), "WrongState");
    }
    assert_eq!(world.refused(&[world.register_model("admin", "publisher", MODEL, (1, &[]))]), "AlreadyInitialized", "for good");
}

#[test]
fn an_attestation_speaks_of_the_present() {
    let mut world = with_nodes(TOKEN);
    let keys = (who("receipt key"), who("sealing key"));
    assert_eq!(world.refused(&attest(&node("node"), &keys, [1; 32], world.start)), "TooLate");
    assert_eq!(world.refused(&attest(&node("node"), &(who("receipt key"), who("another")), [1; 32], world.slot() + 1_000)), "InvalidArgument");
}

/// A change of "node" by its operator.
fn update(tiers: u8, keys: &(Address, Address)) -> Instruction {
    registry().call(
        "update_node",
        &[("operator", who("provider")), ("config", registry_of("admin").config), ("node", node("node"))],
        &[("tiers", Arg::U8(tiers)), ("receipt_key", Arg::Key(keys.0)), ("sealing_key", Arg::Key(keys.1)), ("payout", Arg::Key(who("provider")))],
    )
}

#[test]
fn a_node_that_leaves_changes_no_more() {
    let mut world = with_nodes(TOKEN);
    let keys = (who("receipt key"), who("sealing key"));
    assert_eq!(world.refused(&[update(8, &keys)]), "InvalidArgument", "a tier that does not exist");
    assert_eq!(world.refused(&[update(1, &(SYSTEM, keys.1))]), "InvalidArgument", "no receipt key");
    let unbond = Node.request(node("node"), "provider");
    world.send(std::slice::from_ref(&unbond)).unwrap();
    assert_eq!(world.refused(&[update(1, &keys)]), "WrongState");
    assert_eq!(world.refused(&[Node.add(&world, node("node"), "provider", 5)]), "WrongState");
    assert_eq!(world.refused(&attest(&node("node"), &keys, [1; 32], world.slot() + 1_000)), "WrongState");
    world.pass(1);
    assert_eq!(world.refused(&[unbond]), "WrongState", "the time does not begin again");
}

#[test]
fn a_time_beyond_counting_is_refused() {
    if only_inside("writes the config: no instruction makes its time that long") {
        return;
    }
    let mut world = with_nodes(TOKEN);
    let model = world.register_model("admin", "publisher", MODEL, (1, &[]));
    world.send(&[model]).unwrap();
    let config = registry_of("admin").config;
    let mut data = world.data(&config);
    data[112..120].copy_from_slice(&u64::MAX.to_le_bytes());
    world.put(config, registry().program, data, 10_000_000);
    let slashing = Node.slashed(&world, node("node"), &Slash::of(1));
    assert_eq!(world.refused(&slashing), "ArithmeticOverflow");
    for call in [
        Node.request(node("node"), "provider"),
        world.propose_verifiers("admin", 2, &VERIFIERS),
        world.update_model("publisher", MODEL, (2, &[])),
    ] {
        assert_eq!(world.refused(&[call]), "ArithmeticOverflow");
    }
}

#[test]
fn a_markets_time_beyond_counting_is_refused() {
    if only_inside("writes the market: no instruction makes its times that long") {
        return;
    }
    let (mut world, escrow_key) = with_escrow();
    let pool = world.pool("admin");
    world.put_tokens(pool.vault, &pool.mint, &pool.pool, 100);
    let mut data = world.data(&pool.market);
    // Window and exit time.
    data[232..248].fill(0xff);
    world.put(pool.market, escrow().program, data, 10_000_000);
    let posting = post(&world, 1, &Roots::of(&treasury_tree(&world, 100)));
    assert_eq!(world.refused(&posting), "ArithmeticOverflow");
    for call in [world.request_exit(escrow_key, "payer"), world.propose_terms("admin", (200, [WINDOW, EXIT, 1_000]), &VERIFIERS)] {
        assert_eq!(world.refused(&[call]), "ArithmeticOverflow");
    }
}

#[test]
fn an_escrow_of_another_market_is_foreign() {
    let mut world = World::ready(TOKEN);
    world.found("attacker");
    let (foreign, open) = world.open_escrow("attacker", "attacker", 10, (0, 0));
    world.send(&[open]).unwrap();
    for call in [world.deposit(foreign, "payer", 5), world.request_exit(foreign, "attacker"), world.exit(foreign, "attacker")] {
        assert_eq!(world.refused(&[call]), "EscrowForeign");
    }
}

#[test]
fn anyone_may_have_the_inflow_counted() {
    let mut world = with_inflow(70);
    let sync = world.sync_inflow();
    assert!(sync.accounts.iter().all(|meta| !meta.is_signer));
    world.send(std::slice::from_ref(&sync)).unwrap();
    let pool = world.pool("admin");
    assert_eq!(world.data(&pool.pool)[192..200], 70u64.to_le_bytes());
    world.pass(1);
    world.send(&[sync]).unwrap();
    assert_eq!(world.data(&pool.pool)[192..200], 70u64.to_le_bytes(), "once");
}

#[test]
fn a_bond_below_the_minimum_registers_nobody() {
    let mut world = World::ready(TOKEN);
    let mut call = world.register_node("node", "provider");
    let amount = call.data.len() - 8;
    call.data[amount..].copy_from_slice(&(MIN_BOND - 1).to_le_bytes());
    assert_eq!(world.refused(&[call.clone()]), "BondTooSmall");
    // Tiers, the second byte: none, and one that does not exist.
    call.data[amount..].copy_from_slice(&MIN_BOND.to_le_bytes());
    for tiers in [0, 8] {
        call.data[1] = tiers;
        assert_eq!(world.refused(&[call.clone()]), "InvalidArgument");
    }
}

#[test]
fn an_escrows_address_never_lives_twice() {
    let mut world = World::ready(TOKEN);
    let (escrow_key, open) = world.open_escrow("admin", "payer", 1_000, (0, 0));
    world.send(std::slice::from_ref(&open)).unwrap();
    assert_eq!(world.refused(std::slice::from_ref(&open)), "AlreadyInitialized");
    let leave = world.request_exit(escrow_key, "payer");
    world.send(&[leave]).unwrap();
    world.pass(EXIT);
    let exit = world.exit(escrow_key, "payer");
    world.send(&[exit]).unwrap();
    assert!(world.account(&escrow_key).is_none());
    assert_eq!(world.refused(&[open]), "OpenSlotOutOfRange");
}

#[test]
fn a_session_has_a_key_and_an_end_that_is_a_time() {
    let mut world = World::ready(TOKEN);
    // Offsets in the data: 1 opening slot, 9 session key, 41 expiry.
    let (_, open) = world.open_escrow("admin", "payer", 5, (0, 0));
    let mut keyless = open.clone();
    keyless.data[9..41].fill(0);
    assert_eq!(world.refused(&[keyless]), "InvalidArgument");
    let mut before_time = open;
    before_time.data[41..49].copy_from_slice(&(-1i64).to_le_bytes());
    assert_eq!(world.refused(&[before_time]), "InvalidArgument");
}

#[test]
fn an_opening_slot_is_of_the_last_150() {
    let mut world = World::ready(TOKEN);
    let (_, open) = world.open_escrow("admin", "payer", 5, (0, 0));
    if outside() {
        world.pass(150);
        assert_eq!(world.refused(&[open]), "OpenSlotOutOfRange");
        only_inside("the slot before the opening one and the last of the 150 need a clock that can be set");
        return;
    }
    world.at(START - 1);
    assert_eq!(world.refused(&[open.clone()]), "OpenSlotOutOfRange");
    world.at(START + 149);
    assert_eq!(world.refused(&[open.clone()]), "nothing");
    world.at(START + 150);
    assert_eq!(world.refused(&[open]), "OpenSlotOutOfRange");
}

#[test]
fn the_deposit_comes_back_whole_and_the_rent_to_its_payer() {
    let (mut world, escrow_key) = with_escrow();
    let payer_token = world.token(&who("payer"));
    assert_eq!(world.amount(&payer_token), WEALTH - 1_000);
    assert_eq!(world.refused(&[world.exit(escrow_key, "payer")]), "WrongState");
    let leave = world.request_exit(escrow_key, "payer");
    world.send(std::slice::from_ref(&leave)).unwrap();
    assert_eq!(world.refused(&[leave]), "WrongState");
    assert_eq!(world.refused(&[world.deposit(escrow_key, "attacker", 5)]), "WrongState");
    world.almost(EXIT);
    assert_eq!(world.refused(&[world.exit(escrow_key, "payer")]), "TooEarly");
    world.pass(1);
    let rent = world.account(&escrow_key).unwrap().lamports;
    let before = world.balance(&who("rent"));
    let exit = world.exit(escrow_key, "payer");
    world.send(&[exit]).unwrap();
    assert_eq!(world.amount(&payer_token), WEALTH);
    assert_eq!(world.balance(&who("rent")), before + rent);
    assert_eq!(world.amount(&world.pool("admin").deposits), 0);
}

/// Settles an escrow of "payer" up to an amount.
fn settle(world: &mut World, escrow_key: Address, amount: u64) {
    let paper = voucher(&escrow_key, amount, 0);
    let calls = [precompile::verify(&[(&key("payer session"), &paper)]), world.settle(&[(escrow_key, 0)])];
    world.send(&calls).unwrap();
}

#[test]
fn what_was_settled_is_collected_once_by_anyone() {
    let (mut world, escrow_key) = with_escrow();
    let pool = world.pool("admin");
    settle(&mut world, escrow_key, 300);
    assert_eq!((world.amount(&pool.vault), world.amount(&pool.deposits)), (0, 1_000));
    // Twice in one list, beside accounts that are no escrows of this market.
    let collect = world.collect(&[who("nobody"), escrow_key, pool.pool, escrow_key]);
    world.send(std::slice::from_ref(&collect)).unwrap();
    assert_eq!((world.amount(&pool.vault), world.amount(&pool.deposits)), (300, 700));
    let before = world.data(&pool.pool);
    let again = world.send(&[collect]).unwrap();
    assert_eq!((world.data(&pool.pool), world.amount(&pool.vault)), (before, 300));
    assert!(events(&again).is_empty(), "nothing moved, nothing told");
    settle(&mut world, escrow_key, 450);
    let collect = world.collect(&[escrow_key]);
    world.send(&[collect]).unwrap();
    assert_eq!((world.amount(&pool.vault), world.amount(&pool.deposits)), (450, 550));
}

#[test]
fn an_exit_leaves_what_was_settled_and_depends_on_nobody() {
    let (mut world, escrow_key) = with_escrow();
    let pool = world.pool("admin");
    settle(&mut world, escrow_key, 100);
    let collect = world.collect(&[escrow_key]);
    world.send(&[collect]).unwrap();
    settle(&mut world, escrow_key, 300);
    let leave = world.request_exit(escrow_key, "payer");
    world.send(&[leave]).unwrap();
    world.pass(EXIT);
    // Not even the vault has to be there to be paid.
    let vault = world.account(&pool.vault).unwrap();
    let alone = !only_inside("that the vault need not be there takes it away");
    if alone {
        world.put(pool.vault, SYSTEM, vec![], 10_000_000);
    }
    let exit = world.exit(escrow_key, "payer");
    world.send(&[exit]).unwrap();
    assert_eq!(world.amount(&world.token(&who("payer"))), WEALTH - 300);
    assert_eq!(world.amount(&pool.deposits), 200, "settled, and not collected before the escrow was closed");
    if alone {
        world.put(pool.vault, vault.owner, vault.data, vault.lamports);
    }
    let collect = world.collect(&[]);
    world.send(&[collect]).unwrap();
    assert_eq!((world.amount(&pool.vault), world.amount(&pool.deposits)), (300, 0));
}

#[test]
fn many_escrows_are_collected_at_once() {
    let mut world = World::ready(TOKEN);
    let mut escrows = vec![];
    for amount in 1..=23 {
        world.pass(1);
        let (escrow_key, open) = world.open_escrow("admin", "payer", 100, (0, 0));
        world.send(&[open]).unwrap();
        settle(&mut world, escrow_key, amount);
        escrows.push(escrow_key);
    }
    let collect = world.collect(&escrows);
    let sent = world.send(std::slice::from_ref(&collect)).unwrap();
    assert_eq!(world.amount(&world.pool("admin").vault), 23 * 24 / 2);
    let told = escrow().event(&events(&sent)[0]).1;
    assert_eq!(told["entries"].as_array().unwrap().len(), 23);
    escrows.push(escrows[0]);
    assert_eq!(world.refused(&[world.collect(&escrows)]), "WrongAccountCount");
}

#[test]
fn money_does_not_follow_an_associated_account_that_was_given_away() {
    let (mut world, escrow_key) = with_escrow();
    let leave = world.request_exit(escrow_key, "payer");
    world.send(&[leave]).unwrap();
    world.pass(EXIT);
    // SetAuthority of the account's owner, which SPL Token allows of an associated account too.
    let accounts = vec![AccountMeta::new(world.token(&who("payer")), false), AccountMeta::new_readonly(who("payer"), true)];
    let give = Instruction { program_id: TOKEN, accounts, data: [&[6, 2, 1][..], who("attacker").as_ref()].concat() };
    world.send(&[give]).unwrap();
    assert_eq!(world.refused(&[world.exit(escrow_key, "payer")]), "WrongTokenAccount");
}

#[test]
fn lamports_sent_ahead_stop_no_account() {
    let mut world = with_inflow(100);
    let pool = world.pool("admin");
    let tree = treasury_tree(&world, 100);
    let (escrow_key, open) = world.open_escrow("admin", "payer", 5, (0, 0));
    for address in [escrow_key, pool.batch(1), pool.claim(&who("treasury"), 4)] {
        world.put(address, SYSTEM, vec![], 50_000_000);
    }
    world.send(&[open]).unwrap();
    let posting = post(&world, 1, &Roots::of(&tree));
    world.send(&posting).unwrap();
    world.pass(WINDOW);
    let finalize = world.finalize_batch(1);
    world.send(&[finalize]).unwrap();
    world.tokens(&who("treasury"), 0);
    let claim = world.claim(1, &tree, 0, &who("treasury"));
    world.send(&[claim]).unwrap();
    assert_eq!(world.amount(&world.token(&who("treasury"))), 100);
}

#[test]
fn a_paused_market_refuses_money_in_and_never_money_out() {
    let (mut world, escrow_key) = with_escrow();
    let pool = world.pool("admin");
    world.put_tokens(pool.vault, &pool.mint, &pool.pool, 100);
    let tree = treasury_tree(&world, 100);
    let pause = world.set_paused("admin", 1);
    world.send(&[pause]).unwrap();
    world.mint(who("mint 2"), &[]);
    assert_eq!(world.refused(&[world.deposit(escrow_key, "payer", 5)]), "Paused");
    let (_, open) = world.open_escrow("admin", "payer 2", 5, (0, 0));
    assert_eq!(world.refused(&[open]), "Paused");
    assert_eq!(world.refused(&[world.initialize_pool("admin", who("mint 2"))]), "Paused");
    let session = key("payer session");
    let paper = voucher(&escrow_key, 10, 0);
    let settling = vec![precompile::verify(&[(&session, &paper)]), world.settle(&[(escrow_key, 0)]), world.collect(&[escrow_key])];
    world.send(&settling).unwrap();
    assert_eq!(world.amount(&pool.vault), 110);
    let posting = post(&world, 1, &Roots::of(&tree));
    world.send(&posting).unwrap();
    world.pass(WINDOW);
    world.tokens(&who("treasury"), 0);
    for call in [world.finalize_batch(1), world.claim(1, &tree, 0, &who("treasury")), world.request_exit(escrow_key, "payer")] {
        world.send(&[call]).unwrap();
    }
    world.pass(EXIT);
    let exit = world.exit(escrow_key, "payer");
    world.send(&[exit]).unwrap();
}

#[test]
fn only_the_authority_governs_a_market() {
    let mut world = World::ready(TOKEN);
    let verifiers = &VERIFIERS[..2];
    let terms = (300, [WINDOW, EXIT, SILENCE]);
    for call in [
        world.set_paused("attacker", 1),
        world.update_market("attacker", "attacker", who("attacker")),
        world.propose_terms("attacker", terms, verifiers),
        world.accept_authority("attacker"),
    ] {
        assert_eq!(world.refused(&[call]), "Unauthorized");
    }
    assert_eq!(world.refused(&[world.set_paused("admin", 2)]), "InvalidArgument");
    let proposal = world.propose_terms("admin", terms, verifiers);
    world.send(&[proposal]).unwrap();
    assert_eq!(world.refused(&[world.cancel_terms("attacker")]), "Unauthorized");
    // Offsets in the data: 1 operator, 33 treasury.
    for at in [1, 33] {
        let mut nobody = world.update_market("admin", "operator", who("hunter"));
        nobody.data[at..at + 32].fill(0);
        assert_eq!(world.refused(&[nobody]), "InvalidArgument");
    }
}

#[test]
fn a_paused_market_opens_again() {
    let (mut world, escrow_key) = with_escrow();
    for (paused, verdict) in [(1, "Paused"), (0, "nothing")] {
        let call = world.set_paused("admin", paused);
        world.send(&[call]).unwrap();
        assert_eq!(world.refused(&[world.deposit(escrow_key, "payer", 5)]), verdict);
    }
}

#[test]
fn the_authority_passes_only_to_who_can_sign() {
    let mut world = World::ready(TOKEN);
    let offer = world.update_market("admin", "operator", who("hunter"));
    world.send(&[offer]).unwrap();
    assert_eq!(world.refused(&[world.set_paused("hunter", 1)]), "Unauthorized", "offered, not taken");
    assert_eq!(world.refused(&[world.set_paused("admin", 1)]), "nothing");
    let accept = world.accept_authority("hunter");
    world.send(std::slice::from_ref(&accept)).unwrap();
    assert_eq!(world.refused(&[accept]), "Unauthorized", "taken once");
    assert_eq!(world.refused(&[world.set_paused("admin", 1)]), "Unauthorized");
    assert_eq!(world.refused(&[world.set_paused("hunter", 1)]), "nothing");
    // An offer is withdrawn by another.
    for nominee in [who("attacker"), SYSTEM] {
        let offer = world.update_market("hunter", "operator", nominee);
        world.send(&[offer]).unwrap();
    }
    assert_eq!(world.refused(&[world.accept_authority("attacker")]), "Unauthorized");
}

#[test]
fn who_asks_to_leave_when_terms_are_proposed_has_left_before_they_apply() {
    let (mut world, escrow_key) = with_escrow();
    let proposal = world.propose_terms("admin", (2_000, [1, 10 * EXIT, 7]), &VERIFIERS[1..]);
    let leave = world.request_exit(escrow_key, "payer");
    world.send(&[proposal, leave]).unwrap();
    world.pass(EXIT);
    let exit = world.exit(escrow_key, "payer");
    world.send(&[exit]).unwrap();
    world.almost(WINDOW);
    assert_eq!(world.refused(&[world.apply_terms()]), "TooEarly");
    world.pass(1);
    let terms = world.account(&terms_of("admin")).unwrap().lamports;
    let before = world.balance(&who("rent"));
    let mut stolen = world.apply_terms();
    stolen.accounts[2].pubkey = who("attacker");
    assert_eq!(world.refused(&[stolen]), "WrongAddress", "the rent is its payer's");
    let apply = world.apply_terms();
    world.send(std::slice::from_ref(&apply)).unwrap();
    assert_eq!(world.balance(&who("rent")), before + terms);
    assert_eq!(world.refused(&[apply]), "WrongOwner", "applied once");
    let market = world.data(&market_of("admin"));
    assert_eq!(market[6..8], 2_000u16.to_le_bytes());
    assert_eq!([&market[232..240], &market[240..248], &market[248..256]], [1, 10 * EXIT, 7].map(u64::to_le_bytes));
}

#[test]
fn a_proposal_can_be_taken_back_and_there_is_one_at_a_time() {
    let mut world = World::ready(TOKEN);
    let proposal = world.propose_terms("admin", (300, [WINDOW, EXIT, SILENCE]), &VERIFIERS);
    world.send(std::slice::from_ref(&proposal)).unwrap();
    assert_eq!(world.refused(&[world.propose_terms("admin", (400, [WINDOW, EXIT, SILENCE]), &VERIFIERS)]), "AlreadyInitialized");
    let cancel = world.cancel_terms("admin");
    world.send(&[cancel]).unwrap();
    world.pass(EXIT + WINDOW);
    assert_eq!(world.refused(&[world.apply_terms()]), "WrongOwner");
    assert_eq!(world.refused(&[proposal]), "nothing");
}

#[test]
fn terms_that_no_market_could_have_are_not_proposed() {
    let world = World::ready(TOKEN);
    let longest = 78_840_000;
    let verdict = |terms, verifiers: &[&str]| world.clone().refused(&[world.propose_terms("admin", terms, verifiers)]);
    assert_eq!(verdict((2_000, [UNBONDING / 2, longest, longest]), &VERIFIERS), "nothing");
    assert_eq!(verdict((2_001, [WINDOW, EXIT, SILENCE]), &VERIFIERS), "InvalidArgument");
    assert_eq!(verdict((300, [0, EXIT, SILENCE]), &VERIFIERS), "InvalidArgument");
    assert_eq!(verdict((300, [WINDOW, 149, SILENCE]), &VERIFIERS), "InvalidArgument");
    // No silence at all is none; one that ends before a window does is no silence.
    assert_eq!(verdict((300, [WINDOW, EXIT, 0]), &VERIFIERS), "nothing");
    assert_eq!(verdict((300, [WINDOW, EXIT, WINDOW]), &VERIFIERS), "nothing");
    assert_eq!(verdict((300, [WINDOW, EXIT, WINDOW - 1]), &VERIFIERS), "InvalidArgument");
    for slots in [[longest + 1, EXIT, longest], [WINDOW, longest + 1, SILENCE], [WINDOW, EXIT, longest + 1], [u64::MAX; 3]] {
        assert_eq!(verdict((300, slots), &VERIFIERS), "InvalidArgument");
    }
    assert_eq!(verdict((300, [WINDOW, EXIT, SILENCE]), &VERIFIERS[..1]), "InvalidVerifierSet");
    assert_eq!(verdict((300, [WINDOW, EXIT, SILENCE]), &[VERIFIERS[0]; 2]), "InvalidVerifierSet");
}

#[test]
fn new_verifiers_sign_from_when_their_terms_apply() {
    let mut world = with_inflow(100);
    let proposal = world.propose_terms("admin", (300, [WINDOW, EXIT, SILENCE]), &VERIFIERS[1..]);
    world.send(&[proposal]).unwrap();
    let roots = Roots::of(&treasury_tree(&world, 100));
    let digest = roots.digest(&world.pool("admin"), 1);
    let verdict = |world: &mut World, names: &[&str]| {
        let call = world.post_batch(1, &roots);
        world.refused(&[signed_by(names, &digest), call])
    };
    assert_eq!(verdict(&mut world, &VERIFIERS[..2]), "nothing");
    world.pass(EXIT + WINDOW);
    let apply = world.apply_terms();
    world.send(&[apply]).unwrap();
    assert_eq!(verdict(&mut world, &VERIFIERS[..2]), "WrongSigner");
    assert_eq!(verdict(&mut world, &VERIFIERS[1..]), "nothing");
}

#[test]
fn an_escrow_keeps_its_operator_until_it_is_given_the_markets() {
    let (mut world, escrow_key) = with_escrow();
    let update = world.update_market("admin", "hunter", SYSTEM);
    world.send(&[update]).unwrap();
    let paper = voucher(&escrow_key, 100, 0);
    let verdict = |world: &mut World, operator: &str| {
        let mut call = world.settle(&[(escrow_key, 0)]);
        call.accounts[0].pubkey = who(operator);
        world.refused(&[precompile::verify(&[(&key("payer session"), &paper)]), call])
    };
    assert_eq!((verdict(&mut world, "operator").as_str(), verdict(&mut world, "hunter").as_str()), ("nothing", "Unauthorized"));
    world.found("attacker");
    let (foreign, open) = world.open_escrow("attacker", "attacker", 10, (0, 0));
    world.send(&[open]).unwrap();
    let refresh = world.refresh_operator(&[foreign, who("nobody"), escrow_key]);
    let sent = world.send(std::slice::from_ref(&refresh)).unwrap();
    assert_eq!(escrow().event(&events(&sent)[0]).1["escrows"].as_array().unwrap().len(), 1);
    assert_eq!(world.data(&foreign)[224..256], *who("operator").as_ref());
    assert_eq!((verdict(&mut world, "operator").as_str(), verdict(&mut world, "hunter").as_str()), ("Unauthorized", "nothing"));
    assert!(events(&world.send(&[refresh]).unwrap()).is_empty(), "nothing changed, nothing told");
}

/// A world with a job of 1,000 units for "node" and the fee at 2 %; its deadline is 400 slots away.
fn with_job() -> (World, Address) {
    let mut world = with_nodes(TOKEN);
    world.tokens(&who("treasury"), 0);
    let (job, open) = world.open_job(1_000, world.slot() + 400);
    world.send(&[open]).unwrap();
    (world, job)
}

fn earned(world: &World) -> (u64, u64) {
    (world.amount(&world.token(&who("provider"))) - (WEALTH - MIN_BOND), world.amount(&world.token(&who("treasury"))))
}

fn award(world: &World, job: Address, cumulative: u64) -> Vec<Instruction> {
    vec![quorum(&award_digest(&job, cumulative)), world.award_job(job, cumulative)]
}

#[test]
fn a_job_is_released_in_parts_by_either_word_and_the_rest_goes_back() {
    let (mut world, job) = with_job();
    let deposits = world.pool("admin").deposits;
    let release = world.release_job(job, 333);
    world.send(std::slice::from_ref(&release)).unwrap();
    assert_eq!(earned(&world), (327, 6));
    assert_eq!(world.refused(&[release]), "NothingToSettle", "the same word counts once");
    let awarding = award(&world, job, 700);
    world.send(&awarding).unwrap();
    assert_eq!(earned(&world), (686, 14), "as one release of 700 would have paid");
    assert_eq!(world.refused(&awarding), "NothingToSettle");
    assert_eq!(world.refused(&[world.release_job(job, 1_001)]), "DepositExceeded");
    world.almost(400);
    assert_eq!(world.refused(&[world.refund_job(job)]), "TooEarly");
    assert_eq!(world.refused(&award(&world, job, 701)), "nothing");
    world.pass(1);
    assert_eq!(world.refused(&award(&world, job, 701)), "TooLate", "from the deadline on the rest is the payer's");
    assert_eq!(world.refused(&[world.release_job(job, 701)]), "nothing", "who may still give it");
    let rent = world.account(&job).unwrap().lamports;
    let before = world.balance(&who("rent"));
    let refund = world.refund_job(job);
    world.send(&[refund]).unwrap();
    assert_eq!(world.amount(&world.token(&who("payer"))), WEALTH - 700);
    assert_eq!((world.amount(&deposits), world.balance(&who("rent"))), (0, before + rent));
}

#[test]
fn a_job_released_whole_is_closed_once_its_address_cannot_come_back() {
    let (mut world, job) = with_job();
    let release = world.release_job(job, 1_000);
    world.send(&[release]).unwrap();
    world.almost(150);
    assert_eq!(world.refused(&[world.refund_job(job)]), "TooEarly");
    world.pass(1);
    let close = world.refund_job(job);
    world.send(&[close]).unwrap();
    assert!(world.account(&job).is_none());
    assert_eq!(earned(&world), (980, 20));
}

#[test]
fn nobody_else_releases_a_job_and_nobody_else_is_paid() {
    let (mut world, job) = with_job();
    let mut stranger = world.release_job(job, 10);
    stranger.accounts[0].pubkey = who("attacker");
    assert_eq!(world.refused(&[stranger]), "Unauthorized");
    let mut unsigned = world.release_job(job, 10);
    unsigned.accounts[0].is_signer = false;
    assert_eq!(world.refused(&[unsigned]), "MissingSigner");
    let alone = [signed_by(&VERIFIERS[..1], &award_digest(&job, 10)), world.award_job(job, 10)];
    assert_eq!(world.refused(&alone), "QuorumTooSmall");
    assert_eq!(world.refused(&[quorum(&award_digest(&job, 11)), world.award_job(job, 10)]), "WrongMessage");
    assert_eq!(world.refused(&[quorum(&award_digest(&who("nobody"), 10)), world.award_job(job, 10)]), "WrongMessage");
    let mut other = world.release_job(job, 10);
    other.accounts[4].pubkey = node("node 2");
    assert_eq!(world.refused(&[other]), "NodeForeign");
    for place in [5, 6] {
        let mut diverted = world.release_job(job, 500);
        diverted.accounts[place].pubkey = world.token(&who("attacker"));
        assert_eq!(world.refused(&[diverted]), "WrongTokenAccount");
    }
    let slashing = Node.slashed(&world, node("node"), &Slash::of(10));
    world.send(&slashing).unwrap();
    assert_eq!(world.refused(&[world.release_job(job, 10)]), "NodeSlashed");
}

#[test]
fn a_job_has_an_amount_and_a_deadline_that_comes() {
    let mut world = with_nodes(TOKEN);
    let verdict = |world: &mut World, amount, deadline| {
        let (_, open) = world.open_job(amount, deadline);
        world.refused(&[open])
    };
    // The deadline counts from the slot it is simulated in, which on a cluster is a few later.
    let (slot, few) = (world.slot(), if outside() { 100 } else { 0 });
    assert_eq!(verdict(&mut world, 0, slot + 400), "ZeroAmount");
    assert_eq!(verdict(&mut world, 5, slot + 149), "InvalidArgument");
    assert_eq!(verdict(&mut world, 5, slot + 150 + few), "nothing");
    assert_eq!(verdict(&mut world, 5, slot + 78_840_000), "nothing");
    assert_eq!(verdict(&mut world, 5, slot + 78_840_001 + few), "InvalidArgument");
    assert_eq!(verdict(&mut world, 5, u64::MAX), "InvalidArgument");
    let (_, open) = world.open_job(5, world.slot() + 400);
    world.pass(150);
    assert_eq!(world.refused(std::slice::from_ref(&open)), "OpenSlotOutOfRange");
    if !only_inside("the slot before the opening one needs a clock that can be set") {
        world.at(START - 1);
        assert_eq!(world.refused(std::slice::from_ref(&open)), "OpenSlotOutOfRange");
    }
    let (_, open) = world.open_job(5, world.slot() + 400);
    let pause = world.set_paused("admin", 1);
    world.send(&[pause]).unwrap();
    assert_eq!(world.refused(&[open]), "Paused");
}

#[test]
fn a_pause_keeps_no_job_from_its_node_or_its_payer() {
    let (mut world, job) = with_job();
    let pause = world.set_paused("admin", 1);
    world.send(&[pause]).unwrap();
    assert_eq!(world.refused(&[world.release_job(job, 10)]), "nothing");
    assert_eq!(world.refused(&award(&world, job, 10)), "nothing");
    world.pass(400);
    assert_eq!(world.refused(&[world.refund_job(job)]), "nothing");
}

#[test]
fn a_reference_is_paid_once_by_each_payer() {
    let mut world = with_inflow(7);
    let pool = world.pool("admin");
    let (payment, pay) = world.pay([1; 32], 60);
    let sent = world.send(std::slice::from_ref(&pay)).unwrap();
    let told: Vec<_> = events(&sent).iter().map(|data| escrow().event(data)).collect();
    assert_eq!(told.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["InflowSynced", "PaymentReceived"]);
    assert_eq!(told[1].1["inflow"], "67");
    assert_eq!(world.amount(&pool.vault), 67);
    assert_eq!(world.refused(&[pay]), "AlreadyInitialized");
    assert_eq!(world.refused(&[world.pay([1; 32], 61).1]), "AlreadyInitialized", "whatever the amount");
    assert_eq!(world.refused(&[world.pay([2; 32], 60).1]), "nothing");
    assert_eq!(world.refused(&[world.pay([2; 32], 0).1]), "ZeroAmount");
    // Who pays under another's reference uses up nothing of theirs.
    let mut other = world.pay([3; 32], 1).1;
    other.accounts[1].pubkey = who("attacker");
    other.accounts[4].pubkey = pool.payment(&who("attacker"), &[3; 32]);
    other.accounts[5].pubkey = world.token(&who("attacker"));
    world.send(&[other]).unwrap();
    assert_eq!(world.refused(&[world.pay([3; 32], 60).1]), "nothing");
    if only_inside("the part after a day waits 216,000 slots") {
        return;
    }
    // The record stands for a day, and its rent goes back to who paid it.
    world.pass(215_999);
    assert_eq!(world.refused(&[world.close_payment(payment)]), "TooEarly");
    world.pass(1);
    let mut stranger = world.close_payment(payment);
    stranger.accounts[0].pubkey = who("attacker");
    assert_eq!(world.refused(&[stranger]), "WrongAddress");
    let (rent, before) = (world.account(&payment).unwrap().lamports, world.balance(&who("rent")));
    let close = world.close_payment(payment);
    world.send(&[close]).unwrap();
    assert_eq!(world.balance(&who("rent")), before + rent);
    let pause = world.set_paused("admin", 1);
    world.send(&[pause]).unwrap();
    assert_eq!(world.refused(&[world.pay([4; 32], 60).1]), "Paused");
}

#[test]
fn a_batch_is_closed_when_nobody_needs_it() {
    let mut world = with_inflow(100);
    let roots = |world: &World, sum| Roots::of(&treasury_tree(world, sum));
    let first = post(&world, 1, &roots(&world, 50));
    world.send(&first).unwrap();
    assert_eq!(world.refused(&[world.close_batch(1)]), "WrongState", "in its window");
    world.pass(WINDOW);
    assert_eq!(world.refused(&[world.close_batch(1)]), "WrongState", "nor before it is final");
    let finalize = world.finalize_batch(1);
    world.send(&[finalize]).unwrap();
    assert_eq!(world.refused(&[world.close_batch(1)]), "WrongState", "claims stand on it");
    let second = post(&world, 2, &roots(&world, 60));
    let voiding = [quorum(&void_digest(&world.pool("admin").batch(2), &roots(&world, 60).credit_root, 1)), world.void_batch(2, 1)];
    world.send(&second).unwrap();
    world.send(&voiding).unwrap();
    assert_eq!(world.refused(&[world.close_batch(2)]), "nothing", "void");
    assert_eq!(world.refused(&[world.close_batch(1)]), "WrongState", "the last final one");
    let third = post(&world, 3, &roots(&world, 70));
    world.send(&third).unwrap();
    assert_eq!(world.refused(&[world.close_batch(1)]), "WrongState", "until another is final");
    world.pass(WINDOW);
    let finalize = world.finalize_batch(3);
    world.send(&[finalize]).unwrap();
    let mut stranger = world.close_batch(1);
    stranger.accounts[0].pubkey = who("attacker");
    assert_eq!(world.refused(&[stranger]), "WrongAddress");
    let batch = world.pool("admin").batch(1);
    let (rent, before) = (world.account(&batch).unwrap().lamports, world.balance(&who("rent")));
    let close = world.close_batch(1);
    world.send(&[close]).unwrap();
    assert_eq!(world.balance(&who("rent")), before + rent);
    assert_eq!(world.refused(&[world.close_batch(3)]), "WrongState");
}

#[test]
fn one_batch_at_a_time_in_order_within_the_inflow() {
    let mut world = with_inflow(100);
    let roots = |world: &World, sum| Roots::of(&treasury_tree(world, sum));
    assert_eq!(world.refused(&post(&world, 1, &roots(&world, 101))), "CreditExceedsInflow");
    assert_eq!(world.refused(&post(&world, 2, &roots(&world, 100))), "WrongSequence");
    assert_eq!(world.refused(&post(&world, 1, &Roots { payee_count: 0, ..roots(&world, 100) })), "InvalidArgument");
    let first = post(&world, 1, &roots(&world, 100));
    world.send(&first).unwrap();
    assert_eq!(world.refused(&post(&world, 2, &roots(&world, 100))), "BatchPending");
    world.almost(WINDOW);
    assert_eq!(world.refused(&[world.finalize_batch(1)]), "TooEarly");
    world.pass(1);
    let voiding = vec![quorum(&void_digest(&world.pool("admin").batch(1), &roots(&world, 100).credit_root, 1)), world.void_batch(1, 1)];
    assert_eq!(world.refused(&voiding), "TooLate");
    let finalize = world.finalize_batch(1);
    world.send(std::slice::from_ref(&finalize)).unwrap();
    assert_eq!(world.refused(&[finalize]), "WrongState");
    assert_eq!(world.refused(&voiding), "WrongState");
    assert_eq!(world.refused(&post(&world, 2, &roots(&world, 99))), "CreditShrinks");
    assert_eq!(world.refused(&post(&world, 2, &roots(&world, 100))), "nothing");
}

#[test]
fn only_the_pools_pending_batch_is_finalized_or_voided() {
    if only_inside("writes the pool: no instruction makes it and its batch disagree") {
        return;
    }
    let mut world = with_inflow(100);
    let pool = world.pool("admin");
    let roots = Roots::of(&treasury_tree(&world, 100));
    let posting = post(&world, 1, &roots);
    world.send(&posting).unwrap();
    // No instruction makes a pool and its posted batch disagree; the programs check it all the same.
    let mut data = world.data(&pool.pool);
    data[224..232].copy_from_slice(&2u64.to_le_bytes());
    world.put(pool.pool, escrow().program, data, 10_000_000);
    let voiding = [quorum(&void_digest(&pool.batch(1), &roots.credit_root, 1)), world.void_batch(1, 1)];
    assert_eq!(world.refused(&voiding), "WrongSequence");
    world.pass(WINDOW);
    assert_eq!(world.refused(&[world.finalize_batch(1)]), "WrongSequence");
}

#[test]
fn a_claim_needs_a_final_batch_a_true_proof_and_something_new() {
    let mut world = with_inflow(100);
    world.tokens(&who("treasury"), 0);
    let tree = treasury_tree(&world, 100);
    let posting = post(&world, 1, &Roots::of(&tree));
    world.send(&posting).unwrap();
    let claim = world.claim(1, &tree, 0, &who("treasury"));
    assert_eq!(world.refused(std::slice::from_ref(&claim)), "BatchNotFinal");
    world.pass(WINDOW);
    let finalize = world.finalize_batch(1);
    world.send(&[finalize]).unwrap();
    assert_eq!(world.refused(&[world.claim(1, &treasury_tree(&world, 99), 0, &who("treasury"))]), "WrongProof");
    let mut elsewhere = claim.clone();
    elsewhere.data[10] = 1;
    assert_eq!(world.refused(&[elsewhere]), "WrongProof", "index 1 of 1");
    for kind in [0, 6] {
        let mut unknown = claim.clone();
        unknown.data[1] = kind;
        assert_eq!(world.refused(&[unknown]), "WrongKind");
    }
    world.send(std::slice::from_ref(&claim)).unwrap();
    assert_eq!(world.refused(&[claim]), "NothingToClaim");
}

#[test]
fn what_was_claimed_is_counted_on_the_payees_own_account() {
    let mut world = World::ready(TOKEN);
    let pool = world.pool("admin");
    world.put_tokens(pool.vault, &pool.mint, &pool.pool, 450);
    let credit = |name, kind, cumulative| Credit { payee: who(name), kind, cumulative };
    // The payer has two credits, and the treasury one smaller than either.
    let tree = Tree::new(&pool.pool, vec![credit("payer", 5, 300), credit("payer", 2, 130), credit("treasury", 4, 20)]);
    let posting = post(&world, 1, &Roots::of(&tree));
    world.send(&posting).unwrap();
    world.pass(WINDOW);
    let finalize = world.finalize_batch(1);
    world.send(&[finalize]).unwrap();
    world.tokens(&who("treasury"), 0);
    let claim = |world: &World, name: &str, kind| world.claim(1, &tree, tree.index(&who(name), kind), &who(name));
    for (name, kind) in [("treasury", 4), ("payer", 2), ("payer", 5)] {
        let call = claim(&world, name, kind);
        world.send(&[call]).unwrap();
    }
    // Against an account that counts less, the whole difference would be paid a second time.
    for other in [pool.claim(&who("treasury"), 4), pool.claim(&who("payer"), 2)] {
        let mut again = claim(&world, "payer", 5);
        again.accounts[4].pubkey = other;
        assert_eq!(world.refused(&[again]), "WrongAddress");
    }
    if only_inside("the part with a claim account of another pool writes that account") {
        return;
    }
    // The same payee and kind in another market's pool.
    world.found("attacker");
    let foreign = world.pool("attacker");
    let mut data = world.data(&pool.claim(&who("payer"), 5));
    data[8..40].copy_from_slice(foreign.pool.as_ref());
    data[104..112].fill(0);
    world.put(foreign.claim(&who("payer"), 5), escrow().program, data, 10_000_000);
    let mut again = claim(&world, "payer", 5);
    again.accounts[4].pubkey = foreign.claim(&who("payer"), 5);
    assert_eq!(world.refused(&[again]), "WrongAddress");
}

#[test]
fn a_slashed_node_is_not_paid_and_a_stranger_is_none() {
    let mut world = with_nodes(TOKEN);
    let pool = world.pool("admin");
    world.put_tokens(pool.vault, &pool.mint, &pool.pool, 30);
    let credit = |name, cumulative| Credit { payee: who(name), kind: 1, cumulative };
    let tree = Tree::new(&pool.pool, vec![credit("node", 10), credit("node 2", 10), credit("payer", 10)]);
    let posting = post(&world, 1, &Roots::of(&tree));
    world.send(&posting).unwrap();
    world.pass(WINDOW);
    let finalize = world.finalize_batch(1);
    world.send(&[finalize]).unwrap();
    let slashing = Node.slashed(&world, node("node 2"), &Slash::of(10));
    world.send(&slashing).unwrap();
    let claim = |world: &World, name: &str, wallet: &str| world.claim(1, &tree, tree.index(&who(name), 1), &who(wallet));
    assert_eq!(world.refused(&[claim(&world, "node 2", "provider 2")]), "NodeSlashed");
    assert_eq!(world.refused(&[claim(&world, "payer", "payer")]), "NodeForeign");
    assert_eq!(world.refused(&[claim(&world, "node", "attacker")]), "WrongTokenAccount");
    let before = world.amount(&world.token(&who("provider")));
    let good = claim(&world, "node", "provider");
    world.send(&[good]).unwrap();
    assert_eq!(world.amount(&world.token(&who("provider"))), before + 10);
}

/// Token-2022's own instructions for extensions that would break the sums: type, name, length, instruction.
fn extensions() -> Vec<(u64, &'static str, u64, Vec<u8>)> {
    let authority = who("mint authority");
    let with = |head: &[u8], tail: &[u8]| [head, authority.as_ref(), tail].concat();
    vec![
        (1, "transfer fee", 108, [&[26, 0, 0, 0][..], &100u16.to_le_bytes(), &5u64.to_le_bytes()].concat()),
        (3, "close authority", 32, with(&[25, 1], &[])),
        (4, "confidential transfer", 65, with(&[27, 0], &[0; 33])),
        (6, "default state", 1, vec![28, 0, 1]),
        (9, "non-transferable", 0, vec![32]),
        (10, "interest", 52, with(&[33, 0], &100i16.to_le_bytes())),
        (12, "permanent delegate", 32, with(&[35], &[])),
        (14, "transfer hook", 64, with(&[36, 0], who("hook").as_ref())),
        (25, "scaled amount", 56, with(&[43, 0], &2f64.to_le_bytes())),
        (26, "pausable", 33, with(&[44, 0], &[])),
    ]
}

#[test]
fn mints_that_token_2022_makes_with_such_extensions_are_refused() {
    let mut world = World::ready(TOKEN_2022);
    for (kind, name, len, instruction) in extensions() {
        world.make_mint(name, Some((len, instruction)));
        assert_eq!(world.data(&who(name))[166..168], (kind as u16).to_le_bytes(), "{name} is there");
        let pool = Pool::of(market_of("admin"), who(name), &TOKEN_2022);
        world.put_tokens(pool.vault, &pool.mint, &pool.pool, 0);
        assert_eq!(world.refused(&[world.initialize_pool("admin", who(name))]), "MintRefused", "pool, {name}");
        let mut config = world.initialize_config("attacker");
        config.accounts[3].pubkey = who(name);
        assert_eq!(world.refused(&[config]), "MintRefused", "bonds, {name}");
    }
}

#[test]
fn mints_that_break_the_accounting_are_refused() {
    if only_inside("writes mints with extensions, also such as do not exist") {
        return;
    }
    // Transfer fee, confidential transfer, default state, non-transferable, interest, permanent delegate, hook, pausable, unknown.
    for extension in [1u16, 4, 6, 9, 10, 12, 14, 26, 999] {
        let mut world = World::ready(TOKEN_2022);
        world.mint(
            who("mint 2"),
            &[&18u16.to_le_bytes()[..], &64u16.to_le_bytes(), &[0; 64], &extension.to_le_bytes(), &8u16.to_le_bytes(), &[0; 8]].concat(),
        );
        let pool = Pool::of(market_of("admin"), who("mint 2"), &TOKEN_2022);
        world.put_tokens(pool.vault, &pool.mint, &pool.pool, 0);
        assert_eq!(world.refused(&[world.initialize_pool("admin", who("mint 2"))]), "MintRefused", "pool, extension {extension}");
        let mut config = world.initialize_config("attacker");
        config.accounts[3].pubkey = who("mint 2");
        assert_eq!(world.refused(&[config]), "MintRefused", "bonds, extension {extension}");
    }
}

#[test]
fn markets_and_registries_with_absurd_terms_are_refused() {
    let mut world = World::bare(TOKEN);
    let market = |world: &World, change: &dyn Fn(&mut Vec<u8>)| {
        let mut call = world.initialize_market("admin");
        change(&mut call.data);
        call
    };
    // Offsets in the data: 1 id, 3 cluster, 35 authority, 67 operator, 99 treasury, 131 fee, 133 challenge, 141 exit.
    let fee = market(&world, &|data| data[131..133].copy_from_slice(&2001u16.to_le_bytes()));
    assert_eq!(world.refused(&[fee]), "InvalidArgument");
    let window = market(&world, &|data| data[133..141].fill(0));
    assert_eq!(world.refused(&[window]), "InvalidArgument");
    let exit = market(&world, &|data| data[141..149].copy_from_slice(&149u64.to_le_bytes()));
    assert_eq!(world.refused(&[exit]), "InvalidArgument");
    for at in [133, 141, 149] {
        let endless = market(&world, &|data| data[at..at + 8].fill(0xff));
        assert_eq!(world.refused(&[endless]), "InvalidArgument");
    }
    // Threshold, then count and keys, stand at the end.
    for threshold in [0, 4] {
        let at = 1 + 2 + 4 * 32 + 2 + 4 * 8 + 2 * 32;
        let set = market(&world, &|data| data[at] = threshold);
        assert_eq!(world.refused(&[set]), "InvalidVerifierSet");
    }
    let twice = market(&world, &|data| {
        // Behind the verifiers stand the gateways, of whom there is one.
        let end = data.len() - 4 - 32;
        data.copy_within(end - 32..end, end - 64);
    });
    assert_eq!(world.refused(&[twice]), "InvalidVerifierSet");
    let mut gateways = |count: u32, keys: &[u8]| {
        let call = market(&world, &|data| {
            data.truncate(data.len() - 4 - 32);
            data.extend_from_slice(&count.to_le_bytes());
            data.extend_from_slice(keys);
        });
        world.refused(&[call])
    };
    assert_eq!(gateways(5, &[[1; 32], [2; 32], [3; 32], [4; 32], [5; 32]].concat()), "InvalidArgument");
    assert_eq!(gateways(2, &[1; 64]), "InvalidArgument", "the same twice");
    assert_eq!(gateways(1, &[0; 32]), "InvalidArgument", "nobody signs for the zero key");
    let registry = |world: &World, change: &dyn Fn(&mut Vec<u8>)| {
        let mut call = world.initialize_config("admin");
        change(&mut call.data);
        call
    };
    // Offsets in the data: 1 id, 3 authority, 35 least bond of a node, 43 of a validator, 51 unbonding time, 59 threshold.
    for zero in [35..43, 43..51] {
        let call = registry(&world, &|data| data[zero.clone()].fill(0));
        assert_eq!(world.refused(&[call]), "InvalidArgument");
    }
    let year: u64 = 78_840_000;
    for (slots, verdict) in [(0, "InvalidArgument"), (149, "InvalidArgument"), (150, "nothing"), (year, "nothing"), (year + 1, "InvalidArgument")] {
        let call = registry(&world, &|data| data[51..59].copy_from_slice(&slots.to_le_bytes()));
        assert_eq!(world.refused(&[call]), verdict);
    }
    for threshold in [0, 4] {
        let call = registry(&world, &|data| data[59] = threshold);
        assert_eq!(world.refused(&[call]), "InvalidVerifierSet");
    }
}

#[test]
fn zero_amounts_move_nothing() {
    let (mut world, escrow_key) = with_escrow();
    assert_eq!(world.refused(&[world.deposit(escrow_key, "payer", 0)]), "ZeroAmount");
    let mut world = with_nodes(TOKEN);
    assert_eq!(world.refused(&[Node.add(&world, node("node"), "provider", 0)]), "ZeroAmount");
}
