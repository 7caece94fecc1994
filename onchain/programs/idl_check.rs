//! Compares a committed IDL with the constants of the Rust source, so that neither can change alone.

use std::{fs, path::Path};

use serde_json::Value;

/// An account as the source declares it.
pub struct Account {
    pub name: &'static str,
    pub disc: u8,
    pub len: usize,
    pub fields: &'static [(&'static str, usize)],
}

pub struct Idl(Value);

impl Idl {
    pub fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../idl").join(name);
        Self(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    }

    fn list(&self, member: &str) -> Vec<(String, u64)> {
        self.0[member]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| (entry["name"].as_str().unwrap().to_owned(), entry["discriminator"][0].as_u64().unwrap()))
            .collect()
    }

    /// Accounts by name, discriminator, every field's offset, and length.
    pub fn has_accounts(&self, accounts: &[Account]) {
        assert_eq!(self.list("accounts"), accounts.iter().map(|a| (a.name.to_owned(), a.disc as u64)).collect::<Vec<_>>());
        for account in accounts {
            let declared = self.0["types"].as_array().unwrap().iter().find(|t| t["name"] == account.name).unwrap();
            // The discriminator is the first byte; the type lists what follows it.
            let mut offset = 1;
            for field in declared["type"]["fields"].as_array().unwrap() {
                let name = field["name"].as_str().unwrap().to_uppercase();
                if let Some((_, expected)) = account.fields.iter().find(|(known, _)| *known == name) {
                    assert_eq!(offset, *expected, "{}.{name}", account.name);
                }
                offset += self.size(&field["type"]);
            }
            assert_eq!(offset, account.len, "length of {}", account.name);
            for (field, _) in account.fields.iter().filter(|(name, _)| !name.starts_with("ZERO") && *name != "RESERVED") {
                let fields = declared["type"]["fields"].as_array().unwrap();
                assert!(fields.iter().any(|f| f["name"].as_str().unwrap().to_uppercase() == *field), "{} lacks {field}", account.name);
            }
        }
    }

    /// Instructions by name and number; each has the table of accounts and the first words of its source file.
    pub fn has_instructions(&self, names: &[&str]) {
        assert_eq!(self.list("instructions"), numbered(names));
        for instruction in self.0["instructions"].as_array().unwrap() {
            let name = instruction["name"].as_str().unwrap();
            let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/instructions").join(format!("{name}.rs"))).unwrap();
            let head: Vec<_> = source.lines().map_while(|line| line.strip_prefix("//! ")).collect();
            assert_eq!(instruction["docs"][0].as_str().unwrap(), head.join(" "), "docs of {name}");
            let table = source
                .lines()
                .filter_map(|line| line.strip_prefix("//! | "))
                .filter(|row| row.as_bytes()[0].is_ascii_digit() && !row.contains(".. |"));
            let flag = |set: &str| set.trim() == "s" || set.trim() == "w";
            let rows: Vec<_> = table
                .map(|row| {
                    let cells: Vec<_> = row.split('|').collect();
                    (cells[1].trim().to_owned(), flag(cells[2]), flag(cells[3]))
                })
                .collect();
            let accounts: Vec<_> = instruction["accounts"]
                .as_array()
                .unwrap()
                .iter()
                .map(|account| (account["name"].as_str().unwrap().to_owned(), account["signer"] == true, account["writable"] == true))
                .collect();
            assert_eq!(accounts, rows, "accounts of {name}");
        }
    }

    /// Constants by name and value.
    pub fn has_constants(&self, constants: &[(&str, u64)]) {
        let listed: Vec<_> = self.0["constants"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| (c["name"].as_str().unwrap(), c["value"].as_str().unwrap().parse().unwrap()))
            .collect();
        assert_eq!(listed, constants);
    }

    fn size(&self, kind: &Value) -> usize {
        match kind.as_str() {
            Some("u8" | "bool") => 1,
            Some("u16") => 2,
            Some("u32") => 4,
            Some("u64" | "i64") => 8,
            Some("pubkey") => 32,
            _ if kind["defined"].is_null() => self.size(&kind["array"][0]) * kind["array"][1].as_u64().unwrap() as usize,
            _ => {
                let declared = self.0["types"].as_array().unwrap().iter().find(|t| t["name"] == kind["defined"]["name"]).unwrap();
                declared["type"]["fields"].as_array().unwrap().iter().map(|field| self.size(&field["type"])).sum()
            }
        }
    }

    pub fn has_events(&self, names: &[&str]) {
        assert_eq!(self.list("events"), numbered(names));
    }

    pub fn has_errors(&self, errors: &[(u32, &str, &str)]) {
        let listed: Vec<_> = self.0["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| (e["code"].as_u64().unwrap() as u32, e["name"].as_str().unwrap().to_owned(), e["msg"].as_str().unwrap().to_owned()))
            .collect();
        let declared: Vec<_> = errors.iter().map(|(code, name, message)| (*code, (*name).to_owned(), message.trim().to_owned())).collect();
        assert_eq!(listed, declared);
    }
}

fn numbered(names: &[&str]) -> Vec<(String, u64)> {
    names.iter().zip(1..).map(|(name, number)| ((*name).to_owned(), number)).collect()
}
