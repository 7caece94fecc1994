package network.nyxos.chain.program;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.Account;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import software.sava.core.accounts.PublicKey;

/// What stands at a program id.
public sealed interface ProgramState {
    /// Nothing: the id is free.
    record Absent() implements ProgramState {
    }

    /// Something else: a wallet, another program's account, or a program under a loader that is not known here.
    ///
    /// @param owner the program that owns it
    record Foreign(PublicKey owner) implements ProgramState {
    }

    /// A program that was closed. Its id can never be used again.
    record Closed() implements ProgramState {
    }

    /// A program.
    ///
    /// @param dataAddress where its code lies
    /// @param slot        when it was last deployed; 0 under the final loader
    /// @param authority   who may upgrade it; empty: nobody ever
    /// @param code        its code
    /// @param capacity    how many bytes of code have room without an extension
    /// @param executable  whether the chain takes it for a program
    record Deployed(PublicKey dataAddress, long slot, Optional<PublicKey> authority, ProgramCode code, int capacity, boolean executable) implements ProgramState {
    }

    /// Reads what stands at an id.
    static ProgramState read(SolanaRpc rpc, PublicKey program, Commitment commitment) {
        PublicKey dataAddress = Loader.dataAddress(program);
        List<Optional<Account>> found = rpc.accounts(List.of(program, dataAddress), commitment);
        if (found.getFirst().isEmpty()) {
            return new Absent();
        }
        Account account = found.getFirst().get();
        byte[] own = account.data();
        if (account.owner().equals(Loader.FINAL) && account.executable()) {
            return new Deployed(program, 0, Optional.empty(), ProgramCode.ofAccount(own), own.length, true);
        }
        if (!account.owner().equals(Loader.UPGRADEABLE) || Loader.dataOf(own).filter(dataAddress::equals).isEmpty()) {
            return new Foreign(account.owner());
        }
        return found.getLast().map(Account::data).<ProgramState>flatMap(data -> Loader.dataHeader(data).map(header -> new Deployed(dataAddress, header.slot(),
            header.authority(), ProgramCode.ofAccount(Arrays.copyOfRange(data, Loader.DATA_HEADER, data.length)), data.length - Loader.DATA_HEADER,
            account.executable()))).orElseGet(Closed::new);
    }
}
