//! Rust source, and what is wrong with it.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use proc_macro2::Span;
use syn::{Attribute, Expr, ItemConst, Lit, spanned::Spanned};

/// Something in the source that cannot be read: where, and what.
#[derive(Debug)]
pub struct Finding {
    pub file: String,
    pub line: usize,
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for Finding {}

/// One file.
pub struct File {
    /// As findings name it.
    pub name: String,
    /// The module that it is, without `crate`.
    pub module: Vec<String>,
    pub ast: syn::File,
}

impl File {
    fn parse(name: String, module: Vec<String>, text: &str) -> Result<Self, Finding> {
        match syn::parse_file(text) {
            Ok(ast) => Ok(Self { name, module, ast }),
            Err(error) => Err(Finding { file: name, line: error.span().start().line, message: error.to_string() }),
        }
    }

    /// A finding at a place of this file.
    pub fn finding(&self, at: Span, message: impl Into<String>) -> Finding {
        Finding { file: self.name.clone(), line: at.start().line, message: message.into() }
    }

    /// As [`File::finding`], where syn found it.
    pub fn misread(&self, error: &syn::Error) -> Finding {
        self.finding(error.span(), error.to_string())
    }
}

/// A crate: its manifest's facts and its files, in the order of their paths.
pub struct Crate {
    /// As `use` names it.
    pub name: String,
    pub version: String,
    pub description: String,
    pub files: Vec<File>,
}

impl Crate {
    /// Reads `Cargo.toml` and `src` of a folder; `root` is left out of the names of files. What the manifest takes from its workspace is
    /// read there.
    pub fn read(root: &Path, folder: &str) -> Result<Self, Finding> {
        let manifest = format!("{folder}/Cargo.toml");
        let (own, workspace) = (text(root, &manifest)?, text(root, "Cargo.toml")?);
        let version = stated(&own, "[package]", "version").or_else(|| stated(&workspace, "[workspace.package]", "version"));
        let lacks = |what: &str| Finding { file: manifest.clone(), line: 1, message: format!("no {what} in [package]") };
        let mut krate = Self {
            name: stated(&own, "[package]", "name").ok_or_else(|| lacks("name"))?.replace('-', "_"),
            version: version.ok_or_else(|| lacks("version"))?,
            description: stated(&own, "[package]", "description").unwrap_or_default(),
            files: vec![],
        };
        let src = format!("{folder}/src");
        for path in paths(&root.join(&src), &src)? {
            krate.add(path[src.len() + 1..].to_owned(), path.clone(), &text(root, &path)?)?;
        }
        Ok(krate)
    }

    /// A crate from its files: path below `src`, and text.
    pub fn of(name: &str, files: &[(&str, &str)]) -> Result<Self, Finding> {
        let mut krate = Self { name: name.to_owned(), version: "0.1.0".to_owned(), description: "A program".to_owned(), files: vec![] };
        for (path, text) in files {
            krate.add((*path).to_owned(), (*path).to_owned(), text)?;
        }
        Ok(krate)
    }

    fn add(&mut self, path: String, name: String, text: &str) -> Result<(), Finding> {
        let mut module: Vec<_> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        module.pop_if(|last| last == "mod" || last == "lib");
        self.files.push(File::parse(name, module, text)?);
        Ok(())
    }

    /// The file that is a module.
    pub fn module(&self, path: &[String]) -> Option<&File> {
        self.files.iter().find(|file| file.module == path)
    }
}

fn text(root: &Path, path: &str) -> Result<String, Finding> {
    fs::read_to_string(root.join(path)).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &str, error: &std::io::Error) -> Finding {
    Finding { file: path.to_owned(), line: 1, message: format!("cannot be read: {error}") }
}

/// All Rust files below a folder, sorted; their names begin with `name`.
fn paths(folder: &Path, name: &str) -> Result<Vec<String>, Finding> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<PathBuf>, _>>());
    let mut found = vec![];
    for path in entries.map_err(|error| unreadable(name, &error))? {
        let below = format!("{name}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            found.extend(paths(&path, &below)?);
        } else if below.ends_with(".rs") {
            found.push(below);
        }
    }
    found.sort();
    Ok(found)
}

