package network.nyxos.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.InputFiles;
import network.nyxos.cli.attach.KnownRegistry;
import network.nyxos.cli.attach.OutputFiles;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.provider.EngineReplayer;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.wire.JobProof;
import network.nyxos.gateway.client.ProofAudit;
import network.nyxos.node.engine.Engine;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.chain.MarketFacts;
import network.nyxos.relayer.chain.MarketTerms;
import network.nyxos.relayer.gate.Accusation;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import software.sava.core.accounts.PublicKey;

/** Checks a job against the chain. */
@Command(name = "verify", mixinStandardHelpOptions = true, sortOptions = false, description = {"Checks a job against the chain: signatures, payment, charge, roots, credits.",
        "The relayer (or --batch) only brings the papers; it is not believed. Exit code 0 only if every check holds.",
        "With --dispute: runs a disputed job again here and says whether who was slashed for it had lied.",
        "With --proof: follows what a client kept of a sealed job from quote to key to receipt to payment; needs no network."})
public final class VerifyCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Attachment attachment;

    @Option(names = "--batch", paramLabel = "FILE", description = "The batch's document, kept with --save: then no relayer is asked.")
    private Optional<Path> batch = Optional.empty();

    @Option(names = "--base", paramLabel = "FILE", description = "The document of the batch that --batch builds on.")
    private Optional<Path> base = Optional.empty();

    @Option(names = "--save", paramLabel = "DIR", description = "Keep the documents in this folder.")
    private Optional<Path> save = Optional.empty();

    @Option(names = "--receipt", paramLabel = "HASH", description = "The receipt's hash that `nyxos pay` printed; checked, too.")
    private Optional<String> receipt = Optional.empty();

    @Option(names = "--proof", paramLabel = "FILE", description = {"In place of JOB: what `nyxos pay --keep` or @nyxos/sealed kept of a sealed job. Where a market is known",
            "its registry is asked, too; --offline asks nobody."})
    private Optional<Path> proof = Optional.empty();

    @Option(names = "--offline", description = "With --proof: ask no chain.")
    private boolean offline;

    @Option(names = "--dispute", paramLabel = "HASH|FILE", description = {"In place of JOB: whether a node was slashed rightly. The evidence's hash, as the chain names it (the relayer, or with",
            "--papers-from a verifier, brings the papers), or a file with them. Runs the job here and believes nobody."})
    private Optional<String> dispute = Optional.empty();

    @Option(names = "--papers-from", paramLabel = "URL", description = "With --dispute HASH: a verifier to ask for the papers in place of the relayer.")
    private Optional<URI> papersFrom = Optional.empty();

    @Option(names = "--weights", paramLabel = "FILE", description = "With --dispute: the model's weights (default: SmolLM2-135M-Instruct, fetched once).")
    private Optional<Path> weights = Optional.empty();

    @ArgGroup
    private EvidenceRoot evidence = new EvidenceRoot();

    @Parameters(paramLabel = "JOB", arity = "0..1", description = "The job's id, 64 hex digits.")
    private Optional<String> job = Optional.empty();

    /** What evidence of confidential jobs is measured by; Intel's root, strictly, where nothing is said. */
    static final class EvidenceRoot {

        @Option(names = "--evidence-policy", paramLabel = "FILE", description = "Policy for the evidence of confidential jobs, as JSON (default: Intel's root, strict).")
        private Optional<Path> policy = Optional.empty();

        @Option(names = "--development-tee", paramLabel = "FILE", description = "DEVELOPMENT ONLY: trust the root of this development TEE, for example <data>/development-tee.bin.")
        private Optional<Path> tee = Optional.empty();

        Policy policy() {
            try {
                return tee.map(file -> Policy.development(DevelopmentTee.fromBytes(InputFiles.bytes(file)).trustAnchor()))
                        .or(() -> policy.map(file -> Policy.fromJson(new String(InputFiles.bytes(file), StandardCharsets.UTF_8)))).orElseGet(Policy::strict);
            } catch (AttestationException e) {
                throw new StackException(e.code(), "the evidence policy: " + e.getMessage());
            }
        }
    }

    /** A batch's document, and the document that it builds on. */
    private record Papers(BatchDocument batch, Optional<BatchDocument> base) {
    }

    @Override
    public Integer call() {
        if (Stream.of(job, proof, dispute).filter(Optional::isPresent).count() != 1) {
            throw new ParameterException(spec.commandLine(), "give a JOB, --proof FILE, or --dispute HASH|FILE");
        }
        if (dispute.isPresent()) {
            return disputed(papers(dispute.get()));
        }
        return proof.map(this::kept).orElseGet(() -> batched(Attachment.hash("JOB", job.orElseThrow())));
    }

    private Accusation papers(String named) {
        if (!named.matches("[0-9a-fA-F]{64}")) {
            return PapersFile.read(InputFiles.bytes(Path.of(named)), named);
        }
        Hash evidence = Attachment.hash("--dispute", named);
        try (Service server = papersFrom.map(url -> new Service("verifier", url)).orElseGet(() -> new Service("relayer", attachment.relayer()))) {
            byte[] answer = server.get("/v1/disputes/" + evidence.hex()).orElseThrow(() -> new StackException("dispute_unknown", "nothing is known there of a dispute " + evidence));
            Accusation papers = PapersFile.read(answer, "the answer");
            if (!papers.hash().equals(evidence)) {
                throw new StackException("dispute_hash", "the papers that came have hash " + papers.hash() + ", asked was for " + evidence);
            }
            save.ifPresent(folder -> OutputFiles.write(folder.resolve("dispute-" + evidence.hex() + ".json"), answer, "--save"));
            return papers;
        }
    }

    private int disputed(Accusation papers) {
        PrintWriter out = spec.commandLine().getOut();
        try (ChainSession chain = attachment.chain(); Engine engine = EngineReplayer.open(weights, line -> { })) {
            MarketTerms market = market(chain, papers.receipt().receipt().mint());
            var audit = new DisputeAudit(new MarketFacts(chain.rpc(), market), Set.copyOf(market.market().gateways()), new EngineReplayer(() -> engine));
            List<Finding> findings = audit.check(papers);
            findings.forEach(finding -> out.println(finding.line()));
            boolean all = findings.stream().allMatch(Finding::passed);
            out.println("dispute " + papers.hash() + " about job " + papers.job() + (all ? ": slashed rightly" : ": NOT shown to be right"));
            out.flush();
            return all ? 0 : 1;
        }
    }

    private int kept(Path file) {
        JobProof read;
        try {
            read = JobProof.decode(InputFiles.bytes(file));
        } catch (ProtocolException e) {
            throw new StackException(e.code(), "the proof " + file + " cannot be read: " + e.getMessage());
        }
        try (KnownRegistry registry = offline ? KnownRegistry.none() : KnownRegistry.of(attachment)) {
            return said(new ProofAudit(evidence.policy(), registry.lookup()).check(read).stream().map(link -> new Finding(link.check(), link.passed(), link.why())).toList(),
                    read.receipt().receipt().jobId());
        }
    }

    private int batched(Hash id) {
        Optional<Hash> wanted = receipt.map(text -> Attachment.hash("--receipt", text));
        Papers papers = batch.map(this::fromFiles).orElseGet(() -> fromRelayer(id));
        try (ChainSession chain = attachment.chain()) {
            MarketTerms market = market(chain, papers.batch().mint());
            var terms = new JobAudit.Terms(chain.address(), market.pool(papers.batch().mint()).pool(), market.market().feeBps(), market.market().treasury(), evidence.policy());
            var findings = new java.util.ArrayList<>(new JobAudit(new MarketFacts(chain.rpc(), market), terms)
                    .check(id, papers.batch(), papers.base()));
            wanted.ifPresent(hash -> findings.add(named(papers.batch(), id, hash)));
            return said(findings, id);
        }
    }

    private int said(List<Finding> findings, Hash id) {
        PrintWriter out = spec.commandLine().getOut();
        findings.forEach(finding -> out.println(finding.line()));
        boolean all = findings.stream().allMatch(Finding::passed);
        out.println(all ? "job " + id + " holds" : "job " + id + " does NOT hold");
        out.flush();
        return all ? 0 : 1;
    }

    private static Finding named(BatchDocument batch, Hash job, Hash wanted) {
        Optional<Hash> found = batch.served().stream().filter(item -> item.job().equals(job)).map(item -> item.receipt().receipt().hash()).findFirst();
        return new Finding("receipt named", found.equals(Optional.of(wanted)), found.map(hash -> "the batch pays receipt " + hash).orElse("the batch pays no receipt of this job"));
    }

    private static MarketTerms market(ChainSession chain, PublicKey mint) {
        try {
            return MarketTerms.read(chain.rpc(), chain.programs(), chain.address(), List.of(mint));
        } catch (ProtocolException e) {
            throw new StackException(e.code(), e.getMessage());
        }
    }

    private Papers fromFiles(Path file) {
        BatchDocument document = BatchFiles.parse(InputFiles.bytes(file), file.toString());
        return new Papers(document, base.map(other -> BatchFiles.parse(InputFiles.bytes(other), other.toString())));
    }

    private Papers fromRelayer(Hash id) {
        try (Service relayer = new Service("relayer", attachment.relayer())) {
            JsonNode told = relayer.json("/v1/jobs/" + id.hex()).orElseThrow(() -> new StackException("job_unknown", "the relayer knows nothing of job " + id));
            if (!told.hasNonNull("batch")) {
                throw new StackException("job_not_batched", "job " + id + " is in no batch yet, it is " + told.path("state").asText() + reason(told));
            }
            PublicKey mint = Attachment.key("the job's mint", told.path("mint").asText());
            long seq = told.path("batch").asLong();
            // A job is given its batch before the batch is written: its escrow has to be settled first.
            BatchDocument document = fetch(relayer, mint, seq)
                    .orElseThrow(() -> new StackException("job_not_batched", "job " + id + " is in no batch yet: batch " + seq + " is being settled; ask again in a moment"));
            return new Papers(document, document.base() == 0 ? Optional.empty() : Optional.of(base(relayer, mint, document.base())));
        }
    }

    private static String reason(JsonNode told) {
        String text = told.path("reason").asText("");
        return text.isEmpty() ? "" : ": " + text;
    }

    private BatchDocument base(Service relayer, PublicKey mint, long seq) {
        return fetch(relayer, mint, seq).orElseThrow(() -> new StackException("batch_unknown", "the relayer has no batch " + seq + " of mint " + mint));
    }

    private Optional<BatchDocument> fetch(Service relayer, PublicKey mint, long seq) {
        return BatchFiles.fetch(relayer, mint, seq).map(json -> {
            save.ifPresent(folder -> OutputFiles.write(folder.resolve(mint.toBase58() + "-" + seq + ".json"), json, "--save"));
            return BatchFiles.parse(json, "the relayer");
        });
    }
}
