//! What small programs' IDLs are, and what is found in source that says no IDL.

use nyxos_idl_generator::{Crate, Finding, generate, json};
use serde_json::{Value, json};

const SHARED: [(&str, &str); 4] = [
    ("error.rs", "errors! {\n    /// The amount must not\n    /// be zero\n    ZeroAmount = 6021,\n}\n"),
    ("event.rs", "derived!(\n    /// Who signs.\n    event_authority at [b\"ev\"]);\n"),
    ("lib.rs", "pub mod error;\npub mod event;\npub mod token;\n"),
    (
        "token.rs",
        "pub const ASSOCIATED: Address = Address::from_str_const(\"ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL\");\npub const MOST: usize = 3 * 2;\n",
    ),
];

const PROGRAM: [(&str, &str); 6] = [
    ("constants.rs", "/// Most of them\npub const MOST: u8 = shared::token::MOST as u8 + 1;\n"),
    (
        "events.rs",
        "events! {
    1 Opened { chest: Key, seal: Hash, steps: [Step] }
    4 Told { amount: i64, chests: [Key; ..] }
}
",
    ),
    ("instructions/mod.rs", "pub mod open;\npub mod tell;\n"),
    (
        "instructions/open.rs",
        "//! Opens a chest
//! for its owner.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | owner | s | w | pays |
//! | 1 | chest | | w | PDA, empty |
//! | 2 | purse | | | the owner's |
//! | 3 | mint | | | |
//! | 4 | token_program | | | |
//! | 5 | system_program | | | |
//! | 6 | event_authority | | | |
//! | 7 | program | | | this program |
//!
//! More words.

pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [owner, chest_account, purse, mint, token_program, system_program, event_authority, this]);
    arguments!(data, { id: u16, seal: Hash, steps: [Step; ..=MOST] });
    Opened { chest, seal, steps }.emit(&emitter)
}
",
    ),
    (
        "instructions/tell.rs",
        "//! Tells of chests.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | program | | | this program |
//! | 1.. | chests | | w | any |

pub fn process(call: Call) -> ProgramResult {
    tell_all::<Chest>(call)
}
",
    ),
    (
        "state.rs",
        "pub use shared::event::event_authority;

layout!(
    /// A chest.
    chest at [b\"ab\", owner, id], disc 2, len 64, {
    3 STATE: U8, 4 OWNER: Key, 36 SEALS: [Hash; 1 + 1],
});

derived!(
    /// Where its tokens lie.
    purse at [chest, token_program, mint] of shared::token::ASSOCIATED);

record!(
    /// A step.
    Step { hash: Hash, width: [u8; 4] });

leb128!(
    /// Numbers to
    /// the end.
    Rest { numbers });

#[inline(always)]
pub fn tell_all<C>(call: Call) -> ProgramResult {
    accounts!(fixed, [this]);
    let told = precompile(|signed| {
        arguments!(data, { ..rest: Rest });
        rest.read()
    });
    let mut event = Event::new(events::Told::ID);
    event.emit(&emitter)
}
",
    ),
];

const ROOT: &str = "pub const ID: Address = Address::from_str_const(\"NyxosEscrow11111111111111111111111111111111\");

pinocchio::no_allocator!();

pub fn process(program_id: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let (discriminator, arguments) = data.split_first().ok_or(Error::MalformedInstruction)?;
    match *discriminator {
        1 => instructions::open::process(call),
        7 => instructions::tell::process(call),
        _ => Err(Error::UnknownInstruction.into()),
    }
}
";

