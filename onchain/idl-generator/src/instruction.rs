//! Instructions: the dispatch, and of each its file's head, its accounts and its arguments.

use proc_macro2::Span;
use syn::{
    Arm, Expr, ExprCall, FnArg, Item, ItemFn, Lit, Macro, Pat, Stmt, Type as RustType,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::{
    declaration::{self, Field, named},
    source::{Crate, File, Finding, docs},
};

/// A row of the table of accounts.
pub struct Account {
    pub name: String,
    pub signer: bool,
    pub writable: bool,
}

pub struct Instruction<'a> {
    pub name: String,
    pub discriminator: u8,
    pub docs: String,
    pub accounts: Vec<Account>,
    pub arguments: Vec<Argument<'a>>,
    pub file: &'a File,
}

/// An argument, and the file that lists it.
pub struct Argument<'a> {
    pub field: Field,
    pub file: &'a File,
}

/// All instructions of a program, in the order of its dispatch.
pub fn instructions(krate: &Crate) -> Result<Vec<Instruction<'_>>, Finding> {
    let root = krate.module(&[]).ok_or_else(|| Finding { file: krate.name.clone(), line: 1, message: "no src/lib.rs".to_owned() })?;
    let mut found: Vec<Instruction<'_>> = vec![];
    for arm in dispatch(root)? {
        let Some((number, name)) = dispatched(&arm, root)? else { continue };
        if found.last().is_some_and(|last| last.discriminator >= number) {
            return Err(root.finding(arm.span(), "discriminators ascend, each has one instruction"));
        }
        let file = krate
            .module(&["instructions".to_owned(), name.clone()])
            .ok_or_else(|| root.finding(arm.span(), format!("{name} has no file src/instructions/{name}.rs")))?;
        found.push(instruction(krate, file, name, number)?);
    }
    for file in krate.files.iter().filter(|file| file.module.first().is_some_and(|first| first == "instructions")) {
        if let Some(process) = function(file, "process")
            && !found.iter().any(|instruction| instruction.file.name == file.name)
        {
            return Err(file.finding(process.sig.span(), "an instruction that src/lib.rs does not dispatch"));
        }
    }
    Ok(found)
}

fn function<'a>(file: &'a File, name: &str) -> Option<&'a ItemFn> {
    file.ast.items.iter().find_map(|item| if let Item::Fn(function) = item { Some(function) } else { None }.filter(|one| one.sig.ident == name))
}

/// The arms by which `process` of `lib.rs` chooses.
fn dispatch(root: &File) -> Result<Vec<Arm>, Finding> {
    let process = function(root, "process").ok_or_else(|| root.finding(Span::call_site(), "no fn process"))?;
    match process.block.stmts.last() {
        Some(Stmt::Expr(Expr::Match(choice), None)) => Ok(choice.arms.clone()),
        _ => Err(root.finding(process.sig.span(), "process does not end by matching the discriminator")),
    }
}

/// `3 => instructions::name::process(call)`; the last arm, which refuses all else, is none.
fn dispatched(arm: &Arm, root: &File) -> Result<Option<(u8, String)>, Finding> {
    let unknown = || root.finding(arm.span(), "not `NUMBER => instructions::NAME::process(call)`, nor a last `_ => Err(…)`");
    if arm.guard.is_some() {
        return Err(unknown());
    }
    match (&arm.pat, &*arm.body) {
        (Pat::Wild(_), Expr::Call(call)) if called(call).as_deref() == Some("Err") => Ok(None),
        (Pat::Lit(literal), Expr::Call(call)) => {
            let (Lit::Int(number), Expr::Path(target)) = (&literal.lit, &*call.func) else { return Err(unknown()) };
            let path: Vec<_> = target.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            match &path[..] {
                [instructions, name, process] if instructions == "instructions" && process == "process" => {
                    Ok(Some((number.base10_parse().map_err(|_| unknown())?, name.clone())))
                }
                _ => Err(unknown()),
            }
        }
        _ => Err(unknown()),
    }
}

/// The last name of the function that is called.
fn called(call: &ExprCall) -> Option<String> {
    if let Expr::Path(function) = &*call.func { Some(named(&function.path)) } else { None }
}

