//! `SECURITY.md` held to the code: every instruction has its row, what the code says of it stands there, every test that is named exists, and
//! every error in an instruction's source is shown by an attack or by a test that the row names. `NYXOS_WRITE=1` writes what follows from the
//! code; the last three columns are written by hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
};

use crate::{
    attacks::ALLOWED,
    idl::{Idl, file},
    world::{escrow, registry},
};

const FILE: &str = "SECURITY.md";
/// Columns that follow from the code, and those written by hand.
const DERIVED: usize = 6;
const COLUMNS: usize = 1 + DERIVED + 3;

fn programs() -> [(&'static str, &'static Idl); 2] {
    [("registry", registry()), ("escrow", escrow())]
}

fn security() -> String {
    fs::read_to_string(file(FILE)).unwrap()
}

/// Cells of the row of an instruction under a program's heading, empty when there is none.
fn row(text: &str, program: &str, instruction: &str) -> Vec<String> {
    let section = text.split("\n## ").find(|section| section.starts_with(&format!("{program}\n"))).unwrap_or_default();
    let line = section.lines().find(|line| line.starts_with(&format!("| {instruction} |"))).unwrap_or_default();
    line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).filter(|_| !line.is_empty()).collect()
}

/// Every `module::test` in a text.
fn named_tests(text: &str) -> BTreeSet<(String, String)> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter_map(|name| name.split_once("::")).map(|(module, test)| (module.to_owned(), test.to_owned())).collect()
}

/// The source of a test, from its attribute to the end of its body.
fn body(module: &str, test: &str) -> Option<String> {
    let source = fs::read_to_string(file("tests/src").join(format!("{module}.rs"))).ok()?;
    let start = source.find(&format!("#[test]\nfn {test}() {{"))?;
    let end = source[start..].find("\n}\n")?;
    Some(source[start..start + end].to_owned())
}

/// Verdicts on attacks of an instruction's calls, by what was attacked.
fn refusals(program: &str, instruction: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(file("tests/refusals.txt")).unwrap();
    let both = programs().iter().all(|(_, idl)| idl.instruction_names().iter().any(|name| name == instruction));
    let mut found = BTreeMap::<String, BTreeSet<String>>::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<_> = line.split(" | ").collect();
        let [step, attacked, verdicts] = cells[..] else { panic!("{line}") };
        // Of two instructions of one name, the steps of the market's say so.
        let mine = !both || step.contains("(market)") == (program == "escrow");
        if step.split(' ').next() == Some(instruction) && mine {
            found.entry(attacked.to_owned()).or_default().extend(verdicts.split(", ").map(str::to_owned));
        }
    }
    found
}

/// The functions of a source file by name, each up to the next one.
fn functions(source: &str) -> BTreeMap<String, String> {
    let starts: Vec<_> = source.match_indices("fn ").map(|(at, _)| at).filter(|at| source[..*at].ends_with([' ', '\n'])).collect();
    let ends = starts.iter().skip(1).copied().chain([source.len()]);
    let name = |at: usize| source[at + 3..].split(['(', '<']).next().unwrap().to_owned();
    starts.iter().zip(ends).map(|(start, end)| (name(*start), source[*start..end].to_owned())).collect()
}

/// Functions of all of a program's source but its instructions' own files, by name; of a name that stands twice, both.
fn helpers(program: &str, idl: &Idl) -> BTreeMap<String, String> {
    let instructions = idl.instruction_names();
    let mut found = BTreeMap::<String, String>::new();
    let mut folders = vec![file("programs").join(program).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if !instructions.iter().any(|name| entry.ends_with(format!("{name}.rs"))) {
                let source = fs::read_to_string(entry).unwrap();
                for (name, function) in functions(source.split("#[cfg(test)]").next().unwrap()) {
                    found.entry(name).or_default().push_str(&function);
                }
            }
        }
    }
    found
}

/// Errors of an instruction's own file and of the functions it calls: the program's, and those shared for rotation and authority.
fn errors(program: &str, idl: &Idl, instruction: &str) -> BTreeSet<String> {
    let source = |name: &str| fs::read_to_string(file("programs").join(program).join("src").join(name)).unwrap_or_default();
    let helpers = helpers(program, idl);
    let (mut texts, mut called) = (vec![source(&format!("instructions/{instruction}.rs"))], BTreeSet::new());
    let mut found = BTreeSet::new();
    while let Some(text) = texts.pop() {
        for (module, owner) in [("rotation", "rotation::"), ("authority", "CONFIG_AUTHORITY.")] {
            let shared = fs::read_to_string(file("programs/shared/src").join(format!("{module}.rs"))).unwrap();
            for (name, function) in functions(&shared) {
                if text.contains(&format!("{owner}{name}(")) && called.insert(format!("{module} {name}")) {
                    texts.push(function);
                }
            }
        }
        found.extend(idl.error_names().into_iter().filter(|name| text.contains(&format!("Error::{name}"))));
        for (name, helper) in &helpers {
            let word = |at: usize| at == 0 || !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ' ');
            let calls = [format!("{name}("), format!("{name}::<")]
                .iter()
                .flat_map(|call| text.match_indices(call))
                .any(|(at, _)| word(at) || text[..at].ends_with(['(', ' ', '!']) && !text[..at].ends_with("fn "));
            if calls && called.insert(name.clone()) {
                texts.push(helper.clone());
            }
        }
    }
    found
}

