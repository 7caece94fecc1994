//! Calls and readings by the committed IDL.

use std::{env, fs, path::PathBuf};

use serde_json::{Value, json};
use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};

/// A file of `onchain/`.
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("NYXOS_ONCHAIN")).join(name)
}

pub struct Idl {
    root: Value,
    pub program: Address,
    event_authority: Address,
}

/// An argument's value; its shape must be the one that the IDL states.
#[derive(Clone, Debug)]
pub enum Arg {
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    I64(i64),
    Key(Address),
    Bytes(Vec<u8>),
    Keys(Vec<Address>),
    Measurements(Vec<[u8; 48]>),
    /// Unsigned LEB128 to the end of the data.
    Varints(Vec<u64>),
    Proof(Vec<([u8; 32], u64)>),
    Blob(Vec<u8>),
    Hashes(Vec<[u8; 32]>),
}

impl Arg {
    fn kind(&self) -> Value {
        match self {
            Arg::U8(_) => json!("u8"),
            Arg::U16(_) => json!("u16"),
            Arg::U32(_) => json!("u32"),
            Arg::U64(_) => json!("u64"),
            Arg::I64(_) => json!("i64"),
            Arg::Key(_) => json!("pubkey"),
            Arg::Bytes(bytes) => json!({"array": ["u8", bytes.len()]}),
            Arg::Keys(_) => json!({"vec": "pubkey"}),
            Arg::Measurements(_) => json!({"vec": {"defined": {"name": "Measurement"}}}),
            Arg::Varints(_) => json!({"defined": {"name": "Unspent"}}),
            Arg::Proof(_) => json!({"vec": {"defined": {"name": "ProofNode"}}}),
            Arg::Blob(_) => json!("bytes"),
            Arg::Hashes(_) => json!({"vec": {"array": ["u8", 32]}}),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let count = |out: &mut Vec<u8>, len: usize| out.extend_from_slice(&(len as u32).to_le_bytes());
        match self {
            Arg::U8(value) => out.push(*value),
            Arg::U16(value) => out.extend_from_slice(&value.to_le_bytes()),
            Arg::U32(value) => out.extend_from_slice(&value.to_le_bytes()),
            Arg::U64(value) => out.extend_from_slice(&value.to_le_bytes()),
            Arg::I64(value) => out.extend_from_slice(&value.to_le_bytes()),
            Arg::Key(key) => out.extend_from_slice(key.as_ref()),
            Arg::Bytes(bytes) => out.extend_from_slice(bytes),
            Arg::Keys(keys) => {
                count(out, keys.len());
                keys.iter().for_each(|key| out.extend_from_slice(key.as_ref()));
            }
            Arg::Measurements(all) => {
                count(out, all.len());
                all.iter().for_each(|one| out.extend_from_slice(one));
            }
            Arg::Varints(numbers) => numbers.iter().for_each(|number| varint(*number, out)),
            Arg::Proof(steps) => {
                count(out, steps.len());
                for (hash, sum) in steps {
                    out.extend_from_slice(hash);
                    out.extend_from_slice(&sum.to_le_bytes());
                }
            }
            Arg::Blob(bytes) => {
                count(out, bytes.len());
                out.extend_from_slice(bytes);
            }
            Arg::Hashes(hashes) => {
                count(out, hashes.len());
                hashes.iter().for_each(|hash| out.extend_from_slice(hash));
            }
        }
    }
}

impl Idl {
    pub fn read(name: &str) -> Self {
        let root: Value = serde_json::from_str(&fs::read_to_string(file("idl").join(name)).unwrap()).unwrap();
        // Where others deployed them, the programs have addresses of their own.
        let elsewhere =
            env::var("NYXOS_TEST_RPC").and_then(|_| env::var(format!("NYXOS_TEST_{}", name.trim_end_matches(".json").to_uppercase()))).ok();
        let program = elsewhere.as_deref().or(root["address"].as_str()).unwrap().parse().unwrap();
        let event_authority = Address::find_program_address(&[b"__event_authority"], &program).0;
        Self { root, program, event_authority }
    }

    pub fn event_authority(&self) -> Address {
        self.event_authority
    }

    pub fn instruction_names(&self) -> Vec<String> {
        self.root["instructions"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap().to_owned()).collect()
    }

