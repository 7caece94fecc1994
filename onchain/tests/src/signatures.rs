//! What is not a signature: precompile instructions that point elsewhere or stand elsewhere, quorums that are none, vouchers that do not
//! hold, events that a stranger makes.

use std::collections::BTreeSet;

use solana_account::Account;
use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    bytes::{SYSTEM, TOKEN},
    chain::{only_inside, outside},
    precompile::{self, OWN, Place},
    story::attest,
    world::*,
};

/// Seconds that a limited session lasts; longer where they pass by themselves.
fn session_seconds() -> i64 {
    if outside() { 30 } else { 5 }
}

/// Escrows of "payer" (no limits) and "payer 2" (a limited session, at most 600 units), 1,000 units each.
fn with_escrows() -> (World, [Address; 2]) {
    let mut world = World::ready(TOKEN);
    let (first, open) = world.open_escrow("admin", "payer", 1_000, (0, 0));
    world.send(&[open]).unwrap();
    let (second, open) = world.open_escrow("admin", "payer 2", 1_000, (world.unix_time() + session_seconds(), 600));
    world.send(&[open]).unwrap();
    (world, [first, second])
}

fn nothing_between() -> Instruction {
    let mut data = 2u32.to_le_bytes().to_vec();
    data.extend_from_slice(&1u64.to_le_bytes());
    Instruction { program_id: SYSTEM, accounts: vec![AccountMeta::new(who("fees"), true), AccountMeta::new(who("rent"), false)], data }
}

/// What an escrow counts as settled; 0 where there is none.
fn debit(escrow: Option<Account>) -> u64 {
    let owned = escrow.filter(|account| account.owner == crate::world::escrow().program);
    owned.map_or(0, |account| u64::from_le_bytes(account.data[176..184].try_into().unwrap()))
}

/// Amount and error name of each entry of a settlement that passes.
fn settled(world: &mut World, instructions: &[Instruction]) -> Vec<(u64, String)> {
    let would = world.would(instructions).unwrap();
    let idl = escrow();
    let told = events(&would.sent).iter().map(|data| idl.event(data)).find(|(name, _)| name == "VouchersSettled").unwrap().1;
    let entries: Vec<_> = told["entries"].as_array().unwrap().clone();
    let keys: BTreeSet<Address> = entries.iter().map(|entry| entry["escrow"].as_str().unwrap().parse().unwrap()).collect();
    let after = |key: &Address| would.after.iter().find(|(address, _)| address == key).map(|(_, account)| account.clone());
    let debited: u64 = keys.iter().map(|key| debit(after(key)) - debit(world.account(key))).sum();
    let total: u64 = entries.iter().map(|entry| entry["amount"].as_str().unwrap().parse::<u64>().unwrap()).sum();
    assert_eq!(debited, total, "the event says what was debited");
    assert_eq!(after(&world.pool("admin").deposits), None, "counted, not moved: the deposits are not even named");
    entries
        .iter()
        .map(|entry| {
            let code = entry["code"].as_u64().unwrap() as u32;
            (entry["amount"].as_str().unwrap().parse().unwrap(), if code == 0 { "settled".to_owned() } else { idl.error(code) })
        })
        .collect()
}

/// One entry: the escrow's debit up to the bound of a voucher signed by `session`, less `unspent`.
fn one(world: &World, session: &Keypair, paper: &[u8], escrow_key: Address, unspent: u64) -> Vec<Instruction> {
    vec![precompile::verify(&[(session, paper)]), world.settle(&[(escrow_key, unspent)])]
}

#[test]
fn a_voucher_settles_up_to_its_bound_and_never_the_same_twice() {
    let (mut world, [first, _]) = with_escrows();
    let session = key("payer session");
    let paper = voucher(&first, 500, 0);
    let calls = one(&world, &session, &paper, first, 300);
    assert_eq!(settled(&mut world, &calls), [(200, "settled".to_owned())]);
    world.send(&calls).unwrap();
    assert_eq!(settled(&mut world, &calls), [(0, "NothingToSettle".to_owned())]);
    let more = one(&world, &session, &paper, first, 0);
    assert_eq!(settled(&mut world, &more), [(300, "settled".to_owned())]);
    // Above the bound there is no settlement that could be written down; below nothing neither.
    for unspent in [501, u64::MAX] {
        let less = one(&world, &session, &paper, first, unspent);
        assert_eq!(settled(&mut world, &less), [(0, "NothingToSettle".to_owned())]);
    }
}

