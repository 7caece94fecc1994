//! The voucher: a payer's signed upper bound on the cumulative debit of one escrow (`docs/protocol.md` §4.1).

use nyxos_shared::Error;

/// Bytes of a voucher.
pub const LEN: usize = 50;
const MAGIC: [u8; 2] = [0x56, 0x01];

/// A voucher for a known escrow.
#[derive(Debug, PartialEq, Eq)]
pub struct Voucher {
    /// Highest cumulative debit, base units.
    pub cumulative: u64,
    /// Unix seconds; 0 never expires.
    pub expires: i64,
}

impl Voucher {
    /// Reads a signed message as a voucher of `escrow`. The whole message is compared: a signature over anything else, a voucher of
    /// another escrow included, is none.
    pub fn parse(message: &[u8], escrow: &[u8; 32]) -> Result<Self, Error> {
        let message: &[u8; LEN] = message.try_into().map_err(|_| Error::WrongMessage)?;
        if message[..2] != MAGIC || &message[2..34] != escrow {
            return Err(Error::WrongMessage);
        }
        let mut word = [0; 8];
        word.copy_from_slice(&message[34..42]);
        let cumulative = u64::from_le_bytes(word);
        word.copy_from_slice(&message[42..]);
        Ok(Self { cumulative, expires: i64::from_le_bytes(word) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(escrow: u8, cumulative: u64, expires: i64) -> Vec<u8> {
        [&MAGIC[..], &[escrow; 32], &cumulative.to_le_bytes(), &expires.to_le_bytes()].concat()
    }

    #[test]
    fn reads_its_two_numbers() {
        assert_eq!(Voucher::parse(&message(3, 17, -1), &[3; 32]), Ok(Voucher { cumulative: 17, expires: -1 }));
    }

    #[test]
    fn refuses_another_escrow_another_magic_and_another_length() {
        assert_eq!(Voucher::parse(&message(4, 17, 0), &[3; 32]), Err(Error::WrongMessage));
        let mut magic = message(3, 17, 0);
        magic[1] = 2;
        assert_eq!(Voucher::parse(&magic, &[3; 32]), Err(Error::WrongMessage));
        let mut long = message(3, 17, 0);
        long.push(0);
        assert_eq!(Voucher::parse(&long, &[3; 32]), Err(Error::WrongMessage));
        assert_eq!(Voucher::parse(&long[..49], &[3; 32]), Err(Error::WrongMessage));
    }
}
