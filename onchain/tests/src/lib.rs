//! The built programs (`onchain/artifacts`) in a virtual machine in this process or on a cluster ([`chain`]), called through the committed
//! IDL and nothing else: what is tested is what is deployed, and the IDL is proven by use.
//!
//! * [`attacks`]: every account of every instruction is replaced, doubled, stripped of its flags; every call is cut and padded.
//! * [`signatures`]: precompile instructions that point elsewhere, quorums that are none, vouchers that do not hold, forged events.
//! * [`rules`]: time, state, mints, rent.
//! * [`challenges`]: bonds of who posts, what can be shown of a batch, and honest lives in which nothing can.
//! * [`forwarder`]: calls that come through another program, as a multisig's do.
//! * [`disputes`]: who doubts a receipt, and what becomes of stake and bond.
//! * [`direct`]: jobs that their nodes settle by themselves.
//! * [`prepaid`]: escrows that nobody signed for, and what plain transfers bring them.
//! * [`fuzz`]: random bytes, with the sums of tokens and lamports watched.
//! * [`bonds`]: the life of a bond, of a node's and a validator's alike.
//! * [`lives`]: random calls over time against a plain model of the registry.
//! * [`security`]: `SECURITY.md`, held to all of this.
//! * [`costs`]: what each instruction costs, and how little it must.
//! * [`golden`]: vectors for other languages, each accepted by the programs before it is written.
#![cfg(test)]

mod attacks;
mod bonds;
mod bytes;
mod chain;
mod challenges;
mod cluster;
mod costs;
mod credit;
mod direct;
mod disputes;
mod forwarder;
mod fuzz;
mod golden;
mod idl;
mod lives;
mod precompile;
mod prepaid;
mod rules;
mod security;
mod signatures;
mod story;
mod world;