fn list(names: impl IntoIterator<Item = String>) -> String {
    let all: Vec<_> = names.into_iter().collect();
    if all.is_empty() { "–".to_owned() } else { all.join(", ") }
}

/// What stands in an instruction's row by the code: who signs, what is written, what each account is held by, the errors.
fn derived(program: &str, idl: &Idl, instruction: &str) -> [String; DERIVED] {
    let refused = refusals(program, instruction);
    let accounts = idl.account_flags(instruction);
    let held_by = |verdicts: &[&str]| {
        let held = |name: &String| refused.get(&format!("{name} replaced")).is_some_and(|all| all.iter().any(|one| verdicts.contains(&one.as_str())));
        list(accounts.iter().map(|(name, _, _)| name.clone()).filter(held))
    };
    [
        list(accounts.iter().filter(|(_, signer, _)| *signer).map(|(name, _, _)| name.clone())),
        list(accounts.iter().filter(|(_, _, writable)| *writable).map(|(name, _, _)| name.clone())),
        held_by(&["WrongOwner", "WrongAccountKind", "EscrowForeign", "NodeForeign"]),
        held_by(&["WrongAddress", "WrongProgram", "Unauthorized", "runtime PrivilegeEscalation"]),
        held_by(&["WrongMint", "WrongTokenAccount"]),
        list(errors(program, idl, instruction)),
    ]
}

#[test]
fn every_instruction_has_its_row_and_the_row_says_what_the_code_does() {
    let mut text = security();
    for (program, idl) in programs() {
        let mut rows = String::new();
        for instruction in idl.instruction_names() {
            let by_hand: Vec<_> = row(&text, program, &instruction).into_iter().skip(1 + DERIVED).collect();
            let by_hand = if by_hand.len() == 3 { by_hand } else { vec!["?".to_owned(); 3] };
            let cells = [vec![instruction.clone()], derived(program, &idl, &instruction).to_vec(), by_hand].concat();
            rows += &format!("| {} |\n", cells.join(" | "));
        }
        let heading = text.find(&format!("\n## {program}\n")).expect("a heading of each program");
        let start = heading + text[heading..].find("|---|").unwrap();
        let start = start + text[start..].find('\n').unwrap() + 1;
        let end = text[start..].find("\n\n").map_or(text.len(), |at| start + at + 1);
        text.replace_range(start..end, &rows);
    }
    if env::var_os("NYXOS_WRITE").is_some() {
        fs::write(file(FILE), &text).unwrap();
    }
    assert_eq!(security(), text, "{FILE} says otherwise; if that is meant, NYXOS_WRITE=1 onchain/test writes it");
}

#[test]
fn every_account_is_held_by_something_or_free_for_a_stated_reason() {
    for (program, idl) in programs() {
        for instruction in idl.instruction_names() {
            let refused = refusals(program, &instruction);
            for name in idl.account_names(&instruction) {
                let free = ALLOWED.iter().any(|(of, account, _)| (*of == "*" || *of == instruction) && *account == name);
                assert!(free || refused.contains_key(&format!("{name} replaced")), "nothing is known of {name} of {instruction}");
            }
        }
    }
}

#[test]
fn every_test_that_is_named_exists_and_every_row_names_some() {
    let text = security();
    for (module, test) in named_tests(&text) {
        assert!(body(&module, &test).is_some(), "{FILE} names {module}::{test}, which is no test");
    }
    for (program, idl) in programs() {
        for instruction in idl.instruction_names() {
            let cells = row(&text, program, &instruction);
            assert_eq!(cells.len(), COLUMNS, "row of {instruction} of {program}");
            assert!(!named_tests(&cells[COLUMNS - 1]).is_empty(), "no test of {instruction} of {program} is named");
            assert!(cells.iter().all(|cell| cell != "?"), "{instruction} of {program} is not written out");
        }
    }
}

#[test]
fn every_error_of_an_instruction_is_shown_by_an_attack_or_a_test_of_its_row() {
    let text = security();
    let mut missing = vec![];
    for (program, idl) in programs() {
        for instruction in idl.instruction_names() {
            let attacked: BTreeSet<_> = refusals(program, &instruction).into_values().flatten().collect();
            let cells = row(&text, program, &instruction);
            let bodies: Vec<_> = named_tests(&cells[COLUMNS - 1]).iter().filter_map(|(module, test)| body(module, test)).collect();
            for error in errors(program, &idl, &instruction) {
                let stated = text.contains(&format!("* {program} {instruction}: {error}, "));
                let shown = attacked.contains(&error) || bodies.iter().any(|body| body.contains(&format!("\"{error}\"")));
                if shown == stated {
                    missing.push(format!("{program} {instruction}: {error}{}", if stated { " is shown after all" } else { "" }));
                }
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "shown by nothing, and no reason stated");
}
