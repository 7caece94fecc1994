//! Audit paths of the trees of `docs/protocol.md` §5, whose shape is RFC 6962's.

use crate::Error;

/// What a node of a tree is, and how a proof writes it.
pub trait Step: Sized {
    /// Bytes of one step of a proof.
    const LEN: usize;

    /// Reads [`Self::LEN`] bytes.
    fn read(bytes: &[u8]) -> Self;

    fn parent(left: &Self, right: &Self) -> Result<Self, Error>;
}

/// Walks an audit path from leaf `index` of `count` leaves to the root, as RFC 9162 §2.1.3.2 does.
pub fn walk<N: Step>(leaf: N, index: u32, count: u32, proof: &[u8]) -> Result<N, Error> {
    if index >= count || proof.len() % N::LEN != 0 {
        return Err(Error::WrongProof);
    }
    let (mut position, mut last, mut node) = (index, count - 1, leaf);
    for step in proof.chunks_exact(N::LEN) {
        if last == 0 {
            return Err(Error::WrongProof);
        }
        let sibling = N::read(step);
        if position & 1 == 1 || position == last {
            node = N::parent(&sibling, &node)?;
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            node = N::parent(&node, &sibling)?;
        }
        position >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(Error::WrongProof);
    }
    Ok(node)
}
