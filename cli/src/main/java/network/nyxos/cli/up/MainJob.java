package network.nyxos.cli.up;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.cli.up.ClosingTable.Role;
import network.nyxos.cli.up.ClosingTable.Row;
import network.nyxos.cli.up.ClosingTable.Section;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.wire.ProofDocument;
import network.nyxos.gateway.chain.RegistryLookup;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.ChatCall;
import network.nyxos.gateway.client.ChatReply;
import network.nyxos.gateway.client.EscrowClient;
import network.nyxos.gateway.client.ExactClient;
import network.nyxos.gateway.client.Trust;
import network.nyxos.gateway.client.VoucherBook;
import software.sava.core.accounts.PublicKey;

/**
 * The main job: an agent pays for requests of every tier by transfer and by voucher, one job fails and is refunded, the rest is verified, batched and made
 * final, and everybody collects. What it says at the end it has read off the chain.
 */
final class MainJob {

    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final List<Mint> MINTS = List.of(Mint.USDC, Mint.NYXOS);
    /** States in which a job still moves money. */
    private static final List<String> UNDER_WAY = List.of("reserved", "executed", "verifying", "verified", "batched", "refunding");
    private static final long MOST = Mint.USDC.units(1);

    /** What the job needs of a running stack. */
    interface Stack {
        SolanaRpc rpc();

        Foundation foundation();

        Programs programs();

        Keys keys();

        URI gateway();

        URI relayer();

        String model();

        /** What evidence of its confidential node must be. */
        Policy evidence();

        List<Provider> providers();

        /** Starts a provider's node again after its crash. */
        void restart(Provider provider);

        Steps steps();
    }

    /** A request that was served, or failed as it should. */
    private record Done(String what, Mint mint, long charge, String job) {
    }

    private final Stack stack;
    private final Steps steps;
    private final Http http = new Http();
    private final List<Done> served = new ArrayList<>();
    private final List<Done> refunded = new ArrayList<>();

    MainJob(Stack stack) {
        this.stack = stack;
        this.steps = stack.steps();
    }

    /** Does it, and returns the closing table. */
    ClosingTable run() {
        Deposit usdc = deposit(Mint.USDC, Mint.USDC.units(5));
        Deposit nyxos = deposit(Mint.NYXOS, Mint.NYXOS.units(50));
        finishEarlier();
        Map<Mint, Map<String, Long>> before = balances();

        ExactClient exact = exact(stack);
        request("exact, open, streamed", Mint.USDC, chat(Tier.OPEN, "Name three colours of the rainbow.", 24), call -> exact.stream(call, piece -> { }));
        request("exact, verified", Mint.USDC, chat(Tier.VERIFIED, "What is the capital of France? Tell me about it.", 16), exact::complete);
        EscrowClient voucher = vouchers(Mint.USDC, usdc);
        request("voucher, verified, streamed", Mint.USDC, chat(Tier.VERIFIED, "Count from one to five.", 24), call -> voucher.stream(call, piece -> { }));
        request("voucher, confidential, sealed, streamed", Mint.USDC, chat(Tier.CONFIDENTIAL, "Write one short sentence about the sea.", 24),
                call -> voucher.stream(call, piece -> { }));
        request("voucher, open", Mint.NYXOS, chat(Tier.OPEN, "What is two plus two?", 16), vouchers(Mint.NYXOS, nyxos)::complete);
        crash(exact);

        settle();
        collect();
        refund();
        steps.waiting("relayer", "the treasury's fee", () -> Waits.until("everybody to be paid", PATIENCE,
                () -> Optional.of(true).filter(ignored -> MINTS.stream().allMatch(this::paidOut))));
        return table(before, balances());
    }

    /** Whatever was asked of this stack before is brought to its end first, so that the table speaks of this run alone. */
    private void finishEarlier() {
        steps.waiting("relayer", "jobs from before", () -> Waits.until("jobs from before this run to end", PATIENCE, () -> {
            if (UNDER_WAY.stream().anyMatch(this::hasJobs)) {
                return Optional.empty();
            }
            collect();
            return Optional.of(true).filter(ignored -> MINTS.stream().allMatch(this::paidOut));
        }));
    }

    private boolean hasJobs(String state) {
        return http.json(stack.relayer().resolve("/v1/jobs?limit=1&state=" + state)).map(page -> !page.path("jobs").isEmpty()).orElse(false);
    }

