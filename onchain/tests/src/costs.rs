//! What each instruction costs: compute units, the token program's share of them, bytes of the transaction
//! (`artifacts/compute-units.json`, rendered in `docs/costs.md`). An instruction that grows by more than 3 % fails until that is accepted
//! by `NYXOS_WRITE=1 onchain/test`; less is told and passes, measured from the figures accepted last, so that little by little is no way
//! around. What the design aims at is held apart from what is.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Write},
    sync::OnceLock,
};

use serde_json::{Value, json};
use solana_address::Address;
use solana_transaction::versioned::VersionedTransaction;

use crate::{
    bytes::{TOKEN, TOKEN_2022, sha256},
    chain::only_inside,
    credit::{Credit, deep},
    idl::file,
    precompile,
    story::tell,
    world::*,
};

/// Growth that must be accepted, in per cent.
const TOLERANCE: u64 = 3;
/// The largest transaction that a validator takes.
const LARGEST: u64 = 1_232;
const PROGRAMS: [(&str, Address); 2] = [("SPL Token", TOKEN), ("Token-2022", TOKEN_2022)];
/// A proof's steps at 2^20 payees.
const DEPTH: u32 = 20;
/// Payees whose claims are measured: an address takes as many tries to derive as chance has it.
const PAYEES: usize = 9;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    units: u64,
    token_units: u64,
    bytes: u64,
}

type Table = BTreeMap<String, Cost>;

impl Cost {
    /// What a transaction costs, which must succeed.
    fn of(world: &mut World, transaction: VersionedTransaction) -> Self {
        let bytes = bincode::serialize(&transaction).unwrap().len() as u64;
        let sent = world.submit(transaction).unwrap();
        Self { units: sent.compute_units_consumed, token_units: sent.units_of(&world.token_program), bytes }
    }
}

/// A world in which a batch is final whose one known credit is the treasury's at a proof of [`DEPTH`] steps.
fn with_deep_batch(token_program: Address, credit: &Credit, index: usize) -> (World, Vec<([u8; 32], u64)>) {
    let mut world = World::ready(token_program);
    let pool = world.pool("admin");
    let ((credit_root, credit_sum), proof) = deep(&pool.pool, credit, index, DEPTH);
    world.put_tokens(pool.vault, &pool.mint, &pool.pool, credit_sum);
    let roots = Roots { receipts_root: [0xee; 32], receipts_count: u32::MAX, credit_root, credit_sum, payee_count: 1 << DEPTH };
    let posting = [quorum(&roots.digest(&pool, 1)), world.post_batch(1, &roots)];
    world.send(&posting).unwrap();
    world.pass(WINDOW);
    let finalize = world.finalize_batch(1);
    world.send(&[finalize]).unwrap();
    (world, proof)
}

/// Claims of one payee out of 2^20, paid by the wallet that pays the rent: the first one, and one by a payee who claimed before.
fn deep_claims(token_program: Address, payee: &str) -> [Cost; 2] {
    let credit = Credit { payee: who(payee), kind: 5, cumulative: 700 };
    let index = u32::from_le_bytes(sha256(&[payee.as_bytes()])[..4].try_into().unwrap()) as usize % (1 << DEPTH);
    let (mut world, proof) = with_deep_batch(token_program, &credit, index);
    world.tokens(&credit.payee, 0);
    let claim = world.claim_by(1, &credit, (index, proof), &credit.payee);
    // In the table is what every claim in the pool names; claim, payee and destination are this one's own.
    let known = [1, 2, 3, 6, 8, 9, 10, 11, 12, 13].map(|index| claim.accounts[index].pubkey);
    let table = world.lookup_table(known.to_vec());
    let transaction = world.transaction_by("rent", &[claim.clone()], &table);
    let first = Cost::of(&mut world, transaction);
    // As if the last batch had credited less: what is counted as claimed goes back by some.
    let counted = claim.accounts[4].pubkey;
    let mut data = world.data(&counted);
    data[104..112].copy_from_slice(&(credit.cumulative - 10).to_le_bytes());
    world.put(counted, escrow().program, data, 10_000_000);
    let transaction = world.transaction_by("rent", &[claim], &table);
    [first, Cost::of(&mut world, transaction)]
}

