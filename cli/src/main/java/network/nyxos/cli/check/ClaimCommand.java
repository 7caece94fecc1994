package network.nyxos.cli.check;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import network.nyxos.chain.ClaimTables;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.InputFiles;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.ClaimTransactions;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.escrow.program.escrow.Claim;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditNode;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.wire.ProofDocument;
import network.nyxos.relayer.batch.BatchDocument;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.sava.core.accounts.PublicKey;

/** Pays out what somebody has been credited. Anybody may send it: the money goes where the chain says. */
@Command(name = "claim", mixinStandardHelpOptions = true, sortOptions = false, description = {"Pays out what a node or a wallet has been credited and not been paid yet.",
        "The proof is checked against the batch on chain before anything is sent. Anybody may claim for anybody; --wallet only pays the fee."})
public final class ClaimCommand implements Callable<Integer> {

    private static final int FINAL = 2;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Attachment attachment;

    @Option(names = "--mint", paramLabel = "MINT", defaultValue = "usdc", description = "usdc, nyxos or an address (default: ${DEFAULT-VALUE}).")
    private String mint;

    @Option(names = "--kind", paramLabel = "KIND", description = "node, royalty, validator, treasury or refund (default: node with --keys, else refund).")
    private Optional<String> kind = Optional.empty();

    @Option(names = "--payee", paramLabel = "ADDRESS", description = "The node key, or the wallet that was credited (default: --keys' node, else --wallet).")
    private Optional<String> payee = Optional.empty();

    @Option(names = "--keys", paramLabel = "DIR", description = "A node's keys, as `nyxos node keys` made them.")
    private Optional<Path> keys = Optional.empty();

    @Option(names = "--wallet", paramLabel = "FILE", description = "The wallet that pays the fee (default: the stack's agent).")
    private Optional<Path> wallet = Optional.empty();

    @ArgGroup
    private Source source = new Source();

    /** Where the proof comes from, when not from the relayer. */
    static final class Source {

        @Option(names = "--proof", paramLabel = "FILE", description = "A proof that was kept, as the relayer's GET /v1/proofs gives it.")
        private Optional<Path> proof = Optional.empty();

        @Option(names = "--batch", paramLabel = "FILE", description = "A final batch's document (`nyxos verify --save`): the proof is made from it, no relayer is needed.")
        private Optional<Path> batch = Optional.empty();
    }

    @Override
    public Integer call() {
        CreditKind what = kind();
        Keypair feePayer = attachment.wallet(wallet);
        PublicKey whose = payee(feePayer);
        PrintWriter out = spec.commandLine().getOut();
        try (ChainSession chain = attachment.chain()) {
            Mint paid = chain.mint(attachment.mint(mint));
            PoolCalls pool = chain.pool(paid);
            ProofDocument proof = proof(paid.address(), whose, what);
            Credit credit = new Credit(whose, what, proof.cumulative());
            check(chain, pool, proof, credit);
            PublicKey destination = destination(chain, whose, what);
            long paidBefore = chain.owned(pool.claimAccount(whose, what), chain.programs().escrow()).map(account -> Claim.decode(account.data()).claimed()).orElse(0L);
            if (paidBefore >= proof.cumulative()) {
                out.println("nothing to claim: " + paid.text(paidBefore) + " credited so far, all of it paid");
            } else {
                var tables = new ClaimTables(chain.rpc(), List.of(feePayer.publicKey(), chain.market().operator()));
                List<TransactionBuilder> transactions = transactions(tables.claims(pool), feePayer.publicKey(), destination, proof, credit);
                transactions.subList(0, transactions.size() - 1).forEach(before -> chain.send("token account of " + destination, before, feePayer));
                Signature signature = chain.send("claim of " + whose, transactions.getLast(), feePayer);
                out.println(paid.text(Math.subtractExact(proof.cumulative(), paidBefore)) + " paid to " + destination + ", transaction " + signature);
            }
            out.flush();
            return 0;
        }
    }

    private static List<TransactionBuilder> transactions(ClaimTransactions transactions, PublicKey feePayer, PublicKey destination, ProofDocument proof, Credit credit) {
        try {
            return transactions.of(feePayer, destination, proof.seq(), credit, proof.index(), proof.proof());
        } catch (ProtocolException e) {
            throw new StackException(e.code(), e.getMessage() + ", then claim again; nothing was sent");
        }
    }

