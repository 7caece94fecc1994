//! Vectors for implementations in other languages (`artifacts/golden.json`). Nothing is written that the programs did not accept: digests
//! were signed and passed a quorum, every proof of every tree was claimed with, accounts and events are what the programs wrote.

use std::{env, fs};

use serde_json::{Map, Value, json};
use solana_address::Address;

use crate::{
    bytes::{TOKEN, hex},
    chain::only_inside,
    credit::{Credit, Node, Tree},
    idl::{Idl, file},
    precompile,
    story::{MODEL, Story, liars, tell},
    world::*,
};

/// Owner of the sysvars, which every chain has by itself.
const SYSVARS: &str = "Sysvar1111111111111111111111111111111111111";

/// Compares with the committed file, or writes it.
fn committed(name: &str, value: &Value) {
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    let path = file("artifacts").join(name);
    if env::var_os("NYXOS_WRITE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == text,
        "artifacts/{name} says otherwise; if that is meant, NYXOS_WRITE=1 onchain/test writes it"
    );
}

fn node((hash, sum): &Node) -> Value {
    json!({"hash": hex(hash), "sum": sum.to_string()})
}

fn address(program: &Address, seeds: &[&[u8]]) -> Value {
    let (address, bump) = Address::find_program_address(seeds, program);
    json!({"program": program.to_string(), "seeds": seeds.iter().map(|seed| hex(seed)).collect::<Vec<_>>(), "address": address.to_string(), "bump": bump})
}

fn addresses(world: &World) -> Value {
    let (in_registry, in_escrow) = (registry().program, escrow().program);
    let (at, pool) = (registry_of("admin"), world.pool("admin"));
    let (admin, node, payer, treasury) = (who("admin"), who("node"), who("payer"), who("treasury"));
    let id = 1u16.to_le_bytes();
    let direct = DirectJob::new(pool.escrow(&payer, START), 1, 500, 40);
    let dispute = liars(1);
    let entries = [
        ("registry event authority", address(&in_registry, &[b"__event_authority"])),
        ("escrow event authority", address(&in_escrow, &[b"__event_authority"])),
        ("config", address(&in_registry, &[b"config", admin.as_ref(), &id])),
        ("bond vault", address(&in_registry, &[b"bonds", at.config.as_ref()])),
        ("node", address(&in_registry, &[b"node", at.config.as_ref(), node.as_ref()])),
        ("validator", address(&in_registry, &[b"validator", at.config.as_ref(), who("validator").as_ref()])),
        ("verifier proposal", address(&in_registry, &[b"verifiers", at.config.as_ref()])),
        ("model", address(&in_registry, &[b"model", at.config.as_ref(), &MODEL])),
        ("dispute", address(&in_registry, &[b"dispute", dispute.node.as_ref(), &dispute.job.receipt_hash(), payer.as_ref()])),
        ("evidence", address(&in_registry, &[b"evidence", dispute.address.as_ref()])),
        ("market", address(&in_escrow, &[b"market", &CLUSTER, admin.as_ref(), &id])),
        ("pool", address(&in_escrow, &[b"pool", pool.market.as_ref(), pool.mint.as_ref()])),
        ("deposit vault", address(&in_escrow, &[b"deposits", pool.pool.as_ref()])),
        ("escrow", address(&in_escrow, &[b"escrow", pool.market.as_ref(), payer.as_ref(), pool.mint.as_ref(), &START.to_le_bytes()])),
        (
            "prepaid",
            address(
                &in_escrow,
                &[b"prepaid", pool.market.as_ref(), payer.as_ref(), pool.mint.as_ref(), who("payer session").as_ref(), &START.to_le_bytes()],
            ),
        ),
        ("job", address(&in_escrow, &[b"job", pool.pool.as_ref(), payer.as_ref(), &START.to_le_bytes()])),
        ("payment", address(&in_escrow, &[b"payment", pool.pool.as_ref(), payer.as_ref(), &[0xab; 32]])),
        ("market's bond vault", address(&in_escrow, &[b"bonds", pool.market.as_ref()])),
        ("poster", address(&in_escrow, &[b"poster", pool.market.as_ref(), who("operator").as_ref()])),
        ("leaf", address(&in_escrow, &[b"leaf", pool.batch(2).as_ref(), who("hunter").as_ref(), &0u32.to_le_bytes()])),
        ("direct", address(&in_escrow, &[b"direct", direct.escrow.as_ref(), &direct.id()])),
        ("batch 2", address(&in_escrow, &[b"batch", pool.pool.as_ref(), &2u64.to_le_bytes()])),
        ("claim of the treasury", address(&in_escrow, &[b"claim", pool.pool.as_ref(), treasury.as_ref(), &[4]])),
        ("vault", address(&crate::bytes::ASSOCIATED, &[pool.pool.as_ref(), world.token_program.as_ref(), pool.mint.as_ref()])),
    ];
    Value::Object(entries.into_iter().map(|(name, entry)| (name.to_owned(), entry)).collect())
}

