package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.Optional;
import java.util.SequencedMap;

/// A registered node.
///
/// @param address address of the account
/// @param config registry configuration it belongs to
/// @param nodeKey key that names the node
/// @param operator who runs it
/// @param payout wallet that is paid
/// @param receiptKey key that signs receipts
/// @param sealingKey key that prompts are sealed to
/// @param tiers bits: 0 open, 1 verified, 2 confidential
/// @param state its state
/// @param bond base units
/// @param unbondSlot withdrawable from; 0 = none
/// @param registeredSlot slot of registration
/// @param attestationKind 0 none, 1 TDX, 2 SNP
/// @param attestationExpirySlot last slot of the record; 0 = none
/// @param attestationQuoteHash hex
/// @param attestationMeasurement 48 bytes, hex
/// @param slashedTotal base units taken from the bond so far
/// @param attestationFloorSlot no record that expires up to this slot is taken any more
/// @param revokedQuoteHash quote that no record stands on any more, hex; empty = none was revoked
/// @param openDisputes disputes that may yet take from the bond
public record NodeRow(String address, String config, String nodeKey, String operator, String payout, String receiptKey, Optional<String> sealingKey,
    int tiers, BondState state, BigInteger bond, BigInteger unbondSlot, BigInteger registeredSlot, int attestationKind,
    BigInteger attestationExpirySlot, String attestationQuoteHash, String attestationMeasurement, BigInteger slashedTotal,
    BigInteger attestationFloorSlot, Optional<String> revokedQuoteHash, long openDisputes) implements BondedRow {
    @Override
    public String table() {
        return "node";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("config", config).with("node_key", nodeKey).with("operator", operator).with("payout", payout)
            .with("receipt_key", receiptKey).with("sealing_key", sealingKey).with("tiers", tiers).with("state", state.wireName()).with("bond", bond)
            .with("unbond_slot", unbondSlot).with("registered_slot", registeredSlot).with("attestation_kind", attestationKind)
            .with("attestation_expiry_slot", attestationExpirySlot).with("attestation_quote_hash", attestationQuoteHash)
            .with("attestation_measurement", attestationMeasurement).with("slashed_total", slashedTotal)
            .with("attestation_floor_slot", attestationFloorSlot).with("revoked_quote_hash", revokedQuoteHash)
            .with("open_disputes", openDisputes).done();
    }

    @Override
    public NodeRow withBond(BondState next, BigInteger amount, BigInteger unbondFrom, BigInteger slashed) {
        return new NodeRow(address, config, nodeKey, operator, payout, receiptKey, sealingKey, tiers, next, amount, unbondFrom, registeredSlot,
            attestationKind, attestationExpirySlot, attestationQuoteHash, attestationMeasurement, slashed, attestationFloorSlot, revokedQuoteHash, openDisputes);
    }

    NodeRow withKeys(int nextTiers, String nextReceiptKey, Optional<String> nextSealingKey, String nextPayout) {
        return new NodeRow(address, config, nodeKey, operator, nextPayout, nextReceiptKey, nextSealingKey, nextTiers, state, bond, unbondSlot,
            registeredSlot, attestationKind, attestationExpirySlot, attestationQuoteHash, attestationMeasurement, slashedTotal, attestationFloorSlot, revokedQuoteHash, openDisputes);
    }

    NodeRow withAttestation(int kind, BigInteger expirySlot, String quoteHash, String measurement) {
        return new NodeRow(address, config, nodeKey, operator, payout, receiptKey, sealingKey, tiers, state, bond, unbondSlot, registeredSlot, kind,
            expirySlot, quoteHash, measurement, slashedTotal, attestationFloorSlot, revokedQuoteHash, openDisputes);
    }

    /// Without an attestation, and none that expires as early comes back.
    NodeRow withoutAttestation() {
        return new NodeRow(address, config, nodeKey, operator, payout, receiptKey, sealingKey, tiers, state, bond, unbondSlot, registeredSlot, 0,
            BigInteger.ZERO, "00".repeat(32), "00".repeat(48), slashedTotal, attestationFloorSlot.max(attestationExpirySlot), revokedQuoteHash, openDisputes);
    }

    NodeRow revoked(String quoteHash) {
        NodeRow without = withoutAttestation();
        return new NodeRow(address, config, nodeKey, operator, payout, receiptKey, sealingKey, tiers, state, bond, unbondSlot, registeredSlot,
            without.attestationKind, without.attestationExpirySlot, without.attestationQuoteHash, without.attestationMeasurement, slashedTotal,
            without.attestationFloorSlot, Optional.of(quoteHash), openDisputes);
    }

    NodeRow disputed(long open) {
        return new NodeRow(address, config, nodeKey, operator, payout, receiptKey, sealingKey, tiers, state, bond, unbondSlot, registeredSlot, attestationKind,
            attestationExpirySlot, attestationQuoteHash, attestationMeasurement, slashedTotal, attestationFloorSlot, revokedQuoteHash, open);
    }
}
