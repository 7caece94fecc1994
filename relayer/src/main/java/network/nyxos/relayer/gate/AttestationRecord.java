package network.nyxos.relayer.gate;

import network.nyxos.escrow.crypto.Hash;

/// What the registry holds of a node's TEE now: the verifier quorum's word on its evidence.
///
/// @param quoteHash  the quote that the word was given about; zeros where there is no record
/// @param expirySlot the last slot in which it counts; 0 where there is no record
/// @param floorSlot  no record that expires up to it is taken any more
/// @param revoked    the last quote whose record was ended for good; zeros where none was
public record AttestationRecord(Hash quoteHash, long expirySlot, long floorSlot, Hash revoked) {
    /// No record, and none ended.
    public static final AttestationRecord NONE = new AttestationRecord(Hash.ZERO, 0, 0, Hash.ZERO);

    /// Whether it counts in a slot.
    public boolean stands(long slot) {
        return expirySlot >= slot && !quoteHash.isZero();
    }
}