    private CreditKind kind() {
        try {
            return kind.map(CreditKind::ofWireName).orElse(keys.isPresent() ? CreditKind.NODE : CreditKind.REFUND);
        } catch (ProtocolException e) {
            throw new StackException(e.code(), e.getMessage());
        }
    }

    private PublicKey payee(Keypair feePayer) {
        return payee.map(text -> Attachment.key("--payee", text))
                .orElseGet(() -> keys.map(folder -> Attachment.nodeKeypair(folder.resolve("node.json")).publicKey()).orElseGet(feePayer::publicKey));
    }

    private ProofDocument proof(PublicKey address, PublicKey whose, CreditKind what) {
        try {
            if (source.batch.isPresent()) {
                return of(BatchFiles.parse(InputFiles.bytes(source.batch.get()), source.batch.get().toString()), address, whose, what);
            }
            return ProofDocument.decode(source.proof.map(InputFiles::bytes).orElseGet(() -> fetch(address, whose, what)));
        } catch (ProtocolException e) {
            throw new StackException(e.code(), "the proof of " + source.proof.map(Path::toString).orElse("the relayer") + " cannot be read: " + e.getMessage());
        }
    }

    private byte[] fetch(PublicKey address, PublicKey whose, CreditKind what) {
        try (Service relayer = new Service("relayer", attachment.relayer())) {
            return relayer.get("/v1/proofs/" + address.toBase58() + "/" + whose.toBase58() + "/" + what.wireName()).orElseThrow(() -> unknown(whose, what));
        }
    }

    private ProofDocument of(BatchDocument batch, PublicKey address, PublicKey whose, CreditKind what) {
        if (!batch.mint().equals(address)) {
            throw new StackException("batch_mint", "the batch is of mint " + batch.mint() + ", claimed is mint " + address);
        }
        CreditTree tree = batch.creditTree();
        OptionalInt index = tree.indexOf(whose, what);
        if (index.isEmpty()) {
            throw unknown(whose, what);
        }
        try (ChainSession chain = attachment.chain()) {
            return new ProofDocument(batch.seq(), chain.programs().batch(batch.pool(), batch.seq()), index.getAsInt(), tree.size(),
                    tree.credits().get(index.getAsInt()).cumulative(), tree.proof(index.getAsInt()));
        }
    }

    private static StackException unknown(PublicKey whose, CreditKind what) {
        return new StackException("credit_unknown", whose + " has no credits of kind " + what.wireName() + " in the latest final batch of this mint");
    }

    private static void check(ChainSession chain, PoolCalls pool, ProofDocument proof, Credit credit) {
        PublicKey address = pool.batch(proof.seq());
        Batch batch = chain.owned(address, chain.programs().escrow()).map(account -> Batch.decode(account.data()))
                .orElseThrow(() -> new StackException("proof_invalid", "there is no batch " + proof.seq() + " on chain"));
        if (batch.state() != FINAL) {
            throw new StackException("batch_not_final", "batch " + proof.seq() + " is not final");
        }
        if (!proof.batch().equals(address) || batch.payeeCount() != proof.payeeCount()
                || !CreditTree.verify(pool.pool(), new CreditNode(batch.creditRoot(), batch.creditSum()), credit, proof.index(), proof.payeeCount(), proof.proof())) {
            throw new StackException("proof_invalid", "the proof of " + proof.cumulative() + " base units does not lead to the credit root of batch " + proof.seq()
                    + " on chain; nothing was sent");
        }
    }

    /** The wallet that is paid: a node's payout as the registry has it, else the payee. */
    private static PublicKey destination(ChainSession chain, PublicKey whose, CreditKind what) {
        if (what != CreditKind.NODE) {
            return whose;
        }
        PublicKey account = chain.programs().node(chain.market().registryConfig(), whose);
        return chain.owned(account, chain.programs().registry()).map(found -> Node.decode(found.data()).payout())
                .orElseThrow(() -> new StackException("node_missing", "node " + whose + " is not registered with this market's registry"));
    }
}
