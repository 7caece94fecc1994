package network.nyxos.gateway.payment;

import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.transaction.WireTransaction;
import software.sava.core.accounts.PublicKey;

/// A transfer that keeps every rule that can be checked without the chain. The sponsor has not signed it.
///
/// @param transaction as the payer sent it
/// @param messageHash SHA-256 of its message, which names the payment
/// @param payer       owner of the source account, who signed
/// @param mint        what it moves
/// @param payTo       owner of the destination
/// @param amount      base units
/// @param memo        its memo, where it has one
public record ExactPayment(WireTransaction transaction, Hash messageHash, PublicKey payer, PublicKey mint, PublicKey payTo, long amount, Optional<String> memo) {
}
