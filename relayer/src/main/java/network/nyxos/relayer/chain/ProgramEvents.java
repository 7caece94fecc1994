package network.nyxos.relayer.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.ConfirmedTransaction;
import network.nyxos.chain.SignatureInfo;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.crypto.Signature;
import software.sava.core.accounts.PublicKey;

/// What a program told by its events. The program alone can emit them, so they prove what its accounts were when nobody can look at those any more.
final class ProgramEvents<E> {
    private static final int PAGE = 1_000;

    private final SolanaRpc rpc;
    private final PublicKey program;
    private final Function<byte[], Optional<E>> decode;

    /// @param decode reads the data of a call of the program; empty where it is no event
    ProgramEvents(SolanaRpc rpc, PublicKey program, Function<byte[], Optional<E>> decode) {
        this.rpc = rpc;
        this.program = program;
        this.decode = decode;
    }

    /// An event with the slot that it is of.
    ///
    /// @param transaction that told it
    /// @param time        unix seconds of that slot, where the chain's node knows it
    record At<E>(Signature transaction, long slot, OptionalLong time, E event) {
    }

    /// The events of every transaction that names an address, oldest first; empty when the node knows no such transaction.
    ///
    /// @throws IllegalStateException when the node does not give a transaction that it lists
    List<At<E>> of(PublicKey address) {
        var events = new ArrayList<At<E>>();
        for (SignatureInfo info : signatures(address).reversed()) {
            if (info.error().isEmpty()) {
                events.addAll(of(info.signature()).orElseThrow(() -> new IllegalStateException("the node lists transaction " + info.signature() + " of " + address
                    + " and does not have it")));
            }
        }
        return List.copyOf(events);
    }

    /// The events of one transaction; empty when the node does not know it.
    Optional<List<At<E>>> of(Signature signature) {
        return rpc.transaction(signature, Commitment.CONFIRMED).filter(transaction -> transaction.error().isEmpty()).map(transaction -> events(signature, transaction));
    }

    private List<At<E>> events(Signature signature, ConfirmedTransaction transaction) {
        return transaction.inner().stream().flatMap(List::stream).filter(call -> call.program().equals(program)).map(call -> read(call.data()))
            .flatMap(Optional::stream).map(event -> new At<>(signature, transaction.slot(), transaction.blockTime(), event)).toList();
    }

    private Optional<E> read(byte[] data) {
        try {
            return decode.apply(data);
        } catch (BorshException e) {
            // An event of a newer version of the program; what is asked for here is known to this one.
            return Optional.empty();
        }
    }

    private List<SignatureInfo> signatures(PublicKey address) {
        var all = new ArrayList<SignatureInfo>();
        Optional<Signature> before = Optional.empty();
        while (true) {
            List<SignatureInfo> page = rpc.signaturesFor(address, before, Optional.empty(), PAGE, Commitment.CONFIRMED);
            all.addAll(page);
            if (page.size() < PAGE) {
                return all;
            }
            before = Optional.of(page.getLast().signature());
        }
    }
}
