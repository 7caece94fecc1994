//! The tree of a batch's receipts (`docs/protocol.md` §5).

use nyxos_shared::{Error, hash::sha256};

use crate::tree::Step;

const LEAF: &[u8] = &[0];
const NODE: &[u8] = &[1];
/// Bytes of one step of a proof.
pub const STEP: usize = 32;

/// A subtree's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node(pub [u8; 32]);

/// The leaf of a receipt.
pub fn leaf(receipt_hash: &[u8; 32]) -> Node {
    Node(sha256(&[LEAF, receipt_hash]))
}

impl Step for Node {
    const LEN: usize = STEP;

    fn read(bytes: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(bytes);
        Self(hash)
    }

    fn parent(left: &Self, right: &Self) -> Result<Self, Error> {
        Ok(Self(sha256(&[NODE, &left.0, &right.0])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::walk;

    /// RFC 6962's root, left to right from its own definition.
    fn root(leaves: &[Node]) -> Node {
        match leaves {
            [one] => *one,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                Node::parent(&root(left), &root(right)).unwrap()
            }
        }
    }

    fn path(leaves: &[Node], index: usize) -> Vec<u8> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let k = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(k);
        let (mut steps, sibling) = if index < k { (path(left, index), root(right)) } else { (path(right, index - k), root(left)) };
        steps.extend_from_slice(&sibling.0);
        steps
    }

    #[test]
    fn every_receipt_of_every_batch_is_proven_and_at_no_other_place() {
        for count in 1..40 {
            let leaves: Vec<_> = (0..count).map(|i| leaf(&[i as u8; 32])).collect();
            let root = root(&leaves);
            for index in 0..count {
                let proof = path(&leaves, index);
                assert_eq!(walk(leaves[index], index as u32, count as u32, &proof), Ok(root), "{index} of {count}");
                assert_ne!(walk(leaf(&[99; 32]), index as u32, count as u32, &proof), Ok(root));
                assert_eq!(walk(leaves[index], count as u32, count as u32, &proof), Err(Error::WrongProof));
            }
        }
    }
}
