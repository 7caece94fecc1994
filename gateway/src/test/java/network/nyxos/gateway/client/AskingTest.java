package network.nyxos.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.Tier;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// Whose signature a receipt must bear.
class AskingTest {
    private static final Hash JOB = Hash.sha256(new byte[] {1});
    private static final PublicKey MINT = Keypair.generate().publicKey();
    private static final PublicKey NODE = Keypair.generate().publicKey();
    private static final Keypair KEY = Keypair.generate();

    private static final ServiceCall CALL = new ServiceCall("weather", ServiceBody.request("{}".getBytes(StandardCharsets.UTF_8)));
    private static final ServiceBody SAID = ServiceBody.reply("4".getBytes(StandardCharsets.UTF_8));

    private final Question question = Question.clear(ChatCall.of("m", "Hello?", 16), false);

    private static ChatReply reply(Keypair signer, Tier tier, int tokensOut) {
        var receipt = new Receipt(JOB, NODE, Hash.ZERO, "engine", tier, 0, Sampler.GREEDY, Hash.ZERO, Hash.ZERO, 5, tokensOut, MINT, 7, Finish.STOP, Hash.ZERO, Hash.ZERO, Hash.ZERO, 1, 2);
        return new ChatReply(List.of(new ChatReply.Choice("Hello.", "stop")), List.of(), 5, tokensOut, JOB.hex(), 7, receipt.sign(signer), OptionalLong.empty(), Optional.empty(), Optional.empty(),
            new ReceiptSigner.Unknown("not looked at"), Optional.empty());
    }

    private static Asking asking(Trust trust) {
        return new Asking(new GatewayCalls(URI.create("http://127.0.0.1:1")), trust);
    }

    private static NodeRegistry having(PublicKey receiptKey) {
        return (OnlyNodes) node -> node.equals(NODE) ? Optional.of(new NodeRegistry.Entry(true, Set.of(Tier.OPEN), receiptKey, Optional.empty(), false)) : Optional.empty();
    }

    private void assertInvalid(Trust trust, ChatReply reply, String word) {
        assertThatThrownBy(() -> asking(trust).check(reply, question, JOB, MINT, Optional.empty())).isInstanceOfSatisfying(AgentException.class, e -> {
            assertThat(e.code()).isEqualTo("receipt_invalid");
            assertThat(e.job()).hasValue(JOB.hex());
            assertThat(e).hasMessageContaining(word);
        });
    }

    @Test
    void the_registrys_key_signed_it_or_it_does_not_hold() {
        Trust trust = Trust.NONE.withRegistry(having(KEY.publicKey()));
        assertThat(asking(trust).check(reply(KEY, Tier.OPEN, 3), question, JOB, MINT, Optional.empty()).signer()).isEqualTo(new ReceiptSigner.Registered());
        assertInvalid(trust, reply(Keypair.generate(), Tier.OPEN, 3), "not signed by the receipt key " + KEY.publicKey());
        assertInvalid(Trust.NONE.withRegistry((OnlyNodes) _ -> Optional.empty()), reply(KEY, Tier.OPEN, 3), "not in the registry");
    }

    @Test
    void a_receipt_of_another_tier_or_of_more_tokens_than_asked_for_does_not_hold() {
        assertInvalid(Trust.NONE, reply(KEY, Tier.VERIFIED, 3), "tier verified");
        assertInvalid(Trust.NONE, reply(KEY, Tier.OPEN, 17), "more than this request can have");
    }

    private static ChatReply replyOf(List<ReplyChoice> signed, List<ReplyChoice> told) {
        var receipt = new Receipt(JOB, NODE, Hash.ZERO, "engine", Tier.OPEN, 0, Sampler.GREEDY, Hash.ZERO, ReplyChoice.hash(signed), 5, (int) ReplyChoice.tokens(signed), MINT, 7,
            ReplyChoice.finish(signed), Hash.ZERO, Hash.ZERO, Hash.ZERO, 1, 2);
        return new ChatReply(told.stream().map(_ -> new ChatReply.Choice("Hello.", "stop")).toList(), told, 5, receipt.tokensOut(), JOB.hex(), 7, receipt.sign(KEY), OptionalLong.empty(),
            Optional.empty(), Optional.empty(), new ReceiptSigner.Unknown("not looked at"), Optional.empty());
    }

