//! What the engine's trees are made of, besides chunks (`docs/engine-nyx-int8-v1.md`, trace; `docs/protocol.md` §6).

use nyxos_shared::{
    hash::sha256,
    hash_tree::{self, Node},
    tree::Step,
};

pub use nyxos_shared::hash_tree::split;

use crate::Refusal;

/// The engine whose arithmetic this crate has.
pub const ENGINE: &str = "nyx-int8-v1";

/// The hash of a subtree of one item.
pub fn leaf(item: &[u8; 32]) -> [u8; 32] {
    hash_tree::leaf(item).0
}

/// The hash of a subtree of two parts.
pub fn parent(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    sha256(&[&[1], left, right])
}

/// The item of a step in a trace.
pub fn step_hash(position: u32, token: u32, blocks_root: &[u8; 32]) -> [u8; 32] {
    sha256(&[b"nyxos:trace-step:v1", &position.to_le_bytes(), &token.to_le_bytes(), blocks_root])
}

/// What a receipt says of a trace whose root is `trace_root`.
pub fn salted_trace(salt: &[u8; 32], trace_root: &[u8; 32]) -> [u8; 32] {
    sha256(&[b"nyxos:trace:v1", salt, trace_root])
}

/// The id of the model of these weights, run by this engine.
pub fn model_id(weights_root: &[u8; 32], tokenizer_hash: &[u8; 32]) -> [u8; 32] {
    sha256(&[b"nyxos:model:v1", weights_root, tokenizer_hash, ENGINE.as_bytes()])
}

/// An item's place in a tree.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub index: u32,
    pub count: u32,
}

impl Place {
    /// The root to which a path leads from an item at this place.
    #[inline(never)]
    pub fn root(&self, item: &[u8; 32], path: &[u8]) -> Result<[u8; 32], Refusal> {
        let node: Node = nyxos_shared::tree::walk(hash_tree::leaf(item), self.index, self.count, path)?;
        Ok(node.0)
    }
}

const _: () = assert!(Node::LEN == 32);