/// `key = "value"` of a section of a manifest.
fn stated(manifest: &str, section: &str, key: &str) -> Option<String> {
    let lines = manifest.lines().skip_while(|line| *line != section).skip(1).take_while(|line| !line.starts_with('['));
    let value = lines.filter_map(|line| line.split_once(" = ")).find(|(name, _)| *name == key)?.1;
    Some(value.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// The lines of doc comments, without the space in front.
pub fn docs(attributes: &[Attribute]) -> Vec<(Span, String)> {
    let text = |attribute: &Attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some((attribute.span(), text.value().strip_prefix(' ').map_or_else(|| text.value(), str::to_owned))),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    attributes.iter().filter_map(text).collect()
}

/// Doc comments as one line.
pub fn prose(attributes: &[Attribute]) -> String {
    docs(attributes).into_iter().map(|(_, line)| line).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The crates whose constants an expression can name.
pub struct Constants<'a> {
    pub own: &'a Crate,
    pub shared: &'a Crate,
}

impl<'a> Constants<'a> {
    /// The constant that a path names: from `crate` or the shared crate on, or in the same file.
    pub fn find(&self, path: &syn::Path, file: &'a File) -> Result<(&'a ItemConst, &'a File), Finding> {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let unknown = || file.finding(path.span(), format!("no constant {} is known by this path", names.join("::")));
        let (name, module) = names.split_last().ok_or_else(unknown)?;
        let there = match module.split_first() {
            None => Some(file),
            Some((first, rest)) if first == "crate" => self.own.module(rest),
            Some((first, rest)) if *first == self.shared.name => self.shared.module(rest),
            Some(_) => None,
        };
        let there = there.ok_or_else(unknown)?;
        let constants = there.ast.items.iter().filter_map(|item| if let syn::Item::Const(constant) = item { Some(constant) } else { None });
        constants.into_iter().find(|constant| constant.ident == *name).map(|constant| (constant, there)).ok_or_else(unknown)
    }

    /// The value of an expression of literals, constants, casts, sums and products.
    pub fn number(&self, expression: &Expr, file: &'a File) -> Result<u64, Finding> {
        let unknown = || file.finding(expression.span(), "not a number that the IDL's generator can work out");
        match expression {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Int(number) => number.base10_parse().map_err(|_| unknown()),
                _ => Err(unknown()),
            },
            Expr::Path(path) => {
                let (constant, there) = self.find(&path.path, file)?;
                self.number(&constant.expr, there)
            }
            Expr::Cast(cast) => self.number(&cast.expr, file),
            Expr::Paren(inner) => self.number(&inner.expr, file),
            Expr::Binary(binary) => {
                let (left, right) = (self.number(&binary.left, file)?, self.number(&binary.right, file)?);
                match binary.op {
                    syn::BinOp::Add(_) => left.checked_add(right),
                    syn::BinOp::Mul(_) => left.checked_mul(right),
                    _ => None,
                }
                .ok_or_else(unknown)
            }
            _ => Err(unknown()),
        }
    }

    /// The address that a constant made by `from_str_const` has.
    pub fn address(&self, constant: &ItemConst, file: &File) -> Result<(String, Vec<u8>), Finding> {
        let unknown = || file.finding(constant.expr.span(), "not an Address::from_str_const(\"…\") of 32 bytes");
        let Expr::Call(call) = &*constant.expr else { return Err(unknown()) };
        let Expr::Path(function) = &*call.func else { return Err(unknown()) };
        let (true, Some(Expr::Lit(literal))) = (function.path.segments.last().is_some_and(|last| last.ident == "from_str_const"), call.args.first())
        else {
            return Err(unknown());
        };
        let Lit::Str(text) = &literal.lit else { return Err(unknown()) };
        let bytes = bs58::decode(text.value()).into_vec().ok().filter(|bytes| bytes.len() == 32).ok_or_else(unknown)?;
        Ok((text.value(), bytes))
    }
}
