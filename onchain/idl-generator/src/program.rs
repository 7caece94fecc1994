//! A program's IDL, put together from what its crate and the shared one declare.

use std::{cell::RefCell, collections::BTreeSet};

use proc_macro2::{Ident, Span};
use serde_json::{Value, json};
use syn::{
    Expr, ExprCall, ExprMethodCall, Item, ItemMod, ItemUse, UseTree, Visibility,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::{
    declaration::{Declared, Event, Field, Layout, Record, Seeds, Shape, Type},
    instruction::{Argument, Instruction, instructions},
    source::{Constants, Crate, File, Finding, prose},
};

/// Version of Anchor's IDL.
const SPEC: &str = "0.1.0";
/// Accounts that are at one address wherever they are asked for.
const KNOWN: [(&str, &str); 2] =
    [("system_program", "11111111111111111111111111111111"), ("instructions_sysvar", "Sysvar1nstructions1111111111111111111111111")];

/// The IDL of each program, in the same order.
pub fn generate(programs: &[Crate], shared: &Crate) -> Result<Vec<Value>, Finding> {
    let common = Declared::of(shared)?;
    let mut exported = BTreeSet::new();
    let mut idls = vec![];
    for krate in programs {
        let own = Declared::of(krate)?;
        Reads::checked(krate, &own)?;
        let program = Program::new(krate, shared, &own, &common)?;
        exported.extend(program.exported.iter().cloned());
        idls.push(program.idl()?);
    }
    // An account of the shared crate that no program owns would stand in no IDL.
    let declared =
        common.layouts.iter().map(|(layout, file)| (&layout.seeds, *file)).chain(common.derived.iter().map(|(seeds, file)| (seeds, *file)));
    for (seeds, file) in declared {
        if !exported.contains(&path(file, &seeds.name)) {
            return Err(file.finding(seeds.at, format!("no program says by `pub use` that {} is its own", seeds.name)));
        }
    }
    Ok(idls)
}

/// Where something is declared, from its crate on.
fn path(file: &File, name: &str) -> Vec<String> {
    file.module.iter().cloned().chain([name.to_owned()]).collect()
}

struct Program<'a> {
    krate: &'a Crate,
    shared: &'a Crate,
    own: &'a Declared<'a>,
    common: &'a Declared<'a>,
    /// Paths within the shared crate of what this program says is its own.
    exported: BTreeSet<Vec<String>>,
    /// Accounts by the IDL's name, in order of their discriminators.
    accounts: Vec<(String, &'a Layout, &'a File)>,
    /// What addresses come from, and the crate that says so.
    seeds: Vec<(&'a Seeds, &'a File, &'a Crate)>,
    /// Names of the records that were found in use.
    used: RefCell<BTreeSet<String>>,
}

impl<'a> Program<'a> {
    fn new(krate: &'a Crate, shared: &'a Crate, own: &'a Declared<'a>, common: &'a Declared<'a>) -> Result<Self, Finding> {
        let exports = exports(krate, shared);
        let alias = |file: &File, seeds: &Seeds| exports.iter().find(|(from, _)| *from == path(file, &seeds.name)).map(|(_, alias)| alias.clone());
        let mut accounts = vec![];
        let mut seeds = vec![];
        for (layout, file) in &own.layouts {
            accounts.push((camel(&layout.seeds.name), layout, *file));
            seeds.push((&layout.seeds, *file, krate));
        }
        seeds.extend(own.derived.iter().map(|(one, file)| (one, *file, krate)));
        for (layout, file) in &common.layouts {
            if let Some(alias) = alias(file, &layout.seeds) {
                accounts.push((camel(&alias), layout, *file));
                seeds.push((&layout.seeds, *file, shared));
            }
        }
        seeds.extend(common.derived.iter().filter(|(one, file)| alias(file, one).is_some()).map(|(one, file)| (one, *file, shared)));
        accounts.sort_by_key(|(_, layout, _)| layout.discriminator);
        for pair in accounts.windows(2) {
            let (_, layout, file) = pair[1];
            if pair[0].1.discriminator == layout.discriminator {
                return Err(file.finding(layout.seeds.at, format!("{} has another account's discriminator", layout.seeds.name)));
            }
        }
        for (index, (one, file, _)) in seeds.iter().enumerate() {
            if seeds[..index].iter().any(|(earlier, _, _)| earlier.name == one.name) {
                return Err(file.finding(one.at, format!("two addresses are called {}", one.name)));
            }
        }
        let exported = exports.into_iter().map(|(from, _)| from).collect();
        Ok(Self { krate, shared, own, common, exported, accounts, seeds, used: RefCell::default() })
    }

    fn constants(&self, own: &'a Crate) -> Constants<'a> {
        Constants { own, shared: self.shared }
    }

    fn idl(&self) -> Result<Value, Finding> {
        let instructions = instructions(self.krate)?;
        self.seeds_are_known(&instructions)?;
        self.names_differ()?;
        let instructions = instructions.iter().map(|one| self.instruction(one)).collect::<Result<Vec<_>, _>>()?;
        let mut types = vec![];
        for (name, layout, file) in &self.accounts {
            let mut fields = vec![json!({"name": "version", "type": "u8"}), json!({"name": "bump", "type": "u8"})];
            fields.extend(self.fields(&layout.fields, file)?);
            types.push(structure(name, fields));
        }
        let mut number = 0;
        for (event, file) in &self.own.events {
            if event.discriminator <= number {
                return Err(file.finding(event.name.span(), "numbers of events ascend, each has one event"));
            }
            number = event.discriminator;
            types.push(structure(&event.name.to_string(), self.fields(&event.fields, file)?));
        }
        types.extend(self.records()?);
        Ok(json!({
            "address": self.address()?,
            "metadata": {"name": self.krate.name, "version": self.krate.version, "spec": SPEC, "description": self.krate.description},
            "instructions": instructions,
            "accounts": self.accounts.iter().map(|(name, layout, _)| discriminated(name, layout.discriminator)).collect::<Vec<_>>(),
            "events": self.own.events.iter().map(|(event, _)| discriminated(&event.name.to_string(), event.discriminator)).collect::<Vec<_>>(),
            "errors": self.common.errors.iter().map(|one| json!({"code": one.code, "name": one.name, "msg": one.message})).collect::<Vec<_>>(),
            "types": types,
            "constants": self.listed_constants()?,
        }))
    }

    fn address(&self) -> Result<String, Finding> {
        let root = self.krate.module(&[]).ok_or_else(|| Finding { file: self.krate.name.clone(), line: 1, message: "no src/lib.rs".to_owned() })?;
        let id = root.ast.items.iter().find_map(|item| if let Item::Const(one) = item { Some(one) } else { None }.filter(|one| one.ident == "ID"));
        let id = id.ok_or_else(|| root.finding(Span::call_site(), "no const ID, the program's address"))?;
        Ok(self.constants(self.krate).address(id, root)?.0)
    }

    fn instruction(&self, one: &Instruction<'a>) -> Result<Value, Finding> {
        let accounts = one.accounts.iter().map(|account| {
            let mut entry = json!({"name": account.name});
            for (flag, set) in [("writable", account.writable), ("signer", account.signer)] {
                if set {
                    entry[flag] = json!(true);
                }
            }
            if let Some((_, address)) = KNOWN.iter().find(|(name, _)| *name == account.name) {
                entry["address"] = json!(address);
            }
            if let Some(pda) = self.pda(&account.name, one)? {
                entry["pda"] = pda;
            }
            Ok(entry)
        });
        let arguments = one.arguments.iter().map(|argument| self.field(&argument.field, argument.file));
        Ok(json!({
            "name": one.name,
            "docs": [one.docs],
            "discriminator": [one.discriminator],
            "accounts": accounts.collect::<Result<Vec<_>, Finding>>()?,
            "args": arguments.collect::<Result<Vec<_>, _>>()?,
        }))
    }

    /// How an account's address is derived, where all that it is derived from is at hand.
    fn pda(&self, name: &str, within: &Instruction<'a>) -> Result<Option<Value>, Finding> {
        let Some((from, file, krate)) = self.seeds.iter().find(|(seeds, _, _)| seeds.name == name) else { return Ok(None) };
        let mut seeds: Vec<_> = from.prefix.iter().map(|bytes| json!({"kind": "const", "value": bytes})).collect();
        for seed in &from.rest {
            if within.accounts.iter().any(|account| *seed == account.name) {
                seeds.push(json!({"kind": "account", "path": seed.to_string()}));
                continue;
            }
            let Some(Argument { field, file }) = within.arguments.iter().find(|argument| *seed == argument.field.name) else { return Ok(None) };
            if !matches!(field.kind, Type::Integer(_) | Type::Key | Type::Hash | Type::Array(..)) {
                return Err(file.finding(field.at, format!("{seed} is a seed of {name} and has no fixed length")));
            }
            seeds.push(json!({"kind": "arg", "path": seed.to_string()}));
        }
        let mut pda = json!({"seeds": seeds});
        if let Some(program) = &from.program {
            let constants = self.constants(krate);
            let (constant, there) = constants.find(program, file)?;
            pda["program"] = json!({"kind": "const", "value": constants.address(constant, there)?.1});
        }
        Ok(Some(pda))
    }

    fn fields(&self, fields: &[Field], file: &'a File) -> Result<Vec<Value>, Finding> {
        fields.iter().map(|field| self.field(field, file)).collect()
    }

    fn field(&self, field: &Field, file: &'a File) -> Result<Value, Finding> {
        Ok(json!({"name": field.name, "type": self.kind(&field.kind, file)?}))
    }

    fn kind(&self, kind: &Type, file: &'a File) -> Result<Value, Finding> {
        Ok(match kind {
            Type::Integer(name) => json!(name),
            Type::Key => json!("pubkey"),
            Type::Hash => json!({"array": ["u8", 32]}),
            Type::Vector(item) if matches!(**item, Type::Integer("u8")) => json!("bytes"),
            Type::Vector(item) => json!({"vec": self.kind(item, file)?}),
            Type::Array(item, count) => {
                let home = if self.krate.files.iter().any(|own| own.name == file.name) { self.krate } else { self.shared };
                json!({"array": [self.kind(item, file)?, self.constants(home).number(count, file)?]})
            }
            Type::Named(name) => {
                self.record(name).ok_or_else(|| file.finding(name.span(), format!("{name} is no type that the IDL's generator knows")))?;
                self.used.borrow_mut().insert(name.to_string());
                json!({"defined": {"name": name.to_string()}})
            }
        })
    }

    fn record(&self, name: &Ident) -> Option<&'a Record> {
        self.own.records.iter().chain(&self.common.records).map(|(record, _)| record).find(|record| record.name == *name)
    }

    /// Types of the program's own records, and of the shared ones that it uses.
    fn records(&self) -> Result<Vec<Value>, Finding> {
        let mut types = vec![];
        for (record, file) in &self.own.records {
            if !self.used.borrow().contains(&record.name.to_string()) {
                return Err(file.finding(record.name.span(), format!("no argument, account or event has a {}", record.name)));
            }
            types.push(self.described(record, file)?);
        }
        for (record, file) in &self.common.records {
            if self.used.borrow().contains(&record.name.to_string()) {
                types.push(self.described(record, file)?);
            }
        }
        Ok(types)
    }

    fn described(&self, record: &Record, file: &'a File) -> Result<Value, Finding> {
        let name = record.name.to_string();
        Ok(match &record.shape {
            Shape::Fields(fields) => structure(&name, self.fields(fields, file)?),
            // No tool has a type for it: the docs say how it is read.
            Shape::Varints(list) => json!({
                "name": name,
                "docs": [record.docs],
                "serialization": {"custom": "leb128"},
                "type": {"kind": "struct", "fields": [{"name": list, "type": {"vec": "u64"}}]},
            }),
        })
    }

    /// The IDL has one list of types for accounts, events and records.
    fn names_differ(&self) -> Result<(), Finding> {
        let accounts = self.accounts.iter().map(|(name, layout, file)| (name.clone(), layout.seeds.at, *file));
        let events = self.own.events.iter().map(|(event, file)| (event.name.to_string(), event.name.span(), *file));
        let records = self.own.records.iter().chain(&self.common.records).map(|(record, file)| (record.name.to_string(), record.name.span(), *file));
        let mut names = BTreeSet::new();
        for (name, at, file) in accounts.chain(events).chain(records) {
            if !names.insert(name.clone()) {
                return Err(file.finding(at, format!("a second type {name}")));
            }
        }
        Ok(())
    }

    /// A misspelt name would pass for one that is not at hand: every address is some account's, and every seed an account, an argument, or what
    /// the account itself keeps.
    fn seeds_are_known(&self, instructions: &[Instruction<'a>]) -> Result<(), Finding> {
        let accounts: BTreeSet<_> = instructions.iter().flat_map(|one| &one.accounts).map(|account| account.name.as_str()).collect();
        let arguments: BTreeSet<_> = instructions.iter().flat_map(|one| &one.arguments).map(|argument| argument.field.name.as_str()).collect();
        for (seeds, file, _) in &self.seeds {
            if !accounts.contains(seeds.name.as_str()) {
                return Err(file.finding(seeds.at, format!("no instruction of {} has an account {}", self.krate.name, seeds.name)));
            }
            let layout = self.accounts.iter().find(|(_, layout, _)| layout.seeds.name == seeds.name);
            let kept = |seed: &str| layout.is_some_and(|(_, layout, _)| layout.fields.iter().any(|field| field.name == seed));
            for seed in &seeds.rest {
                let name = seed.to_string();
                if !accounts.contains(name.as_str()) && !arguments.contains(name.as_str()) && !kept(&name) {
                    return Err(file.finding(seed.span(), format!("{name} is no account, no argument, and no field of {}", seeds.name)));
                }
            }
        }
        Ok(())
    }

    /// The public constants of `constants.rs`.
    fn listed_constants(&self) -> Result<Vec<Value>, Finding> {
        let Some(file) = self.krate.module(&["constants".to_owned()]) else { return Ok(vec![]) };
        let listed = file.ast.items.iter().map(|item| {
            let Item::Const(constant) = item else {
                return Err(file.finding(item.span(), "constants.rs holds constants, each with its path in full"));
            };
            let bits = match &*constant.ty {
                syn::Type::Path(kind) if kind.path.is_ident("u8") => 8,
                syn::Type::Path(kind) if kind.path.is_ident("u16") => 16,
                syn::Type::Path(kind) if kind.path.is_ident("u32") => 32,
                syn::Type::Path(kind) if kind.path.is_ident("u64") => 64,
                other => return Err(file.finding(other.span(), "a constant of the IDL is a u8, u16, u32 or u64")),
            };
            let value = self.constants(self.krate).number(&constant.expr, file)?;
            if bits < 64 && value >> bits != 0 {
                return Err(file.finding(constant.expr.span(), format!("{value} does not fit a u{bits}")));
            }
            let name = constant.ident.to_string();
            Ok(json!({"name": name, "docs": [prose(&constant.attrs)], "type": format!("u{bits}"), "value": value.to_string()}))
        });
        listed.collect()
    }
}

fn structure(name: &str, fields: Vec<Value>) -> Value {
    json!({"name": name, "type": {"kind": "struct", "fields": fields}})
}

fn discriminated(name: &str, discriminator: u8) -> Value {
    json!({"name": name, "discriminator": [discriminator]})
}

/// `some_name` as a type.
fn camel(name: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('_').filter(|part| !part.is_empty()).map(word).collect()
}

/// What a crate says is its own of the shared one: paths there, and the names here.
fn exports(krate: &Crate, shared: &Crate) -> Vec<(Vec<String>, String)> {
    let items = krate.files.iter().flat_map(|file| &file.ast.items);
    let public = items.filter_map(|item| match item {
        Item::Use(ItemUse { vis: Visibility::Public(_), tree: UseTree::Path(tree), .. }) if tree.ident == shared.name => Some(&*tree.tree),
        _ => None,
    });
    let mut found = vec![];
    public.for_each(|tree| leaves(tree, &[], &mut found));
    found
}

fn leaves(tree: &UseTree, above: &[String], out: &mut Vec<(Vec<String>, String)>) {
    let below = |name: &Ident| above.iter().cloned().chain([name.to_string()]).collect::<Vec<_>>();
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &below(&path.ident), out),
        UseTree::Name(name) => out.push((below(&name.ident), name.ident.to_string())),
        UseTree::Rename(name) => out.push((below(&name.ident), name.rename.to_string())),
        UseTree::Group(group) => group.items.iter().for_each(|one| leaves(one, above, out)),
        UseTree::Glob(_) => {}
    }
}

