package network.nyxos.cli.deploy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.LatestBlockhash;
import network.nyxos.chain.RpcException;
import network.nyxos.chain.SignatureStatus;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.program.Loader;
import network.nyxos.chain.program.ProgramBuffer;
import network.nyxos.chain.program.ProgramCode;
import network.nyxos.cli.attach.Submission;
import network.nyxos.cli.up.StackException;
import network.nyxos.cli.up.Waits;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.transaction.SignedTransaction;
import network.nyxos.escrow.transaction.WireTransaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/**
 * Writes a program's code into a buffer.
 *
 * <p>What is missing is read from the chain, never from a file of ours: whoever runs it again after an interruption goes on with the chunks that are not there yet.
 * A chunk says where it belongs, so writing it twice writes it once. The buffer's key follows from the payer's key, the program and the code, so it needs no
 * keeping either.
 */
final class CodeUpload {

    private static final Logger LOG = LoggerFactory.getLogger(CodeUpload.class);
    private static final Duration POLL = Duration.ofMillis(400);
    private static final Duration REBROADCAST = Duration.ofSeconds(3);
    private static final Duration SHOWN = Duration.ofSeconds(30);
    private static final int STATUSES_A_QUESTION = 256;
    private static final int AT_ONCE = 16;
    /** Rounds, of a blockhash each, that may pass without a single chunk written. */
    private static final int PATIENCE = 3;
    /** Buffers that are looked at: an earlier one may lie there unusable, for example because somebody sent lamports to its address. */
    private static final int CANDIDATES = 8;

    private final SolanaRpc rpc;
    private final Submission submission;
    private final PublicKey program;
    private final ProgramCode code;
    private final byte[] elf;
    private final int chunk;
    private final Keypair key;
    private final Optional<ProgramBuffer> found;

    private CodeUpload(Submission submission, PublicKey program, ProgramCode code, Optional<PublicKey> heir) {
        this.rpc = submission.rpc();
        this.submission = submission;
        this.program = program;
        this.code = code;
        this.elf = code.bytes();
        this.chunk = chunkSize();
        for (int candidate = 0; candidate < CANDIDATES; candidate++) {
            Keypair derived = derive(candidate);
            Optional<ProgramBuffer> there = ProgramBuffer.read(rpc, derived.publicKey(), Commitment.CONFIRMED).filter(buffer -> usable(buffer, heir));
            if (there.isPresent() || rpc.account(derived.publicKey(), Commitment.CONFIRMED).isEmpty()) {
                this.key = derived;
                this.found = there;
                return;
            }
        }
        throw new StackException("buffer_taken", "no address is left for the buffer of program " + program + "; use another fee payer");
    }

    /**
     * Looks for what is there already.
     *
     * @param heir whoever may have been given the finished buffer before
     */
    static CodeUpload look(Submission submission, PublicKey program, ProgramCode code, Optional<PublicKey> heir) {
        return new CodeUpload(submission, program, code, heir);
    }

    private boolean usable(ProgramBuffer buffer, Optional<PublicKey> heir) {
        boolean ours = buffer.authority().filter(writer()::equals).isPresent();
        boolean finished = buffer.authority().isPresent() && buffer.authority().equals(heir) && buffer.code().equals(code);
        return buffer.content().length == elf.length && (ours || finished);
    }

    private PublicKey writer() {
        return submission.payer().publicKey();
    }

