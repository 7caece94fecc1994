//! What the programs' macros declare.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{
    Attribute, Block, Expr, Item, ItemMacro, ItemMod, LitByteStr, LitInt, Macro, Token, braced, bracketed,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::source::{Crate, File, Finding, prose};

/// A type as the macros write it.
pub enum Type {
    /// An integer, by the IDL's name.
    Integer(&'static str),
    Key,
    Hash,
    /// A `record!`, or something that reads itself.
    Named(Ident),
    /// `[T]`, `[T; ..]`, `[T; ..=MAX]`.
    Vector(Box<Type>),
    /// `[T; N]`.
    Array(Box<Type>, Box<Expr>),
}

impl Parse for Type {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        if !input.peek(syn::token::Bracket) {
            let name: Ident = input.parse()?;
            return Ok(match name.to_string().as_str() {
                "u8" | "U8" => Self::Integer("u8"),
                "u16" | "U16" => Self::Integer("u16"),
                "u32" | "U32" => Self::Integer("u32"),
                "u64" | "U64" => Self::Integer("u64"),
                "i64" | "I64" => Self::Integer("i64"),
                "Key" => Self::Key,
                "Hash" => Self::Hash,
                _ => Self::Named(name),
            });
        }
        let inside;
        bracketed!(inside in input);
        let item = Box::new(inside.parse()?);
        if inside.is_empty() {
            return Ok(Self::Vector(item));
        }
        inside.parse::<Token![;]>()?;
        if inside.peek(Token![..=]) {
            inside.parse::<Token![..=]>()?;
            inside.parse::<Expr>()?;
            return Ok(Self::Vector(item));
        }
        if inside.peek(Token![..]) {
            inside.parse::<Token![..]>()?;
            return Ok(Self::Vector(item));
        }
        Ok(Self::Array(item, Box::new(inside.parse()?)))
    }
}

/// A name and its type, where it stands.
pub struct Field {
    pub name: String,
    pub at: Span,
    pub kind: Type,
}

impl Parse for Field {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        input.parse::<Token![:]>()?;
        Ok(Self { name: name.to_string(), at: name.span(), kind: input.parse()? })
    }
}

fn fields(input: ParseStream) -> syn::Result<Vec<Field>> {
    let inside;
    braced!(inside in input);
    Ok(Punctuated::<Field, Token![,]>::parse_terminated(&inside)?.into_iter().collect())
}

/// Where an address comes from.
pub struct Seeds {
    /// As accounts of instructions are named.
    pub name: String,
    pub at: Span,
    pub prefix: Option<Vec<u8>>,
    pub rest: Vec<Ident>,
    /// Another program, whose address it is.
    pub program: Option<syn::Path>,
}

/// `name at [b"prefix", of, what]`.
fn seeds(input: ParseStream) -> syn::Result<Seeds> {
    let name: Ident = input.parse()?;
    let at: Ident = input.parse()?;
    if at != "at" {
        return Err(syn::Error::new(at.span(), "expected `at`, and the seeds of the address"));
    }
    let inside;
    bracketed!(inside in input);
    let mut prefix = None;
    if inside.peek(LitByteStr) {
        prefix = Some(inside.parse::<LitByteStr>()?.value());
        inside.parse::<Option<Token![,]>>()?;
    }
    let rest = Punctuated::<Ident, Token![,]>::parse_terminated(&inside)?.into_iter().collect();
    Ok(Seeds { name: name.to_string(), at: name.span(), prefix, rest, program: None })
}

/// An account of `layout!`.
pub struct Layout {
    pub seeds: Seeds,
    pub discriminator: u8,
    pub fields: Vec<Field>,
}

fn layout(input: ParseStream) -> syn::Result<Layout> {
    Attribute::parse_outer(input)?;
    let seeds = seeds(input)?;
    let word = |expected: &str| {
        input.parse::<Token![,]>()?;
        let word: Ident = input.parse()?;
        if word == expected { Ok(()) } else { Err(syn::Error::new(word.span(), format!("expected `{expected}`"))) }
    };
    word("disc")?;
    let discriminator = input.parse::<LitInt>()?.base10_parse()?;
    word("len")?;
    input.parse::<LitInt>()?;
    input.parse::<Token![,]>()?;
    let inside;
    braced!(inside in input);
    let field = |input: ParseStream| {
        input.parse::<LitInt>()?;
        let mut field: Field = input.parse()?;
        field.name = field.name.to_lowercase();
        Ok(field)
    };
    let fields = Punctuated::<Field, Token![,]>::parse_terminated_with(&inside, field)?.into_iter().collect();
    Ok(Layout { seeds, discriminator, fields })
}

fn derived(input: ParseStream) -> syn::Result<Seeds> {
    Attribute::parse_outer(input)?;
    let mut seeds = seeds(input)?;
    if !input.is_empty() {
        let of: Ident = input.parse()?;
        if of != "of" {
            return Err(syn::Error::new(of.span(), "expected `of`, and the program of the address"));
        }
        seeds.program = Some(input.parse()?);
    }
    Ok(seeds)
}

/// An event of `events!`.
pub struct Event {
    pub name: Ident,
    pub discriminator: u8,
    pub fields: Vec<Field>,
}

fn events(input: ParseStream) -> syn::Result<Vec<Event>> {
    let mut found = vec![];
    while !input.is_empty() {
        Attribute::parse_outer(input)?;
        let discriminator = input.parse::<LitInt>()?.base10_parse()?;
        found.push(Event { discriminator, name: input.parse()?, fields: fields(input)? });
    }
    Ok(found)
}

/// What stands many times, of `record!`, or to the end of an instruction, of `leb128!`.
pub struct Record {
    pub name: Ident,
    pub docs: String,
    pub shape: Shape,
}

