package network.nyxos.cli.up;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.ChatReply;
import network.nyxos.gateway.client.ExactClient;
import network.nyxos.node.engine.Engine;

/**
 * What the system is for, shown: honest work is proven and paid, a prompt is sealed, and two nodes that cheat are caught by arithmetic, slashed on chain, and
 * their payer has the money back. What it says at the end it has read off the chain.
 */
final class Demonstration {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Set<String> PAID = Set.of("final", "claimed");
    private static final Set<String> PASSED = Set.of("verified", "batched", "final", "claimed");
    private static final int TOKENS = 12;

    private final LocalStack stack;
    private final Steps steps;
    private final boolean stays;
    private final String weights;
    private final ExactClient agent;
    private final Http http = new Http();
    private final List<ChatReply> honest = new ArrayList<>();
    private final List<String> evidence = new ArrayList<>();

    /**
     * @param stays   whether the stack can be asked afterwards
     * @param weights the option that names its model's weights, or nothing
     */
    Demonstration(LocalStack stack, Steps steps, boolean stays, String weights) {
        this.stack = stack;
        this.steps = steps;
        this.stays = stays;
        this.weights = weights;
        this.agent = MainJob.exact(stack);
    }

    /** Shows it; whether every step held. */
    boolean run() {
        long before = wallet();
        honest.add(ask("verified", Tier.VERIFIED, "What is the capital of France?"));
        honest.add(ask("confidential, sealed to a TEE that this agent verified", Tier.CONFIDENTIAL, "My account number is 4711. What is it?"));
        // A node keeps in memory what it reveals to the gate: it is not stopped before, and no cheat is asked to replay honest work.
        for (ChatReply reply : honest) {
            steps.waiting("relayer", "the gate", () -> Waits.until("job " + reply.job() + " to pass its gate", PATIENCE, () -> Optional.of(state(reply.job())).filter(PASSED::contains)));
        }
        caught("swapped", "serves the prompt back in place of its model's reply, under the model's id", Cheat.parrot());
        caught("flipped", "changes one token of its model's reply", Cheat.flipsOneToken());
        for (ChatReply reply : honest) {
            steps.waiting("relayer", "the batch that pays the honest", () -> Waits.until("job " + reply.job() + " to be final", PATIENCE,
                    () -> Optional.of(state(reply.job())).filter(PAID::contains)));
            steps.done("relayer", "job " + Amounts.brief(reply.job()) + " is proven and final: its node has " + Mint.USDC.text(reply.charge()) + " less fee and royalty to claim");
        }
        long paid = Math.subtractExact(before, wallet());
        long charged = honest.stream().mapToLong(ChatReply::charge).reduce(0, Math::addExact);
        if (paid != charged) {
            steps.failed("agent", "is down " + Mint.USDC.text(paid) + ", honest work cost " + Mint.USDC.text(charged));
            return false;
        }
        new MainJob(stack).collect();
        steps.done("agent", "is down " + Mint.USDC.text(paid) + ": what honest work cost, to the unit; what the cheats took came back");
        if (stays) {
            evidence.forEach(hash -> steps.text("  run it yourself   ./nyxos verify --dispute " + hash + " --stack " + stack.file() + weights));
        }
        return true;
    }

    private long wallet() {
        return Mint.USDC.heldBy(stack.keys().agent().publicKey(), stack.rpc());
    }

    private ChatReply ask(String what, Tier tier, String prompt) {
        try {
            ChatReply reply = steps.waiting("agent", "asking (" + what + ")", () -> agent.complete(MainJob.chat(stack, tier, prompt, TOKENS)));
            steps.done("agent", what + ": " + Mint.USDC.text(reply.charge()) + ", job " + Amounts.brief(reply.job()) + ": \"" + reply.text().strip().replaceAll("\\s+", " ") + "\"");
            return reply;
        } catch (AgentException e) {
            throw new StackException("request_failed", what + " was not served: " + e.getMessage() + " [" + e.code() + "]");
        }
    }