fn instruction<'a>(krate: &'a Crate, file: &'a File, name: String, discriminator: u8) -> Result<Instruction<'a>, Finding> {
    let (docs, accounts) = head(file)?;
    let process = function(file, "process").ok_or_else(|| file.finding(Span::call_site(), "no fn process"))?;
    let (body, home) = body(krate, process, file)?;
    let mut macros = Macros::default();
    macros.visit_block(&body.block);
    let one = |found: &[Macro], name: &str| match found {
        [only] => Ok(only.clone()),
        [] => Err(home.finding(body.sig.span(), format!("no {name}!(…) in {}", body.sig.ident))),
        [_, second, ..] => Err(home.finding(second.span(), format!("a second {name}!(…)"))),
    };

    let list = one(&macros.accounts, "accounts")?;
    let given = declaration::accounts(list.tokens.clone()).map_err(|error| home.misread(&error))?;
    if given.len() != accounts.len() {
        return Err(home.finding(list.span(), format!("{} accounts are taken, the table of {name} has {}", given.len(), accounts.len())));
    }
    // What several instructions share names its accounts for all of them.
    for (variable, account) in given.iter().zip(&accounts).filter(|_| home.name == file.name) {
        let variable_name = variable.to_string();
        let stem = if variable_name == "this" { "program" } else { variable_name.trim_end_matches("_account") };
        if !account.name.starts_with(stem) {
            return Err(file.finding(variable.span(), format!("{variable} stands where the table has {}", account.name)));
        }
    }

    let list = one(&macros.arguments, "arguments")?;
    let listed = declaration::arguments(list.tokens.clone()).map_err(|error| home.misread(&error))?;
    let arguments: Vec<_> = listed.into_iter().map(|field| Argument { field, file: home }).collect();
    for (index, argument) in arguments.iter().enumerate() {
        if arguments[..index].iter().any(|earlier| earlier.field.name == argument.field.name) {
            return Err(argument.file.finding(argument.field.at, format!("a second argument {}", argument.field.name)));
        }
    }
    Ok(Instruction { name, discriminator, docs, accounts, arguments, file })
}

/// The function that does an instruction's work: `process`, or the one of the crate that all of it is handed to.
fn body<'a>(krate: &'a Crate, process: &'a ItemFn, file: &'a File) -> Result<(&'a ItemFn, &'a File), Finding> {
    let [Stmt::Expr(Expr::Call(call), None)] = &process.block.stmts[..] else { return Ok((process, file)) };
    let name = called(call).ok_or_else(|| file.finding(call.span(), "process hands on to something that has no name"))?;
    let takes_a_call = |function: &ItemFn| {
        let Some(FnArg::Typed(first)) = function.sig.inputs.first() else { return false };
        matches!(&*first.ty, RustType::Path(path) if named(&path.path) == "Call")
    };
    let found: Vec<_> = krate.files.iter().filter_map(|file| function(file, &name).filter(|one| takes_a_call(one)).map(|one| (one, file))).collect();
    match found[..] {
        [only] => Ok(only),
        _ => Err(file.finding(call.span(), format!("process hands on to {name}, of which the crate has {} that take a Call", found.len()))),
    }
}

/// Every `accounts!` and `arguments!` in a block.
#[derive(Default)]
struct Macros {
    accounts: Vec<Macro>,
    arguments: Vec<Macro>,
}

impl<'ast> Visit<'ast> for Macros {
    fn visit_macro(&mut self, found: &'ast Macro) {
        match named(&found.path).as_str() {
            "accounts" => self.accounts.push(found.clone()),
            "arguments" => self.arguments.push(found.clone()),
            _ => visit::visit_macro(self, found),
        }
    }
}

/// Prose up to the first empty line, and the table of accounts.
fn head(file: &File) -> Result<(String, Vec<Account>), Finding> {
    let lines = docs(&file.ast.attrs);
    let prose: Vec<_> = lines.iter().map(|(_, line)| line.trim()).take_while(|line| !line.is_empty()).collect();
    if prose.is_empty() {
        return Err(file.finding(Span::call_site(), "no words at its head that say what the instruction does"));
    }
    let table: Vec<_> = lines.iter().filter(|(_, line)| line.starts_with('|')).collect();
    let [(_, titles), (_, rule), rows @ ..] = &table[..] else {
        return Err(file.finding(Span::call_site(), "no table of accounts at its head"));
    };
    if titles != "| # | account | s | w | check |" || rule != "|---|---|---|---|---|" {
        return Err(file.finding(table[0].0, "the table of accounts begins with `| # | account | s | w | check |` and a rule"));
    }
    let mut accounts = vec![];
    for (index, (at, row)) in rows.iter().enumerate() {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let ["", number, name, signer, writable, _, ""] = cells[..] else {
            return Err(file.finding(*at, "a row of the table of accounts has five cells"));
        };
        let flag = |cell: &str, set: &str| match cell {
            "" => Ok(false),
            cell if cell == set => Ok(true),
            other => Err(file.finding(*at, format!("{other} where the table of accounts has `{set}` or nothing"))),
        };
        let account = Account { name: name.to_owned(), signer: flag(signer, "s")?, writable: flag(writable, "w")? };
        // As many more as the caller names; the IDL has no place for them.
        if number == format!("{index}..") && index + 1 == rows.len() {
            break;
        }
        if number != index.to_string() {
            return Err(file.finding(*at, format!("row {index} of the table of accounts has number {number}")));
        }
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
            return Err(file.finding(*at, format!("{name:?} is no account's name")));
        }
        accounts.push(account);
    }
    Ok((prose.join(" "), accounts))
}