pub enum Shape {
    Fields(Vec<Field>),
    /// LEB128 integers to the end, by the name that their list has.
    Varints(String),
}

fn record(input: ParseStream) -> syn::Result<Record> {
    let docs = prose(&Attribute::parse_outer(input)?);
    Ok(Record { docs, name: input.parse()?, shape: Shape::Fields(fields(input)?) })
}

fn leb128(input: ParseStream) -> syn::Result<Record> {
    let docs = prose(&Attribute::parse_outer(input)?);
    let name = input.parse()?;
    let inside;
    braced!(inside in input);
    Ok(Record { docs, name, shape: Shape::Varints(inside.parse::<Ident>()?.to_string()) })
}

/// An error of `errors!`.
pub struct Failure {
    pub name: String,
    pub code: u32,
    pub message: String,
}

fn errors(input: ParseStream) -> syn::Result<Vec<Failure>> {
    let failure = |input: ParseStream| {
        let message = prose(&Attribute::parse_outer(input)?);
        let name: Ident = input.parse()?;
        if message.is_empty() {
            return Err(syn::Error::new(name.span(), "an error without a message"));
        }
        input.parse::<Token![=]>()?;
        Ok(Failure { name: name.to_string(), code: input.parse::<LitInt>()?.base10_parse()?, message })
    };
    Ok(Punctuated::<Failure, Token![,]>::parse_terminated_with(input, failure)?.into_iter().collect())
}

/// `arguments!(data, { a: u8, … })`, or `{ ..all: Type }`, which takes the data to its end.
pub fn arguments(tokens: TokenStream) -> syn::Result<Vec<Field>> {
    let parse = |input: ParseStream| {
        input.parse::<Expr>()?;
        input.parse::<Token![,]>()?;
        let inside;
        braced!(inside in input);
        inside.parse::<Option<Token![..]>>()?;
        Ok(Punctuated::<Field, Token![,]>::parse_terminated(&inside)?.into_iter().collect())
    };
    parse.parse2(tokens)
}

/// The names of `accounts!(slice, [a, b, …])`.
pub fn accounts(tokens: TokenStream) -> syn::Result<Vec<Ident>> {
    let parse = |input: ParseStream| {
        input.parse::<Expr>()?;
        input.parse::<Token![,]>()?;
        let inside;
        bracketed!(inside in input);
        Ok(Punctuated::<Ident, Token![,]>::parse_terminated(&inside)?.into_iter().collect())
    };
    parse.parse2(tokens)
}

/// What a crate declares, each with its file.
#[derive(Default)]
pub struct Declared<'a> {
    pub layouts: Vec<(Layout, &'a File)>,
    pub derived: Vec<(Seeds, &'a File)>,
    pub events: Vec<(Event, &'a File)>,
    pub records: Vec<(Record, &'a File)>,
    pub errors: Vec<Failure>,
}

impl<'a> Declared<'a> {
    /// Everything that a crate declares.
    pub fn of(krate: &'a Crate) -> Result<Self, Finding> {
        let mut all = Self::default();
        for file in &krate.files {
            let own: Vec<_> =
                file.ast.items.iter().filter_map(|item| if let Item::Macro(item) = item { item.ident.as_ref() } else { None }).collect();
            for item in &file.ast.items {
                if let Item::Macro(item) = item {
                    all.take(item, &own, file).map_err(|error| file.misread(&error))?;
                }
            }
            Hidden::none(file)?;
        }
        Ok(all)
    }

    /// Macros of pinocchio, and those that the file defines itself for what is no declaration, tell the IDL nothing.
    fn take(&mut self, item: &ItemMacro, own: &[&Ident], file: &'a File) -> syn::Result<()> {
        let (path, tokens) = (&item.mac.path, item.mac.tokens.clone());
        match named(path).as_str() {
            "layout" => self.layouts.push((layout.parse2(tokens)?, file)),
            "derived" => self.derived.push((derived.parse2(tokens)?, file)),
            "events" => self.events.extend(events.parse2(tokens)?.into_iter().map(|event| (event, file))),
            "record" => self.records.push((record.parse2(tokens)?, file)),
            "leb128" => self.records.push((leb128.parse2(tokens)?, file)),
            "errors" => self.errors.extend(errors.parse2(tokens)?),
            "macro_rules" => {}
            name if own.iter().any(|own| *own == name) || path.segments[0].ident == "pinocchio" => {}
            name => return Err(syn::Error::new(path.span(), format!("{name}! is no macro that the IDL's generator knows"))),
        }
        Ok(())
    }
}

const DECLARATIONS: [&str; 6] = ["layout", "derived", "events", "record", "leb128", "errors"];

/// The last name of a macro's path.
pub fn named(path: &syn::Path) -> String {
    path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
}

/// A declaration within a module or function of a file, where it would be passed over.
struct Hidden {
    found: Option<Span>,
    depth: usize,
}

impl Hidden {
    fn none(file: &File) -> Result<(), Finding> {
        let mut hidden = Self { found: None, depth: 0 };
        hidden.visit_file(&file.ast);
        hidden.found.map_or(Ok(()), |at| Err(file.finding(at, "declared where the IDL's generator does not look: at the top of a file only")))
    }
}

impl<'ast> Visit<'ast> for Hidden {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.depth += 1;
        visit::visit_item_mod(self, item);
        self.depth -= 1;
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.depth += 1;
        visit::visit_block(self, block);
        self.depth -= 1;
    }

    fn visit_macro(&mut self, found: &'ast Macro) {
        if self.depth > 0 && DECLARATIONS.contains(&named(&found.path).as_str()) {
            self.found.get_or_insert(found.path.span());
        }
    }
}
