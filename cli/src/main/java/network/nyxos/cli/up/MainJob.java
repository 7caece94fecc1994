package network.nyxos.cli.up;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.cli.up.ClosingTable.Role;
import network.nyxos.cli.up.ClosingTable.Row;
import network.nyxos.cli.up.ClosingTable.Section;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.gateway.client.AgentClient;
import network.nyxos.gateway.client.ExactPayer;
import network.nyxos.gateway.client.Payer;
import network.nyxos.gateway.client.Reply;
import network.nyxos.gateway.client.VoucherPayer;
import software.sava.core.accounts.PublicKey;

/**
 * The main job: an agent pays for requests of every tier by transfer and by voucher, one job fails and is refunded, the rest is verified, batched and made
 * final, and everybody collects. What it says at the end it has read off the chain.
 */
final class MainJob {

    private static final Duration PATIENCE = Duration.ofMinutes(4);
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
        Map<Mint, Map<String, Long>> before = balances();

        request("exact, open, streamed", exact(), Mint.USDC, Tier.OPEN, true, "Name three colours of the rainbow.", 24);
        request("exact, verified", exact(), Mint.USDC, Tier.VERIFIED, false, "What is the capital of France? Tell me about it.", 16);
        Payer voucher = voucher(Mint.USDC, usdc);
        request("voucher, verified, streamed", voucher, Mint.USDC, Tier.VERIFIED, true, "Count from one to five.", 24);
        request("voucher, confidential, streamed", voucher, Mint.USDC, Tier.CONFIDENTIAL, true, "Write one short sentence about the sea.", 24);
        request("voucher, open", voucher(Mint.NYXOS, nyxos), Mint.NYXOS, Tier.OPEN, false, "What is two plus two?", 16);
        crash();

