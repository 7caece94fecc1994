package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.StreamSupport;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.ChatCall;
import network.nyxos.gateway.client.ChatReply;
import network.nyxos.gateway.client.EscrowClient;
import network.nyxos.gateway.client.VoucherBook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Several choices of one reply (`n`): one job, one receipt, one charge.
@Timeout(120)
class ChoicesTest extends WithGateway {
    private static final String CHAT = "/v1/chat/completions";
    private static final long USDC = 1_000_000;
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final ScriptedNode.Script HELLO = ScriptedNode.Script.saying("Hel", "lo", " world");
    private static final ChatCall THREE = ChatCall.of(Ground.MODEL, "hi", 32).withChoices(3);

    private static String body(String... more) {
        return "{\"model\":\"" + Ground.MODEL + "\",\"max_tokens\":32,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]," + String.join(",", more) + "}";
    }

    private HttpResponse<String> paid(String path, String body) {
        return paid(path, body, ground.wallet(USDC));
    }

    private static String inOrder(ScriptedNode... nodes) {
        return "\"provider\":{\"order\":[" + String.join(",", List.of(nodes).stream().map(node -> "\"" + node.key().toBase58() + "\"").toList()) + "]}";
    }

    private EscrowClient escrow(long deposit) {
        Ground.Escrow escrow = ground.escrow(deposit);
        return EscrowClient.open(Ground.url(gateway), escrow.address(), Ground.USDC, escrow.session(), VoucherBook.inMemory(), USDC, SOON);
    }

    private static List<JsonNode> chunks(HttpResponse<String> answer) {
        return answer.body().lines().filter(line -> line.startsWith("data: {")).map(line -> Posted.json(line.substring(6))).toList();
    }

    private static List<JsonNode> choices(List<JsonNode> chunks, int index) {
        return chunks.stream().flatMap(chunk -> StreamSupport.stream(chunk.path("choices").spliterator(), false)).filter(choice -> choice.path("index").asInt() == index).toList();
    }

    private static String text(List<JsonNode> choices) {
        return String.join("", choices.stream().map(choice -> choice.path("delta").path("content").asText("") + choice.path("text").asText("")).toList());
    }

    private static List<String> finishes(List<JsonNode> choices) {
        return choices.stream().map(choice -> choice.path("finish_reason").asText("")).filter(finish -> !finish.isEmpty() && !finish.equals("null")).toList();
    }

    private static Receipt receipt(JsonNode reply) {
        return Receipt.decode(Base64.getDecoder().decode(reply.path("nyxos").path("receipt").asText()));
    }

    @Test
    void aWholeReplyHasEachChoiceAndIsChargedForAllOfThemOnce() {
        ScriptedNode node = node(HELLO);
        long ceiling = Ground.PRICE.ceiling(List.of("hi"), 3 * 32);

        assertThat(Posted.exactOffer(Posted.post(gateway, CHAT, body("\"n\":3"))).path("amount").asLong()).as("the prompt once, three outputs").isEqualTo(ceiling);
        JsonNode reply = Posted.json(paid(CHAT, body("\"n\":3", "\"seed\":7")).body());

        assertThat(reply.path("choices")).extracting(choice -> choice.path("index").asInt()).containsExactly(0, 1, 2);
        assertThat(reply.path("choices")).extracting(choice -> choice.path("message").path("content").asText()).containsExactly("Hello world", "Hello world #1", "Hello world #2");
        assertThat(reply.path("choices")).extracting(choice -> choice.path("finish_reason").asText()).containsOnly("stop");
        assertThat(reply.path("usage")).isEqualTo(Posted.json("{\"prompt_tokens\":5,\"completion_tokens\":11,\"total_tokens\":16}"));
        Assignment order = node.assigned().getFirst().assignment().assignment();
        assertThat(node.assigned()).as("one job").hasSize(1);
        assertThat(order.maxOutput()).isEqualTo(3 * 32);
        assertThat(order.ceiling()).isEqualTo(ceiling);
        assertThat(order.seed()).isEqualTo(7);
        assertThat(((WireMessage.Ask.Clear) node.assigned().getFirst().ask()).request()).satisfies(asked -> {
            assertThat(asked.choices()).isEqualTo(3);
            assertThat(asked.maxTokens()).isEqualTo(32);
        });
        List<ReplyChoice> counted = StreamSupport.stream(reply.path("nyxos").path("choices").spliterator(), false)
            .map(each -> new ReplyChoice(Hash.fromHex(each.path("output").asText()), Finish.ofWireName(each.path("finish").asText()), each.path("tokens").asInt())).toList();
        assertThat(counted).extracting(ReplyChoice::tokens).containsExactly(3, 4, 4);
        assertThat(receipt(reply).outputHash()).isEqualTo(ReplyChoice.hash(counted));
        assertThat(Posted.json(paid(CHAT, body("\"n\":1")).body()).path("nyxos").has("choices")).as("one choice is what it was").isFalse();
    }

