//! C ABI over LiteSVM.
//!
//! Every call has one shape: `(handle, input, input length, reply) -> code`. Inputs and replies are
//! little-endian byte strings, described at each function; lengths are `u32` unless said otherwise.
//! The code is [`OK`], [`REFUSED`] (the reply is a UTF-8 message) or [`PANICKED`] (likewise; the
//! handle refuses everything from then on, because its state may be half written).
//!
//! A handle is used by one thread at a time; the caller sees to that. No panic leaves this library.

use std::panic::{catch_unwind, AssertUnwindSafe};

use bincode::Options;
use litesvm::{
    features::MAINNET_ACTIVE_FEATURES,
    types::{FailedTransactionMetadata, TransactionMetadata},
    LiteSVM,
};
use solana_account::{Account, AccountSharedData, ReadableAccount};
use solana_address::Address;
use solana_clock::Clock;
use solana_epoch_schedule::EpochSchedule;
use solana_hash::Hash;
use solana_message::{AddressLoader, VersionedMessage};
use solana_slot_hashes::SlotHashes;
#[allow(deprecated)]
use solana_sysvar::recent_blockhashes::{IterItem, RecentBlockhashes};
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;

/// Raised whenever a function, an input or a reply changes its meaning.
const ABI: u32 = 1;

const OK: i32 = 0;
const REFUSED: i32 = 1;
const PANICKED: i32 = 2;

/// What a validator charges for a signature; the RecentBlockhashes sysvar repeats it.
const LAMPORTS_PER_SIGNATURE: u64 = 5_000;

/// The largest transaction a validator takes off the wire.
const PACKET_DATA_SIZE: u64 = 1_232;

const TOKEN: Address = Address::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
const TOKEN_2022: Address = Address::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
const LOADER_V3: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");

/// One virtual machine with its accounts.
pub struct Handle {
    /// Empty only while a builder method consumes and returns the machine.
    svm: Option<LiteSVM>,
    panicked: bool,
}

/// Bytes handed to the caller, who gives them back through [`nyxos_svm_release`].
#[repr(C)]
pub struct Reply {
    data: *mut u8,
    len: u64,
}

type Outcome = Result<Vec<u8>, String>;

#[no_mangle]
pub extern "C" fn nyxos_svm_abi() -> u32 {
    ABI
}

/// The hash of the sources that this library was built from, as the build script states it.
/// Reply: ASCII hex, empty when built without the script.
///
/// # Safety
/// `reply` points to a writable [`Reply`].
#[no_mangle]
pub unsafe extern "C" fn nyxos_svm_source(reply: *mut Reply) -> i32 {
    let source = option_env!("NYXOS_SVM_SOURCE").unwrap_or("");
    put(reply, source.as_bytes().to_vec());
    OK
}

/// A new machine at slot 0 with the features of mainnet-beta, its precompiles and its SPL programs.
/// Null when it could not be made.
#[no_mangle]
pub extern "C" fn nyxos_svm_new() -> *mut Handle {
    catch_unwind(|| {
        Box::into_raw(Box::new(Handle {
            svm: Some(machine()),
            panicked: false,
        }))
    })
    .unwrap_or(std::ptr::null_mut())
}

/// # Safety
/// `handle` came from [`nyxos_svm_new`] and is not used afterwards.
#[no_mangle]
pub unsafe extern "C" fn nyxos_svm_free(handle: *mut Handle) {
    if !handle.is_null() {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(Box::from_raw(handle))));
    }
}

/// # Safety
/// `data` and `len` are those of a [`Reply`] that this library filled, and are released once.
#[no_mangle]
pub unsafe extern "C" fn nyxos_svm_release(data: *mut u8, len: u64) {
    if !data.is_null() {
        drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(
            data,
            len as usize,
        )));
    }
}

/// Exports functions of the common shape; each runs behind [`guarded`].
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident => $run:path;)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        /// `handle` came from [`nyxos_svm_new`]; `input` holds `len` bytes; `reply` is writable.
        #[no_mangle]
        pub unsafe extern "C" fn $name(
            handle: *mut Handle, input: *const u8, len: u64, reply: *mut Reply,
        ) -> i32 {
            guarded(handle, input, len, reply, $run)
        }
    )*};
}