#[test]
fn what_was_not_used_is_written_in_one_way() {
    let (mut world, [first, _]) = with_escrows();
    let session = key("payer session");
    let calls = one(&world, &session, &voucher(&first, 1_000, 0), first, 300);
    assert_eq!(calls[1].data, [5, 0xac, 0x02]);
    let mut refused = |bytes: &[u8]| {
        let mut call = calls[1].clone();
        call.data = [&[5], bytes].concat();
        world.refused(&[calls[0].clone(), call])
    };
    assert_eq!(refused(&[0xac, 0x02]), "nothing");
    for bytes in [&[][..], &[0xac], &[0xac, 0x82, 0], &[0xac, 0x02, 0], &[0xff; 10]] {
        assert_eq!(refused(bytes), "MalformedInstruction", "{bytes:?}");
    }
}

#[test]
fn only_an_escrows_operator_settles_it() {
    let (mut world, [first, second]) = with_escrows();
    let (mine, limited) = (key("payer session"), key("payer 2 session"));
    // The second escrow is another operator's.
    let calls =
        [world.update_market("admin", "attacker", SYSTEM), world.refresh_operator(&[second]), world.update_market("admin", "operator", SYSTEM)];
    world.send(&calls).unwrap();
    let papers = [voucher(&first, 500, 0), voucher(&second, 500, 0)];
    let both = [precompile::verify(&[(&limited, &papers[1]), (&mine, &papers[0])]), world.settle(&[(second, 0), (first, 0)])];
    assert_eq!(settled(&mut world, &both), [(0, "Unauthorized"), (500, "settled")].map(|(amount, reason)| (amount, reason.to_owned())));
    let foreign = one(&world, &limited, &papers[1], second, 0);
    assert_eq!(world.refused(&foreign), "Unauthorized", "an operator of none of them has nothing to tell");
}

#[test]
fn each_reason_not_to_settle_has_its_name() {
    let (mut world, [first, second]) = with_escrows();
    let (mine, limited) = (key("payer session"), key("payer 2 session"));
    let refused = |world: &mut World, session: &Keypair, paper: Vec<u8>, escrow_key: Address, unspent: u64| {
        let calls = one(world, session, &paper, escrow_key, unspent);
        let mut entries = settled(world, &calls);
        assert_eq!(entries.len(), 1);
        let (amount, reason) = entries.remove(0);
        assert_eq!(amount == 0, reason != "settled");
        reason
    };
    assert_eq!(refused(&mut world, &mine, voucher(&second, 100, 0), first, 50), "WrongMessage", "another escrow's voucher");
    assert_eq!(refused(&mut world, &limited, voucher(&first, 100, 0), first, 50), "WrongSigner", "another session's key");
    assert_eq!(refused(&mut world, &key("payer"), voucher(&first, 100, 0), first, 50), "WrongSigner", "the wallet is not the session");
    assert_eq!(refused(&mut world, &mine, voucher(&first, 100, 0)[..49].to_vec(), first, 50), "WrongMessage");
    let now = world.unix_time();
    assert_eq!(refused(&mut world, &mine, voucher(&first, 100, now - 1), first, 50), "VoucherExpired");
    if !only_inside("that a voucher's last second counts needs a clock that stands still") {
        assert_eq!(refused(&mut world, &mine, voucher(&first, 100, now), first, 50), "settled", "the last second counts");
    }
    assert_eq!(refused(&mut world, &mine, voucher(&first, u64::MAX, 0), first, u64::MAX - 1_001), "DepositExceeded");
    assert_eq!(refused(&mut world, &mine, voucher(&first, u64::MAX, 0), first, 0), "DepositExceeded");
    assert_eq!(refused(&mut world, &mine, voucher(&first, 100, 0), first, 100), "NothingToSettle");
    assert_eq!(refused(&mut world, &limited, voucher(&second, 1_000, 0), second, 399), "SessionLimitExceeded");
    assert_eq!(refused(&mut world, &limited, voucher(&second, 1_000, 0), second, 400), "settled");
    world.pass_seconds(session_seconds() + 1);
    assert_eq!(refused(&mut world, &limited, voucher(&second, 1_000, 0), second, 400), "SessionExpired");
    let stray = [
        precompile::verify(&[(&mine, &voucher(&first, 100, 0)), (&mine, &voucher(&who("nobody"), 100, 0))]),
        world.settle(&[(first, 50), (who("nobody"), 50)]),
    ];
    assert_eq!(settled(&mut world, &stray)[1].1, "EscrowForeign");

    let leave = world.request_exit(first, "payer");
    world.send(&[leave]).unwrap();
    world.almost(EXIT);
    assert_eq!(refused(&mut world, &mine, voucher(&first, 100, 0), first, 50), "settled", "while the payer waits, what it owes is settled");
    world.pass(1);
    assert_eq!(refused(&mut world, &mine, voucher(&first, 100, 0), first, 50), "EscrowExiting");
}