    @Test
    void aStreamHasEachChoicesRoleTextAndFinish() {
        node(HELLO);

        List<JsonNode> chunks = chunks(paid(CHAT, body("\"n\":2", "\"stream\":true", "\"stream_options\":{\"include_usage\":true}")));

        assertThat(text(choices(chunks, 0))).isEqualTo("Hello world");
        assertThat(text(choices(chunks, 1))).isEqualTo("Hello world #1");
        for (int index = 0; index < 2; index++) {
            assertThat(choices(chunks, index).getFirst().path("delta").path("role").asText()).isEqualTo("assistant");
            assertThat(finishes(choices(chunks, index))).containsExactly("stop");
        }
        assertThat(chunks.getLast().path("usage").path("completion_tokens").asInt()).isEqualTo(7);
        assertThat(chunks.getLast().path("nyxos").path("choices")).hasSize(2);
    }

    @Test
    void completionsOfTheOldFormHaveThemWithProbabilitiesOfTheirOwn() {
        node(HELLO);
        String old = "{\"model\":\"" + Ground.MODEL + "\",\"prompt\":\"hi\",\"n\":2,\"logprobs\":1";

        JsonNode whole = Posted.json(paid("/v1/completions", old + "}").body()).path("choices");
        List<JsonNode> chunks = chunks(paid("/v1/completions", old + ",\"stream\":true}"));

        assertThat(whole).extracting(choice -> choice.path("text").asText()).containsExactly("Hello world", "Hello world #1");
        assertThat(whole.path(1).path("logprobs").path("text_offset")).extracting(JsonNode::asInt).as("from its own beginning").containsExactly(0, 3, 5, 11);
        assertThat(text(choices(chunks, 0))).isEqualTo("Hello world");
        assertThat(text(choices(chunks, 1))).isEqualTo("Hello world #1");
        assertThat(choices(chunks, 1).getFirst().path("logprobs").path("text_offset").path(0).asInt(-1)).isZero();
    }

    @Test
    void eachChoiceHasTheFormAndCallsToolsOfItsOwn() {
        node(HELLO.formed("tools", "<tool_call>[{\"name\":\"look\",", "\"arguments\":{}}]</tool_call>"));
        String tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"look\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}}],\"tool_choice\":\"required\"";

        JsonNode whole = Posted.json(paid(CHAT, body("\"n\":2", tools)).body()).path("choices");
        List<JsonNode> chunks = chunks(paid(CHAT, body("\"n\":2", "\"stream\":true", tools)));

        assertThat(whole).extracting(choice -> choice.path("finish_reason").asText()).containsExactly("tool_calls", "tool_calls");
        assertThat(List.of(whole.path(0), whole.path(1))).extracting(choice -> choice.path("message").path("tool_calls").path(0).path("id").asText()).doesNotHaveDuplicates();
        assertThat(finishes(choices(chunks, 0))).containsExactly("tool_calls");
        assertThat(finishes(choices(chunks, 1))).containsExactly("tool_calls");
    }

    @Test
    void aVoucherIsChargedByTheCountsOfAllChoicesAndTheClientChecksTheReceipt() {
        node(HELLO);
        EscrowClient client = escrow(USDC);
        var first = new ArrayList<String>();

        ChatReply whole = client.complete(THREE);
        ChatReply streamed = client.stream(THREE, first::add);

        long charge = Ground.PRICE.charge(5, 11);
        assertThat(whole.choices()).extracting(ChatReply.Choice::text).containsExactly("Hello world", "Hello world #1", "Hello world #2");
        assertThat(whole.charge()).isEqualTo(charge);
        assertThat(String.join("", first)).isEqualTo("Hello world").isEqualTo(streamed.text());
        assertThat(streamed.choices()).isEqualTo(whole.choices());
        assertThat(streamed.used()).hasValue(2 * charge);
        assertThat(client.balance()).isEqualTo(new EscrowClient.Balance(USDC, 0, 2 * charge, 0, USDC - 2 * charge));
    }

    @Test
    void noMoreIsReservedThanWasSignedForAndADepositForFewerChoicesBuysNone() {
        ScriptedNode node = node(HELLO);

        assertThatThrownBy(() -> escrow(Ground.PRICE.ceiling(List.of("hi"), 3 * 32) - 1).complete(THREE)).isInstanceOfSatisfying(AgentException.class,
            e -> assertThat(e.code()).startsWith("voucher_"));
        assertThat(node.assigned()).isEmpty();
        assertThat(escrow(Ground.PRICE.ceiling(List.of("hi"), 3 * 32)).complete(THREE).choices()).hasSize(3);
    }