    pub fn event_names(&self) -> Vec<String> {
        self.root["events"].as_array().unwrap().iter().map(|e| e["name"].as_str().unwrap().to_owned()).collect()
    }

    /// The byte that names an instruction.
    pub fn discriminator(&self, name: &str) -> u8 {
        self.instruction(name)["discriminator"][0].as_u64().unwrap() as u8
    }

    fn instruction(&self, name: &str) -> &Value {
        find(&self.root["instructions"], name)
    }

    pub fn account_names(&self, instruction: &str) -> Vec<String> {
        self.instruction(instruction)["accounts"].as_array().unwrap().iter().map(|a| a["name"].as_str().unwrap().to_owned()).collect()
    }

    /// The call of an instruction. Accounts with a fixed address, the event authority and the program itself need not be given.
    pub fn call(&self, name: &str, accounts: &[(&str, Address)], args: &[(&str, Arg)]) -> Instruction {
        let declared = self.instruction(name);
        let metas = declared["accounts"].as_array().unwrap().iter().map(|account| {
            let known = account["name"].as_str().unwrap();
            let address = match (known, account["address"].as_str()) {
                (_, Some(fixed)) => fixed.parse().unwrap(),
                ("event_authority", _) => self.event_authority(),
                ("program", _) => self.program,
                _ => accounts.iter().find(|(given, _)| *given == known).unwrap_or_else(|| panic!("{name} needs {known}")).1,
            };
            let (signer, writable) = (account["signer"] == true, account["writable"] == true);
            AccountMeta { pubkey: address, is_signer: signer, is_writable: writable }
        });
        for (given, _) in accounts {
            assert!(self.account_names(name).iter().any(|known| known == given), "{name} has no account {given}");
        }
        let mut data: Vec<u8> = declared["discriminator"].as_array().unwrap().iter().map(|b| b.as_u64().unwrap() as u8).collect();
        let expected: Vec<_> = declared["args"].as_array().unwrap().iter().map(|a| (a["name"].as_str().unwrap(), a["type"].clone())).collect();
        assert_eq!(args.iter().map(|(name, arg)| (*name, arg.kind())).collect::<Vec<_>>(), expected, "arguments of {name}");
        args.iter().for_each(|(_, arg)| arg.write(&mut data));
        let call = Instruction { program_id: self.program, accounts: metas.collect(), data };
        self.check_addresses(name, &call, args);
        call
    }

    /// Every address that the IDL says how to derive is the one derived so.
    fn check_addresses(&self, name: &str, call: &Instruction, args: &[(&str, Arg)]) {
        let declared = self.instruction(name)["accounts"].as_array().unwrap();
        let bytes = |seed: &Value| -> Vec<u8> { seed["value"].as_array().unwrap().iter().map(|byte| byte.as_u64().unwrap() as u8).collect() };
        for (account, meta) in declared.iter().zip(&call.accounts).filter(|(account, _)| !account["pda"].is_null()) {
            let mut seeds = vec![];
            for seed in account["pda"]["seeds"].as_array().unwrap() {
                seeds.push(match seed["kind"].as_str().unwrap() {
                    "const" => bytes(seed),
                    "account" => call.accounts[declared.iter().position(|other| other["name"] == seed["path"]).unwrap()].pubkey.to_bytes().to_vec(),
                    _ => {
                        let mut written = vec![];
                        args.iter().find(|(known, _)| seed["path"] == *known).unwrap().1.write(&mut written);
                        written
                    }
                });
            }
            let program = match &account["pda"]["program"] {
                Value::Null => self.program,
                other => Address::try_from(&bytes(other)[..]).unwrap(),
            };
            let derived = Address::find_program_address(&seeds.iter().map(Vec::as_slice).collect::<Vec<_>>(), &program).0;
            assert_eq!(derived, meta.pubkey, "{name}.{}", account["name"]);
        }
    }

    /// Accounts of an instruction, with whether each signs and is written.
    pub fn account_flags(&self, instruction: &str) -> Vec<(String, bool, bool)> {
        let accounts = self.instruction(instruction)["accounts"].as_array().unwrap();
        accounts.iter().map(|a| (a["name"].as_str().unwrap().to_owned(), a["signer"] == true, a["writable"] == true)).collect()
    }

