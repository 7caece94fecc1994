//! Writes the programs' IDL from their source.
//!
//! What the IDL states is read where the programs themselves execute it: the dispatch, `arguments!`, `layout!`, `derived!`, `events!`, `record!`
//! and `errors!`. From comments it takes prose, and of an account whether it signs and is written: the table at the head of each instruction,
//! which `onchain/tests` attacks flag by flag. What it does not understand is an error with file and line, never left out.

pub mod declaration;
pub mod instruction;
pub mod json;
pub mod program;
pub mod source;

pub use program::generate;
pub use source::{Crate, Finding};