/// The program above with texts of one file replaced, or a file more.
fn idl(edits: &[(&str, &str, &str)]) -> Result<Value, Finding> {
    let mut own: Vec<(String, String)> = PROGRAM.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    own.push(("lib.rs".to_owned(), ROOT.to_owned()));
    let mut shared: Vec<(String, String)> = SHARED.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    for (path, from, to) in edits {
        let (files, path) = path.strip_prefix("shared/").map_or((&mut own, *path), |path| (&mut shared, path));
        match files.iter_mut().find(|(known, _)| known == path) {
            Some((_, text)) => {
                assert!(text.contains(from), "{path} has no {from}");
                *text = text.replace(from, to);
            }
            None => files.push((path.to_owned(), (*to).to_owned())),
        }
    }
    fn parsed(name: &str, files: &[(String, String)]) -> Result<Crate, Finding> {
        Crate::of(name, &files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
    }
    Ok(generate(&[parsed("a_program", &own)?], &parsed("shared", &shared)?)?.remove(0))
}

fn finding(path: &str, from: &str, to: &str) -> String {
    match idl(&[(path, from, to)]) {
        Ok(_) => panic!("{path}: nothing is found in {to}"),
        Err(finding) => finding.to_string(),
    }
}

#[test]
fn a_program_is_described_by_what_it_declares() {
    let idl = idl(&[]).unwrap();
    assert_eq!(idl["address"], "NyxosEscrow11111111111111111111111111111111");
    assert_eq!(idl["metadata"], json!({"name": "a_program", "version": "0.1.0", "spec": "0.1.0", "description": "A program"}));
    let associated = json!([
        140, 151, 37, 143, 78, 36, 137, 241, 187, 61, 16, 41, 20, 142, 13, 131, 11, 90, 19, 153, 218, 255, 16, 132, 4, 142, 123, 216, 219, 233, 248,
        89
    ]);
    let account = |path: &str| json!({"kind": "account", "path": path});
    assert_eq!(
        idl["instructions"],
        json!([
            {
                "name": "open",
                "docs": ["Opens a chest for its owner."],
                "discriminator": [1],
                "accounts": [
                    {"name": "owner", "writable": true, "signer": true},
                    {"name": "chest", "writable": true, "pda": {"seeds": [{"kind": "const", "value": [97, 98]}, account("owner"), {"kind": "arg", "path": "id"}]}},
                    {"name": "purse", "pda": {"seeds": [account("chest"), account("token_program"), account("mint")], "program": {"kind": "const", "value": associated}}},
                    {"name": "mint"},
                    {"name": "token_program"},
                    {"name": "system_program", "address": "11111111111111111111111111111111"},
                    {"name": "event_authority", "pda": {"seeds": [{"kind": "const", "value": [101, 118]}]}},
                    {"name": "program"},
                ],
                "args": [
                    {"name": "id", "type": "u16"},
                    {"name": "seal", "type": {"array": ["u8", 32]}},
                    {"name": "steps", "type": {"vec": {"defined": {"name": "Step"}}}},
                ],
            },
            {
                "name": "tell",
                "docs": ["Tells of chests."],
                "discriminator": [7],
                "accounts": [{"name": "program"}],
                "args": [{"name": "rest", "type": {"defined": {"name": "Rest"}}}],
            },
        ])
    );
    assert_eq!(idl["accounts"], json!([{"name": "Chest", "discriminator": [2]}]));
    assert_eq!(idl["events"], json!([{"name": "Opened", "discriminator": [1]}, {"name": "Told", "discriminator": [4]}]));
    assert_eq!(idl["errors"], json!([{"code": 6021, "name": "ZeroAmount", "msg": "The amount must not be zero"}]));
    let field = |name: &str, kind: Value| json!({"name": name, "type": kind});
    let structure = |name: &str, fields: &[Value]| json!({"name": name, "type": {"kind": "struct", "fields": fields}});
    assert_eq!(
        idl["types"],
        json!([
            structure(
                "Chest",
                &[
                    field("version", json!("u8")),
                    field("bump", json!("u8")),
                    field("state", json!("u8")),
                    field("owner", json!("pubkey")),
                    field("seals", json!({"array": [{"array": ["u8", 32]}, 2]})),
                ]
            ),
            structure(
                "Opened",
                &[
                    field("chest", json!("pubkey")),
                    field("seal", json!({"array": ["u8", 32]})),
                    field("steps", json!({"vec": {"defined": {"name": "Step"}}})),
                ]
            ),
            structure("Told", &[field("amount", json!("i64")), field("chests", json!({"vec": "pubkey"}))]),
            structure("Step", &[field("hash", json!({"array": ["u8", 32]})), field("width", json!({"array": ["u8", 4]}))]),
            {
                "name": "Rest",
                "docs": ["Numbers to the end."],
                "serialization": {"custom": "leb128"},
                "type": {"kind": "struct", "fields": [{"name": "numbers", "type": {"vec": "u64"}}]},
            },
        ])
    );
    assert_eq!(idl["constants"], json!([{"name": "MOST", "docs": ["Most of them"], "type": "u8", "value": "7"}]));
}

#[test]
fn an_account_of_the_shared_crate_has_the_name_under_which_its_program_exports_it() {
    let layout = "layout!(\n    offer at [b\"o\", owner], disc 1, len 4, { 3 STATE: U8 });\n";
    let table = ("instructions/tell.rs", "//! | 0 | program", "//! | 0 | owner | | | |\n//! | 1 | offer | | | |\n//! | 2 | program");
    let rest = ("instructions/tell.rs", "1..", "3..");
    let list = ("state.rs", "[this]", "[owner, offer, this]");
    let export = ("state.rs", "pub use shared::event::event_authority;", "pub use shared::{event::event_authority, offer as some_offer};");
    let described = idl(&[("shared/lib.rs", "pub mod error;", layout), table, rest, list, export]).unwrap();
    assert_eq!(described["accounts"], json!([{"name": "SomeOffer", "discriminator": [1]}, {"name": "Chest", "discriminator": [2]}]));
    assert!(!described["instructions"][1]["accounts"][1]["pda"].is_null());

    let unclaimed = idl(&[("shared/lib.rs", "pub mod error;", layout)]).unwrap_err().to_string();
    assert_eq!(unclaimed, "lib.rs:2: no program says by `pub use` that offer is its own");
}

#[test]
fn an_address_is_derived_where_all_its_seeds_are_at_hand_and_nowhere_else() {
    let described = idl(&[
        ("instructions/tell.rs", "//! | 0 | program", "//! | 0 | chest | | | |\n//! | 1 | program"),
        ("instructions/tell.rs", "1..", "2.."),
        ("state.rs", "[this]", "[chest, this]"),
    ]);
    assert_eq!(described.unwrap()["instructions"][1]["accounts"], json!([{"name": "chest"}, {"name": "program"}]));
    assert_eq!(finding("state.rs", "owner, id]", "ower, id]"), "state.rs:5: ower is no account, no argument, and no field of chest");
    assert_eq!(finding("state.rs", "owner, id]", "owner, steps]"), "instructions/open.rs:20: steps is a seed of chest and has no fixed length");
    // The code knows what the account keeps; who calls may have to ask.
    let kept = idl(&[("state.rs", "owner, id]", "owner, state]")]).unwrap();
    assert_eq!(kept["instructions"][0]["accounts"][1], json!({"name": "chest", "writable": true}));
    assert_eq!(finding("state.rs", "purse at", "pursse at"), "state.rs:11: no instruction of a_program has an account pursse");
    assert_eq!(
        finding("state.rs", "shared::token::ASSOCIATED", "shared::token::OTHER"),
        "state.rs:11: no constant shared::token::OTHER is known by this path"
    );
    assert_eq!(finding("shared/token.rs", "ATokenGPv", "AToken"), "token.rs:1: not an Address::from_str_const(\"…\") of 32 bytes");
}

#[test]
fn the_dispatch_is_understood_whole() {
    let arm = "not `NUMBER => instructions::NAME::process(call)`, nor a last `_ => Err(…)`";
    assert_eq!(finding("lib.rs", "7 => i", "7 if paused => i"), format!("lib.rs:9: {arm}"));
    assert_eq!(finding("lib.rs", "7 => i", "6 | 7 => i"), format!("lib.rs:9: {arm}"));
    assert_eq!(finding("lib.rs", "7 => instructions::tell::process(call)", "7 => tell(call)"), format!("lib.rs:9: {arm}"));
    assert_eq!(finding("lib.rs", "7 => i", "1 => i"), "lib.rs:9: discriminators ascend, each has one instruction");
    assert_eq!(finding("lib.rs", "open::", "shut::"), "lib.rs:8: shut has no file src/instructions/shut.rs");
    assert_eq!(
        finding("lib.rs", "        7 => instructions::tell::process(call),\n", ""),
        "instructions/tell.rs:8: an instruction that src/lib.rs does not dispatch"
    );
    assert_eq!(finding("lib.rs", "    }\n}\n", "    }?;\n    Ok(())\n}\n"), "lib.rs:5: process does not end by matching the discriminator");
    assert_eq!(finding("lib.rs", "pub const ID", "pub const IT"), "lib.rs:1: no const ID, the program's address");
}

#[test]
fn the_table_of_accounts_is_understood_whole_and_is_the_list_that_the_code_takes() {
    let open = "instructions/open.rs";
    assert_eq!(finding(open, "| 3 | mint |", "| 4 | mint |"), format!("{open}:9: row 3 of the table of accounts has number 4"));
    assert_eq!(finding(open, "owner | s | w", "owner | yes | w"), format!("{open}:6: yes where the table of accounts has `s` or nothing"));
    assert_eq!(finding(open, "| 3 | mint | | | |", "| 3 | mint | | |"), format!("{open}:9: a row of the table of accounts has five cells"));
    assert_eq!(finding(open, "| 3 | mint", "| 3 | The mint"), format!("{open}:9: \"The mint\" is no account's name"));
    assert_eq!(
        finding(open, "| s | w | check |", "| w | s | check |"),
        format!("{open}:4: the table of accounts begins with `| # | account | s | w | check |` and a rule")
    );
    assert_eq!(finding(open, "//! Opens", "//!\n//! Opens"), format!("{open}:1: no words at its head that say what the instruction does"));
    assert_eq!(finding(open, "mint, token_program, ", "mint, "), format!("{open}:19: 7 accounts are taken, the table of open has 8"));
    assert_eq!(finding(open, "purse, mint,", "mint, purse,"), format!("{open}:19: mint stands where the table has purse"));
    assert_eq!(finding("state.rs", "[this]", "[that, this]"), "state.rs:24: 2 accounts are taken, the table of tell has 1");
    assert_eq!(finding("instructions/tell.rs", "1..", "2.."), "instructions/tell.rs:6: row 1 of the table of accounts has number 2..");
}

#[test]
fn arguments_are_known_or_found() {
    let open = "instructions/open.rs";
    assert_eq!(finding(open, "seal: Hash", "seal: u128"), format!("{open}:20: u128 is no type that the IDL's generator knows"));
    assert_eq!(finding(open, "seal: Hash", "id: Hash"), format!("{open}:20: a second argument id"));
    assert_eq!(finding(open, "    arguments!(", "    arguments!(data, {});\n    arguments!("), format!("{open}:21: a second arguments!(…)"));
    assert_eq!(finding(open, "    arguments!(", "    read!("), format!("{open}:17: no arguments!(…) in process"));
    assert_eq!(finding(open, "id: u16", "id u16"), format!("{open}:20: expected `:`"));
    let past = "arguments are read by arguments!, or the IDL does not know them";
    assert_eq!(finding(open, "    arguments!(", "    let more = Args::new(data);\n    arguments!("), format!("{open}:20: {past}"));
    assert_eq!(finding("state.rs", "    rest.read()", "    args.u8()"), format!("state.rs:27: {past}"));
    assert_eq!(
        finding("instructions/tell.rs", "tell_all::<Chest>", "tell_none"),
        "instructions/tell.rs:9: process hands on to tell_none, of which the crate has 0 that take a Call"
    );
}

#[test]
fn arguments_of_any_shape_are_told_one_by_one() {
    let listed = "arguments!(data, { id: u16, seal: Hash, steps: [Step; ..=MOST], text: [u8; ..=9], all: [Hash; ..=32] })";
    let shapes = idl(&[("instructions/open.rs", "arguments!(data, { id: u16, seal: Hash, steps: [Step; ..=MOST] })", listed)]).unwrap();
    let kinds: Vec<_> =
        shapes["instructions"][0]["args"].as_array().unwrap().iter().skip(3).map(|one| (one["name"].clone(), one["type"].clone())).collect();
    let expected = [("text", json!("bytes")), ("all", json!({"vec": {"array": ["u8", 32]}}))];
    assert_eq!(kinds, expected.map(|(name, kind)| (json!(name), kind)));
}

#[test]
fn events_accounts_and_types_are_known_or_found() {
    assert_eq!(finding("events.rs", "4 Told", "1 Told"), "events.rs:3: numbers of events ascend, each has one event");
    assert_eq!(finding("events.rs", "amount: i64", "amount: f64"), "events.rs:3: f64 is no type that the IDL's generator knows");
    let begun = "an event begins with the ID of one of events!, or the IDL does not know it";
    assert_eq!(finding("state.rs", "events::Told::ID", "4"), format!("state.rs:29: {begun}"));
    assert_eq!(finding("state.rs", "events::Told::ID", "events::Gone::ID"), format!("state.rs:29: {begun}"));
    assert_eq!(finding("state.rs", "disc 2", "disk 2"), "state.rs:5: expected `disc`");
    assert_eq!(finding("state.rs", "chest at [", "chest is ["), "state.rs:5: expected `at`, and the seeds of the address");
    assert_eq!(finding("state.rs", "[Hash; 1 + 1]", "[Hash; 1 << 1]"), "state.rs:6: not a number that the IDL's generator can work out");
    let another = "layout!(lid at [b\"l\"], disc 2, len 4, { 3 STATE: U8 });\n\nlayout!(\n    /// A chest.";
    assert_eq!(finding("state.rs", "layout!(\n    /// A chest.", another), "state.rs:7: chest has another account's discriminator");
    let twice = "derived!(chest at [b\"c\"]);\n\nderived!(\n    /// Where";
    assert_eq!(finding("state.rs", "derived!(\n    /// Where", twice), "state.rs:9: two addresses are called chest");
    assert_eq!(finding("events.rs", "1 Opened", "1 Chest"), "events.rs:2: a second type Chest");
    assert_eq!(finding("state.rs", "leb128!(", "record!(Stray { a: u8 });\n\nleb128!("), "state.rs:17: no argument, account or event has a Stray");
}

#[test]
fn a_declaration_is_not_passed_over() {
    assert_eq!(finding("events.rs", "events! {", "happenings! {"), "events.rs:1: happenings! is no macro that the IDL's generator knows");
    let hidden = "declared where the IDL's generator does not look: at the top of a file only";
    assert_eq!(finding("more.rs", "", "pub mod inner {\n    events! { 9 Hidden { amount: u64 } }\n}\n"), format!("more.rs:2: {hidden}"));
    assert_eq!(
        finding("more.rs", "", "fn inner() {\n    layout!(a at [b\"a\"], disc 9, len 4, { 3 STATE: U8 });\n}\n"),
        format!("more.rs:2: {hidden}")
    );
    // What a file's own macros make of its own is its business, and tests may do as they like.
    let own = "macro_rules! local { () => {} }\nlocal!();\n#[cfg(test)]\nmod tests {\n    fn a() { Args::new(&[]); }\n}\n";
    assert!(idl(&[("more.rs", "", own)]).is_ok());
}

#[test]
fn constants_are_worked_out_and_fit() {
    let constants = "constants.rs";
    assert_eq!(finding(constants, "+ 1", "+ 250"), "constants.rs:2: 256 does not fit a u8");
    assert_eq!(finding(constants, "+ 1", "- 1"), "constants.rs:2: not a number that the IDL's generator can work out");
    assert_eq!(finding(constants, "u8 =", "usize ="), "constants.rs:2: a constant of the IDL is a u8, u16, u32 or u64");
    assert_eq!(finding(constants, "shared::token::MOST", "token::MOST"), "constants.rs:2: no constant token::MOST is known by this path");
    assert_eq!(finding(constants, "pub const", "use a::b;\npub const"), "constants.rs:1: constants.rs holds constants, each with its path in full");
}

#[test]
fn source_that_is_no_rust_is_found_where_it_breaks() {
    assert!(finding("state.rs", "pub use shared", "pub usse shared").starts_with("state.rs:1: expected "));
}

#[test]
fn the_text_has_a_space_a_level_and_numbers_on_one_line() {
    let text = json::text(&json!({"a": [1, 2], "b": [], "c": [{"d": "e\"é"}], "f": true}));
    assert_eq!(text, "{\n \"a\": [1, 2],\n \"b\": [],\n \"c\": [\n  {\n   \"d\": \"e\\\"é\"\n  }\n ],\n \"f\": true\n}\n");
}
