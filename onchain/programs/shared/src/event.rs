//! Events by self-CPI: an inner instruction is never truncated as logs are, and only this program can sign for its event
//! authority, so nobody else can make one.

use pinocchio::{
    AccountView, Address, ProgramResult,
    cpi::{Seed, Signer, invoke_signed},
    instruction::{InstructionAccount, InstructionView},
};

use crate::{Error, derived, hash::sha256};

/// Anchor's tag of a self-CPI event, so that its tools recognise ours.
pub const TAG: [u8; 8] = [0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d];

derived!(
    /// Who signs for a program's events.
    event_authority at [b"__event_authority"]);

/// Room for the longest event: settlements of as many escrows as a transaction can name.
const CAPACITY: usize = 1024;

/// An event's bytes as they are gathered.
pub struct Event {
    data: [u8; CAPACITY],
    len: usize,
}

/// Declares events by number, name and fields, each a value that puts itself into an [`Event`]; the IDL is generated from this.
///
/// Types: integers, `Key`, `Hash`, `[u8; N]`; `[Record]` is a vector given as its bytes, `[Record; ..]` one given by its count, whose entries
/// are put behind it.
#[macro_export]
macro_rules! events {
    ($($(#[$doc:meta])* $id:literal $name:ident { $($field:ident: $type:tt),* $(,)? })*) => {
        $(
            $(#[$doc])*
            pub struct $name<'a> { $(pub $field: $crate::field!('a, $type)),* }

            impl $name<'_> {
                pub const ID: u8 = $id;

                /// Puts its fields behind its number; entries that it counts are put behind them.
                #[inline(always)]
                pub fn put(&self, event: &mut $crate::Event) {
                    $($crate::put!(event, self.$field, $type);)*
                }

                /// Sends it.
                #[inline(always)]
                pub fn emit(&self, emitter: &$crate::Emitter) -> pinocchio::ProgramResult {
                    let mut event = $crate::Event::new(Self::ID);
                    self.put(&mut event);
                    event.emit(emitter)
                }
            }
        )*
    };
}

/// Declares what stands many times in an event, an argument or an account; types as in [`events!`].
#[macro_export]
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:tt),* $(,)? }) => {
        $(#[$doc])*
        pub struct $name<'a> { $(pub $field: $crate::field!('a, $type)),* }

        impl $name<'_> {
            /// Bytes of one.
            pub const LEN: usize = 0 $(+ $crate::len!($type))*;

            #[inline(always)]
            pub fn put(&self, event: &mut $crate::Event) {
                $($crate::put!(event, self.$field, $type);)*
            }
        }
    };
}

/// The value of a field of [`events!`].
#[macro_export]
macro_rules! field {
    ($a:lifetime, [u8; $len:literal]) => { &$a [u8; $len] };
    ($a:lifetime, [$record:ident; ..]) => { u32 };
    ($a:lifetime, [$record:ident]) => { &$a [u8] };
    ($a:lifetime, Key) => { &$a [u8; 32] };
    ($a:lifetime, Hash) => { &$a [u8; 32] };
    ($a:lifetime, $integer:ident) => { $integer };
}

/// Puts a field of [`events!`].
#[macro_export]
macro_rules! put {
    ($event:ident, $value:expr, [u8; $len:literal]) => {
        $event.bytes($value)
    };
    ($event:ident, $value:expr, [$record:ident; ..]) => {
        $event.u32($value)
    };
    ($event:ident, $value:expr, [Key]) => {
        $event.u32(($value.len() / $crate::layout::Key::LEN) as u32).bytes($value)
    };
    ($event:ident, $value:expr, [$record:ident]) => {
        $event.u32(($value.len() / $record::LEN) as u32).bytes($value)
    };
    ($event:ident, $value:expr, Key) => {
        $event.key($value)
    };
    ($event:ident, $value:expr, Hash) => {
        $event.key($value)
    };
    ($event:ident, $value:expr, $integer:ident) => {
        $event.$integer($value)
    };
}

/// Bytes of a field of a [`record!`].
#[macro_export]
macro_rules! len {
    ([u8; $len:literal]) => {
        $len
    };
    (Key) => {
        32
    };
    (Hash) => {
        32
    };
    ($integer:ident) => {
        core::mem::size_of::<$integer>()
    };
}

impl Event {
    pub fn new(id: u8) -> Self {
        let mut event = Self { data: [0; CAPACITY], len: 0 };
        event.bytes(&TAG);
        event.u8(id);
        event
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.data[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
        self
    }

    /// Fills in bytes that were not known when their place was written.
    pub fn fill(&mut self, at: usize, bytes: &[u8]) {
        self.data[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// A key or a hash.
    pub fn key(&mut self, key: &[u8; 32]) -> &mut Self {
        self.bytes(key)
    }

    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    /// Sends the event.
    #[inline(never)]
    pub fn emit(&self, emitter: &Emitter) -> ProgramResult {
        // A foreign program here would be called with our event authority's signature.
        if emitter.program.address() != emitter.program_id {
            return Err(Error::WrongProgram.into());
        }
        let bump = [emitter.bump];
        let seeds = [Seed::from(event_authority::SEED), Seed::from(&bump)];
        self.emit_by(&Author { program_id: emitter.program_id, account: emitter.authority, seeds: &seeds })
    }

    /// Sends the event with the signature of an account of the program's own.
    #[inline(never)]
    pub fn emit_by(&self, author: &Author) -> ProgramResult {
        let instruction = InstructionView {
            program_id: author.program_id,
            accounts: &[InstructionAccount::readonly_signer(author.account.address())],
            data: &self.data[..self.len],
        };
        invoke_signed::<1, _>(&instruction, &[author.account], &[Signer::from(author.seeds)])
    }
}

/// Who signs for an event: the event authority, or another address of the program where a transaction has no room for one key more.
pub struct Author<'a> {
    /// The program itself.
    pub program_id: &'a Address,
    pub account: &'a AccountView,
    pub seeds: &'a [Seed<'a>],
}

/// Who emits: `authority` must be the program's event authority with `bump`, or the runtime refuses the signature.
pub struct Emitter<'a> {
    pub program_id: &'a Address,
    pub program: &'a AccountView,
    pub authority: &'a AccountView,
    pub bump: u8,
}

/// Accepts an event call from ourselves and nobody else: without this any program could put a forged event under our id.
pub fn accept(program_id: &Address, accounts: &[AccountView]) -> ProgramResult {
    let [authority] = accounts else {
        return Err(Error::WrongAccountCount.into());
    };
    crate::signer(authority)?;
    // Any bump's derivation is fine: an address derived from this program has no private key, and the program signs only
    // for the canonical one.
    for bump in (0..=255u8).rev() {
        let derived = sha256(&[event_authority::SEED, &[bump], program_id.as_ref(), b"ProgramDerivedAddress"]);
        if authority.address().as_array() == &derived {
            return Ok(());
        }
    }
    Err(Error::Unauthorized.into())
}
