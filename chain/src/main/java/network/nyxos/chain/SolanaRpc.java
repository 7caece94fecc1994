package network.nyxos.chain;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.transaction.SignedTransaction;
import software.sava.core.accounts.PublicKey;

/// A Solana node's JSON-RPC, as far as Nyxos needs it. Every method blocks (call it on a virtual thread) and throws {@link RpcException} when there is no usable
/// answer. Thread-safe.
public interface SolanaRpc extends AutoCloseable {
    /// The largest answer that is read, in bytes.
    int MAX_ANSWER = 64 << 20;

    /// Bounds on a connection.
    ///
    /// @param timeout  for one attempt
    /// @param attempts for one question, when the node does not answer or says that it cannot now; 1 or more
    record Options(Duration timeout, int attempts) {
        /// 20 seconds, 4 attempts.
        public static final Options DEFAULT = new Options(Duration.ofSeconds(20), 4);
    }

    /// A client of the node at an http or https URL. Connects when first asked.
    static SolanaRpc connect(URI url) {
        return connect(url, Options.DEFAULT);
    }

    /// A client with bounds of its own.
    static SolanaRpc connect(URI url, Options options) {
        return new HttpSolanaRpc(url, options);
    }

    /// The hash of the chain's first block; names the cluster.
    Hash genesisHash();

    /// A blockhash to build on.
    LatestBlockhash latestBlockhash(Commitment commitment);

    /// Whether a transaction on this blockhash can still be included.
    boolean isBlockhashValid(Hash blockhash, Commitment commitment);

    /// The current slot.
    long slot(Commitment commitment);

    /// The number of blocks before the current one.
    long blockHeight(Commitment commitment);

    /// An account; empty when there is none.
    Optional<Account> account(PublicKey address, Commitment commitment);

    /// Many accounts, in the order of the addresses; empty where there is none. More than 100 are asked for in several questions.
    List<Optional<Account>> accounts(List<PublicKey> addresses, Commitment commitment);

    /// Every account of a program that passes all filters.
    default List<Account> programAccounts(PublicKey program, List<AccountFilter> filters, Commitment commitment) {
        return programState(program, filters, commitment).accounts();
    }

    /// Every account of a program that passes all filters, with the slot as of which they were read.
    ProgramState programState(PublicKey program, List<AccountFilter> filters, Commitment commitment);

    /// What the node knows of transactions.
    ///
    /// @param signatures    at most 256
    /// @param searchHistory whether to look beyond the recent ones
    SignatureStatuses signatureStatuses(List<Signature> signatures, boolean searchHistory);

    /// Transactions that touched an address, newest first.
    ///
    /// @param before start behind this one
    /// @param until  end before this one
    /// @param limit  1 to 1 000
    default List<SignatureInfo> signaturesFor(PublicKey address, Optional<Signature> before, Optional<Signature> until, int limit, Commitment commitment) {
        return signaturesFor(address, before, until, limit, commitment, 0);
    }

    /// As {@link #signaturesFor(PublicKey, Optional, Optional, int, Commitment)}, of a node that is not behind: behind one URL there may be several.
    ///
    /// @param leastSlot the slot that the answering node must have reached at that commitment; one that has not counts as not answering
    List<SignatureInfo> signaturesFor(PublicKey address, Optional<Signature> before, Optional<Signature> until, int limit, Commitment commitment, long leastSlot);

    /// An executed transaction; empty when the node does not know it.
    ///
    /// @param commitment confirmed or finalized
    Optional<ConfirmedTransaction> transaction(Signature signature, Commitment commitment);

    /// A block without its transactions; empty when the slot has none or the node does not know it.
    ///
    /// @param commitment confirmed or finalized
    Optional<Block> block(long slot, Commitment commitment);

    /// The slots that have a block, ascending.
    ///
    /// @param from first slot, included
    /// @param to   last slot, included; at most 500 000 slots
    List<Long> blocks(long from, long to, Commitment commitment);

    /// Tries a transaction out without executing it.
    ///
    /// @param transaction      the bytes, perhaps not signed by everyone
    /// @param verifySignatures whether missing signatures are an error
    Simulation simulate(byte[] transaction, boolean verifySignatures, Commitment commitment);

    /// Gives a transaction to the node. That it took it does not mean that it will be executed. Sending the same one again is harmless.
    ///
    /// @param skipPreflight whether the node takes it without trying it out
    /// @throws RpcException.Refused when the node tried it out and it failed
    Signature send(SignedTransaction transaction, boolean skipPreflight);

    /// What an account of this size must hold, in lamports.
    long minimumRent(int bytes);

    /// An account's lamports; 0 when there is none.
    long balance(PublicKey address, Commitment commitment);

    /// A token account's base units; empty when there is no such token account.
    Optional<Long> tokenBalance(PublicKey tokenAccount, Commitment commitment);

    /// Asks a test cluster for lamports. Not repeated when the node does not answer.
    Signature airdrop(PublicKey address, long lamports);

    /// Closes the connections.
    @Override
    void close();
}
