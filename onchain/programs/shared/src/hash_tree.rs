//! Trees over items of 32 bytes (`docs/protocol.md` §5): a batch's receipts, and what a trace and a model are made of.

use crate::{Error, hash::sha256, tree::Step};

const LEAF: &[u8] = &[0];
const NODE: &[u8] = &[1];
/// Bytes of one step of a proof.
pub const STEP: usize = 32;

/// A subtree's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node(pub [u8; 32]);

/// The leaf of an item.
pub fn leaf(item: &[u8; 32]) -> Node {
    Node(sha256(&[LEAF, item]))
}

/// How many of `count` leaves stand in the left part: the greatest power of two below it.
///
/// @param count at least 2
pub fn split(count: u32) -> u32 {
    1 << (u32::BITS - 1 - count.saturating_sub(1).max(1).leading_zeros())
}

/// A root that is made leaf by leaf, front to back.
#[derive(Default)]
pub struct Roots {
    /// The roots of the whole subtrees so far, greatest first: one for each bit of `count`.
    whole: [[u8; 32]; Self::LEVELS],
    count: u32,
}

impl Roots {
    const LEVELS: usize = 20;
    /// Most leaves it takes.
    pub const MAX: u32 = (1 << Self::LEVELS) - 1;

    /// Adds the next leaf.
    #[inline(never)]
    pub fn add(&mut self, item: &[u8; 32]) -> Result<(), Error> {
        if self.count == Self::MAX {
            return Err(Error::WrongProof);
        }
        let mut node = leaf(item);
        let mut height = self.count.count_ones() as usize;
        let mut carry = self.count;
        while carry & 1 == 1 {
            height -= 1;
            node = Node::parent(&Node(self.whole[height]), &node)?;
            carry >>= 1;
        }
        self.whole[height] = node.0;
        self.count += 1;
        Ok(())
    }

    /// The root over all leaves; none have none.
    pub fn root(&self) -> Result<[u8; 32], Error> {
        let height = self.count.count_ones() as usize;
        let Some((last, above)) = self.whole[..height].split_last() else { return Err(Error::WrongProof) };
        let mut node = Node(*last);
        for whole in above.iter().rev() {
            node = Node::parent(&Node(*whole), &node)?;
        }
        Ok(node.0)
    }
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
    use std::vec::Vec;

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

    #[test]
    fn leaf_by_leaf_gives_the_same_root() {
        let mut roots = Roots::default();
        assert_eq!(roots.root(), Err(Error::WrongProof));
        let leaves: Vec<_> = (0..300u32).map(|i| leaf(&[i as u8; 32])).collect();
        for count in 1..=leaves.len() {
            roots.add(&[(count - 1) as u8; 32]).unwrap();
            assert_eq!(roots.root(), Ok(root(&leaves[..count]).0), "{count} leaves");
        }
    }

    #[test]
    fn the_left_part_is_the_greatest_power_of_two_below() {
        for count in 2..5000u32 {
            let left = split(count);
            assert!(left.is_power_of_two() && left < count && left * 2 >= count, "{count}");
        }
        assert_eq!(split(u32::MAX), 1 << 31);
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