calls! {
    /// Enters a slot. In: slot u64, unix time i64, epoch u64, epoch start i64, leader schedule
    /// epoch u64, count and (slot u64, hash)* newest first for SlotHashes, count and hash* newest
    /// first for RecentBlockhashes. Reply: empty.
    nyxos_svm_set_slot => set_slot;
    /// In: address. Reply: empty when there is no such account, else an account.
    nyxos_svm_get_account => get_account;
    /// In: address and account; 0 lamports remove it. Reply: empty.
    nyxos_svm_set_account => set_account;
    /// In: owner. Reply: count and (address, account)*.
    nyxos_svm_program_accounts => program_accounts;
    /// Deploys under the upgradeable loader, final. In: program id, then the ELF file.
    /// Reply: count and (address, account)* of what was written.
    nyxos_svm_add_program => add_program;
    /// Verifies, executes and commits. In: the transaction as on the wire. Reply: an execution.
    nyxos_svm_send => send;
    /// Executes without a trace. In: verify signatures u8, then the transaction. Reply: an execution.
    nyxos_svm_simulate => simulate;
    /// In: data length u64. Reply: lamports u64.
    nyxos_svm_minimum_rent => minimum_rent;
}

unsafe fn guarded(
    handle: *mut Handle,
    input: *const u8,
    len: u64,
    reply: *mut Reply,
    run: fn(&mut Handle, &[u8]) -> Outcome,
) -> i32 {
    let handle = &mut *handle;
    if handle.panicked {
        put(
            reply,
            b"the virtual machine panicked earlier and refuses everything since".to_vec(),
        );
        return PANICKED;
    }
    let input = if len == 0 {
        &[][..]
    } else {
        std::slice::from_raw_parts(input, len as usize)
    };
    match catch_unwind(AssertUnwindSafe(|| run(handle, input))) {
        Ok(Ok(bytes)) => {
            put(reply, bytes);
            OK
        }
        Ok(Err(message)) => {
            put(reply, message.into_bytes());
            REFUSED
        }
        Err(panic) => {
            handle.panicked = true;
            let message = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            put(
                reply,
                format!("the virtual machine panicked: {message}").into_bytes(),
            );
            PANICKED
        }
    }
}

unsafe fn put(reply: *mut Reply, bytes: Vec<u8>) {
    let bytes = bytes.into_boxed_slice();
    (*reply).len = bytes.len() as u64;
    (*reply).data = Box::into_raw(bytes) as *mut u8;
}

fn machine() -> LiteSVM {
    let mut features = LiteSVM::mainnet_feature_set();
    // Active from the first slot on: the slots of mainnet mean nothing here.
    for (feature, _) in MAINNET_ACTIVE_FEATURES {
        features.activate(feature, 0);
    }
    let mut svm = LiteSVM::default()
        .with_feature_set(features)
        .with_builtins()
        .with_sysvars();
    // Before any program is loaded: a program is invisible in slots before the one it was loaded in.
    svm.set_sysvar(&Clock::default());
    svm.set_sysvar(&EpochSchedule::without_warmup());
    svm.with_feature_accounts()
        .with_default_programs()
        .with_precompiles()
        .with_sigverify(true)
        // The caller keeps the window of valid blockhashes and the signatures seen in it.
        .with_blockhash_check(false)
        .with_transaction_history(0)
}

fn set_slot(handle: &mut Handle, input: &[u8]) -> Outcome {
    let mut input = Reader(input);
    let clock = Clock {
        slot: input.u64()?,
        unix_timestamp: input.u64()? as i64,
        epoch: input.u64()?,
        epoch_start_timestamp: input.u64()? as i64,
        leader_schedule_epoch: input.u64()?,
    };
    let slots = (0..input.u32()?)
        .map(|_| Ok((input.u64()?, Hash::new_from_array(input.array()?))))
        .collect::<Result<Vec<_>, String>>()?;
    let recent = (0..input.u32()?)
        .map(|_| Ok(Hash::new_from_array(input.array()?)))
        .collect::<Result<Vec<_>, String>>()?;
    let svm = handle.svm()?;
    svm.set_sysvar(&clock);
    svm.set_sysvar(&SlotHashes::new(&slots));
    #[allow(deprecated)]
    svm.set_sysvar(&RecentBlockhashes::from_iter(
        recent
            .iter()
            .map(|hash| IterItem(0, hash, LAMPORTS_PER_SIGNATURE)),
    ));
    Ok(Vec::new())
}

fn get_account(handle: &mut Handle, input: &[u8]) -> Outcome {
    let address = Reader(input).address()?;
    let mut out = Vec::new();
    if let Some(account) = handle.svm()?.accounts_db().get_account_ref(&address) {
        write_account(&mut out, account);
    }
    Ok(out)
}

fn set_account(handle: &mut Handle, input: &[u8]) -> Outcome {
    let mut input = Reader(input);
    let address = input.address()?;
    let account = input.account()?;
    handle
        .svm()?
        .set_account(address, account)
        .map_err(|e| e.to_string())?;
    Ok(Vec::new())
}

fn program_accounts(handle: &mut Handle, input: &[u8]) -> Outcome {
    let owner = Reader(input).address()?;
    let found: Vec<_> = handle
        .svm()?
        .accounts_db()
        .inner
        .iter()
        .filter(|(_, account)| *account.owner() == owner)
        .collect();
    let mut out = Vec::new();
    write_len(&mut out, found.len());
    for (address, account) in found {
        out.extend_from_slice(address.as_ref());
        write_account(&mut out, account);
    }
    Ok(out)
}