fn program_of(step: &crate::story::Step) -> &'static Idl {
    if step.call().program_id == registry().program { registry() } else { escrow() }
}

/// Every call of the story as it was sent, and the events it made.
fn calls(story: &Story) -> (Value, Value) {
    let (mut calls, mut events) = (vec![], vec![]);
    for step in &story.steps {
        let idl = program_of(step);
        let call = step.call();
        let metas: Vec<_> = call
            .accounts
            .iter()
            .map(|meta| json!({"address": meta.pubkey.to_string(), "signer": meta.is_signer, "writable": meta.is_writable}))
            .collect();
        let arguments = idl.arguments(step.instruction(), &call.data);
        calls.push(json!({
            "step": step.name, "instruction": step.instruction(), "program": idl.program.to_string(), "accounts": metas, "arguments": arguments,
            "data": hex(&call.data),
        }));
        for data in &step.events {
            let (name, fields) = idl.event(data);
            events.push(json!({"step": step.name, "program": idl.program.to_string(), "event": name, "data": hex(data), "fields": fields}));
        }
    }
    (Value::Array(calls), Value::Array(events))
}

/// Every kind of account, as it is after the last step that left it there.
fn accounts(story: &Story) -> Value {
    let mut found = vec![];
    for (name, address) in &story.accounts {
        let worlds = story.steps.iter().map(|step| &step.before).chain([&story.world]);
        let Some(account) = worlds.rev().find_map(|world| world.account(address)) else {
            panic!("the story has no {name}");
        };
        let idl = if account.owner == registry().program { registry() } else { escrow() };
        if account.owner != idl.program {
            continue;
        }
        let (kind, fields) = idl.account(&account.data);
        found.push(json!({"account": kind, "program": idl.program.to_string(), "address": address.to_string(), "data": hex(&account.data), "fields": fields}));
    }
    Value::Array(found)
}

/// Digests that a quorum signed and a program accepted in the story.
fn digests(story: &Story) -> Value {
    let message = |name: &str| {
        let step = story.steps.iter().find(|step| step.name == name).unwrap();
        let verify = &step.instructions[0];
        assert_eq!(verify.program_id, precompile::PROGRAM);
        let at = u16::from_le_bytes([verify.data[2 + 8], verify.data[2 + 9]]) as usize;
        hex(&verify.data[at..at + 32])
    };
    json!({
        "batch": {"step": "post_batch", "digest": message("post_batch")},
        "void": {"step": "void_batch", "digest": message("void_batch")},
        "attestation": {"step": "record_attestation", "digest": message("record_attestation")},
        "revoke": {"step": "revoke_attestation", "digest": message("revoke_attestation")},
        "direct_void": {"step": "void_direct", "digest": message("void_direct")},
        "award": {"step": "award_job", "digest": message("award_job")},
        "slash": {"step": "slash_node", "digest": message("slash_node")},
        "slash_validator": {"step": "slash_validator", "digest": message("slash_validator")},
    })
}

fn vouchers(world: &World) -> Value {
    let escrow_key = world.pool("admin").escrow(&who("payer"), START);
    let entries = [(0, 0), (500, 0), (u64::MAX, NOW), (1, i64::MAX)].map(|(cumulative, expires)| {
        let bytes = voucher(&escrow_key, cumulative, expires);
        let signature = solana_signer::Signer::sign_message(&key("payer session"), &bytes);
        json!({
            "escrow": escrow_key.to_string(), "cumulative": cumulative.to_string(), "expires": expires.to_string(),
            "voucher": hex(&bytes), "session_key": who("payer session").to_string(), "signature": hex(signature.as_ref()),
        })
    });
    Value::Array(entries.to_vec())
}