/// Arguments and events that a program reads or begins past their declarations.
struct Reads<'a> {
    events: &'a [(Event, &'a File)],
    file: &'a File,
    found: Option<Finding>,
}

impl<'a> Reads<'a> {
    fn checked(krate: &'a Crate, own: &'a Declared<'a>) -> Result<(), Finding> {
        for file in &krate.files {
            let mut reads = Reads { events: &own.events, file, found: None };
            reads.visit_file(&file.ast);
            reads.found.map_or(Ok(()), Err)?;
        }
        Ok(())
    }

    fn found(&mut self, at: Span, message: &str) {
        let finding = self.file.finding(at, message);
        self.found.get_or_insert(finding);
    }
}

impl<'ast> Visit<'ast> for Reads<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let test = |attribute: &syn::Attribute| {
            attribute.meta.require_list().is_ok_and(|list| list.path.is_ident("cfg") && list.tokens.to_string() == "test")
        };
        if !item.attrs.iter().any(test) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(function) = &*call.func {
            let names: Vec<_> = function.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            match &names[..] {
                [.., owner, new] if owner == "Args" && new == "new" => {
                    self.found(call.span(), "arguments are read by arguments!, or the IDL does not know them");
                }
                [.., owner, new] if owner == "Event" && new == "new" && !self.declared(call.args.first()) => {
                    self.found(call.span(), "an event begins with the ID of one of events!, or the IDL does not know it");
                }
                _ => {}
            }
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if matches!(&*call.receiver, Expr::Path(path) if path.path.is_ident("args")) {
            self.found(call.span(), "arguments are read by arguments!, or the IDL does not know them");
        }
        visit::visit_expr_method_call(self, call);
    }
}

impl Reads<'_> {
    /// `…::Name::ID` of a declared event.
    fn declared(&self, argument: Option<&Expr>) -> bool {
        let Some(Expr::Path(path)) = argument else { return false };
        let names: Vec<_> = path.path.segments.iter().map(|segment| &segment.ident).collect();
        matches!(names[..], [.., event, id] if id == "ID" && self.events.iter().any(|(one, _)| one.name == *event))
    }
}
