package network.nyxos.indexer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.BatchFault;
import network.nyxos.escrow.program.DirectSettlement;
import network.nyxos.escrow.program.DisputeCalls;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.PosterCalls;
import network.nyxos.escrow.program.PrepaidCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.Quorum;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.program.Slash;
import network.nyxos.escrow.program.Settlement;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.tree.MerkleTree;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.ExecutedTransaction;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// A local chain with the built programs, a registry, a market and a pool, and people who use them: what indexer tests mirror.
public final class World implements AutoCloseable {
    public static final Programs PROGRAMS = Programs.LOCAL;
    public static final long BOND = 1_000_000;
    public static final long POSTER_BOND = 900;
    public static final long WINDOW = 10;
    public static final long EXIT = 150;
    public static final long UNBONDING = 200;
    /// Slots for each move of a dispute.
    public static final long ANSWER = 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    public final LocalChain chain;
    public final LocalRpcServer server;
    public final Keypair admin = Keypair.generate();
    private final Keypair publisher;
    public final Keypair operator = Keypair.generate();
    public final Keypair gateway = Keypair.generate();
    public final PublicKey treasury = Keypair.generate().publicKey();
    public final PublicKey mint = Keypair.generate().publicKey();
    public final RegistryCalls registry;
    public final MarketCalls market;
    public final PosterCalls posters;
    public final PoolCalls pool;
    private final List<Keypair> verifiers = List.of(Keypair.generate(), Keypair.generate(), Keypair.generate());
    private int jobs;

    /// A provider's node.
    public record Provider(Keypair operator, Keypair node, Keypair receiptKey, PublicKey payout) {
    }

    /// A payer's escrow with its session key.
    public record Session(Keypair payer, Keypair key, PublicKey escrow) {
        public Settlement settle(long cumulative) {
            var voucher = new Voucher(escrow, cumulative, 0);
            return new Settlement(key.publicKey(), voucher, voucher.sign(key), cumulative);
        }
    }

    public World() {
        this(0);
    }

    public World(int finalitySlots) {
        chain = LocalChain.start(ChainOptions.defaults().withManualSlots().withFinalitySlots(finalitySlots));
        server = LocalRpcServer.start(chain, 0);
        chain.deploy(PROGRAMS.registry(), artifact("registry"));
        chain.deploy(PROGRAMS.escrow(), artifact("escrow"));
        chain.airdrop(admin.publicKey(), 1_000 * LocalChain.LAMPORTS_PER_SOL);
        chain.airdrop(operator.publicKey(), 1_000 * LocalChain.LAMPORTS_PER_SOL);
        chain.createMint(mint, LocalChain.TOKEN_PROGRAM, admin.publicKey(), 6);
        List<PublicKey> keys = verifiers.stream().map(Keypair::publicKey).toList();
        PublicKey config = PROGRAMS.config(admin.publicKey(), 1);
        registry = new RegistryCalls(PROGRAMS, config, mint, LocalChain.TOKEN_PROGRAM);
        send(List.of(registry.initialize(admin.publicKey(), admin.publicKey(), new RegistryCalls.Terms(1, admin.publicKey(), BOND, BOND, UNBONDING, 2, keys, ANSWER))), admin);
        Hash cluster = Hash.fromBase58(ChainOptions.DEVNET_GENESIS_HASH);
        market = new MarketCalls(PROGRAMS, PROGRAMS.market(cluster, admin.publicKey(), 1), config);
        posters = market.posters(mint, LocalChain.TOKEN_PROGRAM);
        send(List.of(market.initialize(admin.publicKey(), admin.publicKey(), posters, new MarketCalls.Terms(1, cluster, admin.publicKey(), operator.publicKey(), treasury,
            200, WINDOW, EXIT, 1_000, POSTER_BOND, 2, keys, List.of(gateway.publicKey())))), admin);
        chain.mintTo(mint, operator.publicKey(), 10 * POSTER_BOND);
        send(List.of(posters.bond(operator.publicKey(), operator.publicKey(), POSTER_BOND)), operator);
        pool = market.pool(mint, LocalChain.TOKEN_PROGRAM);
        send(pool.initialize(admin.publicKey(), admin.publicKey()), admin);
        publisher = wallet(0);
    }