#[test]
fn one_bad_voucher_does_not_stop_the_others_and_one_escrow_twice_is_counted_once() {
    let (mut world, [first, second]) = with_escrows();
    let (mine, limited) = (key("payer session"), key("payer 2 session"));
    let (good, bad) = (voucher(&first, 500, 0), voucher(&second, 2_000, 0));
    let verify = precompile::verify(&[(&limited, &bad), (&mine, &good), (&mine, &good)]);
    let calls = [verify, world.settle(&[(second, 11), (first, 300), (first, 300)])];
    let expected = [(0, "DepositExceeded"), (200, "settled"), (0, "NothingToSettle")].map(|(amount, reason)| (amount, reason.to_owned()));
    assert_eq!(settled(&mut world, &calls), expected);
}

#[test]
fn the_precompile_stands_directly_before() {
    let (mut world, [first, _]) = with_escrows();
    let session = key("payer session");
    let paper = voucher(&first, 500, 0);
    let (verify, call) = (precompile::verify(&[(&session, &paper)]), world.settle(&[(first, 200)]));
    assert_eq!(world.refused(std::slice::from_ref(&call)), "PrecompileMissing");
    assert_eq!(world.refused(&[verify.clone(), nothing_between(), call.clone()]), "PrecompileMissing");
    assert_eq!(world.refused(&[call.clone(), verify.clone()]), "PrecompileMissing");
    assert_eq!(world.refused(&[verify.clone(), verify.clone(), call.clone()]), "nothing");
    let two = precompile::verify(&[(&session, &paper), (&session, &paper)]);
    assert_eq!(world.refused(&[two, call.clone()]), "SignatureCount");
    assert_eq!(world.refused(&[precompile::raw(&[], &[]), call]), "SignatureCount");
}

#[test]
fn a_forged_signature_does_not_reach_the_program() {
    let (mut world, [first, _]) = with_escrows();
    let mut verify = precompile::verify(&[(&key("payer session"), &voucher(&first, 500, 0))]);
    let last = verify.data.len() - 1;
    verify.data[last] ^= 1;
    let calls = [verify, world.settle(&[(first, 200)])];
    assert!(world.refused(&calls).starts_with("runtime"), "the precompile itself refuses");
}

#[test]
fn offsets_into_another_instruction_are_refused() {
    let (mut world, [first, _]) = with_escrows();
    // The attacker signs a harmless message. The precompile is told to check that one, in instruction 0, while the voucher that nobody
    // signed lies at the same offsets in the precompile instruction's own data.
    let attacker = key("attacker");
    let harmless = [0u8; 50];
    let session = key("payer session").pubkey();
    let paper = voucher(&first, 1_000, 0);
    let tail = |key: &Address, signature: &[u8], message: &[u8]| [signature, key.as_ref(), message].concat();
    let signature = attacker.sign_message(&harmless);
    let start = 16u16;
    let carrier_tail = tail(&attacker.pubkey(), signature.as_ref(), &harmless);
    let own = [(start, OWN), (start + 64, OWN), (start + 96, OWN)];
    let carrier = precompile::raw(&[Place { signature: own[0], key: own[1], message: (own[2].0, 50, OWN) }], &carrier_tail);
    for foreign in [[true, true, true], [false, true, true], [true, false, true], [true, true, false], [false, false, true]] {
        // Whatever is not read from the carrier must be the attacker's here, so that the precompile is content.
        let parts = [
            if foreign[0] { [0; 64].to_vec() } else { signature.as_ref().to_vec() },
            if foreign[1] { session.as_ref().to_vec() } else { attacker.pubkey().as_ref().to_vec() },
            if foreign[2] { paper.clone() } else { harmless.to_vec() },
        ]
        .concat();
        let index = |foreign: bool| if foreign { 0 } else { OWN };
        let place =
            Place { signature: (start, index(foreign[0])), key: (start + 64, index(foreign[1])), message: (start + 96, 50, index(foreign[2])) };
        let calls = [carrier.clone(), precompile::raw(&[place], &parts), world.settle(&[(first, 0)])];
        assert_eq!(world.refused(&calls), "PrecompileLayout", "{foreign:?}");
    }
}

