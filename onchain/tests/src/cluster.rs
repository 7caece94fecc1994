//! A cluster behind a JSON-RPC URL. Everything is read at `confirmed`; a transaction is sent without preflight, so that failing ones land
//! too, and is sent again until it is confirmed or can no longer be.

use std::{
    collections::HashSet,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use solana_account::Account;
use solana_address::Address;
use solana_clock::Clock;
use solana_hash::Hash;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;

use crate::{
    bytes::sha256,
    chain::{Sent, Would},
};

const CLOCK: Address = Address::from_str_const("SysvarC1ock11111111111111111111111111111111");
/// A chain that stands still this long is taken for dead.
const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(20);
/// After this long a transaction that nobody knows of is sent again.
const RESEND: Duration = Duration::from_secs(2);

pub struct Cluster {
    url: String,
    agent: ureq::Agent,
    /// Messages sent, without their blockhash: the same one again needs another.
    sent: Mutex<HashSet<[u8; 32]>>,
}

impl Cluster {
    pub fn at(url: &str) -> Self {
        let agent = ureq::AgentBuilder::new().timeout(Duration::from_secs(60)).max_idle_connections_per_host(64).build();
        let cluster = Self { url: url.to_owned(), agent, sent: Mutex::default() };
        cluster.call("getVersion", json!([]));
        cluster
    }

    /// The result of a method, or the error that the cluster names.
    fn ask(&self, method: &str, params: Value) -> Result<Value, String> {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let response = self.agent.post(&self.url).send_json(request).map_err(|error| error.to_string())?;
        let mut reply: Value = response.into_json().map_err(|error| error.to_string())?;
        if reply["error"].is_null() { Ok(reply["result"].take()) } else { Err(reply["error"].to_string()) }
    }

    fn call(&self, method: &str, params: Value) -> Value {
        self.ask(method, params).unwrap_or_else(|error| panic!("{method} at {}: {error}", self.url))
    }

    /// Asks until there is an answer.
    fn await_some<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "{what} did not come about in {} s at {}", PATIENCE.as_secs(), self.url);
            thread::sleep(LOOK);
        }
    }

    /// That a program is deployed, byte for byte the committed one.
    pub fn require_program(&self, program: &Address, name: &str, elf: &[u8]) {
        let how = format!("deploy it with ./nyxos deploy programs, and say where with --{name} ADDRESS");
        let account = self.account(program).unwrap_or_else(|| panic!("no program {program} ({name}) at {}: {how}", self.url));
        assert!(account.executable, "{program} ({name}) at {} is no program: {how}", self.url);
        // Under the upgradeable loader the program's account holds the address of its code, which follows a header of 45 bytes.
        let code = match account.data.len() {
            36 => self.account(&Address::try_from(&account.data[4..]).unwrap()).unwrap_or_default().data.split_off(45),
            _ => account.data,
        };
        let same = code.get(..elf.len()) == Some(elf) && code[elf.len()..].iter().all(|byte| *byte == 0);
        assert!(same, "{program} at {} is not artifacts/{name}.so: {how}", self.url);
    }

    pub fn account(&self, address: &Address) -> Option<Account> {
        let reply = self.call("getAccountInfo", json!([address.to_string(), {"encoding": "base64", "commitment": "confirmed"}]));
        account(&reply["value"])
    }

    pub fn clock(&self) -> Clock {
        bincode::deserialize(&self.account(&CLOCK).expect("every chain has a clock").data).unwrap()
    }

    /// Waits until the clock says what is asked of it.
    pub fn await_clock(&self, what: &str, reached: impl Fn(&Clock) -> bool) {
        let (mut last, mut moved) = (self.clock(), Instant::now());
        while !reached(&last) {
            thread::sleep(LOOK);
            let now = self.clock();
            if now.slot != last.slot {
                moved = Instant::now();
            }
            assert!(moved.elapsed() < PATIENCE, "{} stands still in slot {} while {what} is waited for", self.url, now.slot);
            last = now;
        }
    }

    pub fn blockhash(&self) -> Hash {
        let reply = self.call("getLatestBlockhash", json!([{"commitment": "confirmed"}]));
        reply["value"]["blockhash"].as_str().unwrap().parse().unwrap()
    }

    /// Whether the message, whatever its blockhash, was not sent before.
    pub fn is_new(&self, message: &[u8]) -> bool {
        self.sent.lock().unwrap().insert(sha256(&[message]))
    }

    /// Another blockhash than `last`.
    pub fn next_blockhash(&self, last: &Hash) -> Hash {
        self.await_some("another blockhash", || Some(self.blockhash()).filter(|hash| hash != last))
    }

    pub fn airdrop(&self, wallet: &Address, lamports: u64) {
        let before = self.account(wallet).map_or(0, |account| account.lamports);
        self.call("requestAirdrop", json!([wallet.to_string(), lamports]));
        self.await_some("the airdrop", || self.account(wallet).filter(|account| account.lamports >= before + lamports));
    }

    pub fn send(&self, transaction: &VersionedTransaction) -> Result<Sent, TransactionError> {
        let (signature, wire) = (transaction.signatures[0].to_string(), encoded(transaction));
        let submit = || self.call("sendTransaction", json!([wire, {"encoding": "base64", "skipPreflight": true}]));
        submit();
        let blockhash = transaction.message.recent_blockhash().to_string();
        let mut submitted = Instant::now();
        let status = self.await_some("confirmation", || {
            let mut reply = self.call("getSignatureStatuses", json!([[signature]]));
            let status = reply["value"][0].take();
            if status.is_null() && submitted.elapsed() > RESEND {
                let valid = self.call("isBlockhashValid", json!([blockhash, {"commitment": "processed"}]));
                assert!(valid["value"] == true, "transaction {signature} was dropped at {}", self.url);
                submit();
                submitted = Instant::now();
            }
            Some(status).filter(|status| ["confirmed", "finalized"].iter().any(|reached| status["confirmationStatus"] == *reached))
        });
        failure(&status["err"])?;
        let config = json!({"encoding": "json", "commitment": "confirmed", "maxSupportedTransactionVersion": 0});
        let landed = self.await_some("the transaction's record", || {
            Some(self.call("getTransaction", json!([signature, config]))).filter(|found| !found.is_null())
        });
        Ok(sent(&landed["meta"], "computeUnitsConsumed", "logMessages"))
    }

    pub fn simulate(&self, transaction: &VersionedTransaction) -> Result<Would, TransactionError> {
        let keys = transaction.message.static_account_keys();
        let addresses: Vec<_> = keys.iter().map(Address::to_string).collect();
        let value = self.simulated(transaction, json!({"accounts": {"encoding": "base64", "addresses": addresses}, "innerInstructions": true}))?;
        let accounts = value["accounts"].as_array().unwrap().iter().map(|found| account(found).unwrap_or_default());
        Ok(Would { sent: sent(&value, "unitsConsumed", "logs"), after: keys.iter().copied().zip(accounts).collect() })
    }

    pub fn verdict(&self, transaction: &VersionedTransaction) -> Result<(), TransactionError> {
        self.simulated(transaction, json!({})).map(|_| ())
    }

    fn simulated(&self, transaction: &VersionedTransaction, mut config: Value) -> Result<Value, TransactionError> {
        for (name, value) in [("encoding", json!("base64")), ("commitment", json!("confirmed")), ("replaceRecentBlockhash", json!(true))] {
            config[name] = value;
        }
        let mut reply = self.call("simulateTransaction", json!([encoded(transaction), config]));
        failure(&reply["value"]["err"])?;
        Ok(reply["value"].take())
    }
}