fn add_program(handle: &mut Handle, input: &[u8]) -> Outcome {
    let mut input = Reader(input);
    let program = input.address()?;
    let svm = handle.svm()?;
    svm.add_program(program, input.0)
        .map_err(|e| e.to_string())?;
    let (data, _) = Address::find_program_address(&[program.as_ref()], &LOADER_V3);
    let mut out = Vec::new();
    // The program's data first: whoever restores them needs it before the program.
    write_len(&mut out, 2);
    for address in [data, program] {
        let account = svm
            .accounts_db()
            .get_account_ref(&address)
            .ok_or("the loader wrote no program")?;
        out.extend_from_slice(address.as_ref());
        write_account(&mut out, account);
    }
    Ok(out)
}

fn send(handle: &mut Handle, input: &[u8]) -> Outcome {
    let tx = transaction(input)?;
    let svm = handle.svm()?;
    let addresses = Addresses::of(svm, &tx.message);
    let before = addresses.accounts(svm);
    let result = svm.send_transaction(tx);
    let after = addresses.accounts(svm);
    Ok(write_execution(
        &addresses,
        &before,
        &after,
        result.map_err(Box::new),
    ))
}

fn simulate(handle: &mut Handle, input: &[u8]) -> Outcome {
    let (&verify, wire) = input.split_first().ok_or("input ends early")?;
    let tx = transaction(wire)?;
    if verify == 0 {
        handle.set_signature_check(false)?;
    }
    let svm = handle.svm()?;
    let addresses = Addresses::of(svm, &tx.message);
    let before = addresses.accounts(svm);
    let result = svm.simulate_transaction(tx);
    let mut after = before.clone();
    let result = match result {
        Ok(info) => {
            for (address, account) in info.post_accounts {
                if let Some(index) = addresses.all.iter().position(|a| *a == address) {
                    after[index] = (account.lamports() > 0).then_some(account);
                }
            }
            Ok(info.meta)
        }
        Err(failed) => Err(Box::new(failed)),
    };
    if verify == 0 {
        handle.set_signature_check(true)?;
    }
    Ok(write_execution(&addresses, &before, &after, result))
}

fn minimum_rent(handle: &mut Handle, input: &[u8]) -> Outcome {
    let length = Reader(input).u64()?;
    let length = usize::try_from(length).map_err(|e| e.to_string())?;
    Ok(handle
        .svm()?
        .minimum_balance_for_rent_exemption(length)
        .to_le_bytes()
        .to_vec())
}

impl Handle {
    fn svm(&mut self) -> Result<&mut LiteSVM, String> {
        self.svm.as_mut().ok_or_else(|| "no machine".to_owned())
    }

    fn set_signature_check(&mut self, on: bool) -> Result<(), String> {
        let svm = self.svm.take().ok_or("no machine")?;
        self.svm = Some(svm.with_sigverify(on));
        Ok(())
    }
}

/// The addresses of a transaction, lookup tables resolved, in the order its indexes count.
struct Addresses {
    all: Vec<Address>,
    loaded_writable: usize,
    loaded_readonly: usize,
}

impl Addresses {
    /// Tables that cannot be read leave the addresses out; the runtime then refuses the transaction.
    fn of(svm: &LiteSVM, message: &VersionedMessage) -> Self {
        let mut all = message.static_account_keys().to_vec();
        let loaded = message
            .address_table_lookups()
            .filter(|lookups| !lookups.is_empty())
            .and_then(|lookups| svm.accounts_db().load_addresses(lookups).ok())
            .unwrap_or_default();
        let (loaded_writable, loaded_readonly) = (loaded.writable.len(), loaded.readonly.len());
        all.extend(loaded.writable);
        all.extend(loaded.readonly);
        Self {
            all,
            loaded_writable,
            loaded_readonly,
        }
    }

    fn accounts(&self, svm: &LiteSVM) -> Vec<Option<AccountSharedData>> {
        self.all
            .iter()
            .map(|address| svm.accounts_db().get_account(address))
            .collect()
    }
}

fn transaction(wire: &[u8]) -> Result<VersionedTransaction, String> {
    bincode::options()
        .with_limit(PACKET_DATA_SIZE)
        .with_fixint_encoding()
        .reject_trailing_bytes()
        .deserialize(wire)
        .map_err(|e| format!("failed to deserialize transaction: {e}"))
}

