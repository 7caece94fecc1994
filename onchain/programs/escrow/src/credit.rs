//! The Merkle-sum tree of credits (`docs/protocol.md` §5): a proof must lead to the root's hash *and* to its sum, so that no
//! leaf can be worth more than the batch as a whole.

use nyxos_shared::{
    Error,
    hash::sha256,
    tree::{self, Step},
};

use crate::state::batch;

const LEAF: &[u8] = &[0];
const NODE: &[u8] = &[1];
const DOMAIN: &[u8] = b"nyxos:credit:v1";
/// Bytes of one step of a proof.
pub const STEP: usize = ProofNode::LEN;
/// Deepest proof: 2^32 payees.
pub const MAX_STEPS: usize = 32;

nyxos_shared::record!(
    /// One step of a proof: a sibling's hash and sum.
    ProofNode { hash: Hash, sum: u64 });

/// A subtree's hash and the sum of its leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    pub hash: [u8; 32],
    pub sum: u64,
}

/// The leaf of one payee's cumulative credit of one kind.
pub fn leaf(pool: &[u8; 32], payee: &[u8; 32], kind: u8, cumulative: u64) -> Node {
    Node { hash: sha256(&[LEAF, DOMAIN, pool, payee, &[kind], &cumulative.to_le_bytes()]), sum: cumulative }
}

/// A payee's credit, and the proof that it stands in a batch.
pub struct Proof<'a> {
    pub payee: &'a [u8; 32],
    pub kind: u8,
    pub cumulative: u64,
    pub index: u32,
    /// [`STEP`] bytes a step.
    pub steps: &'a [u8],
}

impl Proof<'_> {
    /// Requires the walk to end at the root *and* the sum of a batch.
    #[inline(never)]
    pub fn stands_in(&self, batch_data: &[u8]) -> Result<(), Error> {
        let start = leaf(batch::POOL.get(batch_data), self.payee, self.kind, self.cumulative);
        let root = tree::walk(start, self.index, batch::PAYEE_COUNT.get(batch_data), self.steps)?;
        if &root.hash != batch::CREDIT_ROOT.get(batch_data) || root.sum != batch::CREDIT_SUM.get(batch_data) {
            return Err(Error::WrongProof);
        }
        Ok(())
    }
}

impl Step for Node {
    const LEN: usize = STEP;

    fn read(bytes: &[u8]) -> Self {
        let mut node = Self { hash: [0; 32], sum: 0 };
        node.hash.copy_from_slice(&bytes[..32]);
        let mut sum = [0; 8];
        sum.copy_from_slice(&bytes[32..]);
        node.sum = u64::from_le_bytes(sum);
        node
    }

    fn parent(left: &Self, right: &Self) -> Result<Self, Error> {
        let sum = left.sum.checked_add(right.sum).ok_or(Error::WrongProof)?;
        Ok(Node { hash: sha256(&[NODE, &left.hash, &left.sum.to_le_bytes(), &right.hash, &right.sum.to_le_bytes()]), sum })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nyxos_shared::tree::walk;

    fn split(count: usize) -> usize {
        let mut k = 1;
        while k * 2 < count {
            k *= 2;
        }
        k
    }

    fn root(leaves: &[Node]) -> Node {
        if leaves.len() == 1 {
            return leaves[0];
        }
        let (left, right) = leaves.split_at(split(leaves.len()));
        Node::parent(&root(left), &root(right)).unwrap()
    }

    fn path(leaves: &[Node], index: usize) -> Vec<u8> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let k = split(leaves.len());
        let (left, right) = leaves.split_at(k);
        let (mut steps, sibling) = if index < k { (path(left, index), root(right)) } else { (path(right, index - k), root(left)) };
        steps.extend_from_slice(&sibling.hash);
        steps.extend_from_slice(&sibling.sum.to_le_bytes());
        steps
    }

    fn leaves(count: usize) -> Vec<Node> {
        (0..count).map(|i| leaf(&[1; 32], &[i as u8; 32], 1, 10 + i as u64)).collect()
    }

    #[test]
    fn every_leaf_of_every_tree_is_proven() {
        for count in 1..70 {
            let leaves = leaves(count);
            let root = root(&leaves);
            for index in 0..count {
                assert_eq!(walk(leaves[index], index as u32, count as u32, &path(&leaves, index)), Ok(root), "{index} of {count}");
            }
        }
    }

    #[test]
    fn a_changed_proof_leads_elsewhere() {
        for count in [2, 5, 8, 33] {
            let leaves = leaves(count);
            let root = root(&leaves);
            for index in 0..count {
                let proof = path(&leaves, index);
                for byte in 0..proof.len() {
                    let mut changed = proof.clone();
                    changed[byte] ^= 1;
                    assert_ne!(walk(leaves[index], index as u32, count as u32, &changed), Ok(root));
                }
                let more = leaf(&[1; 32], &[index as u8; 32], 1, 11 + index as u64);
                assert_ne!(walk(more, index as u32, count as u32, &proof), Ok(root));
            }
        }
    }

    #[test]
    fn paths_of_a_wrong_length_or_place_are_refused() {
        let leaves = leaves(5);
        let proof = path(&leaves, 2);
        assert_eq!(walk(leaves[2], 2, 5, &proof[..proof.len() - STEP]), Err(Error::WrongProof));
        assert_eq!(walk(leaves[2], 2, 5, &[proof.clone(), proof[..STEP].to_vec()].concat()), Err(Error::WrongProof));
        assert_eq!(walk(leaves[2], 2, 5, &proof[..proof.len() - 1]), Err(Error::WrongProof));
        assert_eq!(walk(leaves[2], 5, 5, &proof), Err(Error::WrongProof));
        assert_eq!(walk(leaves[2], 0, 0, &[]), Err(Error::WrongProof));
    }

    #[test]
    fn sums_that_overflow_are_refused() {
        let huge = leaf(&[1; 32], &[1; 32], 1, u64::MAX);
        let mut step = vec![0; 32];
        step.extend_from_slice(&1u64.to_le_bytes());
        assert_eq!(walk(huge, 0, 2, &step), Err(Error::WrongProof));
    }
}
