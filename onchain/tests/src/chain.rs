//! Where the programs run: a virtual machine in this process, which the tests own to the last byte, or a cluster behind a JSON-RPC URL,
//! which they share with everybody (`onchain/test --rpc URL`).
//!
//! The machine can be copied, its clock set, its accounts written. A cluster can only be asked and sent transactions; what needs more
//! says so with [`only_inside`] and is reported by name.

use std::{
    cell::RefCell,
    env, fs,
    io::Write,
    process,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use litesvm::{LiteSVM, features::MAINNET_ACTIVE_FEATURES};
use solana_account::Account;
use solana_address::Address;
use solana_clock::Clock;
use solana_epoch_schedule::EpochSchedule;
use solana_hash::Hash;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;

use crate::{
    bytes::sha256,
    cluster::Cluster,
    idl::file,
    world::{NOW, escrow, registry},
};

/// What a transaction did, or would do.
pub struct Sent {
    pub compute_units_consumed: u64,
    pub logs: Vec<String>,
    /// Data of the inner instructions, in order.
    pub inner: Vec<Vec<u8>>,
}

/// What a transaction would do, and the accounts that it names as they would be.
pub struct Would {
    pub sent: Sent,
    pub after: Vec<(Address, Account)>,
}

#[derive(Clone)]
pub enum Chain {
    Machine(Box<LiteSVM>),
    Cluster(&'static Cluster),
}

impl Chain {
    /// The cluster that the environment names, else a new machine with the programs.
    pub fn of_environment() -> Self {
        match cluster() {
            Some(cluster) => Self::Cluster(cluster),
            None => Self::Machine(Box::new(machine())),
        }
    }

    pub fn clock(&self) -> Clock {
        match self {
            Self::Machine(svm) => svm.get_sysvar::<Clock>(),
            Self::Cluster(cluster) => cluster.clock(),
        }
    }

    pub fn account(&self, address: &Address) -> Option<Account> {
        match self {
            Self::Machine(svm) => svm.get_account(address),
            Self::Cluster(cluster) => cluster.account(address),
        }
    }

    pub fn send(&mut self, transaction: VersionedTransaction) -> Result<Sent, TransactionError> {
        match self {
            Self::Machine(svm) => match svm.send_transaction(transaction) {
                Ok(meta) => Ok(Sent::of(meta)),
                Err(failed) => Err(failed.err),
            },
            Self::Cluster(cluster) => cluster.send(&transaction),
        }
    }

    pub fn simulate(&self, transaction: VersionedTransaction) -> Result<Would, TransactionError> {
        match self {
            Self::Machine(svm) => match svm.simulate_transaction(transaction) {
                Ok(info) => {
                    let after = info.post_accounts.into_iter().map(|(address, account)| (address, Account::from(account))).collect();
                    Ok(Would { sent: Sent::of(info.meta), after })
                }
                Err(failed) => Err(failed.err),
            },
            Self::Cluster(cluster) => cluster.simulate(&transaction),
        }
    }

    /// The error alone of [`Chain::simulate`], for which a cluster sends no accounts.
    pub fn verdict(&self, transaction: VersionedTransaction) -> Result<(), TransactionError> {
        match self {
            Self::Machine(svm) => svm.simulate_transaction(transaction).map(|_| ()).map_err(|failed| failed.err),
            Self::Cluster(cluster) => cluster.verdict(&transaction),
        }
    }

    /// A blockhash for the `serial`th transaction.
    pub fn blockhash(&self, serial: u64) -> Hash {
        match self {
            // A serial number in the place of a blockhash, which the machine does not check: no two transactions are the same.
            Self::Machine(_) => Hash::new_from_array(sha256(&[&serial.to_le_bytes()])),
            Self::Cluster(cluster) => cluster.blockhash(),
        }
    }
}

impl Sent {
    /// Compute units that a program, called by others, consumed by its own account of it.
    pub fn units_of(&self, program: &Address) -> u64 {
        let start = format!("Program {program} consumed ");
        let told = self.logs.iter().filter_map(|line| line.strip_prefix(&start));
        told.map(|rest| rest.split(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    }

    fn of(meta: litesvm::types::TransactionMetadata) -> Self {
        let inner = meta.inner_instructions.iter().flatten().map(|inner| inner.instruction.data.clone()).collect();
        Self { compute_units_consumed: meta.compute_units_consumed, logs: meta.logs, inner }
    }
}

/// A machine with the features of mainnet and both programs.
fn machine() -> LiteSVM {
    let mut features = LiteSVM::mainnet_feature_set();
    for (feature, _) in MAINNET_ACTIVE_FEATURES {
        features.activate(feature, 0);
    }
    let mut svm = LiteSVM::default().with_feature_set(features).with_builtins().with_sysvars();
    svm.set_sysvar(&Clock { slot: 0, unix_timestamp: NOW, ..Clock::default() });
    svm.set_sysvar(&EpochSchedule::without_warmup());
    svm = svm
        .with_feature_accounts()
        .with_default_programs()
        .with_precompiles()
        .with_sigverify(true)
        .with_blockhash_check(false)
        .with_transaction_history(0);
    for (idl, name) in [(registry(), "registry.so"), (escrow(), "escrow.so")] {
        svm.add_program(idl.program, &fs::read(file("artifacts").join(name)).unwrap()).unwrap();
    }
    svm
}

/// The cluster whose URL `NYXOS_TEST_RPC` holds, once it has been found to carry the committed programs.
fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER
        .get_or_init(|| {
            let cluster = Cluster::at(&env::var("NYXOS_TEST_RPC").ok().filter(|url| !url.is_empty())?);
            for (idl, name) in [(registry(), "registry"), (escrow(), "escrow")] {
                cluster.require_program(&idl.program, name, &fs::read(file("artifacts").join(name).with_extension("so")).unwrap());
            }
            Some(cluster)
        })
        .as_ref()
}

/// Whether the tests run on somebody else's chain.
pub fn outside() -> bool {
    cluster().is_some()
}

/// For a test, or the rest of one, that a cluster cannot run: true there, and the reason is reported under the test's name.
pub fn only_inside(reason: &str) -> bool {
    if outside() {
        let line = format!("{}: {reason}\n", thread::current().name().unwrap_or("a test without a name"));
        match env::var_os("NYXOS_TEST_SKIPPED") {
            Some(path) => fs::OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(line.as_bytes()).unwrap(),
            None => eprint!("skipped: {line}"),
        }
    }
    outside()
}

thread_local! {
    static SALT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What this thread's names mean other keys by than everybody else's: nothing in a machine, which nobody shares.
pub fn salt() -> Vec<u8> {
    SALT.with_borrow(Clone::clone)
}

/// On a cluster, names mean new keys from here on, so that no account of an earlier world is met again.
pub fn new_salt() {
    static RUN: OnceLock<[u8; 32]> = OnceLock::new();
    static WORLDS: AtomicU64 = AtomicU64::new(0);
    if outside() {
        let run = RUN.get_or_init(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
            sha256(&[&now.to_le_bytes(), &process::id().to_le_bytes()])
        });
        let world = WORLDS.fetch_add(1, Ordering::Relaxed);
        SALT.set(sha256(&[run, &world.to_le_bytes()]).to_vec());
    }
}