    private Keypair derive(int candidate) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(submission.payer().seed(), "HmacSHA256"));
            mac.update("nyxos:deploy-buffer:v1".getBytes(StandardCharsets.US_ASCII));
            mac.update(program.toByteArray());
            mac.update(code.hash().bytes());
            mac.update((byte) candidate);
            return Keypair.fromSeed(mac.doFinal());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    // What is left of a transaction that writes nothing. Its length takes two bytes in place of one when there is something.
    private int chunkSize() {
        var empty = submission.sign(List.of(LoaderCalls.write(program, writer(), 0, new byte[0])), Hash.sha256(), new Keypair[0]);
        return WireTransaction.MAX_LENGTH - empty.bytes().length - 1;
    }

    /** The buffer's address. */
    PublicKey buffer() {
        return key.publicKey();
    }

    /** Who holds the buffer, where there is one already. */
    Optional<PublicKey> holder() {
        return found.flatMap(ProgramBuffer::authority);
    }

    /** The buffer's rent, in lamports; 0 where it is paid already. */
    long rent() {
        return found.isPresent() ? 0 : rpc.minimumRent(Loader.BUFFER_HEADER + elf.length);
    }

    /** What the transactions will cost that are still to be sent, in lamports. */
    long fees() {
        long writes = Math.multiplyExact(submission.fee(1), (long) missing(content()).size());
        return found.isPresent() ? writes : Math.addExact(writes, submission.fee(2));
    }

    /** Chunks in all. */
    int chunks() {
        return Math.ceilDiv(elf.length, chunk);
    }

    /** Chunks that are there already. */
    int present() {
        return found.isEmpty() ? 0 : chunks() - missing(content()).size();
    }

    // A new buffer is all zeros: a chunk of nothing else is there before it was written.
    private byte[] content() {
        return found.map(ProgramBuffer::content).orElseGet(() -> new byte[elf.length]);
    }

    private List<Integer> missing(byte[] content) {
        var offsets = new ArrayList<Integer>();
        for (int offset = 0; offset < elf.length; offset += chunk) {
            int end = Math.min(elf.length, offset + chunk);
            if (content.length < end || !Arrays.equals(elf, offset, end, content, offset, end)) {
                offsets.add(offset);
            }
        }
        return offsets;
    }

    /**
     * Writes what is missing and reads all of it back.
     *
     * @param progress is told how many chunks are there
     * @throws StackException {@code upload_stalled}, {@code upload_failed} and those of {@link Submission#send}
     */
    void run(Consumer<Integer> progress) {
        if (found.isEmpty()) {
            submission.send("make the buffer " + buffer(), LoaderCalls.createBuffer(writer(), buffer(), writer(), rent(), elf.length), key);
        }
        int stalled = 0;
        int before = Integer.MAX_VALUE;
        while (true) {
            // An RPC node may be a little behind the one that confirmed the transaction.
            ProgramBuffer buffer = Waits.until("the buffer " + buffer(), SHOWN, () -> ProgramBuffer.read(rpc, buffer(), Commitment.CONFIRMED));
            List<Integer> missing = missing(buffer.content());
            progress.accept(chunks() - missing.size());
            if (missing.isEmpty()) {
                return;
            }
            stalled = missing.size() < before ? 0 : stalled + 1;
            if (stalled == PATIENCE) {
                throw new StackException("upload_stalled", "the cluster takes no chunk any more, " + missing.size() + " of " + chunks()
                        + " are missing; what is written stays: run it again, perhaps with a higher --priority-fee or another RPC node");
            }
            for (int i = 0; i < 4 * stalled; i++) {
                pause();
            }
            before = missing.size();
            round(missing);
        }
    }

    /** Sends chunks on one blockhash until all are confirmed or the blockhash has expired. */
    private void round(List<Integer> offsets) {
        LatestBlockhash latest = rpc.latestBlockhash(Commitment.CONFIRMED);
        Map<Signature, SignedTransaction> open = new LinkedHashMap<>();
        for (int offset : offsets) {
            byte[] bytes = Arrays.copyOfRange(elf, offset, Math.min(elf.length, offset + chunk));
            SignedTransaction transaction = submission.sign(List.of(LoaderCalls.write(buffer(), writer(), offset, bytes)), latest.blockhash());
            open.put(transaction.signature(), transaction);
        }
        long broadcast = 0;
        while (!open.isEmpty()) {
            if (broadcast == 0 || System.nanoTime() - broadcast > REBROADCAST.toNanos()) {
                broadcast(open.values());
                broadcast = System.nanoTime();
            }
            pause();
            forgetConfirmed(open);
            if (rpc.blockHeight(Commitment.CONFIRMED) > latest.lastValidBlockHeight()) {
                LOG.info("the blockhash expired with {} chunks open; what is missing is signed again", open.size());
                return;
            }
        }
    }

    private void broadcast(Collection<SignedTransaction> transactions) {
        var free = new Semaphore(AT_ONCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (SignedTransaction transaction : transactions) {
                threads.execute(() -> {
                    free.acquireUninterruptibly();
                    try {
                        rpc.send(transaction, true);
                    } catch (RpcException e) {
                        // It is sent again, or signed again when its blockhash has expired; whether it was taken is read from the chain.
                        LOG.warn("chunk {} could not be given to the RPC node: {}", transaction.signature(), e.getMessage());
                    } finally {
                        free.release();
                    }
                });
            }
        }
    }

    private void forgetConfirmed(Map<Signature, SignedTransaction> open) {
        List<Signature> all = List.copyOf(open.keySet());
        for (int from = 0; from < all.size(); from += STATUSES_A_QUESTION) {
            List<Signature> some = all.subList(from, Math.min(all.size(), from + STATUSES_A_QUESTION));
            List<Optional<SignatureStatus>> statuses = rpc.signatureStatuses(some, false).statuses();
            for (int i = 0; i < some.size(); i++) {
                Optional<SignatureStatus> status = statuses.get(i).filter(SignatureStatus::isConfirmed);
                status.flatMap(SignatureStatus::error).ifPresent(error -> {
                    throw new StackException("upload_failed", "the loader refused a chunk of the buffer " + buffer() + ": " + error);
                });
                if (status.isPresent()) {
                    open.remove(some.get(i));
                }
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StackException("interrupted", "interrupted; what is written stays: run it again to go on");
        }
    }
}