    private Deposit deposit(Mint mint, long amount) {
        return Deposit.find(stack.rpc(), stack.foundation(), stack.programs(), stack.keys(), mint, amount, steps);
    }

    private EscrowClient vouchers(Mint mint, Deposit deposit) {
        VoucherBook book = VoucherBook.on(Keys.vouchers(stack.keys().path("agent-session")));
        book.startAt(deposit.address(), deposit.settled());
        return steps.waiting("agent", "the gateway learns of the escrow", () -> EscrowClient.open(stack.gateway(), deposit.address(), mint.address(),
                stack.keys().agentSession(), book, mint.units(1), Duration.ofSeconds(30), trust(stack)));
    }

    /** The agent, paying by transfer. */
    static ExactClient exact(Stack stack) {
        return new ExactClient(stack.gateway(), stack.keys().agent(), Mint.USDC.address(), MOST, trust(stack));
    }

    /** The agent judges the confidential node's evidence by itself, and knows nodes' keys from the chain. */
    private static Trust trust(Stack stack) {
        return Trust.sealing(stack.evidence()).withRegistry(new RegistryLookup(stack.rpc(), stack.programs(), stack.foundation().registry().config()));
    }

    private ChatCall chat(Tier tier, String prompt, int tokens) {
        return chat(stack, tier, prompt, tokens);
    }

    /** A request of the stack's model whose reply is the same every time. */
    static ChatCall chat(Stack stack, Tier tier, String prompt, int tokens) {
        return ChatCall.of(stack.model(), prompt, tokens).withTier(tier).greedy();
    }

    private void request(String what, Mint mint, ChatCall call, Function<ChatCall, ChatReply> client) {
        ChatReply reply;
        try {
            reply = steps.waiting("agent", "asking (" + what + ")", () -> client.apply(call));
        } catch (AgentException e) {
            throw new StackException("request_failed", what + " was not served: " + e.getMessage() + " [" + e.code() + "]");
        }
        served.add(new Done(what, mint, reply.charge(), reply.job()));
        steps.done("agent", what + ": " + mint.text(reply.charge()) + " for " + reply.completionTokens() + " tokens, job " + Amounts.brief(reply.job())
                + reply.transaction().map(signature -> ", " + Amounts.brief(signature)).orElse(", no transaction") + ": \""
                + reply.text().strip().replaceAll("\\s+", " ") + "\"");
    }

    /** A node dies in the middle of a paid stream, with no other node of its tier: the payment must come back by itself. */
    private void crash(ExactClient exact) {
        Provider victim = stack.providers().stream().filter(provider -> provider.tier() == Tier.CONFIDENTIAL).findFirst().orElseThrow();
        ChatCall call = chat(Tier.CONFIDENTIAL, "Tell me a long story about a lighthouse keeper.", 200);
        AgentException failure;
        try {
            steps.waiting("agent", "asking (exact, confidential, sealed; the node will crash)", () -> exact.stream(call, piece -> victim.close()));
            throw new StackException("crash_unnoticed", "the crashed node's job ended as if nothing had happened");
        } catch (AgentException e) {
            failure = e;
        }
        String job = failure.job().orElseThrow(() -> new StackException("job_unnamed", "the failed request does not name its job: " + failure.getMessage()));
        refunded.add(new Done("exact, confidential, sealed, node crashed", Mint.USDC, 0, job));
        steps.done("agent", "the node crashed while it streamed: " + failure.code() + ", job " + Amounts.brief(job));
        stack.restart(victim);
    }

    private void settle() {
        Map<String, String> told = new LinkedHashMap<>();
        steps.waiting("relayer", "verification, batch and its window", () -> Waits.until("all jobs to be final", PATIENCE, () -> {
            boolean all = true;
            for (Done job : served) {
                String state = state(job);
                if (!state.equals(told.put(job.job(), state)) && !state.equals("reserved") && !state.equals("unknown")) {
                    steps.done("relayer", "job " + Amounts.brief(job.job()) + " (" + job.what() + ") is " + state);
                }
                if (state.equals("disputed") || state.equals("refunding") || state.equals("refunded") || state.equals("released")) {
                    throw new StackException("job_" + state, "job " + job.job() + " (" + job.what() + ") is " + state + ": " + reason(job));
                }
                all &= state.equals("final") || state.equals("claimed");
            }
            return all ? Optional.of(true) : Optional.empty();
        }));
    }

    private String state(Done job) {
        return http.json(stack.relayer().resolve("/v1/jobs/" + job.job())).map(node -> node.path("state").asText()).orElse("unknown");
    }