/// The median and the worst of many costs.
fn spread(mut costs: Vec<Cost>) -> [Cost; 2] {
    costs.sort_by_key(|cost| cost.units);
    [costs[costs.len() / 2], costs[costs.len() - 1]]
}

/// `count` escrows of as many payers, settled in one transaction that their operator pays: a legacy one, or a version 0 one.
fn settlement(token_program: Address, count: usize, version_0: bool) -> Cost {
    let mut world = World::ready(token_program);
    let payers: Vec<_> = (0..count).map(|i| format!("payer of many {i}")).collect();
    let (mut escrows, mut signed) = (vec![], vec![]);
    for payer in &payers {
        world.wallet(payer);
        world.tokens(&who(payer), WEALTH);
        let (escrow_key, open) = world.open_escrow("admin", payer, 1_000, (0, 0));
        world.send(&[open]).unwrap();
        escrows.push((escrow_key, 500));
        signed.push((key(&format!("{payer} session")), voucher(&escrow_key, 1_000, 0)));
    }
    let verify = precompile::verify(&signed.iter().map(|(key, paper)| (key, &paper[..])).collect::<Vec<_>>());
    let calls = [verify, world.settle(&escrows)];
    let transaction = if version_0 {
        let known = calls[1].accounts.iter().map(|meta| meta.pubkey).filter(|key| !world.can_sign(key)).collect();
        let table = world.lookup_table(known);
        world.transaction_by("operator", &calls, &table)
    } else {
        world.legacy_by("operator", &calls)
    };
    Cost::of(&mut world, transaction)
}

/// A batch over so many receipts, posted.
fn posting(token_program: Address, receipts_count: u32) -> Cost {
    let mut world = World::ready(token_program);
    let pool = world.pool("admin");
    world.put_tokens(pool.vault, &pool.mint, &pool.pool, 350);
    let roots = Roots { receipts_count, ..Roots::of(&crate::story::tree(&pool.pool)) };
    let calls = [quorum(&roots.digest(&pool, 1)), world.post_batch(1, &roots)];
    let transaction = world.transaction(&calls);
    Cost::of(&mut world, transaction)
}

/// Every instruction once, as the story calls it, and the cases that the design sets aims for.
fn measured(token_program: Address) -> Table {
    let mut table = Table::new();
    for step in tell(token_program).steps {
        let transaction = step.before.clone().transaction(&step.instructions);
        let bytes = bincode::serialize(&transaction).unwrap().len() as u64;
        table.insert(step.name, Cost { units: step.units, token_units: step.token_units, bytes });
    }
    let claims: Vec<_> = (0..PAYEES).map(|i| deep_claims(token_program, &format!("payee {i}"))).collect();
    for (which, name) in ["first", "later"].into_iter().enumerate() {
        let [median, worst] = spread(claims.iter().map(|claim| claim[which]).collect());
        table.insert(format!("claim of 1,048,576 payees, {name} (median payee)"), median);
        table.insert(format!("claim of 1,048,576 payees, {name} (unluckiest payee)"), worst);
    }
    table.insert("settle_vouchers of 5 escrows, legacy".to_owned(), settlement(token_program, 5, false));
    table.insert("settle_vouchers of 6 escrows, v0".to_owned(), settlement(token_program, 6, true));
    table.insert("post_batch of 1 receipt".to_owned(), posting(token_program, 1));
    table.insert("post_batch of 4,294,967,295 receipts".to_owned(), posting(token_program, u32::MAX));
    table
}

