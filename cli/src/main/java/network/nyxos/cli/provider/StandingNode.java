package network.nyxos.cli.provider;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.check.BatchFiles;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.standing.BatchWork;
import network.nyxos.escrow.standing.Enrolment;
import network.nyxos.escrow.standing.SampleRule;
import network.nyxos.escrow.standing.Standing;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchState;
import network.nyxos.relayer.batch.PostedBatch;
import network.nyxos.relayer.chain.MarketFacts;
import network.nyxos.relayer.chain.MarketTerms;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.sava.core.accounts.PublicKey;

/** Counts a node's standing from the chain. */
@Command(name = "standing", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Counts what a node has earned by verified work, mint by mint, and how often its jobs are replayed for it: from the registry, the batches on chain, and their documents,",
        "which the relayer brings and the roots on chain prove. With --indexer: counts as of the indexer's slot, and says whether it came to the same; exit code 1 where it did not."})
final class StandingNode implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Attachment attachment;

    @ArgGroup(multiplicity = "1")
    private WhichNode which;

    @Option(names = "--mint", paramLabel = "MINT", description = "usdc, nyxos or an address; may be repeated (default: usdc and nyxos).")
    private List<String> mints = List.of("usdc", "nyxos");

    @ArgGroup
    private AsOf asOf = new AsOf();

    /** Up to which slot is counted; the chain's, where nothing is said. */
    static final class AsOf {

        @Option(names = "--indexer", paramLabel = "URL", description = "An indexer whose numbers are compared, as of its slot.")
        private Optional<URI> indexer = Optional.empty();

        @Option(names = "--slot", paramLabel = "SLOT", description = "An earlier slot, for example the recordedSlot of a draw in a batch's document.")
        private Optional<Long> slot = Optional.empty();
    }

    /**
     * What was counted in one pool.
     *
     * @param unknown batches that are not on chain any more, whose jobs nobody can prove by it alone
     */
    private record Counted(Standing standing, long unknown) {
    }

    @Override
    public Integer call() {
        PublicKey key = which.key();
        PrintWriter out = spec.commandLine().getOut();
        try (ChainSession chain = attachment.chain()) {
            List<Mint> paid = mints.stream().map(name -> chain.mint(attachment.mint(name))).toList();
            var facts = new MarketFacts(chain.rpc(), MarketTerms.read(chain.rpc(), chain.programs(), chain.address(), paid.stream().map(Mint::address).toList()));
            Optional<JsonNode> said = asOf.indexer.map(url -> said(url, key));
            // An indexer follows what is final, and may be behind: what both can know is compared.
            long slot = said.map(answer -> Long.parseLong(answer.path("asOfSlot").asText())).orElseGet(() -> slot(chain.slot()));
            Node node = chain.node(key);
            BondState state = BondState.of(node.state());
            var enrolment = new Enrolment(node.registeredSlot(), state == BondState.ACTIVE, node.openDisputes() > 0);
            out.println("node         " + key + ", as of slot " + slot);
            out.println("registered   in slot " + node.registeredSlot() + ", " + state + (node.slashedTotal() == 0 ? "" : ", slashed"));
            out.println("accused      " + (enrolment.accused() ? "yes: all its jobs are replayed" : "no, as of now"));
            boolean same = true;
            for (Mint mint : paid) {
                Counted counted = count(facts, enrolment, key, mint, slot);
                out.println(line(mint, counted));
                same &= said.isEmpty() || compare(out, said.get(), mint, counted);
            }
            out.flush();
            return same ? 0 : 1;
        }
    }

    private long slot(long now) {
        long wanted = asOf.slot.orElse(now);
        if (wanted < 0 || wanted > now) {
            throw new StackException("slot_range", "--slot takes a slot that has been: 0 to " + now + ", not " + wanted);
        }
        return wanted;
    }

    private static JsonNode said(URI url, PublicKey key) {
        try (Service service = new Service("indexer", url)) {
            return service.json("/v1/nodes/" + key + "/standing").orElseThrow(() -> new StackException("node_unknown", "the indexer at " + url + " knows no node " + key));
        }
    }

    /** From the newest batch down to the last one that can count. */
    private Counted count(MarketFacts facts, Enrolment enrolment, PublicKey key, Mint mint, long slot) {
        var work = new ArrayList<BatchWork>();
        long unknown = 0;
        for (long seq = facts.pool(mint.address()).nextSeq() - 1; seq > 0; seq--) {
            Optional<PostedBatch> posted = facts.batch(mint.address(), seq);
            if (posted.isEmpty()) {
                unknown++;
            } else if (posted.get().postedSlot() <= enrolment.registeredSlot() || Standing.weight(Math.max(0, slot - posted.get().finalSlot())) == 0) {
                break;
            } else if (posted.get().state() != BatchState.VOID && posted.get().finalSlot() <= slot) {
                work.add(new BatchWork(posted.get().postedSlot(), posted.get().finalSlot(), document(mint, posted.get()).verifiedBy().getOrDefault(key, 0L)));
            }
        }
        return new Counted(Standing.of(enrolment, work, slot), unknown);
    }

    private BatchDocument document(Mint mint, PostedBatch posted) {
        long seq = posted.header().seq();
        BatchDocument document = BatchFiles.of(Optional.empty(), attachment, mint.address(), seq);
        if (!document.header().receiptsRoot().equals(posted.header().receiptsRoot())) {
            throw BatchFiles.other(Optional.empty(), seq, mint, "root of the receipts");
        }
        return document;
    }

    private static String line(Mint mint, Counted counted) {
        SampleRule rule = SampleRule.DEFAULT;
        Standing standing = counted.standing();
        return "%-12s %d verified jobs since then, which count for %s now; %s %% of its verified jobs are replayed (floor %s %%, ramp %d)%s".formatted(mint.symbol(), standing.jobs(),
                BigDecimal.valueOf(standing.microJobs(), 6).stripTrailingZeros().toPlainString(), percent(rule.rate(standing)), percent(rule.floorPpm()), rule.ramp(),
                counted.unknown() == 0 ? "" : "; " + counted.unknown() + " batches are closed and prove nothing any more");
    }

    private static String percent(int ppm) {
        return BigDecimal.valueOf(ppm, 4).stripTrailingZeros().toPlainString();
    }

    private static boolean compare(PrintWriter out, JsonNode said, Mint mint, Counted counted) {
        for (JsonNode pool : said.path("pools")) {
            if (pool.path("mint").asText().equals(mint.address().toBase58())) {
                boolean whole = pool.path("unknownBatches").asLong() == 0 && counted.unknown() == 0;
                boolean same = pool.path("microJobs").asText().equals(Long.toString(counted.standing().microJobs()));
                out.println("indexer      " + (same ? "the same in " + mint.symbol() : (whole ? "DIFFERS in " : "does not know all batches, or this count does not, in ") + mint.symbol() + ": it says "
                        + BigDecimal.valueOf(pool.path("microJobs").asLong(), 6).stripTrailingZeros().toPlainString()));
                return same;
            }
        }
        out.println("indexer      says nothing of " + mint.symbol());
        return false;
    }
}
