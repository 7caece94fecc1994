package network.nyxos.chain;

import software.sava.core.accounts.PublicKey;

/// Narrows {@link SolanaRpc#programAccounts}. The generated account records have the offsets and sizes to use here.
public sealed interface AccountFilter {
    /// Accounts whose data has this many bytes.
    record Size(int bytes) implements AccountFilter {
    }

    /// Accounts whose data has these bytes at an offset.
    ///
    /// @param bytes at most 128
    record Bytes(int offset, byte[] bytes) implements AccountFilter {
        /// Copies the bytes.
        public Bytes {
            bytes = bytes.clone();
        }

        @Override
        public byte[] bytes() {
            return bytes.clone();
        }
    }

    /// Accounts whose data has a key at an offset.
    static AccountFilter key(int offset, PublicKey key) {
        return new Bytes(offset, key.toByteArray());
    }
}
