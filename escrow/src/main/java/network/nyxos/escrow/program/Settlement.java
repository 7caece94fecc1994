package network.nyxos.escrow.program;

import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.token.Ed25519Instruction;
import network.nyxos.escrow.voucher.Voucher;
import software.sava.core.accounts.PublicKey;

/// One escrow's entry in a settlement.
///
/// @param sessionKey the escrow's session key
/// @param voucher    the payer's bound
/// @param signature  the session key's over it
/// @param cumulative what has really been used in the escrow's whole life, at most the voucher's amount
public record Settlement(PublicKey sessionKey, Voucher voucher, Signature signature, long cumulative) {
    Ed25519Instruction.Entry entry() {
        return new Ed25519Instruction.Entry(sessionKey, signature, voucher.encode());
    }
}