    @Test
    void anotherNodeGoesOnInTheMiddleOfAnyChoiceAndNothingIsSentTwice() {
        // In the first choice, between two, in the second one, and after the last before its receipt.
        for (int died : List.of(1, 3, 5, 7)) {
            ScriptedNode dying = node(HELLO.dyingAfter(died));
            ScriptedNode honest = node(HELLO);

            List<JsonNode> chunks = chunks(paid(CHAT, body("\"n\":2", "\"stream\":true", "\"logprobs\":true", inOrder(dying, honest))));

            assertThat(text(choices(chunks, 0))).isEqualTo("Hello world");
            assertThat(text(choices(chunks, 1))).isEqualTo("Hello world #1");
            assertThat(finishes(choices(chunks, 0))).containsExactly("stop");
            assertThat(finishes(choices(chunks, 1))).containsExactly("stop");
            assertThat(choices(chunks, 1).stream().flatMap(choice -> StreamSupport.stream(choice.path("logprobs").path("content").spliterator(), false)).map(each -> each.path("token").asText()))
                .as("nor any probability").containsExactly("Hel", "lo", " world", " #1");
            assertThat(dying.assigned()).hasSize(1);
            assertThat(honest.assigned().getFirst().assignment().assignment().seed()).isEqualTo(dying.assigned().getFirst().assignment().assignment().seed());
            dying.close();
            honest.close();
        }
    }

    @Test
    void aSecondChoiceThatAnotherNodeContinuesDifferentlyFailsAndThePaymentGoesBack() {
        ScriptedNode dying = node(ScriptedNode.Script.saying("Hello", " world").dyingAfter(5));
        // Its first choice only goes on where the other had not said that it was done; its second one contradicts.
        ScriptedNode other = node(ScriptedNode.Script.saying("Hello", " world", " #0"));

        List<JsonNode> chunks = chunks(paid(CHAT, body("\"n\":2", "\"stream\":true", inOrder(dying, other))));

        assertThat(chunks.getLast().path("error").path("code").asText()).isEqualTo("failover_mismatch");
        String job = chunks.getLast().path("error").path("job").asText();
        await().atMost(SOON).until(() -> Posted.json(Posted.get(gateway, "/v1/jobs/" + job).body()).path("state").asText().equals("refunding"));
    }

    @Test
    void fewerOrOtherChoicesThanWereAskedForAreNotPaid() {
        var longer = new ReplyChoice(Hash.ZERO, Finish.STOP, 33);
        List<UnaryOperator<List<ReplyChoice>>> faults = List.of(told -> told.subList(0, 2), _ -> List.of(), told -> List.of(told.get(0), told.get(1), longer),
            told -> List.of(told.get(0), told.get(1), new ReplyChoice(Hash.ZERO, Finish.CANCELLED, 0)));
        for (UnaryOperator<List<ReplyChoice>> fault : faults) {
            ScriptedNode liar = node(HELLO.counting(fault));
            ScriptedNode honest = node(HELLO);
            assertThat(Posted.json(paid(CHAT, body("\"n\":3", inOrder(liar, honest))).body()).path("nyxos").path("node").asText()).isEqualTo(honest.key().toBase58());
            assertThat(liar.assigned()).hasSize(1);
            liar.close();
            honest.close();
        }
        ScriptedNode swapping = node(HELLO.counting(told -> List.of(told.get(1), told.get(0), told.get(2))));
        ScriptedNode overcharging = node(HELLO.lying(r -> new Receipt(r.jobId(), r.node(), r.modelId(), r.engine(), r.tier(), r.seed(), r.sampler(), r.promptCommitment(), r.outputHash(), r.tokensIn(),
            r.tokensOut() + 1, r.mint(), r.charge(), r.finish(), r.traceRoot(), r.quoteHash(), r.assignmentHash(), r.startMs(), r.endMs())));
        for (ScriptedNode liar : List.of(swapping, overcharging)) {
            HttpResponse<String> answer = paid(CHAT, body("\"n\":3", inOrder(liar)));
            assertThat(Posted.code(answer)).isEqualTo("receipt_invalid");
            assertThat(answer.body()).contains("other choices", "goes back");
        }
    }

    @Test
    void moreThanEightAndThoseOfAVerifiedReplyAreRefusedBeforeAnythingIsPaid() {
        node(HELLO);

        HttpResponse<String> nine = Posted.post(gateway, CHAT, body("\"n\":9"));
        HttpResponse<String> verified = Posted.post(gateway, CHAT, body("\"n\":2", "\"peer_tier\":\"verified\""));

        assertThat(nine.statusCode()).isEqualTo(400);
        assertThat(Posted.code(nine)).isEqualTo("integer_above_max_value");
        assertThat(verified.statusCode()).isEqualTo(400);
        assertThat(Posted.code(verified)).isEqualTo("unsupported_parameter");
        assertThat(verified.body()).contains("ask as often as you want choices");
        assertThat(Posted.post(gateway, CHAT, body("\"n\":8")).statusCode()).isEqualTo(402);
    }
}
