package network.nyxos.chain.program;

import java.util.Arrays;
import java.util.Optional;
import network.nyxos.chain.Account;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import software.sava.core.accounts.PublicKey;

/// A buffer: code that lies ready to be deployed.
///
/// @param address   where it lies
/// @param authority who may write and deploy it; empty: nobody any more
/// @param lamports  its balance, which a deployment passes on
/// @param content   every byte that has room in it, written or zero
public record ProgramBuffer(PublicKey address, Optional<PublicKey> authority, long lamports, byte[] content) {
    /// Copies the bytes.
    public ProgramBuffer {
        content = content.clone();
    }

    /// Reads a buffer; empty when there is none at this address.
    public static Optional<ProgramBuffer> read(SolanaRpc rpc, PublicKey address, Commitment commitment) {
        return rpc.account(address, commitment).filter(account -> account.owner().equals(Loader.UPGRADEABLE)).flatMap(ProgramBuffer::of);
    }

    private static Optional<ProgramBuffer> of(Account account) {
        byte[] data = account.data();
        return Loader.bufferHeader(data).map(header -> new ProgramBuffer(account.address(), header.authority(), account.lamports(),
            Arrays.copyOfRange(data, Loader.BUFFER_HEADER, data.length)));
    }

    /// A copy of the bytes.
    @Override
    public byte[] content() {
        return content.clone();
    }

    /// The code in it, without padding.
    public ProgramCode code() {
        return ProgramCode.ofAccount(content);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ProgramBuffer that && address.equals(that.address) && authority.equals(that.authority) && lamports == that.lamports
            && Arrays.equals(content, that.content);
    }

    @Override
    public int hashCode() {
        return address.hashCode() * 31 + Arrays.hashCode(content);
    }

    @Override
    public String toString() {
        return "ProgramBuffer[" + address + ", " + content.length + " bytes]";
    }
}