fn encoded(transaction: &VersionedTransaction) -> String {
    STANDARD.encode(bincode::serialize(transaction).unwrap())
}

fn failure(error: &Value) -> Result<(), TransactionError> {
    if error.is_null() {
        return Ok(());
    }
    Err(serde_json::from_value(error.clone()).unwrap_or_else(|_| panic!("an error nobody knows: {error}")))
}

fn account(found: &Value) -> Option<Account> {
    if found.is_null() {
        return None;
    }
    Some(Account {
        lamports: found["lamports"].as_u64().unwrap(),
        data: STANDARD.decode(found["data"][0].as_str().unwrap()).unwrap(),
        owner: found["owner"].as_str().unwrap().parse().unwrap(),
        executable: found["executable"] == true,
        rent_epoch: u64::MAX,
    })
}

fn sent(meta: &Value, units: &str, logs: &str) -> Sent {
    let groups = meta["innerInstructions"].as_array().into_iter().flatten();
    let inner = groups.flat_map(|group| group["instructions"].as_array().unwrap()).map(|inner| match inner["data"].as_str() {
        Some(data) => bs58::decode(data).into_vec().unwrap(),
        // Of a program that the node can read, such as a token program, simulation says the parts instead of the bytes.
        None => vec![],
    });
    Sent {
        compute_units_consumed: meta[units].as_u64().unwrap_or_default(),
        logs: meta[logs].as_array().into_iter().flatten().map(|line| line.as_str().unwrap().to_owned()).collect(),
        inner: inner.collect(),
    }
}
