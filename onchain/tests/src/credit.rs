//! A Merkle-sum tree as `docs/protocol.md` §5 states it, written apart from the program's own walk.

use solana_address::Address;

use crate::bytes::sha256;

/// Hash and sum of a subtree.
pub type Node = ([u8; 32], u64);

/// What one payee was credited for all time, as one kind.
#[derive(Clone, Debug)]
pub struct Credit {
    pub payee: Address,
    pub kind: u8,
    pub cumulative: u64,
}

impl Credit {
    /// What leaves ascend by.
    pub fn key(&self) -> ([u8; 32], u8) {
        (self.payee.to_bytes(), self.kind)
    }
}

pub struct Tree {
    pub credits: Vec<Credit>,
    leaves: Vec<Node>,
}

impl Tree {
    /// Leaves ascend by (payee, kind).
    pub fn new(pool: &Address, mut credits: Vec<Credit>) -> Self {
        credits.sort_by_key(Credit::key);
        Self::as_given(pool, credits)
    }

    /// Leaves in the order given, which may be one that the protocol forbids.
    pub fn as_given(pool: &Address, credits: Vec<Credit>) -> Self {
        let leaves = credits.iter().map(|credit| leaf(pool, credit)).collect();
        Self { credits, leaves }
    }

    pub fn root(&self) -> Node {
        root(&self.leaves)
    }

    pub fn count(&self) -> u32 {
        self.leaves.len() as u32
    }

    pub fn proof(&self, index: usize) -> Vec<Node> {
        path(&self.leaves, index)
    }

    pub fn leaf(&self, index: usize) -> Node {
        self.leaves[index]
    }

    pub fn index(&self, payee: &Address, kind: u8) -> usize {
        self.credits.iter().position(|credit| &credit.payee == payee && credit.kind == kind).unwrap()
    }
}

/// Where one credit of a tree of 2^`depth` payees leads, of whom the others are so many random subtrees of one unit each.
pub fn deep(pool: &Address, credit: &Credit, index: usize, depth: u32) -> (Node, Vec<Node>) {
    let mut node = leaf(pool, credit);
    let mut steps = vec![];
    for level in 0..depth {
        let sibling = (sha256(&[b"subtree", &level.to_le_bytes()]), 1);
        node = if index >> level & 1 == 1 { parent(sibling, node) } else { parent(node, sibling) };
        steps.push(sibling);
    }
    (node, steps)
}

fn leaf(pool: &Address, credit: &Credit) -> Node {
    let hash = sha256(&[&[0], b"nyxos:credit:v1", pool.as_ref(), credit.payee.as_ref(), &[credit.kind], &credit.cumulative.to_le_bytes()]);
    (hash, credit.cumulative)
}

fn parent(left: Node, right: Node) -> Node {
    (sha256(&[&[1], &left.0, &left.1.to_le_bytes(), &right.0, &right.1.to_le_bytes()]), left.1 + right.1)
}

/// RFC 6962 §2.1: split at the largest power of two below the count.
fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

fn root(leaves: &[Node]) -> Node {
    match leaves {
        [] => (sha256(&[]), 0),
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            parent(root(left), root(right))
        }
    }
}

fn path(leaves: &[Node], index: usize) -> Vec<Node> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut steps, sibling) = if index < k { (path(left, index), root(right)) } else { (path(right, index - k), root(left)) };
    steps.push(sibling);
    steps
}