/// A tree of `count` payees, each leaf of which is claimed on chain before it is written down.
fn claimed_tree(count: usize) -> Value {
    let mut world = World::ready(TOKEN);
    let pool = world.pool("admin");
    let payees: Vec<_> = (0..count).map(|i| who(&format!("payee {i}"))).collect();
    let tree = Tree::new(
        &pool.pool,
        payees.iter().zip(1..).map(|(payee, i)| Credit { payee: *payee, kind: 2 + (i % 4) as u8, cumulative: 1_000 * i }).collect(),
    );
    let (root, sum) = tree.root();
    world.put_tokens(pool.vault, &pool.mint, &pool.pool, sum);
    let roots = Roots::of(&tree);
    let posting = [quorum(&roots.digest(&pool, 1)), world.post_batch(1, &roots)];
    world.send(&posting).unwrap();
    world.pass(WINDOW);
    let finalize = world.finalize_batch(1);
    world.send(&[finalize]).unwrap();
    let mut leaves = vec![];
    for (index, credit) in tree.credits.iter().enumerate() {
        world.tokens(&credit.payee, 0);
        let claim = world.claim(1, &tree, index, &credit.payee);
        world.send(&[claim]).unwrap_or_else(|reason| panic!("leaf {index} of {count}: {reason}"));
        assert_eq!(world.amount(&world.token(&credit.payee)), credit.cumulative);
        leaves.push(json!({
            "payee": credit.payee.to_string(), "kind": credit.kind, "cumulative": credit.cumulative.to_string(),
            "leaf": node(&tree.leaf(index)), "proof": tree.proof(index).iter().map(node).collect::<Vec<_>>(),
        }));
    }
    assert_eq!(world.amount(&pool.vault), 0, "all that was credited was claimed");
    json!({"pool": pool.pool.to_string(), "root": node(&(root, sum)), "leaves": leaves})
}

#[test]
fn vectors_are_what_the_programs_accepted() {
    if only_inside("writes down bytes that are the same in every run") {
        return;
    }
    let story = tell(TOKEN);
    let (calls, events) = calls(&story);
    let trees: Vec<_> = [1, 2, 3, 4, 5, 7, 8, 13].into_iter().map(claimed_tree).collect();
    let value = json!({
        "about": "Made by onchain/tests/src/golden.rs from what the built programs accepted; bytes are hex, numbers above 32 bits text.",
        "addresses": addresses(&story.world),
        "vouchers": vouchers(&story.world),
        "digests": digests(&story),
        "credit_trees": trees,
        "instructions": calls,
        "events": events,
        "accounts": accounts(&story),
    });
    let kinds: std::collections::BTreeSet<_> =
        value["accounts"].as_array().unwrap().iter().map(|a| a["account"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds.len(), 18, "every kind of account of both programs: {kinds:?}");
    committed("golden.json", &value);
}

/// The story for whoever wants to live it again: before each call, the accounts it names, the clock, and who signs.
#[test]
fn the_story_is_what_is_committed() {
    if only_inside("writes down bytes that are the same in every run") {
        return;
    }
    let mut states = vec![];
    let mut index = |state: Value| {
        states.iter().position(|known| *known == state).unwrap_or_else(|| {
            states.push(state);
            states.len() - 1
        })
    };
    let mut steps = vec![];
    for step in tell(TOKEN).steps {
        let mut before = step.before.clone();
        let message = before.transaction(&step.instructions).message;
        let keys = message.static_account_keys();
        let accounts: Map<_, _> = keys
            .iter()
            .filter_map(|address| Some((address, before.account(address)?)))
            .filter(|(_, account)| !account.executable && account.owner.to_string() != SYSVARS)
            .map(|(address, account)| {
                let state = json!({"owner": account.owner.to_string(), "lamports": account.lamports.to_string(), "data": hex(&account.data)});
                (address.to_string(), json!(index(state)))
            })
            .collect();
        let signers = &keys[..message.header().num_required_signatures as usize];
        let preparing = step.instructions.split_last().unwrap().1;
        steps.push(json!({
            "step": step.name, "slot": before.slot(), "unix_time": before.unix_time(), "accounts": accounts,
            "signers": signers.iter().map(|address| hex(&before.seed(address))).collect::<Vec<_>>(),
            "preparing": preparing.iter().map(|call| {
                assert!(call.accounts.is_empty(), "precompiles take none");
                json!({"program": call.program_id.to_string(), "data": hex(&call.data)})
            }).collect::<Vec<_>>(),
        }));
    }
    let value = json!({
        "about": "The steps of golden.json's instructions, in order: slot and time, the accounts before (indexes of `states`), the seeds of who signs, fee payer first, and the precompile calls before it. Keys of tests, derived from names.",
        "states": states,
        "steps": steps,
    });
    committed("story.json", &value);
}

#[test]
fn every_event_is_made_once_at_least() {
    if only_inside("the attacks outside tell the story and look at its events") {
        return;
    }
    let story = tell(TOKEN);
    let told: std::collections::BTreeSet<_> =
        story.steps.iter().flat_map(|step| step.events.iter().map(|data| program_of(step).event(data).0)).collect();
    let declared = registry().event_names().into_iter().chain(escrow().event_names()).collect();
    assert_eq!(told, declared);
}