    private String reason(Done job) {
        return http.json(stack.relayer().resolve("/v1/jobs/" + job.job())).map(node -> node.path("reason").toString()).orElse("");
    }

    /** Has everybody who has earned something claim it. */
    void collect() {
        for (Mint mint : MINTS) {
            for (Provider provider : stack.providers()) {
                provider.claim(stack.foundation(), mint, stack.relayer()).ifPresent(paid -> steps.done("node", provider.name() + " claimed "
                        + mint.text(paid.amount()) + paid.signature().map(signature -> ", " + Amounts.brief(signature.toString())).orElse("")));
            }
            http.bytes(stack.relayer().resolve("/v1/proofs/" + mint.address().toBase58() + "/" + stack.keys().author().publicKey().toBase58() + "/" + CreditKind.ROYALTY.wireName()))
                    .map(ProofDocument::decode).flatMap(proof -> stack.foundation().claimRoyalty(mint, proof)).ifPresent(paid -> steps.done("model", "its author claimed "
                            + mint.text(paid.amount()) + " of royalties, " + Amounts.brief(paid.signature().toString())));
        }
    }

    private void refund() {
        for (Done job : refunded) {
            steps.waiting("relayer", "the refund", () -> Waits.until("the refund of job " + job.job(), PATIENCE,
                    () -> Optional.of(state(job)).filter(state -> state.equals("refunded"))));
            long back = http.json(stack.relayer().resolve("/v1/jobs/" + job.job())).map(node -> node.path("refund").asLong()).orElse(0L);
            steps.done("relayer", "job " + Amounts.brief(job.job()) + " (" + job.what() + ") is refunded: " + job.mint().text(back) + " went back to the agent");
        }
    }

    /** Whether everybody has what final batches credit. The vault may hold more: what was settled for a job that failed afterwards pays its payer's next ones. */
    private boolean paidOut(Mint mint) {
        return stack.rpc().account(stack.foundation().pool(mint).pool(), Commitment.CONFIRMED).map(account -> Pool.decode(account.data()))
                .map(pool -> pool.claimed() == pool.credited()).orElse(false);
    }

    private Map<Mint, Map<String, Long>> balances() {
        Map<Mint, Map<String, Long>> all = new LinkedHashMap<>();
        for (Mint mint : MINTS) {
            Map<String, Long> accounts = new LinkedHashMap<>();
            holders(mint).forEach((holder, account) -> accounts.put(holder.name(), stack.rpc().tokenBalance(account, Commitment.CONFIRMED).orElse(0L)));
            all.put(mint, accounts);
        }
        return all;
    }

    private record Holder(Role role, String name) {
    }

    private Map<Holder, PublicKey> holders(Mint mint) {
        Map<Holder, PublicKey> holders = new LinkedHashMap<>();
        var pool = stack.foundation().pool(mint);
        holders.put(new Holder(Role.PAYER, "agent's wallet"), token(mint, stack.keys().agent().publicKey()));
        holders.put(new Holder(Role.DEPOSIT, "agent's deposit in escrow"), pool.depositVault());
        for (Provider provider : stack.providers()) {
            holders.put(new Holder(Role.NODE, "node " + provider.name()), token(mint, provider.payout()));
        }
        holders.put(new Holder(Role.AUTHOR, "model's author (royalty)"), token(mint, stack.keys().author().publicKey()));
        holders.put(new Holder(Role.TREASURY, "treasury (fee)"), token(mint, stack.keys().treasury()));
        holders.put(new Holder(Role.POOL, "pool, not yet claimed"), pool.vault());
        return holders;
    }

    private static PublicKey token(Mint mint, PublicKey owner) {
        return Tokens.associated(owner, mint.address(), mint.tokenProgram());
    }

    private ClosingTable table(Map<Mint, Map<String, Long>> before, Map<Mint, Map<String, Long>> after) {
        List<Section> sections = new ArrayList<>();
        for (Mint mint : MINTS) {
            List<Row> rows = new ArrayList<>();
            holders(mint).forEach((holder, account) -> rows.add(new Row(holder.role(), holder.name(), account.toBase58(), before.get(mint).get(holder.name()),
                    after.get(mint).get(holder.name()))));
            long charged = served.stream().filter(job -> job.mint().equals(mint)).mapToLong(Done::charge).sum();
            sections.add(new Section(mint.symbol(), mint.address().toBase58(), mint.decimals(), charged, rows));
        }
        return new ClosingTable(sections);
    }
}