    pub fn error_names(&self) -> Vec<String> {
        self.root["errors"].as_array().unwrap().iter().map(|e| e["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Name of the error with a number.
    pub fn error(&self, code: u32) -> String {
        let errors = self.root["errors"].as_array().unwrap();
        errors.iter().find(|e| e["code"] == code).map_or_else(|| code.to_string(), |e| e["name"].as_str().unwrap().to_owned())
    }

    /// An account's fields; the type that its discriminator names must read it to the last byte.
    pub fn account(&self, data: &[u8]) -> (String, Value) {
        self.discriminated("accounts", data)
    }

    /// An event's fields, from the data of the self-CPI.
    pub fn event(&self, data: &[u8]) -> (String, Value) {
        let body = data.strip_prefix(&[0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d]).expect("an event");
        self.discriminated("events", body)
    }

    /// An instruction's arguments, from its data.
    pub fn arguments(&self, name: &str, data: &[u8]) -> Value {
        let mut rest = &data[1..];
        let declared = self.instruction(name)["args"].as_array().unwrap();
        let read = declared.iter().map(|a| (a["name"].as_str().unwrap().to_owned(), self.value(&a["type"], &mut rest))).collect();
        assert!(rest.is_empty(), "{name} leaves {} bytes", rest.len());
        Value::Object(read)
    }

    fn discriminated(&self, member: &str, data: &[u8]) -> (String, Value) {
        let entry = self.root[member].as_array().unwrap().iter().find(|e| e["discriminator"][0] == data[0]).expect("known discriminator");
        let name = entry["name"].as_str().unwrap();
        let mut rest = &data[1..];
        let value = self.value(&json!({"defined": {"name": name}}), &mut rest);
        assert!(rest.is_empty(), "{name} leaves {} bytes", rest.len());
        (name.to_owned(), value)
    }

    fn value(&self, kind: &Value, data: &mut &[u8]) -> Value {
        let mut take = |count: usize| {
            let (head, tail) = data.split_at(count);
            *data = tail;
            head
        };
        match kind.as_str() {
            Some("u8") => json!(take(1)[0]),
            Some("u16") => json!(u16::from_le_bytes(take(2).try_into().unwrap())),
            Some("u32") => json!(u32::from_le_bytes(take(4).try_into().unwrap())),
            // As text: a JSON number loses digits in many readers.
            Some("u64") => json!(u64::from_le_bytes(take(8).try_into().unwrap()).to_string()),
            Some("i64") => json!(i64::from_le_bytes(take(8).try_into().unwrap()).to_string()),
            Some("bytes") => {
                let count = u32::from_le_bytes(take(4).try_into().unwrap());
                json!(crate::bytes::hex(take(count as usize)))
            }
            Some("pubkey") => json!(Address::try_from(take(32)).unwrap().to_string()),
            Some(other) => panic!("type {other}"),
            None => {
                if let Some(array) = kind["array"].as_array() {
                    let count = array[1].as_u64().unwrap();
                    if array[0] == "u8" {
                        return json!(crate::bytes::hex(take(count as usize)));
                    }
                    return Value::Array((0..count).map(|_| self.value(&array[0], data)).collect());
                }
                if !kind["vec"].is_null() {
                    let count = u32::from_le_bytes(take(4).try_into().unwrap());
                    return Value::Array((0..count).map(|_| self.value(&kind["vec"], data)).collect());
                }
                let declared = find(&self.root["types"], kind["defined"]["name"].as_str().unwrap());
                if declared["serialization"]["custom"] == "leb128" {
                    return json!({"amounts": varints(data)});
                }
                let fields = declared["type"]["fields"].as_array().unwrap();
                Value::Object(fields.iter().map(|f| (f["name"].as_str().unwrap().to_owned(), self.value(&f["type"], data))).collect())
            }
        }
    }
}

fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// All that is left, as text.
fn varints(data: &mut &[u8]) -> Vec<String> {
    let bytes = std::mem::take(data);
    let numbers = bytes.split_inclusive(|byte| byte & 0x80 == 0);
    numbers.map(|bytes| bytes.iter().rev().fold(0u64, |number, byte| number << 7 | (byte & 0x7f) as u64).to_string()).collect()
}

fn find<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap_or_else(|| panic!("the IDL has no {name}"))
}
