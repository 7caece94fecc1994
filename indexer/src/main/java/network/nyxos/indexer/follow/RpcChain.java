package network.nyxos.indexer.follow;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import network.nyxos.chain.Account;
import network.nyxos.chain.ChainInstruction;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.ConfirmedTransaction;
import network.nyxos.chain.ProgramState;
import network.nyxos.chain.RpcException;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.indexer.decode.ProgramCall;
import software.sava.core.accounts.PublicKey;

/// A cluster behind JSON-RPC.
public final class RpcChain implements Chain {
    private final SolanaRpc rpc;
    private final Commitment commitment;

    /// @param rpc the node that is asked
    /// @param commitment how sure it must be; below `FINALIZED` a fork that is dropped leaves rows behind, which the reconciler finds
    public RpcChain(SolanaRpc rpc, Commitment commitment) {
        this.rpc = rpc;
        this.commitment = commitment;
    }

    private static <T> T ask(String what, Supplier<T> question) {
        try {
            return question.get();
        } catch (RpcException e) {
            throw new ChainUnavailableException(what + ": " + e.getMessage(), e);
        }
    }

    @Override
    public String genesisHash() {
        return ask("asking for the genesis hash", () -> rpc.genesisHash().base58());
    }

    @Override
    public long slot() {
        return ask("asking for the slot", () -> rpc.slot(commitment));
    }

    @Override
    public List<Mention> mentions(PublicKey program, Optional<String> before, Optional<String> until, int limit, long slot) {
        return ask("asking for the transactions of " + program, () ->
            rpc.signaturesFor(program, before.map(Signature::fromBase58), until.map(Signature::fromBase58), limit, commitment, slot).stream()
                .map(info -> new Mention(info.signature().base58(), info.slot(), info.error().isPresent())).toList());
    }

    @Override
    public Optional<Fetched> transaction(String signature) {
        return ask("asking for transaction " + signature, () -> rpc.transaction(Signature.fromBase58(signature), commitment).map(RpcChain::fetched));
    }

    private static Fetched fetched(ConfirmedTransaction transaction) {
        var calls = new ArrayList<ProgramCall>();
        for (int outer = 0; outer < transaction.inner().size(); outer++) {
            List<ChainInstruction> inner = transaction.inner().get(outer);
            for (int at = 0; at < inner.size(); at++) {
                calls.add(new ProgramCall(outer, at, inner.get(at).program(), inner.get(at).accounts(), inner.get(at).data()));
            }
        }
        return new Fetched(transaction.slot(), transaction.blockTime().stream().mapToObj(Instant::ofEpochSecond).findFirst(), calls);
    }

    @Override
    public Accounts programAccounts(PublicKey program) {
        return ask("asking for the accounts of " + program, () -> {
            ProgramState state = rpc.programState(program, List.of(), commitment);
            return new Accounts(state.slot(), state.accounts().stream().collect(Collectors.toMap(Account::address, Account::data)));
        });
    }
}