/// An execution: outcome u8 (0 succeeded, 1 failed and is in the block, 2 refused), error as JSON,
/// error as text (both empty on success), compute units u64, fee u64, logs, return data (program,
/// bytes), inner instructions (count of top-level instructions; for each a count and (stack height
/// u8, program index u8, account indexes, data)*), loaded writable and readonly counts, then the
/// count of addresses and for each: address, lamports before u64 and after u64, token account
/// before (flag u8, owner, data) and what became of it (0 unchanged, 1 and an account, 2 removed).
fn write_execution(
    addresses: &Addresses,
    before: &[Option<AccountSharedData>],
    after: &[Option<AccountSharedData>],
    result: Result<TransactionMetadata, Box<FailedTransactionMetadata>>,
) -> Vec<u8> {
    let (error, meta) = match result {
        Ok(meta) => (None, meta),
        Err(failed) => (Some(failed.err), failed.meta),
    };
    // The runtime fills the signature in only once it has run the transaction and charged its fee.
    let executed = meta.signature != Default::default();
    let mut out = Vec::with_capacity(1024);
    out.push(match (&error, executed) {
        (None, _) => 0,
        (Some(_), true) => 1,
        (Some(_), false) => 2,
    });
    let (json, text) = error.map_or_else(Default::default, describe);
    write_bytes(&mut out, json.as_bytes());
    write_bytes(&mut out, text.as_bytes());
    out.extend_from_slice(&meta.compute_units_consumed.to_le_bytes());
    out.extend_from_slice(&meta.fee.to_le_bytes());
    write_len(&mut out, meta.logs.len());
    for log in &meta.logs {
        write_bytes(&mut out, log.as_bytes());
    }
    out.extend_from_slice(meta.return_data.program_id.as_ref());
    write_bytes(&mut out, &meta.return_data.data);
    write_len(&mut out, meta.inner_instructions.len());
    for group in &meta.inner_instructions {
        write_len(&mut out, group.len());
        for inner in group {
            out.push(inner.stack_height);
            out.push(inner.instruction.program_id_index);
            write_bytes(&mut out, &inner.instruction.accounts);
            write_bytes(&mut out, &inner.instruction.data);
        }
    }
    write_len(&mut out, addresses.loaded_writable);
    write_len(&mut out, addresses.loaded_readonly);
    write_len(&mut out, addresses.all.len());
    for ((address, before), after) in addresses.all.iter().zip(before).zip(after) {
        out.extend_from_slice(address.as_ref());
        out.extend_from_slice(&before.as_ref().map_or(0, |a| a.lamports()).to_le_bytes());
        out.extend_from_slice(&after.as_ref().map_or(0, |a| a.lamports()).to_le_bytes());
        match before {
            Some(account) if [TOKEN, TOKEN_2022].contains(account.owner()) => {
                out.push(1);
                out.extend_from_slice(account.owner().as_ref());
                write_bytes(&mut out, account.data());
            }
            _ => out.push(0),
        }
        match (before, after) {
            (None, None) => out.push(0),
            (Some(before), Some(after)) if before == after => out.push(0),
            (_, Some(account)) => {
                out.push(1);
                write_account(&mut out, account);
            }
            (Some(_), None) => out.push(2),
        }
    }
    out
}

fn describe(error: TransactionError) -> (String, String) {
    let json = serde_json::to_string(&error).unwrap_or_else(|_| "\"Unknown\"".to_owned());
    (json, error.to_string())
}

/// An account: lamports u64, owner, executable u8, rent epoch u64, data.
fn write_account(out: &mut Vec<u8>, account: &AccountSharedData) {
    out.extend_from_slice(&account.lamports().to_le_bytes());
    out.extend_from_slice(account.owner().as_ref());
    out.push(account.executable() as u8);
    out.extend_from_slice(&account.rent_epoch().to_le_bytes());
    write_bytes(out, account.data());
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_len(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn write_len(out: &mut Vec<u8>, len: usize) {
    out.extend_from_slice(
        &u32::try_from(len)
            .expect("replies stay below 4 GiB")
            .to_le_bytes(),
    );
}

/// Takes values off the front of an input.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], String> {
        if self.0.len() < len {
            return Err(format!("input ends {} bytes early", len - self.0.len()));
        }
        let (head, tail) = self.0.split_at(len);
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        self.take(N)?
            .try_into()
            .map_err(|_| "input ends early".to_owned())
    }

    fn u8(&mut self) -> Result<u8, String> {
        Ok(self.array::<1>()?[0])
    }

    fn u32(&mut self) -> Result<u32, String> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, String> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn address(&mut self) -> Result<Address, String> {
        Ok(Address::new_from_array(self.array()?))
    }

    fn account(&mut self) -> Result<Account, String> {
        let lamports = self.u64()?;
        let owner = self.address()?;
        let executable = self.u8()? != 0;
        let rent_epoch = self.u64()?;
        let len = self.u32()? as usize;
        let data = self.take(len)?.to_vec();
        Ok(Account {
            lamports,
            data,
            owner,
            executable,
            rent_epoch,
        })
    }
}