    @Test
    void a_receipt_of_several_choices_is_over_as_many_as_were_asked_for_and_none_is_longer_than_it_may_be() {
        Question two = Question.clear(ChatCall.of("m", "Hello?", 16).withChoices(2), false);
        var long16 = new ReplyChoice(Hash.sha256(new byte[] {1}), Finish.LENGTH, 16);
        var short3 = new ReplyChoice(Hash.sha256(new byte[] {2}), Finish.STOP, 3);
        var long17 = new ReplyChoice(Hash.sha256(new byte[] {1}), Finish.STOP, 17);
        Asking asking = asking(Trust.NONE);
        assertThat(asking.check(replyOf(List.of(long16, short3), List.of(long16, short3)), two, JOB, MINT, Optional.empty()).choices()).hasSize(2);
        for (ChatReply lie : List.of(replyOf(List.of(long16, short3), List.of(short3, long16)), replyOf(List.of(short3, short3, short3), List.of(short3, short3, short3)),
            replyOf(List.of(short3, short3), List.of(short3)), replyOf(List.of(long17, short3), List.of(long17, short3)), reply(KEY, Tier.OPEN, 3))) {
            assertThatThrownBy(() -> asking.check(lie, two, JOB, MINT, Optional.empty())).isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("receipt_invalid"))
                .hasMessageContaining("choices");
        }
        assertThatThrownBy(() -> asking.check(replyOf(List.of(long17, long16), List.of(long17, long16)), two, JOB, MINT, Optional.empty())).hasMessageContaining("more than this request can have");
    }

    private void assertInvalidCall(Hash request, Hash reply, int tokensIn, int tokensOut, Tier tier, String word) {
        var receipt = new Receipt(JOB, NODE, Hash.ZERO, "engine", tier, 0, Sampler.GREEDY, request, reply, tokensIn, tokensOut, MINT, 7, Finish.STOP, Hash.ZERO, Hash.ZERO, Hash.ZERO, 1, 2);
        assertThatThrownBy(() -> asking(Trust.NONE).check(said(receipt), CALL, JOB, MINT)).isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("receipt_invalid"))
            .hasMessageContaining(word);
    }

    private static ServiceReply said(Receipt receipt) {
        return new ServiceReply(SAID, JOB.hex(), 7, receipt.sign(KEY), OptionalLong.empty(), Optional.empty(), new ReceiptSigner.Unknown("not looked at"));
    }

    @Test
    void a_services_receipt_is_of_what_went_and_came_to_the_byte_and_of_one_call() {
        Hash request = CALL.request().hash();
        var good = new Receipt(JOB, NODE, Hash.ZERO, "engine", Tier.OPEN, 0, Sampler.GREEDY, request, SAID.hash(), 0, 1, MINT, 7, Finish.STOP, Hash.ZERO, Hash.ZERO, Hash.ZERO, 1, 2);
        assertThat(asking(Trust.NONE.withRegistry(having(KEY.publicKey()))).check(said(good), CALL, JOB, MINT).signer()).isEqualTo(new ReceiptSigner.Registered());
        assertInvalidCall(ServiceBody.request("{ }".getBytes(StandardCharsets.UTF_8)).hash(), SAID.hash(), 0, 1, Tier.OPEN, "another request or reply");
        assertInvalidCall(request, ServiceBody.reply("4.0".getBytes(StandardCharsets.UTF_8)).hash(), 0, 1, Tier.OPEN, "another request or reply");
        assertInvalidCall(request, SAID.hash(), 1, 1, Tier.OPEN, "not one call");
        assertInvalidCall(request, SAID.hash(), 0, 2, Tier.OPEN, "not one call");
        assertInvalidCall(request, SAID.hash(), 0, 1, Tier.VERIFIED, "tier verified");
    }

    @Test
    void the_chain_is_asked_once_for_a_node_and_again_when_its_key_has_changed() {
        var key = new AtomicReference<>(KEY);
        var asked = new AtomicInteger();
        Asking asking = asking(Trust.NONE.withRegistry((OnlyNodes) node -> {
            asked.incrementAndGet();
            return having(key.get().publicKey()).find(node);
        }));
        asking.check(reply(KEY, Tier.OPEN, 3), question, JOB, MINT, Optional.empty());
        asking.check(reply(KEY, Tier.OPEN, 3), question, JOB, MINT, Optional.empty());
        assertThat(asked).hasValue(1);
        key.set(Keypair.generate());
        asking.check(reply(key.get(), Tier.OPEN, 3), question, JOB, MINT, Optional.empty());
        assertThat(asked).hasValue(2);
    }

    @Test
    void a_reply_that_is_paid_for_is_given_and_told_apart_when_the_signer_cannot_be_known() {
        Trust deaf = Trust.NONE.withRegistry((OnlyNodes) _ -> {
            throw new NodeRegistry.UnreachableException("no answer", new java.io.IOException());
        });
        assertThat(asking(deaf).check(reply(KEY, Tier.OPEN, 3), question, JOB, MINT, Optional.empty()).signer())
            .isInstanceOfSatisfying(ReceiptSigner.Unknown.class, unknown -> assertThat(unknown.why()).contains("no answer"));
        assertThat(asking(Trust.NONE).check(reply(KEY, Tier.OPEN, 3), question, JOB, MINT, Optional.empty()).signer()).isInstanceOf(ReceiptSigner.Unknown.class);
    }
}
