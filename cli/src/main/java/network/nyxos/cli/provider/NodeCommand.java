package network.nyxos.cli.provider;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.program.ChainReport;
import network.nyxos.chain.program.Expectation;
import network.nyxos.chain.program.SelfCheck;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.CommandGroup;
import network.nyxos.cli.attach.Foreground;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.InputFiles;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.escrow.Claim;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.wire.ProofDocument;
import network.nyxos.node.NodeEvents;
import network.nyxos.node.NodeKeys;
import network.nyxos.node.NodeService;
import network.nyxos.node.account.DirectWriter;
import network.nyxos.node.account.NodeAccount;
import network.nyxos.node.account.NodeAccountException;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.ModelRunner;
import network.nyxos.node.evidence.DevelopmentEvidence;
import network.nyxos.node.evidence.EvidenceSource;
import network.nyxos.node.evidence.GuestEvidence;
import network.nyxos.node.evidence.NvidiaGpus;
import network.nyxos.node.link.Peer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import software.sava.core.accounts.PublicKey;

/** A provider's node. */
@Command(name = "node", mixinStandardHelpOptions = true, description = "Makes a node's keys, runs a node, shows its standing, takes it on and off the registry, and settles its jobs when nobody else does.",
        subcommands = {NodeCommand.Keys.class, NodeCommand.Run.class, NodeCommand.Show.class, RegisterNode.class, BondNode.class, UnbondNode.class, WithdrawNode.class,
                CloseNode.class, NodeAttestation.class, SettleNode.class, StandingNode.class})
public final class NodeCommand extends CommandGroup {

    /** What development evidence says that `nyxos node run` is: its measurement stands for this name. */
    public static final String WORKLOAD = "nyxos node";

    @Command(name = "keys", mixinStandardHelpOptions = true, description = {"Makes a node's keys in a folder: node.json, receipt.json and operator.json.",
            "What is there already stays; so it also shows the addresses."})
    static final class Keys implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Parameters(paramLabel = "DIR", description = "The folder.")
        private Path folder;