    /** A cheat's whole way. */
    private void caught(String name, String how, UnaryOperator<Engine> engine) {
        List<Provider> honestOnes = stack.providers().stream().filter(provider -> provider.tier() != Tier.OPEN).toList();
        long had = wallet();
        // Only so that the one request goes to the cheat; in a market it goes to whom the router thinks best.
        honestOnes.forEach(Provider::close);
        Provider cheat = stack.join(unused(name), engine);
        long supply = stack.foundation().supply(Mint.NYXOS);
        steps.note("node", cheat.name() + " joins with a bond of " + Mint.NYXOS.text(Foundation.BOND) + "; it " + how);
        ChatReply reply = ask("verified, by " + cheat.name(), Tier.VERIFIED, "Write one short sentence about the sea.");
        honestOnes.forEach(stack::restart);
        boolean disputed = steps.waiting("relayer", "a second node replays the job and accuses; else three verifiers run it themselves",
                () -> Waits.until("node " + cheat.name() + " to be accused", PATIENCE, () -> accused(reply.job())));
        if (disputed) {
            steps.done("program", part(reply.job()).orElseThrow().path("reason").asText() + ": the node that replayed the job opened it, and " + cheat.name()
                    + " has to open what it signed, number by number");
        }
        steps.waiting("relayer", disputed ? "the dispute" : "the verifiers", () -> Waits.until("node " + cheat.name() + " to be slashed", PATIENCE,
                () -> Optional.of(state(reply.job())).filter("slashed"::equals)));
        JsonNode job = http.json(stack.relayer().resolve("/v1/jobs/" + reply.job())).orElseThrow();
        steps.done(disputed ? "program" : "verifiers", job.path("reason").asText());
        long burned = Math.subtractExact(supply, stack.foundation().supply(Mint.NYXOS));
        steps.done("chain", cheat.name() + " has a bond of " + Mint.NYXOS.text(stack.foundation().bond(cheat.key())) + "; " + Mint.NYXOS.text(burned) + " burned; "
                + stack.contents().indexer() + "/#/nodes/" + cheat.key());
        steps.waiting("relayer", "the refund", () -> Waits.until("the refund of job " + reply.job(), PATIENCE, () -> Optional.of(wallet()).filter(has -> has == had)));
        steps.done("relayer", "job " + Amounts.brief(reply.job()) + " is refunded: " + Mint.USDC.text(job.path("refund").asLong()) + " went back to the agent");
        evidence.add(dispute(reply.job()));
        cheat.close();
    }

    /** A slashed node stays slashed for ever, so that a run on the same directory has new cheats. */
    private String unused(String name) {
        return Stream.iterate(1, number -> number + 1).map(number -> name + "-" + number).filter(candidate -> Files.notExists(stack.keys().node(candidate))).findFirst()
                .orElseThrow();
    }

    private Optional<JsonNode> disputed(String job) {
        JsonNode page = http.json(stack.relayer().resolve("/v1/disputes?limit=500")).orElseThrow();
        return StreamSupport.stream(page.path("disputes").spliterator(), false).filter(item -> item.path("job").asText().equals(job)).findFirst();
    }

    private String dispute(String job) {
        return disputed(job).map(item -> item.path("evidence").asText())
                .orElseThrow(() -> new StackException("dispute_unknown", "the relayer shows no dispute of job " + job));
    }

    /** The serving node's part in a job's dispute. */
    private Optional<JsonNode> part(String job) {
        return disputed(job).map(item -> item.path("parts").path(0));
    }

    /** Whether the registry's program judges a job, or the verifiers have done; empty while neither is known. */
    private Optional<Boolean> accused(String job) {
        boolean disputed = part(job).filter(part -> part.path("code").asText().equals("awaits_program")).isPresent();
        return Optional.of(disputed).filter(program -> program || state(job).equals("slashed"));
    }

    private String state(String job) {
        return http.json(stack.relayer().resolve("/v1/jobs/" + job)).map(node -> node.path("state").asText()).orElse("unknown");
    }
}
