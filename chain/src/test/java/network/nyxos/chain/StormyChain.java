package network.nyxos.chain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.transaction.SignedTransaction;
import software.sava.core.accounts.PublicKey;

/// A chain and a node in front of it that do whatever the protocol allows them to, from a seed: lose what is sent before or after taking it, execute it at once,
/// late or never, answer from the past, not answer, and let the process that asks die. Every question lets time pass. Slots and heights are the same here.
final class StormyChain implements SolanaRpc {
    private static final int FINALITY = 32;
    private static final int LIFE = 150;

    private final Random random;
    private final Map<Hash, Long> lastValid = new LinkedHashMap<>();
    private final Map<Signature, Long> pool = new LinkedHashMap<>();
    private final Map<Signature, Long> executed = new LinkedHashMap<>();
    private long height = 1_000;
    private int blockhashes;
    private int untilDeath = Integer.MAX_VALUE;
    private boolean calm;
    private boolean deaf;
    private boolean dead;

    /// The asking process dies here: an error that nothing catches.
    static final class Death extends Error {
        private static final long serialVersionUID = 1L;

        Death() {
            super("killed", null, false, false);
        }
    }

    StormyChain(long seed) {
        this.random = new Random(seed);
    }

    synchronized void dieAfter(int questions) {
        untilDeath = questions;
        dead = false;
    }

    /// From now on everything that is sent is executed and everything that is asked is answered.
    synchronized void calm() {
        calm = true;
        untilDeath = Integer.MAX_VALUE;
        dead = false;
    }

    /// From now on the node takes what is sent and never passes it on.
    synchronized void loseEverything() {
        deaf = true;
    }

    synchronized List<Signature> executed() {
        return List.copyOf(executed.keySet());
    }

    /// Whether a transaction may still be executed, or was.
    synchronized boolean isAlive(SignedTransaction transaction) {
        return executed.containsKey(transaction.signature()) || height <= lastValid.get(transaction.blockhash());
    }

    private boolean chance(int percent) {
        return !calm && random.nextInt(100) < percent;
    }

    private void asked() {
        if (dead || --untilDeath < 0) {
            dead = true;
            throw new Death();
        }
        long steps = calm ? 3 : chance(5) ? 120 : random.nextInt(12);
        for (int i = 0; i < steps; i++) {
            height++;
            var landed = new ArrayList<Signature>();
            pool.forEach((signature, at) -> {
                if (height >= at) {
                    landed.add(signature);
                }
            });
            landed.forEach(signature -> executed.putIfAbsent(signature, pool.remove(signature)));
        }
        if (chance(10)) {
            throw new RpcException.Unreachable("storm", null);
        }
    }

    @Override
    public synchronized LatestBlockhash latestBlockhash(Commitment commitment) {
        asked();
        Hash hash = Hash.sha256(new byte[] {(byte) ++blockhashes, (byte) (blockhashes >> 8)});
        lastValid.put(hash, height + LIFE);
        return new LatestBlockhash(hash, height + LIFE, height);
    }

    @Override
    public synchronized Simulation simulate(byte[] transaction, boolean verifySignatures, Commitment commitment) {
        asked();
        return new Simulation(Optional.empty(), List.of(), OptionalLong.empty(), height);
    }

    @Override
    public synchronized Signature send(SignedTransaction transaction, boolean skipPreflight) {
        asked();
        long last = lastValid.get(transaction.blockhash());
        if (!deaf && !chance(30) && !executed.containsKey(transaction.signature()) && height < last) {
            // At once, at the very last moment, or somewhere between.
            long at = calm ? height + 1 : chance(50) ? last - random.nextInt(3) : height + 1 + random.nextLong(last - height);
            pool.merge(transaction.signature(), Math.max(at, height + 1), Math::min);
        }
        if (chance(20)) {
            throw new RpcException.Unreachable("taken or not, the answer is lost", null);
        }
        return transaction.signature();
    }

    @Override
    public synchronized SignatureStatuses signatureStatuses(List<Signature> signatures, boolean searchHistory) {
        asked();
        // A node that is behind answers as of an older slot and knows nothing younger.
        long slot = height - (chance(50) ? random.nextInt(400) : 0);
        return new SignatureStatuses(slot, signatures.stream().map(signature -> Optional.ofNullable(executed.get(signature)).filter(at -> at <= slot)
            .map(at -> new SignatureStatus(at, slot - at >= FINALITY ? Commitment.FINALIZED : slot - at >= 1 || calm ? Commitment.CONFIRMED : Commitment.PROCESSED,
                Optional.empty()))).toList());
    }

    @Override
    public synchronized long blockHeight(Commitment commitment) {
        asked();
        return commitment == Commitment.FINALIZED ? height - FINALITY : height;
    }

    @Override
    public synchronized long slot(Commitment commitment) {
        asked();
        return commitment == Commitment.FINALIZED ? height - FINALITY : height;
    }

    private static UnsupportedOperationException unasked() {
        return new UnsupportedOperationException("the sender has no reason to ask this");
    }

    @Override
    public Hash genesisHash() {
        throw unasked();
    }

    @Override
    public boolean isBlockhashValid(Hash blockhash, Commitment commitment) {
        throw unasked();
    }

    @Override
    public Optional<Account> account(PublicKey address, Commitment commitment) {
        throw unasked();
    }

    @Override
    public List<Optional<Account>> accounts(List<PublicKey> addresses, Commitment commitment) {
        throw unasked();
    }

    @Override
    public ProgramState programState(PublicKey program, List<AccountFilter> filters, Commitment commitment) {
        throw unasked();
    }

    @Override
    public List<SignatureInfo> signaturesFor(PublicKey address, Optional<Signature> before, Optional<Signature> until, int limit, Commitment commitment,
                                             long leastSlot) {
        throw unasked();
    }

    @Override
    public Optional<ConfirmedTransaction> transaction(Signature signature, Commitment commitment) {
        throw unasked();
    }

    @Override
    public Optional<Block> block(long slot, Commitment commitment) {
        throw unasked();
    }

    @Override
    public List<Long> blocks(long from, long to, Commitment commitment) {
        throw unasked();
    }

    @Override
    public long minimumRent(int bytes) {
        throw unasked();
    }

    @Override
    public long balance(PublicKey address, Commitment commitment) {
        throw unasked();
    }

    @Override
    public Optional<Long> tokenBalance(PublicKey tokenAccount, Commitment commitment) {
        throw unasked();
    }

    @Override
    public Signature airdrop(PublicKey address, long lamports) {
        throw unasked();
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
