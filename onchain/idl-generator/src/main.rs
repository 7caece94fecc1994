//! Compares the committed IDL with what the source says, or writes it: `nyxos-idl-generator FOLDER [--write]`, where the folder is `onchain`.

use std::{env, fs, path::Path, process::ExitCode};

use nyxos_idl_generator::{Crate, Finding, generate, json};

/// Files of `idl/`, and the programs that they are of.
const PROGRAMS: [(&str, &str); 2] = [("registry.json", "programs/registry"), ("escrow.json", "programs/escrow")];
const SHARED: &str = "programs/shared";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let (folder, write) = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [folder] => (*folder, false),
        [folder, "--write"] => (*folder, true),
        _ => {
            eprintln!("usage: nyxos-idl-generator FOLDER [--write]");
            return ExitCode::from(64);
        }
    };
    match texts(Path::new(folder)) {
        Err(finding) => {
            eprintln!("the IDL cannot be written: {folder}/{finding}");
            ExitCode::FAILURE
        }
        Ok(texts) => settle(Path::new(folder), &texts, write),
    }
}

/// What each file has to be.
fn texts(root: &Path) -> Result<Vec<(String, String)>, Finding> {
    let programs = PROGRAMS.iter().map(|(_, program)| Crate::read(root, program)).collect::<Result<Vec<_>, _>>()?;
    let idls = generate(&programs, &Crate::read(root, SHARED)?)?;
    Ok(PROGRAMS.iter().zip(&idls).map(|((file, _), idl)| (format!("idl/{file}"), json::text(idl))).collect())
}

fn settle(root: &Path, texts: &[(String, String)], write: bool) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for (file, text) in texts {
        let path = root.join(file);
        if write {
            if let Err(error) = fs::write(&path, text) {
                eprintln!("{} cannot be written: {error}", path.display());
                code = ExitCode::FAILURE;
            }
            continue;
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        if committed != *text {
            eprintln!("{} is not what the source says; if that is meant, NYXOS_WRITE=1 onchain/test --idl writes it.", path.display());
            eprintln!("{}", first_difference(&committed, text));
            code = ExitCode::FAILURE;
        }
    }
    code
}

/// The first line that differs.
fn first_difference(committed: &str, generated: &str) -> String {
    let (mut left, mut right) = (committed.lines(), generated.lines());
    let mut number = 0;
    loop {
        number += 1;
        let (committed, generated) = (left.next(), right.next());
        if committed != generated || committed.is_none() {
            let shown = |line: Option<&str>| line.unwrap_or("(the file ends)").to_owned();
            return format!("line {number}:\n- {}\n+ {}", shown(committed), shown(generated));
        }
    }
}
