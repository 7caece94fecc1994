//! Why a proof is none.

use nyxos_shared::Error;

/// What is wrong with evidence, or with what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Bytes are missing or left over, or an opening has another length than the table gives.
    Malformed,
    /// An opening does not lead to the root that it must lead to.
    WrongProof,
    /// A number lies where no number of an honest trace or model can.
    OutOfRange,
    /// There is no such vector, chunk or element.
    NoElement,
    /// The model has limits that disputes have not.
    UnfitModel,
}

/// Shared code refuses only paths here.
impl From<Error> for Refusal {
    fn from(_: Error) -> Self {
        Self::WrongProof
    }
}
