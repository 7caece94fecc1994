//! What a publisher asks for a model.

use nyxos_shared::{
    Error,
    registry::{MAX_MEASUREMENTS, MAX_ROYALTY_BPS, Measurement, model},
};

const MEASUREMENT: usize = Measurement::LEN;

/// Terms as a call states them.
pub struct Terms<'a> {
    pub royalty_bps: u16,
    /// The wallet that gets the royalty.
    pub payee: &'a [u8; 32],
    /// Measurements under which a confidential node may serve it, 48 bytes each; none allows any.
    pub measurements: &'a [u8],
}

impl Terms<'_> {
    /// Refuses what no publisher may ask.
    pub fn valid(&self) -> Result<(), Error> {
        if self.royalty_bps > MAX_ROYALTY_BPS {
            return Err(Error::RoyaltyTooHigh);
        }
        let all = self.measurements.chunks_exact(MEASUREMENT);
        let doubled = all.clone().enumerate().any(|(i, one)| all.clone().take(i).any(|earlier| earlier == one));
        if doubled || self.payee == &[0; 32] {
            return Err(Error::InvalidArgument);
        }
        Ok(())
    }

    /// Writes all but the royalty; nothing of longer terms stays behind.
    pub fn put(&self, data: &mut [u8]) {
        let mut measurements = [0; MAX_MEASUREMENTS * MEASUREMENT];
        measurements[..self.measurements.len()].copy_from_slice(self.measurements);
        model::MEASUREMENTS.set(data, &measurements);
        model::MEASUREMENT_COUNT.set(data, self.count() as u8);
        model::PAYEE.set(data, self.payee);
    }

    fn count(&self) -> u32 {
        (self.measurements.len() / MEASUREMENT) as u32
    }
}

/// Sets the royalty: less at once, more only after `delay` slots, so that nobody serves at terms that they could not have known. Asking for
/// less than was announced does not start the wait again.
pub fn set_royalty(data: &mut [u8], royalty_bps: u16, slot: u64, delay: u64) -> Result<(), Error> {
    let pending_slot = model::PENDING_SLOT.get(data);
    if pending_slot != 0 && slot >= pending_slot {
        let announced = model::PENDING_ROYALTY_BPS.get(data);
        settle(data, announced);
    }
    if royalty_bps <= model::ROYALTY_BPS.get(data) {
        settle(data, royalty_bps);
        return Ok(());
    }
    if model::PENDING_SLOT.get(data) == 0 || royalty_bps > model::PENDING_ROYALTY_BPS.get(data) {
        model::PENDING_SLOT.set(data, slot.checked_add(delay).ok_or(Error::ArithmeticOverflow)?);
    }
    model::PENDING_ROYALTY_BPS.set(data, royalty_bps);
    Ok(())
}

fn settle(data: &mut [u8], royalty_bps: u16) {
    model::ROYALTY_BPS.set(data, royalty_bps);
    model::PENDING_ROYALTY_BPS.set(data, 0);
    model::PENDING_SLOT.set(data, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: u64 = 100;

    /// Royalty in force as stored, announced, and from when.
    fn after(changes: &[(u64, u16)]) -> (u16, u16, u64) {
        let mut data = [0; model::LEN];
        model::ROYALTY_BPS.set(&mut data, 500);
        for (slot, bps) in changes {
            set_royalty(&mut data, *bps, *slot, DELAY).unwrap();
        }
        (model::ROYALTY_BPS.get(&data), model::PENDING_ROYALTY_BPS.get(&data), model::PENDING_SLOT.get(&data))
    }

    #[test]
    fn less_counts_at_once_and_more_after_the_delay() {
        assert_eq!(after(&[(10, 400)]), (400, 0, 0));
        assert_eq!(after(&[(10, 600)]), (500, 600, 110));
        assert_eq!(after(&[(10, 600), (109, 600)]), (500, 600, 110), "asking again does not start anew");
        assert_eq!(after(&[(10, 600), (110, 600)]), (600, 0, 0), "what has come is in force");
    }

    #[test]
    fn an_announcement_can_shrink_but_not_grow_without_a_new_wait() {
        assert_eq!(after(&[(10, 900), (50, 700)]), (500, 700, 110));
        assert_eq!(after(&[(10, 600), (50, 700)]), (500, 700, 150));
        assert_eq!(after(&[(10, 600), (50, 500)]), (500, 0, 0), "taken back");
        assert_eq!(after(&[(10, 600), (120, 700)]), (600, 700, 220), "each step has its wait");
        assert_eq!(after(&[(10, 600), (120, 100)]), (100, 0, 0));
    }

    #[test]
    fn a_slot_beyond_counting_is_refused() {
        let mut data = [0; model::LEN];
        assert_eq!(set_royalty(&mut data, 1, u64::MAX, 1), Err(Error::ArithmeticOverflow));
    }

    #[test]
    fn terms_are_bounded_distinct_and_paid_to_somebody() {
        let verdict = |royalty_bps: u16, payee: u8, measurements: &[u8]| {
            let measurements: Vec<u8> = measurements.iter().flat_map(|one| [*one; MEASUREMENT]).collect();
            Terms { royalty_bps, payee: &[payee; 32], measurements: &measurements }.valid()
        };
        assert_eq!(verdict(3000, 1, &[]), Ok(()));
        assert_eq!(verdict(0, 1, &[1, 2, 3, 4]), Ok(()));
        assert_eq!(verdict(3001, 1, &[]), Err(Error::RoyaltyTooHigh));
        assert_eq!(verdict(0, 0, &[]), Err(Error::InvalidArgument));
        assert_eq!(verdict(0, 1, &[1, 2, 1]), Err(Error::InvalidArgument));
    }
}