        settle();
        collect();
        refund();
        steps.waiting("relayer", "the treasury's fee", () -> Waits.until("the pools to be empty", PATIENCE,
                () -> Optional.of(true).filter(ignored -> List.of(Mint.USDC, Mint.NYXOS).stream().allMatch(this::emptied))));
        return table(before, balances());
    }

    private Deposit deposit(Mint mint, long amount) {
        Deposit deposit = Deposit.find(stack.rpc(), stack.foundation(), stack.programs(), stack.keys(), mint, amount, steps);
        steps.waiting("agent", "the gateway learns of the escrow", () -> Waits.until("the gateway to know escrow " + deposit.address(), Duration.ofSeconds(30),
                () -> http.json(escrow(deposit))));
        return deposit;
    }

    private URI escrow(Deposit deposit) {
        return stack.gateway().resolve("/v1/escrows/" + deposit.address().toBase58());
    }

    private Payer exact() {
        return new ExactPayer(stack.keys().agent(), Mint.USDC.address(), Mint.USDC.tokenProgram(), Mint.USDC.decimals());
    }

    private Payer voucher(Mint mint, Deposit deposit) {
        long used = http.json(escrow(deposit)).orElseThrow().path("used").asLong();
        return new VoucherPayer(stack.keys().agentSession(), deposit.address(), mint.address(), used, deposit.deposited(), Duration.ofHours(1), InstantSource.system());
    }

    private static ObjectNode chat(String model, Tier tier, boolean stream, String prompt, int tokens) {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("model", model).put("max_tokens", tokens).put("temperature", 0).put("stream", stream)
                .put("peer_tier", tier.wireName());
        request.putArray("messages").addObject().put("role", "user").put("content", prompt);
        return request;
    }

    private void request(String what, Payer payer, Mint mint, Tier tier, boolean stream, String prompt, int tokens) {
        Reply reply = steps.waiting("agent", "asking (" + what + ")", () -> new AgentClient(stack.gateway(), payer, MOST)
                .chat(chat(stack.model(), tier, stream, prompt, tokens), piece -> { }));
        if (!reply.served()) {
            throw new StackException("request_failed", what + " was not served: " + reply.status() + " " + reply.error());
        }
        served.add(new Done(what, mint, reply.charge(), reply.job().orElseThrow()));
        steps.done("agent", what + ": " + mint.text(reply.charge()) + " for " + reply.usage().path("completion_tokens").asInt() + " tokens, job "
                + Amounts.brief(reply.job().orElseThrow()) + reply.transaction().map(signature -> ", " + Amounts.brief(signature)).orElse(", no transaction")
                + ": \"" + reply.text().strip().replaceAll("\\s+", " ") + "\"");
    }

    /** A node dies in the middle of a paid stream, with no other node of its tier: the payment must come back by itself. */
    private void crash() {
        Provider victim = stack.providers().stream().filter(provider -> provider.tier() == Tier.CONFIDENTIAL).findFirst().orElseThrow();
        var crashed = new AtomicBoolean();
        Reply reply = steps.waiting("agent", "asking (exact, confidential; the node will crash)", () -> new AgentClient(stack.gateway(), exact(), MOST)
                .chat(chat(stack.model(), Tier.CONFIDENTIAL, true, "Tell me a long story about a lighthouse keeper.", 200), piece -> {
                    if (crashed.compareAndSet(false, true)) {
                        victim.close();
                    }
                }));
        if (!crashed.get() || reply.error().isMissingNode()) {
            throw new StackException("crash_unnoticed", "the crashed node's job ended as if nothing had happened");
        }
        String job = reply.job().orElseThrow(() -> new StackException("job_unnamed", "the failed reply does not name its job: " + reply));
        refunded.add(new Done("exact, confidential, node crashed", Mint.USDC, 0, job));
        steps.done("agent", "the node crashed while it streamed: " + reply.error().path("code").asText() + ", job " + Amounts.brief(job)
                + reply.transaction().map(signature -> ", paid in " + Amounts.brief(signature)).orElse(""));
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

    private void collect() {
        for (Mint mint : List.of(Mint.USDC, Mint.NYXOS)) {
            for (Provider provider : stack.providers()) {
                provider.claim(stack.foundation(), mint, stack.relayer()).ifPresent(paid -> steps.done("node", provider.name() + " claimed "
                        + mint.text(paid.amount()) + paid.signature().map(signature -> ", " + Amounts.brief(signature.toString())).orElse("")));
            }
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

    /** Whether everything that the pool took in has been paid out again. */
    private boolean emptied(Mint mint) {
        return stack.rpc().tokenBalance(stack.foundation().pool(mint).vault(), Commitment.CONFIRMED).orElse(0L) == 0;
    }

    private Map<Mint, Map<String, Long>> balances() {
        Map<Mint, Map<String, Long>> all = new LinkedHashMap<>();
        for (Mint mint : List.of(Mint.USDC, Mint.NYXOS)) {
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
        holders.put(new Holder(Role.TREASURY, "treasury (fee)"), token(mint, stack.keys().treasury()));
        holders.put(new Holder(Role.POOL, "pool, not yet claimed"), pool.vault());
        return holders;
    }

    private static PublicKey token(Mint mint, PublicKey owner) {
        return Tokens.associated(owner, mint.address(), mint.tokenProgram());
    }

    private ClosingTable table(Map<Mint, Map<String, Long>> before, Map<Mint, Map<String, Long>> after) {
        List<Section> sections = new ArrayList<>();
        for (Mint mint : List.of(Mint.USDC, Mint.NYXOS)) {
            List<Row> rows = new ArrayList<>();
            holders(mint).forEach((holder, account) -> rows.add(new Row(holder.role(), holder.name(), account.toBase58(), before.get(mint).get(holder.name()),
                    after.get(mint).get(holder.name()))));
            long charged = served.stream().filter(job -> job.mint().equals(mint)).mapToLong(Done::charge).sum();
            sections.add(new Section(mint.symbol(), mint.address().toBase58(), mint.decimals(), charged, rows));
        }
        return new ClosingTable(sections);
    }
}