fn written(tables: &BTreeMap<String, Table>) -> Value {
    let row = |cost: &Cost| json!({"units": cost.units, "token_program_units": cost.token_units, "transaction_bytes": cost.bytes});
    let table = |table: &Table| Value::Object(table.iter().map(|(name, cost)| (name.clone(), row(cost))).collect());
    json!({
        "about": "Compute units of one transaction with each instruction, its precompile instruction, token calls and event self-CPI included, the token program's own share of them, and the transaction's bytes (onchain/tests/src/costs.rs).",
        "programs": fs::read_to_string(file("artifacts/SHA256SUMS")).unwrap().lines().collect::<Vec<_>>(),
        "costs": tables.iter().map(|(name, rows)| (name.clone(), table(rows))).collect::<serde_json::Map<_, _>>(),
    })
}

fn read(value: &Value) -> BTreeMap<String, Table> {
    let number = |row: &Value, name: &str| row[name].as_u64().unwrap_or_default();
    let cost =
        |row: &Value| Cost { units: number(row, "units"), token_units: number(row, "token_program_units"), bytes: number(row, "transaction_bytes") };
    let table = |rows: &Value| rows.as_object().unwrap().iter().map(|(name, row)| (name.clone(), cost(row))).collect();
    value["costs"].as_object().unwrap().iter().map(|(name, rows)| (name.clone(), table(rows))).collect()
}

/// What everything costs now, measured once.
fn now() -> &'static BTreeMap<String, Table> {
    static NOW: OnceLock<BTreeMap<String, Table>> = OnceLock::new();
    NOW.get_or_init(|| PROGRAMS.into_iter().map(|(name, program)| (name.to_owned(), measured(program))).collect())
}

/// The figures that were accepted; with `NYXOS_WRITE`, today's are from here on.
fn accepted() -> &'static Value {
    static ACCEPTED: OnceLock<Value> = OnceLock::new();
    ACCEPTED.get_or_init(|| {
        let path = file("artifacts/compute-units.json");
        if env::var_os("NYXOS_WRITE").is_some() {
            fs::write(&path, serde_json::to_string_pretty(&written(now())).unwrap() + "\n").unwrap();
        }
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    })
}

/// What has changed since the figures were accepted: what must be accepted first, and what need not.
fn differences(before: &Table, now: &Table) -> (Vec<String>, Vec<String>) {
    let (mut refused, mut passing) = (vec![], vec![]);
    for name in before.keys().filter(|name| !now.contains_key(*name)) {
        refused.push(format!("{name} is gone"));
    }
    for (name, cost) in now {
        let Some(was) = before.get(name) else {
            refused.push(format!("{name} is new: {} units, {} bytes", cost.units, cost.bytes));
            continue;
        };
        for (what, was, is) in [("units", was.units, cost.units), ("bytes", was.bytes, cost.bytes)] {
            let line = format!("{name}: {was} {what} became {is}");
            if is * 100 > was * (100 + TOLERANCE) {
                refused.push(line);
            } else if is != was {
                passing.push(line);
            }
        }
    }
    (refused, passing)
}

#[test]
fn no_instruction_grows_unnoticed() {
    if only_inside("measures one machine, fixed to the byte") {
        return;
    }
    let (before, now) = (read(accepted()), now());
    let mut refused = vec![];
    for (name, _) in PROGRAMS {
        let (bad, fine) = differences(before.get(name).unwrap_or(&Table::new()), &now[name]);
        refused.extend(bad.into_iter().map(|line| format!("{name}: {line}")));
        // Past the capture of a passing test's output: drift is to be seen, not to be looked for.
        fine.into_iter().for_each(|line| writeln!(io::stderr(), "cost within {TOLERANCE} %: {name}: {line}").unwrap());
    }
    assert!(
        refused.is_empty(),
        "costs that nobody has accepted (artifacts/compute-units.json); if they are meant, NYXOS_WRITE=1 onchain/test accepts them:\n{}",
        refused.join("\n")
    );
}