    private static byte[] artifact(String name) {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("onchain"))) {
            root = root.getParent();
        }
        try {
            return Files.readAllBytes(root.resolve("onchain/artifacts/" + name + ".so"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Keypair wallet(long amount) {
        Keypair wallet = Keypair.generate();
        chain.airdrop(wallet.publicKey(), 10 * LocalChain.LAMPORTS_PER_SOL);
        chain.mintTo(mint, wallet.publicKey(), amount);
        return wallet;
    }

    public ExecutedTransaction attempt(List<Instruction> instructions, Keypair... signers) {
        chain.advanceSlots(1);
        return chain.send(TransactionBuilder.legacy(signers[0].publicKey()).addAll(instructions).compile(Hash.fromBase58(chain.latestBlockhash())).sign(signers)
            .bytes());
    }

    public ExecutedTransaction send(List<Instruction> instructions, Keypair... signers) {
        ExecutedTransaction sent = attempt(instructions, signers);
        if (!sent.execution().succeeded()) {
            throw new IllegalStateException(sent.execution().failure() + "\n" + String.join("\n", sent.execution().logs()));
        }
        return sent;
    }

    private Quorum quorum(Hash digest) {
        Map<PublicKey, Signature> signatures = new LinkedHashMap<>();
        verifiers.subList(0, 2).forEach(verifier -> signatures.put(verifier.publicKey(), verifier.sign(digest)));
        return new Quorum(digest, signatures);
    }

    public Provider provider(Tier tier) {
        Keypair provider = wallet(3 * BOND);
        Keypair node = Keypair.generate();
        Keypair receiptKey = Keypair.generate();
        PublicKey payout = Keypair.generate().publicKey();
        PublicKey sealing = tier == Tier.CONFIDENTIAL ? Keypair.generate().publicKey() : PublicKey.NONE;
        send(List.of(registry.register(provider.publicKey(), provider.publicKey(), node.publicKey(), Set.of(tier), receiptKey.publicKey(), sealing, payout, BOND)),
            provider, node);
        if (tier == Tier.CONFIDENTIAL) {
            attest(node.publicKey(), receiptKey.publicKey(), sealing);
        }
        return new Provider(provider, node, receiptKey, payout);
    }

    private void attest(PublicKey node, PublicKey receiptKey, PublicKey sealing) {
        attest(node, receiptKey, sealing, 1);
    }

    /// The quorum's record; each later one expires later.
    private void attest(PublicKey node, PublicKey receiptKey, PublicKey sealing, int nth) {
        byte[] measurement = new byte[48];
        measurement[0] = 7;
        Hash quote = Hash.sha256(node.toByteArray());
        long expiry = chain.slot() + 100_000L * nth;
        Hash digest = Digests.attestation(PROGRAMS.registry(), registry.node(node), 1, measurement, quote, receiptKey, sealing, expiry);
        send(registry.recordAttestation(node, 1, measurement, quote, receiptKey, sealing, expiry, quorum(digest)), admin);
    }

    /// Changes a node's receipt key, which ends its attestation.
    public void changeKey(Provider provider, Keypair receiptKey) {
        send(List.of(registry.update(provider.operator().publicKey(), provider.node().publicKey(), Set.of(Tier.OPEN), receiptKey.publicKey(), PublicKey.NONE,
            provider.payout())), provider.operator());
    }

    public void addBond(Provider provider, long amount) {
        send(List.of(registry.addBond(provider.operator().publicKey(), provider.node().publicKey(), amount)), provider.operator());
    }

    public void leave(Provider provider) {
        send(List.of(registry.requestUnbond(provider.operator().publicKey(), provider.node().publicKey())), provider.operator());
        chain.advanceSlots(UNBONDING);
        send(List.of(registry.withdrawBond(provider.operator().publicKey(), provider.node().publicKey())), provider.operator());
    }

    /// Closes a node that has left and registers its key again, with a new bond.
    private Provider comeBack(Provider provider) {
        PublicKey operator = provider.operator().publicKey();
        send(List.of(registry.closeNode(operator, provider.node().publicKey(), operator), registry.register(operator, operator, provider.node().publicKey(),
            Set.of(Tier.VERIFIED), provider.receiptKey().publicKey(), PublicKey.NONE, provider.payout(), BOND)), provider.operator(), provider.node());
        return provider;
    }

    private void revoke(Provider provider) {
        Hash quote = Hash.sha256(provider.node().publicKey().toByteArray());
        Hash digest = Digests.revocation(PROGRAMS.registry(), registry.node(provider.node().publicKey()), quote);
        send(registry.revokeAttestation(provider.node().publicKey(), quote, quorum(digest)), admin);
    }

    /// One model that is retired, and one whose royalty goes up.
    private void models() {
        PublicKey key = publisher.publicKey();
        var measurement = new Measurement(new byte[48]);
        for (int model = 1; model <= 2; model++) {
            Hash id = Hash.sha256(new byte[] {(byte) model});
            send(List.of(registry.registerModel(key, key, admin.publicKey(), id, 500, key, List.of(measurement)),
                registry.updateModel(key, id, 800, treasury, List.of())), publisher, admin);
        }
        send(List.of(registry.retireModel(key, Hash.sha256(new byte[] {1}))), publisher);
    }

    /// The second model's publisher asks for more.
    public void raiseRoyalty(int royaltyBps) {
        send(List.of(registry.updateModel(publisher.publicKey(), Hash.sha256(new byte[] {2}), royaltyBps, treasury, List.of())), publisher);
    }

    /// Three validators: one that works, one that is slashed, one that has left and is closed.
    private void validators() {
        Keypair operator = wallet(4 * BOND);
        PublicKey key = operator.publicKey();
        List<Keypair> all = List.of(Keypair.generate(), Keypair.generate(), Keypair.generate());
        all.forEach(one -> send(List.of(registry.registerValidator(key, key, one.publicKey(), key, BOND)), operator, one));
        send(List.of(registry.addValidatorBond(key, all.getFirst().publicKey(), 5), registry.updateValidator(key, all.getFirst().publicKey(), treasury)), operator);
        Slash slash = Slash.burning(BOND / 2, Hash.ZERO);
        PublicKey lying = all.get(1).publicKey();
        send(registry.slashValidator(lying, slash, quorum(Digests.slashValidator(PROGRAMS.registry(), registry.validator(lying), slash))), operator);
        PublicKey leaving = all.getLast().publicKey();
        send(List.of(registry.requestValidatorUnbond(key, leaving)), operator);
        chain.advanceSlots(UNBONDING);
        send(List.of(registry.withdrawValidatorBond(key, leaving), registry.closeValidator(key, leaving, key)), operator);
    }

    /// Slashes a node and takes what is left of its bond out.
    public void slash(Provider provider, long amount) {
        Keypair hunter = wallet(0);
        PublicKey reward = Tokens.associated(hunter.publicKey(), mint, LocalChain.TOKEN_PROGRAM);
        Hash evidence = Hash.sha256(new byte[] {9});
        Slash slash = Slash.burning(amount, evidence).rewarding(reward, 10).refunding(Tokens.associated(wallet(0).publicKey(), mint, LocalChain.TOKEN_PROGRAM), 7);
        Hash digest = Digests.slashNode(PROGRAMS.registry(), registry.node(provider.node().publicKey()), slash);
        send(registry.slashNode(provider.node().publicKey(), slash, quorum(digest)), hunter);
        chain.advanceSlots(UNBONDING);
        send(List.of(registry.withdrawBond(provider.operator().publicKey(), provider.node().publicKey())), provider.operator());
    }

    public Session open(long deposit) {
        Keypair payer = wallet(deposit * 2);
        Keypair key = Keypair.generate();
        long slot = chain.slot();
        send(List.of(pool.open(operator.publicKey(), payer.publicKey(), slot, key.publicKey(), 0, 0, deposit)), operator, payer);
        return new Session(payer, key, pool.escrow(payer.publicKey(), slot));
    }

    public void deposit(Session session, long amount) {
        send(List.of(pool.deposit(session.payer().publicKey(), session.escrow(), amount)), session.payer());
    }

    public void settle(Settlement... settlements) {
        send(pool.settle(operator.publicKey(), List.of(settlements)), operator);
    }

    public void collect(Session... sessions) {
        send(List.of(pool.collect(Stream.of(sessions).map(Session::escrow).toList())), admin);
    }

    public void exit(Session session) {
        send(List.of(market.requestExit(session.payer().publicKey(), session.escrow())), session.payer());
        chain.advanceSlots(EXIT);
        send(List.of(pool.exit(session.escrow(), session.payer().publicKey(), operator.publicKey())), admin);
    }

    /// A payment straight into the vault, as x402's `exact` makes it.
    public void payExact(long amount) {
        chain.mintTo(mint, pool.pool(), amount);
    }

    public SignedReceipt receipt(Provider provider, Tier tier, long charge) {
        Hash id = Hash.sha256(("job " + ++jobs).getBytes(StandardCharsets.UTF_8));
        return new Receipt(id, provider.node().publicKey(), Hash.sha256(new byte[] {1}), "nyx-int8-v1", tier, 7, Sampler.GREEDY, Hash.sha256(new byte[] {2}),
            Hash.sha256(new byte[] {3}), 20 + jobs, 40 + jobs, mint, charge, Finish.STOP, Hash.ZERO, Hash.ZERO, Hash.sha256(new byte[] {4}),
            1_780_000_000_000L + jobs * 1_000L, 1_780_000_000_900L + jobs * 1_000L).sign(provider.receiptKey());
    }

    /// A batch with the document that a relayer would serve for it.
    public record Posted(long seq, List<SignedReceipt> receipts, CreditTree credits, ObjectNode document) {
    }

    public Posted post(long seq, List<SignedReceipt> receipts, List<Credit> credits) {
        List<SignedReceipt> ordered = receipts.stream().sorted(Comparator.comparing(signed -> signed.receipt().jobId())).toList();
        var tree = CreditTree.of(pool.pool(), credits.stream().sorted(Credit.ORDER).toList());
        Hash root = MerkleTree.of(ordered.stream().map(signed -> signed.receipt().hash()).toList()).root();
        Hash digest = pool.batchDigest(seq, root, ordered.size(), tree.root(), tree.size());
        send(pool.post(operator.publicKey(), operator.publicKey(), seq, root, ordered.size(), tree.root(), tree.size(), quorum(digest)), operator);
        ObjectNode document = JSON.createObjectNode().put("pool", pool.pool().toBase58()).put("mint", mint.toBase58()).put("seq", Long.toString(seq));
        ArrayNode list = document.putArray("receipts");
        for (SignedReceipt signed : ordered) {
            list.addObject().put("receipt", Base64.getEncoder().encodeToString(signed.receipt().encode())).put("signature", signed.signature().base64())
                .putObject("payment").put("kind", "exact").put("transaction", "5".repeat(87)).put("payer", admin.publicKey().toBase58()).put("amount", "900");
        }
        ArrayNode leaves = document.putArray("credits");
        tree.credits().forEach(credit -> leaves.addObject().put("payee", credit.payee().toBase58()).put("kind", credit.kind().wireName())
            .put("cumulative", Long.toString(credit.cumulative())));
        document.put("receiptsRoot", root.hex()).put("creditRoot", tree.root().hash().hex()).put("creditSum", Long.toString(tree.root().sum()));
        return new Posted(seq, ordered, tree, document);
    }

    public void finish(long seq) {
        chain.advanceSlots(WINDOW);
        send(List.of(pool.finalizeBatch(seq)), admin);
    }

    public void voidBatch(Posted batch, int reason) {
        Hash digest = Digests.voidBatch(PROGRAMS.escrow(), pool.batch(batch.seq()), batch.credits().root().hash(), reason);
        send(pool.voidBatch(batch.seq(), reason, quorum(digest)), admin);
    }

    public void claim(Posted batch, Credit credit, PublicKey wallet) {
        int leaf = batch.credits().indexOf(credit.payee(), credit.kind()).orElseThrow();
        send(List.of(Tokens.createAssociated(admin.publicKey(), wallet, mint, LocalChain.TOKEN_PROGRAM),
            pool.claim(admin.publicKey(), wallet, batch.seq(), batch.credits().credits().get(leaf), leaf, batch.credits().proof(leaf))), admin);
    }

    /// Everything that can happen, once: every event of both programs and some transactions that fail.
    ///
    /// @return the posted batches, in order
    public List<Posted> wholeStory() {
        payments();
        prepaid();
        govern();
        models();
        validators();
        Provider open = provider(Tier.OPEN);
        Provider sealed = provider(Tier.CONFIDENTIAL);
        Provider leaving = provider(Tier.VERIFIED);
        Provider cheating = provider(Tier.VERIFIED);
        addBond(open, 5);
        Session first = open(1_000);
        Session second = open(500);
        deposit(first, 300);
        settle(first.settle(600), second.settle(100));
        // One entry is more than was deposited: skipped, named, and the others go on.
        settle(first.settle(700), second.settle(5_000));
        collect(first);
        attempt(List.of(market.requestExit(second.payer().publicKey(), first.escrow())), second.payer());
        payExact(200);
        send(List.of(pool.syncInflow()), admin);
        payExact(50);
        var batches = new ArrayList<Posted>();
        PublicKey refunded = Keypair.generate().publicKey();
        Posted bad = post(1, List.of(receipt(cheating, Tier.VERIFIED, 10)), List.of(credit(cheating, 10)));
        batches.add(bad);
        voidBatch(bad, 3);
        Posted good = post(2, List.of(receipt(open, Tier.OPEN, 600), receipt(sealed, Tier.CONFIDENTIAL, 90), receipt(sealed, Tier.VERIFIED, 110)),
            List.of(credit(open, 588), credit(sealed, 196), new Credit(treasury, CreditKind.TREASURY, 16),
                new Credit(refunded, CreditKind.REFUND, 50)));
        batches.add(good);
        attempt(List.of(pool.finalizeBatch(2)), admin);
        finish(2);
        claim(good, credit(open, 588), open.payout());
        claim(good, new Credit(refunded, CreditKind.REFUND, 50), refunded);
        batches.add(challenged(good, cheating));
        exit(second);
        // What the second had settled and nobody had collected.
        collect();
        Keypair rotated = Keypair.generate();
        changeKey(sealed, rotated);
        leave(leaving);
        Provider again = comeBack(leaving);
        attest(again.node().publicKey(), again.receiptKey().publicKey(), PublicKey.NONE);
        revoke(again);
        attest(sealed.node().publicKey(), rotated.publicKey(), PublicKey.NONE, 2);
        send(List.of(registry.withdrawAttestation(sealed.operator().publicKey(), sealed.node().publicKey())), sealed.operator());
        disputes(again);
        slash(cheating, BOND - 10);
        payExact(40);
        batches.add(post(4, List.of(receipt(open, Tier.OPEN, 40)), List.of(credit(open, 627), credit(sealed, 196),
            new Credit(treasury, CreditKind.TREASURY, 17), new Credit(refunded, CreditKind.REFUND, 50))));
        settle(first.settle(750));
        jobs(open);
        send(List.of(pool.closeBatch(operator.publicKey(), 1)), operator);
        governMarket(first);
        directs(open);
        return batches;
    }

    /// Two receipts are doubted: one accuser gives up, the other shows the model and waits for the trace.
    private void disputes(Provider provider) {
        Keypair accuser = wallet(2 * BOND);
        PublicKey self = accuser.publicKey();
        byte[] header = header();
        var path = new byte[9][32];
        Hash root = Hash.sha256(new byte[1], Hash.sha256(header).bytes());
        for (byte[] sibling : path) {
            root = Hash.sha256(new byte[] {1}, root.bytes(), sibling);
        }
        Hash model = Hash.sha256("nyxos:model:v1".getBytes(StandardCharsets.UTF_8), root.bytes(), Hash.ZERO.bytes(), "nyx-int8-v1".getBytes(StandardCharsets.UTF_8));
        var calls = new ArrayList<DisputeCalls>();
        for (int i = 0; i < 2; i++) {
            SignedReceipt receipt = traced(receipt(provider, Tier.VERIFIED, 10).receipt(), model).sign(provider.receiptKey());
            DisputeCalls dispute = registry.dispute(provider.node().publicKey(), receipt.receipt().hash(), self);
            send(dispute.open(operator.publicKey(), receipt, provider.receiptKey().publicKey()), operator, accuser);
            calls.add(dispute);
        }
        send(List.of(Tokens.createAssociated(self, provider.payout(), mint, LocalChain.TOKEN_PROGRAM), calls.getFirst().end(self, provider.payout(), operator.publicKey())), accuser);
        var evidence = new ByteArrayOutputStream();
        evidence.writeBytes(new byte[] {(byte) header.length, (byte) (header.length >> 8)});
        evidence.writeBytes(header);
        evidence.write(path.length);
        Arrays.stream(path).forEach(evidence::writeBytes);
        // No assignment, no constraints, no reply: no choice is in doubt.
        evidence.writeBytes(new byte[6]);
        send(List.of(calls.getLast().openEvidence()), accuser);
        calls.getLast().write(evidence.toByteArray()).forEach(piece -> send(List.of(piece), accuser));
        send(List.of(calls.getLast().showModel(false, Hash.ZERO)), accuser);
    }

    /// A model's header: two layers, one head of 32 values, a vocabulary of 8. Its tree has 462 leaves, the header nine steps below the root.
    private static byte[] header() {
        var header = ByteBuffer.allocate(61 + 16 * 8).order(ByteOrder.LITTLE_ENDIAN).put("nyxos:weights:v1".getBytes(StandardCharsets.UTF_8));
        IntStream.of(2, 32, 1, 1, 32, 32, 8).forEach(header::putInt);
        header.put((byte) 1).putLong(43_000).putLong(273_841_598);
        return header.array();
    }

    private static Receipt traced(Receipt of, Hash model) {
        return new Receipt(of.jobId(), of.node(), model, of.engine(), of.tier(), of.seed(), of.sampler(), of.promptCommitment(), of.outputHash(), of.tokensIn(), of.tokensOut(),
            of.mint(), of.charge(), of.finish(), Hash.sha256(new byte[] {5}), of.quoteHash(), of.assignmentHash(), of.startMs(), of.endMs());
    }

    /// A batch that credits less than the last final one, which costs the operator its bond; it bonds anew. Another poster comes and goes.
    private Posted challenged(Posted last, Provider favoured) {
        Posted bad = post(3, List.of(receipt(favoured, Tier.VERIFIED, 5)), List.of(credit(favoured, last.credits().root().sum()), new Credit(treasury,
            CreditKind.TREASURY, 1)));
        Keypair hunter = wallet(1);
        PublicKey self = hunter.publicKey();
        for (Posted batch : List.of(last, bad)) {
            int at = batch.credits().indexOf(treasury, CreditKind.TREASURY).orElseThrow();
            send(List.of(posters.proveLeaf(self, pool, batch.seq(), batch.credits().credits().get(at), at, batch.credits().proof(at))), hunter);
        }
        PublicKey floor = PROGRAMS.leaf(pool.batch(last.seq()), self, last.credits().indexOf(treasury, CreditKind.TREASURY).orElseThrow());
        PublicKey leaf = PROGRAMS.leaf(pool.batch(bad.seq()), self, bad.credits().indexOf(treasury, CreditKind.TREASURY).orElseThrow());
        send(List.of(posters.challenge(self, pool, bad.seq(), operator.publicKey(), new PosterCalls.Evidence(BatchFault.LOWERED, Optional.of(floor), leaf,
            Optional.empty()))), hunter);
        send(List.of(posters.closeLeaf(self, leaf)), hunter);
        send(List.of(posters.bond(operator.publicKey(), operator.publicKey(), POSTER_BOND)), operator);
        send(List.of(posters.bond(self, self, POSTER_BOND / 2), posters.requestUnbond(self)), hunter);
        chain.advanceSlots(WINDOW + EXIT);
        send(List.of(posters.withdraw(self, self)), hunter);
        return bad;
    }

    /// The registry is paused and goes on, changes hands and back, and announces verifiers twice: once taken back, once applied.
    private void govern() {
        PublicKey first = admin.publicKey();
        Keypair second = wallet(0);
        send(List.of(registry.setPaused(first, true), registry.setPaused(first, false)), admin);
        send(List.of(registry.proposeAuthority(first, second.publicKey()), registry.acceptAuthority(second.publicKey()),
            registry.proposeAuthority(second.publicKey(), first), registry.acceptAuthority(first)), admin, second);
        List<PublicKey> keys = verifiers.stream().map(Keypair::publicKey).toList();
        send(List.of(registry.proposeVerifiers(first, first, 1, keys.subList(0, 1)), registry.cancelVerifiers(first, first)), admin);
        send(List.of(registry.proposeVerifiers(first, first, 2, keys)), admin);
        chain.advanceSlots(UNBONDING + UNBONDING / 2);
        send(List.of(registry.applyVerifiers(first)), second);
        send(List.of(registry.proposeVerifiers(first, first, 3, keys), registry.proposeAuthority(first, second.publicKey())), admin);
    }

    /// A payment under a reference whose record is closed after a day, and one whose record stands.
    private void payments() {
        Keypair payer = wallet(100);
        Hash first = Hash.sha256(new byte[] {1});
        send(List.of(pool.pay(operator.publicKey(), payer.publicKey(), first, 15)), operator, payer);
        chain.advanceSlots(216_000);
        send(List.of(pool.closePayment(operator.publicKey(), pool.payment(payer.publicKey(), first))), operator);
        send(List.of(pool.pay(operator.publicKey(), payer.publicKey(), Hash.sha256(new byte[] {2}), 10)), operator, payer);
    }

    /// An escrow that its payer has not signed for, filled by a transfer, and left with what came too late.
    private void prepaid() {
        Keypair payer = wallet(500);
        PublicKey owner = payer.publicKey();
        PublicKey key = Keypair.generate().publicKey();
        PrepaidCalls calls = pool.prepaid();
        long slot = chain.slot();
        PublicKey escrow = calls.address(owner, key, slot);
        send(calls.open(operator.publicKey(), owner, key, slot), operator);
        transfer(payer, escrow, 400);
        send(List.of(calls.count(escrow)), admin);
        send(List.of(market.requestExit(owner, escrow)), payer);
        transfer(payer, escrow, 60);
        chain.advanceSlots(EXIT);
        send(calls.exit(admin.publicKey(), Escrow.decode(chain.account(escrow).orElseThrow().data())), admin);
    }

    private void transfer(Keypair from, PublicKey to, long amount) {
        send(List.of(Tokens.transferChecked(Tokens.associated(from.publicKey(), mint, LocalChain.TOKEN_PROGRAM), mint, pool.prepaid().inbox(to), from.publicKey(), amount, 6,
            LocalChain.TOKEN_PROGRAM)), from);
    }

    /// A job released in part by its payer and its verifiers, whose rest goes back, and one that is open.
    private void jobs(Provider provider) {
        Keypair payer = wallet(2_000);
        PublicKey node = provider.node().publicKey();
        send(List.of(Tokens.createAssociated(admin.publicKey(), treasury, mint, LocalChain.TOKEN_PROGRAM)), admin);
        long slot = chain.slot();
        PublicKey job = pool.job(payer.publicKey(), slot);
        send(List.of(pool.openJob(operator.publicKey(), payer.publicKey(), slot, node, 1_000, slot + 200, Hash.ZERO)), operator, payer);
        send(List.of(pool.releaseJob(payer.publicKey(), job, node, provider.payout(), treasury, 300)), payer);
        send(pool.awardJob(job, node, provider.payout(), treasury, 800, quorum(Digests.award(PROGRAMS.escrow(), job, 800))), admin);
        chain.advanceSlots(200);
        send(List.of(pool.refundJob(job, payer.publicKey(), operator.publicKey())), admin);
        send(List.of(pool.openJob(operator.publicKey(), payer.publicKey(), chain.slot(), node, 500, chain.slot() + 1_000, Hash.ZERO)), operator, payer);
    }

    /// Pauses and opens the market, gives it another operator and authority and back, and has terms proposed, taken back, proposed and applied.
    private void governMarket(Session session) {
        PublicKey boss = admin.publicKey();
        Keypair next = wallet(0);
        send(List.of(market.setPaused(boss, true), market.setPaused(boss, false)), admin);
        send(List.of(market.update(boss, next.publicKey(), treasury, next.publicKey()), market.refreshOperator(List.of(session.escrow()))), admin);
        send(List.of(market.acceptAuthority(next.publicKey())), next);
        send(List.of(market.update(next.publicKey(), operator.publicKey(), treasury, boss)), next);
        send(List.of(market.acceptAuthority(boss)), admin);
        List<PublicKey> two = verifiers.subList(0, 2).stream().map(Keypair::publicKey).toList();
        var terms = new MarketCalls.Terms(1, Hash.ZERO, boss, boss, boss, 300, WINDOW, EXIT, 500, POSTER_BOND / 2, 2, two, List.of(gateway.publicKey()));
        send(List.of(market.proposeTerms(boss, boss, terms), market.cancelTerms(boss, boss)), admin);
        send(List.of(market.proposeTerms(boss, boss, terms)), admin);
        chain.advanceSlots(WINDOW + EXIT);
        send(List.of(market.applyTerms(boss)), admin);
    }

    /// What a node settles by itself when nothing is posted: one job is paid and its record closed, one goes back to the escrow, one to the wallet.
    private void directs(Provider provider) {
        Session session = open(900);
        PublicKey payer = session.payer().publicKey();
        PublicKey node = provider.node().publicKey();
        chain.advanceSlots(500);
        List<DirectSettlement> settlements = List.of(direct(session, node, 1, 60), direct(session, node, 2, 70), direct(session, node, 3, 80));
        settlements.forEach(settlement -> send(pool.settleDirect(operator.publicKey(), settlement), operator, provider.node()));
        List<PublicKey> records = settlements.stream().map(settlement -> pool.direct(session.escrow(), settlement.jobId())).toList();
        for (int i = 1; i <= 2; i++) {
            Hash digest = Digests.voidDirect(PROGRAMS.escrow(), records.get(i), settlements.get(i).receiptHash(), settlements.get(i).charge(), 4);
            send(pool.voidDirect(records.get(i), 4, quorum(digest)), admin);
        }
        send(List.of(pool.returnDirect(records.get(1), session.escrow(), node, payer)), admin);
        exit(session);
        send(List.of(pool.finishDirect(records.get(0), node, provider.payout(), treasury)), admin);
        send(List.of(pool.returnDirect(records.get(2), session.escrow(), node, payer)), admin);
        chain.advanceSlots(216_000);
        send(List.of(pool.closeDirect(operator.publicKey(), records.get(0), session.escrow())), operator);
    }

    private DirectSettlement direct(Session session, PublicKey node, int nonce, long charge) {
        Hash once = Hash.sha256(new byte[] {(byte) nonce});
        var voucher = new Voucher(session.escrow(), 500, 0);
        var binding = new RequestBinding(session.escrow(), 500, once, Hash.ZERO);
        var order = new Assignment(JobId.voucher(session.escrow(), once), gateway.publicKey(), node, Hash.ZERO, Tier.OPEN, 1, 64, mint, new Price(10, 20), 100,
            Payment.VOUCHER, Hash.ZERO, 7, Sampler.GREEDY, Hash.ZERO, Hash.ZERO, 1, 2);
        return new DirectSettlement(session.key().publicKey(), voucher, voucher.sign(session.key()), binding, binding.sign(session.key()), order.sign(gateway), charge,
            Hash.sha256(once.bytes()));
    }

    public static Credit credit(Provider provider, long amount) {
        return new Credit(provider.node().publicKey(), CreditKind.NODE, amount);
    }

    @Override
    public void close() {
        server.close();
        chain.close();
    }
}
