package network.nyxos.escrow.voucher;

import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshReader;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import software.sava.core.accounts.PublicKey;

/// An upper bound on what may ever be debited from an escrow, signed by the escrow's session key as its 50 bytes stand:
/// `56 01 ‖ escrow 32 ‖ cumulative u64 ‖ expires i64`. A newer voucher replaces an older one by being larger; none needs to be called back.
///
/// @param escrow     the escrow's address
/// @param cumulative the most that may be settled in the escrow's whole life, base units, 0 or more
/// @param expires    unix seconds until which it may be settled, inclusive; 0 = for ever
public record Voucher(PublicKey escrow, long cumulative, long expires) {
    /// Bytes in an encoded voucher.
    public static final int LENGTH = 50;
    private static final int MAGIC = 0x56;
    private static final int VERSION = 1;

    /// @throws ProtocolException `voucher_amount` or `voucher_expiry` for a negative number
    public Voucher {
        if (cumulative < 0) {
            throw new ProtocolException("voucher_amount", "a voucher's cumulative amount must be 0 to 2^63 - 1");
        }
        if (expires < 0) {
            throw new ProtocolException("voucher_expiry", "a voucher's expiry must be 0 or a time after 1970, is " + expires);
        }
    }

    /// Reads the 50 bytes.
    ///
    /// @throws ProtocolException `voucher_malformed` when they are no voucher, else as the constructor
    public static Voucher decode(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new ProtocolException("voucher_malformed", "a voucher has " + LENGTH + " bytes, this has " + bytes.length);
        }
        var reader = new BorshReader(bytes);
        if (reader.u8() != MAGIC || reader.u8() != VERSION) {
            throw new ProtocolException("voucher_malformed", "a voucher starts with 56 01");
        }
        return new Voucher(reader.publicKey(), reader.u64(), reader.i64());
    }

    /// The 50 bytes, which are also the signed message.
    public byte[] encode() {
        return new BorshWriter(LENGTH).u8(MAGIC).u8(VERSION).publicKey(escrow).u64(cumulative).i64(expires).toByteArray();
    }

    /// Signs with the escrow's session key.
    public Signature sign(Keypair sessionKey) {
        return sessionKey.sign(encode());
    }

    /// Whether the signature is the session key's over this voucher.
    public boolean verify(PublicKey sessionKey, Signature signature) {
        return Ed25519.fastest().verify(sessionKey, encode(), signature);
    }

    /// Whether it may no longer be settled at a time.
    ///
    /// @param now unix seconds
    public boolean isExpired(long now) {
        return expires != 0 && now > expires;
    }
}