#[test]
fn growth_by_more_than_three_per_cent_is_noticed_and_less_is_told() {
    let cost = |units, bytes| Cost { units, token_units: 0, bytes };
    let table = |rows: &[(&str, Cost)]| rows.iter().map(|(name, cost)| ((*name).to_owned(), *cost)).collect::<Table>();
    let before = table(&[("a", cost(1_000, 200)), ("b", cost(1_000, 200)), ("c", cost(1_000, 200)), ("d", cost(1_000, 200))]);
    let now = table(&[("a", cost(1_030, 200)), ("b", cost(1_031, 207)), ("c", cost(900, 200)), ("e", cost(1, 2))]);
    let (refused, passing) = differences(&before, &now);
    assert_eq!(refused, ["d is gone", "b: 1000 units became 1031", "b: 200 bytes became 207", "e is new: 1 units, 2 bytes"]);
    assert_eq!(passing, ["a: 1000 units became 1030", "c: 1000 units became 900"]);
}

/// Held on the accepted figures, which [`no_instruction_grows_unnoticed`] holds to what is.
#[test]
fn what_the_design_aims_at_is_reached() {
    let tables = read(accepted());
    for (name, _) in PROGRAMS {
        let at = |row: &str| tables[name].get(row).copied().unwrap_or_else(|| panic!("{name} has no {row}"));
        for claim in ["first (median", "first (unluckiest", "later (median", "later (unluckiest"] {
            let cost = at(&format!("claim of 1,048,576 payees, {claim} payee)"));
            assert!(cost.units < 15_000 && cost.bytes <= LARGEST, "{name}: {claim} claim: {cost:?}");
        }
        for (row, count) in [("settle_vouchers of 5 escrows, legacy", 5), ("settle_vouchers of 6 escrows, v0", 6)] {
            let cost = at(row);
            assert!(cost.units < 8_000 * count && cost.bytes <= LARGEST, "{name}: {row}: {cost:?}");
        }
        let [few, many] = ["post_batch of 1 receipt", "post_batch of 4,294,967,295 receipts"].map(at);
        assert!(few.units < 20_000 && many.units < 20_000, "{name}: {few:?}, {many:?}");
        assert_eq!(few, many, "{name}: the number of receipts costs nothing");
    }
}

/// The accepted figures as a page.
fn page(value: &Value) -> String {
    let tables = read(value);
    let mut text = [
        "# What each instruction costs",
        "",
        "Written by `NYXOS_WRITE=1 onchain/test` from `onchain/artifacts/compute-units.json`; do not edit. Measured in LiteSVM (agave's runtime with mainnet's",
        "features) on the committed programs. Units are those of the whole transaction: the instruction, its Ed25519 precompile instruction (which costs none,",
        "but 5,000 lamports a signature), its token calls and its event. *Token program* is the part of them that the token program itself consumed. Bytes are",
        "those of the transaction on the wire, of which a validator takes 1,232; a claim at this depth is sent as version 0 with a lookup table. The build fails",
        "when a figure grows by more than 3 %.",
        "",
    ]
    .join("\n");
    text += "\nAn address is derived in as many tries as chance has it, some 350 units each: a claim at 1,048,576 payees (a proof of 20 steps) is therefore\n";
    text += &format!(
        "measured for {PAYEES} payees, *first* with the claim's account to be made and *later* with it there, the destination's token account existing. The\naim of 15,000 units holds for each of them ([035](decisions/035-addresses-are-derived-by-hash.md)).\n"
    );
    for (name, rows) in &tables {
        text += &format!("\n## {name}\n\n| instruction | units | token program | bytes |\n|---|---:|---:|---:|\n");
        for (row, cost) in rows {
            let share = if cost.token_units == 0 {
                "–".to_owned()
            } else {
                format!("{} ({:.1} %)", cost.token_units, cost.token_units as f64 * 100.0 / cost.units as f64)
            };
            text += &format!("| {row} | {} | {share} | {} |\n", cost.units, cost.bytes);
        }
    }
    text
}

#[test]
fn the_page_of_costs_says_what_was_accepted() {
    let text = page(accepted());
    let path = file("../docs/costs.md");
    if env::var_os("NYXOS_WRITE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), text, "docs/costs.md says otherwise; NYXOS_WRITE=1 onchain/test writes it");
}