#[test]
fn a_quorum_is_enough_distinct_verifiers_over_this_batch() {
    let mut world = World::ready(TOKEN);
    let pool = world.pool("admin");
    world.put_tokens(pool.vault, &pool.mint, &pool.pool, 350);
    let roots = Roots::of(&crate::story::tree(&pool.pool));
    let digest = roots.digest(&pool, 1);
    let call = world.post_batch(1, &roots);
    let mut verdict = |names: &[&str], digest: &[u8]| world.refused(&[signed_by(names, digest), call.clone()]);
    let [a, b, c] = VERIFIERS;
    assert_eq!(verdict(&[a, b], &digest), "nothing");
    assert_eq!(verdict(&[c, a, b], &digest), "nothing");
    assert_eq!(verdict(&[a], &digest), "QuorumTooSmall");
    assert_eq!(verdict(&[], &digest), "QuorumTooSmall");
    assert_eq!(verdict(&[a, a], &digest), "DuplicateVerifier");
    assert_eq!(verdict(&[a, "attacker"], &digest), "WrongSigner");
    assert_eq!(verdict(&[a, b, "attacker"], &digest), "WrongSigner");
    assert_eq!(verdict(&[a, b], &digest[..31]), "WrongMessage");
    // Another sequence number, pool or root is another batch.
    let elsewhere = Pool::of(market_of("attacker"), world.mint, &TOKEN);
    for other in [
        roots.digest(&pool, 2),
        roots.digest(&elsewhere, 1),
        Roots { receipts_count: 4, ..Roots::of(&crate::story::tree(&pool.pool)) }.digest(&pool, 1),
    ] {
        assert_eq!(world.refused(&[signed_by(&[a, b], &other), call.clone()]), "WrongMessage");
    }
}

#[test]
fn the_quorums_word_about_one_thing_is_none_about_another() {
    let mut world = World::ready(TOKEN);
    let register = world.register_node("node", "provider");
    world.send(&[register]).unwrap();
    let node = registry_of("admin").node(&who("node"));
    let keys = (who("receipt key"), who("sealing key"));
    let expiry = world.slot() + 500;
    let record = attest(&node, &keys, [1; 32], expiry);
    world.send(&record).unwrap();
    let call = world.revoke_attestation("node", [1; 32]).remove(1);
    let mut verdict = |names: &[&str], digest: &[u8]| world.refused(&[signed_by(names, digest), call.clone()]);
    let digest = revoke_digest(&node, &[1; 32]);
    assert_eq!(verdict(&VERIFIERS[..2], &digest), "nothing");
    assert_eq!(verdict(&VERIFIERS[..1], &digest), "QuorumTooSmall");
    assert_eq!(verdict(&[VERIFIERS[0], VERIFIERS[0]], &digest), "DuplicateVerifier");
    assert_eq!(verdict(&[VERIFIERS[0], "attacker"], &digest), "WrongSigner");
    let elsewhere = registry_of("admin").node(&who("node 2"));
    for other in [revoke_digest(&node, &[2; 32]), revoke_digest(&elsewhere, &[1; 32]), attestation_digest(&node, 1, &[1; 32], &keys, expiry)] {
        assert_eq!(verdict(&VERIFIERS[..2], &other), "WrongMessage");
    }
    assert_eq!(world.refused(&[call]), "PrecompileMissing");
}

#[test]
fn nobody_but_the_program_makes_its_events() {
    let mut world = World::ready(TOKEN);
    for idl in [registry(), escrow()] {
        let mut data = vec![0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d, 8];
        data.extend_from_slice(&[0; 48]);
        let forge = |accounts| Instruction { program_id: idl.program, accounts, data: data.clone() };
        assert_eq!(world.refused(&[forge(vec![AccountMeta::new_readonly(idl.event_authority(), false)])]), "MissingSigner");
        assert_eq!(world.refused(&[forge(vec![AccountMeta::new_readonly(who("attacker"), true)])]), "Unauthorized");
        assert_eq!(world.refused(&[forge(vec![])]), "WrongAccountCount");
    }
    // An escrow can stand for the event authority, but nobody can sign for it.
    let (mut world, [first, _]) = with_escrows();
    let data = [&[0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d, 5][..], &[0; 36]].concat();
    let forge = |author| Instruction { program_id: escrow().program, accounts: vec![author], data: data.clone() };
    assert_eq!(world.refused(&[forge(AccountMeta::new_readonly(first, false))]), "MissingSigner");
    if only_inside("the part with accounts that look like an escrow writes them") {
        return;
    }
    // Whatever else the program owns, and what only looks like an escrow, does not.
    let look_alike = world.data(&first);
    world.put(who("attacker"), SYSTEM, look_alike.clone(), 10_000_000);
    assert_eq!(world.refused(&[forge(AccountMeta::new_readonly(who("attacker"), true))]), "Unauthorized");
    let mut pool = world.data(&world.pool("admin").pool);
    pool.resize(look_alike.len(), 0);
    world.put(who("attacker"), escrow().program, pool, 10_000_000);
    assert_eq!(world.refused(&[forge(AccountMeta::new_readonly(who("attacker"), true))]), "Unauthorized");
}