        @Override
        public Integer call() {
            NodeKeys keys = NodeKeys.of(Attachment.keypairOrNew(folder.resolve("node.json")), Attachment.keypairOrNew(folder.resolve("receipt.json")));
            Keypair operator = Attachment.keypairOrNew(folder.resolve("operator.json"));
            PrintWriter out = spec.commandLine().getOut();
            out.println("node      " + keys.node().publicKey());
            out.println("receipt   " + keys.receipt().publicKey());
            out.println("operator  " + operator.publicKey() + " (needs SOL for fees and the bond in the registry's bond mint)");
            out.flush();
            return 0;
        }
    }

    @Command(name = "run", mixinStandardHelpOptions = true, sortOptions = false, description = {"Registers a node with its bond where it is not registered yet, and runs it until Ctrl-C.",
            "The configuration is a properties file; docs/operations.md lists its keys."})
    static final class Run implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Option(names = "--config", paramLabel = "FILE", required = true, description = "The configuration.")
        private Path file;

        @Option(names = "--stack", paramLabel = "FILE",
                description = "A running stack's stack.json: whom to dial, chain, programs and market are taken from it where the configuration does not name them.")
        private Optional<Path> stack = Optional.empty();

        @Option(names = "--development-tee", paramLabel = "FILE",
                description = "DEVELOPMENT ONLY: sign evidence with this development TEE instead of hardware. Production gateways refuse it.")
        private Optional<Path> developmentTee = Optional.empty();

        /** How often a dispute that the node opened is looked at. */
        private static final Duration ACCUSES = Duration.ofSeconds(2);

        private volatile boolean stopping;

        @Override
        public Integer call() {
            NodeSettings settings = NodeSettings.read(file, stack.map(Attachment::nodeValues).orElseGet(Map::of));
            // Before the first logger is made.
            System.setProperty("nyxos.log", settings.node().data().resolve("node.log").toString());
            Optional<EvidenceSource> evidence = evidence(settings);
            servable(settings, evidence.isPresent());
            Keypair operator = Attachment.nodeKeypair(settings.operator());
            NodeKeys keys = NodeKeys.of(Attachment.nodeKeypair(settings.keys().resolve("node.json")), Attachment.nodeKeypair(settings.keys().resolve("receipt.json")));
            if (evidence.isPresent()) {
                keys = keys.withSealing(settings.sealing());
            }
            Optional<Keypair> accuser = settings.accuser().wallet(operator);
            PublicKey registry = register(settings, operator, keys);
            try (var foreground = Foreground.begin(); Runners runners = Runners.open(settings, this::say); SolanaRpc rpc = SolanaRpc.connect(settings.chain())) {
                runners.all().forEach(runner -> say("model " + runner.model().name() + " (" + runner.model().engine() + "), id " + runner.model().id()));
                try (NodeService service = service(settings, keys, runners.all(), evidence)) {
                    service.start();
                    // Receipts of other tiers are not disputed on chain.
                    if (settings.node().tiers().contains(Tier.VERIFIED)) {
                        service.defend(rpc, new DirectWriter(rpc, settings.programs()), settings.programs(), settings.disputes());
                        accuser.ifPresent(wallet -> service.accuse(rpc, new DirectWriter(rpc, settings.programs()), settings.programs(), registry, wallet, ACCUSES));
                    }
                    foreground.await();
                    stopping = true;
                }
            } catch (EngineException e) {
                throw new StackException(e.code().wire(), e.getMessage());
            }
            return 0;
        }

        private NodeService service(NodeSettings settings, NodeKeys keys, List<ModelRunner> runners, Optional<EvidenceSource> evidence) {
            try {
                return new NodeService(settings.node(), keys, runners, evidence, new Told());
            } catch (IllegalArgumentException e) {
                throw new StackException("config_invalid", e.getMessage());
            }
        }

        // Before anything is registered: a tier that cannot be served is not to be promised on chain.
        private static void servable(NodeSettings settings, boolean evidence) {
            if (settings.node().tiers().contains(Tier.CONFIDENTIAL) && !evidence) {
                throw new StackException("evidence_missing", "the confidential tier needs evidence of the machine: evidence is none");
            }
            if (settings.node().tiers().contains(Tier.VERIFIED) && settings.engines().stream().noneMatch(EngineSettings.BuiltIn.class::isInstance)) {
                throw new StackException("engine_not_deterministic", "the verified tier needs engine = built-in: what another engine makes cannot be replayed bit for bit");
            }
        }

        private Optional<EvidenceSource> evidence(NodeSettings settings) {
            if (developmentTee.isEmpty()) {
                return settings.evidence().open(GuestEvidence.STANDARD).map(cpu -> settings.gpus().beside(cpu, NvidiaGpus.STANDARD, this::say));
            }
            if (settings.evidence() == MachineEvidence.TDX || settings.evidence() == MachineEvidence.SNP) {
                throw new StackException("evidence_both", "evidence = " + settings.evidence() + " and --development-tee exclude each other");
            }
            return developmentTee.map(path -> {
                say("!! DEVELOPMENT EVIDENCE: quotes are signed by " + path + ", not by hardware. They prove nothing about this machine. !!");
                try {
                    return new DevelopmentEvidence(DevelopmentTee.fromBytes(InputFiles.bytes(path)), DevelopmentTee.measurementOf(WORKLOAD), InstantSource.system());
                } catch (AttestationException e) {
                    throw new StackException(e.code(), "--development-tee " + path + ": " + e.getMessage());
                }
            });
        }

        /** The registry's config account. */
        private PublicKey register(NodeSettings settings, Keypair operator, NodeKeys keys) {
            try (ChainSession chain = ChainSession.open(settings.chain(), settings.programs(), settings.market())) {
                // Before a bond is paid: it would be paid to whatever stands there.
                ChainReport deployment = SelfCheck.run(chain.rpc(), Expectation.of(settings.programs(), settings.accepted()).withMarket(settings.market()));
                found(deployment);
                ChainSession.Registry registry = chain.registry();
                Mint bondMint = registry.bond();
                long bond = settings.bond().map(text -> Decimals.parsePositive(text, bondMint)).orElse(registry.state().minBond());
                PublicKey account = registry.calls().node(keys.node().publicKey());
                long held = chain.balance(operator.publicKey(), bondMint);
                if (held < bond && chain.owned(account, settings.programs().registry()).isEmpty()) {
                    throw new StackException("bond_missing", "the operator " + operator.publicKey() + " holds " + bondMint.text(held) + ", the bond is " + bondMint.text(bond)
                            + "; send it the bond and run again");
                }
                Node node = new NodeAccount(chain.rpc(), new DirectWriter(chain.rpc(), settings.programs()), settings.programs(), settings.market(), operator, keys)
                        .register(settings.node().tiers(), settings.payout().orElse(operator.publicKey()), bond);
                say("node " + node.nodeKey() + " is registered with a bond of " + bondMint.text(node.bond()) + ", paid out to " + node.payout());
                return registry.config();
            } catch (NodeAccountException e) {
                throw new StackException(e.code(), e.getMessage());
            }
        }

        private void found(ChainReport deployment) {
            say("chain of genesis hash " + deployment.cluster().base58() + deployment.market().map(market -> ", market " + market).orElse(""));
            for (ChainReport.Program program : List.of(deployment.registry(), deployment.escrow())) {
                say("chain has " + program.name() + " " + program.id() + ": code SHA-256 " + program.hash() + (program.pinned() ? ", an accepted one" : ", any is accepted") + ", deployed in slot "
                        + program.slot() + ", upgrade authority " + program.authority().map(PublicKey::toBase58).orElse("nobody") + "; this node's bindings are of IDL " + program.idl());
            }
        }

        private synchronized void say(String line) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(line);
            out.flush();
        }

        /** Tells what happens, a line each. */
        private final class Told implements NodeEvents {

            @Override
            public void linked(Peer peer) {
                say("linked to " + peer);
            }

            @Override
            public void lost(Peer peer, String reason) {
                say("lost " + peer + (stopping ? "" : " (dialled again)") + ": " + reason);
            }

            @Override
            public void rejected(Hash job, String code) {
                say("job " + job + " not taken: " + code);
            }

            @Override
            public void failed(Hash job, String code) {
                say("job " + job + " failed: " + code);
            }

            @Override
            public void served(Receipt receipt) {
                say("job " + receipt.jobId() + " served: " + receipt.tokensIn() + " tokens in, " + receipt.tokensOut() + " out, charge " + receipt.charge()
                        + " base units of " + receipt.mint());
            }

            @Override
            public void recorded(Hash job, String state) {
                say("job " + job + " at the relayer: " + state);
            }

            @Override
            public void accuses(Hash job, String what) {
                say("job " + job + " of another node: " + what);
            }

            @Override
            public void state(Hash job, String state, String reason) {
                say("job " + job + " is " + state + (reason.isEmpty() ? "" : ": " + reason));
            }
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows a node's registration and what it has earned.")
    static final class Show implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Mixin
        private Attachment attachment;

        @ArgGroup(multiplicity = "1")
        private WhichNode which;

        @Option(names = "--mint", paramLabel = "MINT", description = "usdc, nyxos or an address; may be repeated (default: usdc and nyxos).")
        private List<String> mints = List.of("usdc", "nyxos");

        @Override
        public Integer call() {
            PublicKey key = which.key();
            PrintWriter out = spec.commandLine().getOut();
            try (ChainSession chain = attachment.chain()) {
                // Before the first line: a mint that is none leaves no half of a screen.
                List<Mint> paid = mints.stream().map(name -> chain.mint(attachment.mint(name))).toList();
                Node node = chain.node(key);
                Mint bondMint = chain.registry().bond();
                long slot = chain.rpc().slot(Commitment.CONFIRMED);
                out.println("node         " + key);
                out.println("state        " + BondState.of(node.state()) + (node.unbondSlot() == 0 ? "" : ", bond withdrawable from slot " + node.unbondSlot()));
                out.println("tiers        " + Arrays.stream(Tier.values()).filter(tier -> (node.tiers() & tier.code()) != 0).map(Tier::wireName).collect(Collectors.joining(", ")));
                out.println("bond         " + bondMint.text(node.bond()) + (node.slashedTotal() == 0 ? "" : ", " + bondMint.text(node.slashedTotal()) + " slashed"));
                out.println("operator     " + node.operator());
                out.println("payout       " + node.payout());
                out.println("receipt key  " + node.receiptKey());
                out.println("attestation  " + (node.attestationKind() == 0 ? "none recorded on chain"
                        : "quote " + node.attestationQuoteHash() + (node.attestationExpirySlot() > slot ? "" : ", expired")));
                paid.forEach(each -> earnings(chain, each, key));
            }
            out.flush();
            return 0;
        }

        private void earnings(ChainSession chain, Mint mint, PublicKey key) {
            PoolCalls pool = chain.pool(mint);
            long claimed = chain.owned(pool.claimAccount(key, CreditKind.NODE), chain.programs().escrow()).map(account -> Claim.decode(account.data()).claimed()).orElse(0L);
            String credited = attachment.findRelayer().map(url -> {
                try (Service relayer = new Service("relayer", url)) {
                    return relayer.get("/v1/proofs/" + mint.address() + "/" + key + "/" + CreditKind.NODE.wireName()).map(ProofDocument::decode)
                            .map(proof -> ", " + mint.text(proof.cumulative()) + " credited by the relayer's word").orElse(", nothing credited by the relayer's word");
                } catch (StackException e) {
                    return ", no word from the relayer: " + e.getMessage();
                }
            }).orElse("");
            spec.commandLine().getOut().println("earned       " + mint.text(claimed) + " paid out" + credited);
        }
    }
}
