package network.nyxos.escrow.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.Samples;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.escrow.seal.SealedPrompt;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.tree.CreditNode;
import network.nyxos.escrow.voucher.Voucher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WireTest {
    private static final Samples SAMPLES = new Samples(1);
    private static final Keypair NODE = SAMPLES.keypair();
    private static final Hash JOB = SAMPLES.hash();
    private static final SignedAssignment ASSIGNMENT = SAMPLES.assignment(NODE.publicKey()).sign(NODE);
    private static final PaymentRecord.ByVoucher VOUCHER = voucher();
    private static final SignedAssignment PAID = paid().sign(NODE);
    private static final SignedReceipt RECEIPT = SAMPLES.receipt().sign(NODE);
    private static final WireMessage.ModelOffer MODEL = new WireMessage.ModelOffer(SAMPLES.hash(), "smollm2-135m", "nyx-int8-v1", 2048, true, true);
    private static final WireMessage.Challenge CHALLENGE = new WireMessage.Challenge(SAMPLES.hash(), SAMPLES.key());

    private static final PromptText TEXT = new PromptText(SAMPLES.hash(), List.of(new WireMessage.ChatMessage("system", "é"), new WireMessage.ChatMessage("user", "naïve \"q\"\n")));

    private static PaymentRecord.ByVoucher voucher() {
        var voucher = new Voucher(SAMPLES.key(), 900, 0);
        return new PaymentRecord.ByVoucher(voucher, voucher.sign(NODE), SAMPLES.hash(), NODE.sign(JOB), ASSIGNMENT.assignment().mint());
    }

    @Test
    void a_prompt_has_one_hash_and_shows_nothing() {
        byte[] bytes = {1, 0, 0, 0, 1, 0, 0, 0, 'u', 2, 0, 0, 0, 'h', 'i'};
        var text = new PromptText(JOB, List.of(new WireMessage.ChatMessage("u", "hi")));
        assertThat(text.hash()).isEqualTo(Hash.domain("nyxos:prompt-text:v1", JOB.bytes(), bytes));
        assertThat(PromptText.NONE.hash()).isEqualTo(Hash.ZERO);
        assertThat(new PromptText(JOB, List.of()).hash()).isNotEqualTo(Hash.ZERO);
        assertThat(text.toString()).doesNotContain("hi");
        assertThat(new WireMessage.Ask.Clear(new WireMessage.ChatRequest(text.messages(), 1, SAMPLES.limits()), JOB).constraints().prompt()).isEqualTo(text.hash());
    }

    /// The assignment of the job that the voucher pays.
    private static Assignment paid() {
        Assignment a = ASSIGNMENT.assignment();
        return new Assignment(VOUCHER.jobId(), a.gateway(), a.node(), a.modelId(), a.tier(), a.attempt(), a.maxOutput(), a.mint(), a.price(), a.ceiling(), Payment.VOUCHER,
            a.requestHash(), a.seed(), a.sampler(), a.constraints(), a.routing(), a.issuedMs(), a.deadlineMs());
    }

    static Stream<WireMessage> messages() {
        Signature signature = NODE.sign(JOB);
        return Stream.of(CHALLENGE, WireMessage.Hello.answer(CHALLENGE, NODE, SAMPLES.key(), Optional.empty(), Set.of(Tier.OPEN), List.of(MODEL), 4),
            WireMessage.Hello.answer(CHALLENGE, NODE, SAMPLES.key(), Optional.of(SealingKey.generate(SealingSuite.X25519).publicKey()), Set.of(Tier.OPEN, Tier.CONFIDENTIAL), List.of(MODEL, MODEL), 1),
            WireMessage.Hello.answer(CHALLENGE, NODE, SAMPLES.key(), Optional.empty(), Set.of(Tier.OPEN),
                List.of(new WireMessage.ModelOffer(SAMPLES.hash(), "minilm", "onnx", 512, false, new ModelKind.Embedding(384))), 4),
            new WireMessage.Welcome(), new WireMessage.Refused("node_unknown", "not registered"), new WireMessage.Attest(JOB),
            new WireMessage.Evidence(JOB, "tdx", SAMPLES.bytes(2_000), Optional.empty(), true),
            new WireMessage.Evidence(JOB, "tdx", SAMPLES.bytes(20), Optional.of(SAMPLES.bytes(30)), false),
            new WireMessage.Evidence(JOB, "snp", SAMPLES.bytes(20), Optional.empty(), false, List.of(new WireMessage.Evidence.Device(SAMPLES.bytes(40), SAMPLES.bytes(50)),
                new WireMessage.Evidence.Device(SAMPLES.bytes(41), SAMPLES.bytes(51))), List.of(new WireMessage.Evidence.Device(SAMPLES.bytes(42), SAMPLES.bytes(52)))),
            new WireMessage.Assign(ASSIGNMENT.assignment().jobId(), ASSIGNMENT, Optional.empty(), new WireMessage.Ask.Clear(new WireMessage.ChatRequest(
                List.of(new WireMessage.ChatMessage("user", "naïve \"q\"\n")), 64, SAMPLES.limits()), SAMPLES.hash())),
            new WireMessage.Assign(PAID.assignment().jobId(), PAID, Optional.of(VOUCHER), new WireMessage.Ask.Sealed(new SealedPrompt(SAMPLES.key(), SAMPLES.bytes(32), SAMPLES.bytes(300)))),
            new WireMessage.Assign(ASSIGNMENT.assignment().jobId(), ASSIGNMENT, Optional.empty(), new WireMessage.Ask.Embed(new WireMessage.EmbeddingRequest(List.of("naïve \"q\"\n", "b")))),
            new WireMessage.Assign(ASSIGNMENT.assignment().jobId(), ASSIGNMENT, Optional.empty(), new WireMessage.Ask.Clear(new WireMessage.ChatRequest(
                List.of(new WireMessage.ChatMessage("user", "hi")), 64, SAMPLES.limits(), OptionalInt.of(3)), SAMPLES.hash())),
            new WireMessage.Assign(ASSIGNMENT.assignment().jobId(), ASSIGNMENT, Optional.empty(), new WireMessage.Ask.Clear(new WireMessage.ChatRequest(
                List.of(new WireMessage.ChatMessage("user", "hi")), 64, 8, SAMPLES.limits(), OptionalInt.empty()), SAMPLES.hash())),
            new WireMessage.Delta(JOB, 7, 12, "hi", 3, List.of()),
            new WireMessage.Done(JOB, Finish.LENGTH, 12, 65, List.of(new ReplyChoice(SAMPLES.hash(), Finish.STOP, 1), new ReplyChoice(SAMPLES.hash(), Finish.LENGTH, 64)), RECEIPT),
            new WireMessage.Delta(JOB, 0, "hi", 3, List.of(new TokenLogprob(TokenLogprob.Likely.of(new byte[] {(byte) 0xC3}, -12), List.of(new TokenLogprob.Likely("", 0), new TokenLogprob.Likely("68", -7))),
                new TokenLogprob(new TokenLogprob.Likely("69", Integer.MIN_VALUE + 1), List.of()))),
            WireMessage.Hello.answer(CHALLENGE, NODE, SAMPLES.key(), Optional.empty(), Set.of(Tier.OPEN),
                List.of(new WireMessage.ModelOffer(SAMPLES.hash(), "weather", "http-service", 65_536, false, new ModelKind.Service())), 4),
            new WireMessage.Assign(ASSIGNMENT.assignment().jobId(), ASSIGNMENT, Optional.empty(), new WireMessage.Ask.Call(ServiceBody.request("{\"city\": \"Łódź\" }".getBytes(StandardCharsets.UTF_8)))),
            new WireMessage.Output(JOB, ServiceBody.reply("[1.0, null]\n".getBytes(StandardCharsets.UTF_8))),
            new WireMessage.Vector(JOB, 3, Embedding.of(new float[] {1, -0.1f, Float.MIN_VALUE, Float.NaN})),
            new WireMessage.Accepted(JOB), new WireMessage.Rejected(JOB, "busy", "at capacity"), new WireMessage.Delta(JOB, 0, "héllo", 3),
            new WireMessage.Done(JOB, Finish.LENGTH, 12, 64, RECEIPT), new WireMessage.Failed(JOB, "engine_failed", "out of memory"), new WireMessage.Cancel(JOB),
            new WireMessage.OfferReceipt(ASSIGNMENT, RECEIPT), new WireMessage.Recorded(JOB, "executed", Optional.empty(), Optional.empty()),
            new WireMessage.Recorded(JOB, "rejected", Optional.of("late"), Optional.of("past its deadline")), new WireMessage.Reveal(JOB),
            new WireMessage.Revealed(JOB, SAMPLES.hash(), List.of(1, 2, 49_151), List.of(), SAMPLES.constraints(), TEXT),
            new WireMessage.Revealed(JOB, SAMPLES.hash(), List.of(1), List.of(2), Constraints.NONE, PromptText.NONE),
            new WireMessage.Replay(JOB, SAMPLES.hash(), "nyx-int8-v1", List.of(1, 2), -1L, SAMPLES.sampler(), 64, SAMPLES.constraints(), TEXT, SAMPLES.hash()),
            new WireMessage.Replayed(JOB, List.of(5), Finish.STOP, SAMPLES.hash(), signature),
            new WireMessage.Accuse(JOB, ASSIGNMENT, RECEIPT, SAMPLES.hash(), List.of(1, 49_151), List.of(2), SAMPLES.constraints()),
            new WireMessage.Accused(JOB, SAMPLES.key()), new WireMessage.State(JOB, "final", ""));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void every_message_reads_back(WireMessage message) {
        assertThat(WireCodec.decode(WireCodec.encode(message))).isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void a_missing_or_unknown_field_is_refused_with_its_name(WireMessage message) {
        String frame = WireCodec.encode(message);
        assertThatThrownBy(() -> WireCodec.decode(frame.replaceFirst("\\{", "{\"surplus\":1,"))).isInstanceOfSatisfying(ProtocolException.class, e -> {
            assertThat(e.code()).isEqualTo("message_malformed");
            assertThat(e.getMessage()).contains("surplus");
        });
        assertThatThrownBy(() -> WireCodec.decode(frame + "{}")).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> WireCodec.decode(frame.substring(0, frame.length() - 1))).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> WireCodec.decode(frame.replaceFirst("\"type\":", "\"type\":\"welcome\",\"type\":"))).as("doubled field").isInstanceOf(ProtocolException.class);
    }

    @Test
    void the_largest_sealed_prompt_that_a_gateway_takes_fits_a_frame() {
        // A gateway's body has 256 KiB at most, of which base64 leaves three quarters.
        var prompt = new SealedPrompt(SAMPLES.key(), SAMPLES.bytes(1120), SAMPLES.bytes(192 * 1024));
        var assign = new WireMessage.Assign(PAID.assignment().jobId(), PAID, Optional.of(VOUCHER), new WireMessage.Ask.Sealed(prompt));
        assertThat(WireCodec.decode(WireCodec.encode(assign))).isEqualTo(assign);
    }

    @Test
    void probabilities_are_of_tokens_at_most_one_and_never_of_a_sealed_reply() {
        String delta = WireCodec.encode(new WireMessage.Delta(JOB, 0, "hi", 1, List.of(new TokenLogprob(new TokenLogprob.Likely("68", -7), List.of()))));
        refused(delta.replace("\"68\"", "\"6\""), "logprob_malformed", "hexadecimal");
        refused(delta.replace("\"below\":7", "\"below\":-7"), "message_malformed", "below");
        refused(delta.replace("\"top\":[]", "\"top\":[" + "{\"token\":\"\",\"below\":1},".repeat(20) + "{\"token\":\"\",\"below\":1}]"), "logprob_malformed", "at most 20");
        byte[] asking = WireCodec.encodeRequest(new WireMessage.ChatRequest(List.of(new WireMessage.ChatMessage("user", "hi")), 64, Constraints.NONE, OptionalInt.of(0)));
        assertThatThrownBy(() -> WireCodec.decodeRequest(asking)).isInstanceOf(ProtocolException.class).hasMessageContaining("sealed");
    }

    @Test
    void choices_are_told_where_there_are_several_and_at_most_eight() {
        String assign = WireCodec.encode(new WireMessage.Assign(ASSIGNMENT.assignment().jobId(), ASSIGNMENT, Optional.empty(), new WireMessage.Ask.Clear(new WireMessage.ChatRequest(
            List.of(new WireMessage.ChatMessage("user", "hi")), 64, 2, Constraints.NONE, OptionalInt.empty()), Hash.ZERO)));
        refused(assign.replace("\"choices\":2", "\"choices\":1"), "message_malformed", "choices");
        refused(assign.replace("\"choices\":2", "\"choices\":9"), "message_malformed", "choices");
        String delta = WireCodec.encode(new WireMessage.Delta(JOB, 1, 0, "hi", 1, List.of()));
        refused(delta.replace("\"choice\":1", "\"choice\":0"), "message_malformed", "choice");
        refused(delta.replace("\"choice\":1", "\"choice\":8"), "message_malformed", "choice");
        String done = WireCodec.encode(new WireMessage.Done(JOB, Finish.STOP, 12, 2, List.of(new ReplyChoice(JOB, Finish.STOP, 1), new ReplyChoice(JOB, Finish.STOP, 1)), RECEIPT));
        String one = "{\"output\":\"" + JOB.hex() + "\",\"finish\":\"stop\",\"tokens\":1}";
        refused(done.replace("," + one, ""), "message_malformed", "2 to 8");
        refused(done.replace("," + one, ("," + one).repeat(8)), "message_malformed", "2 to 8");
        refused(done.replace("\"tokens\":1}]", "\"tokens\":-1}]"), "message_malformed", "tokens");
        byte[] asking = WireCodec.encodeRequest(new WireMessage.ChatRequest(List.of(new WireMessage.ChatMessage("user", "hi")), 64, 2, Constraints.NONE, OptionalInt.empty()));
        assertThatThrownBy(() -> WireCodec.decodeRequest(asking)).isInstanceOf(ProtocolException.class).hasMessageContaining("sealed prompt has one reply");
    }

    @Test
    void inputs_that_are_none_and_vectors_that_are_none_are_refused() {
        String assign = WireCodec.encode(new WireMessage.Assign(ASSIGNMENT.assignment().jobId(), ASSIGNMENT, Optional.empty(), new WireMessage.Ask.Embed(new WireMessage.EmbeddingRequest(List.of("a")))));
        refused(assign.replace("[\"a\"]", "[]"), "inputs_range", "1 to 2048");
        refused(assign.replace("[\"a\"]", "[\"a\",\"\"]"), "inputs_range", "none of them empty");
        refused(assign.replace("[\"a\"]", "[\"a\"],\"maxTokens\":1"), "message_malformed", "maxTokens is not a known field");
        String vector = WireCodec.encode(new WireMessage.Vector(JOB, 0, Embedding.of(new float[] {1})));
        refused(vector.replace("AACAPw==", "AACA"), "embedding_malformed", "four bytes a number");
        refused(vector.replace("AACAPw==", ""), "dimensions_range", "1 to 16384");
    }

    @Test
    void what_services_are_asked_and_say_is_json_and_the_largest_fits_a_frame() {
        var largest = new WireMessage.Output(JOB, ServiceBody.reply(("\"" + "x".repeat(ServiceBody.MAX_REPLY - 2) + "\"").getBytes(StandardCharsets.UTF_8)));
        assertThat(WireCodec.decode(WireCodec.encode(largest))).isEqualTo(largest);
        String output = WireCodec.encode(new WireMessage.Output(JOB, ServiceBody.reply("{}".getBytes(StandardCharsets.UTF_8))));
        refused(output.replace("\"e30=\"", "\"!\""), "message_malformed", "base64");
        refused(output.replace("\"e30=\"", "\"e30w\""), "service_reply_invalid", "one JSON value");
        String hello = WireCodec.encode(WireMessage.Hello.answer(CHALLENGE, NODE, SAMPLES.key(), Optional.empty(), Set.of(Tier.OPEN),
            List.of(new WireMessage.ModelOffer(SAMPLES.hash(), "weather", "http-service", 65_536, false, new ModelKind.Service())), 4));
        refused(hello.replace("\"service\":true", "\"service\":false"), "message_malformed", "service is true");
        String assign = WireCodec.encode(new WireMessage.Assign(ASSIGNMENT.assignment().jobId(), ASSIGNMENT, Optional.empty(), new WireMessage.Ask.Call(ServiceBody.request("{}".getBytes(StandardCharsets.UTF_8)))));
        refused(assign.replace("\"e30=\"", "\"\""), "service_request_invalid", "one JSON value");
        refused(assign.replace("\"e30=\"", "\"e30=\",\"path\":\"/admin\""), "message_malformed", "path is not a known field");
    }

    private static void helloRefused(String sealing, String text) {
        String hello = WireCodec.encode(WireMessage.Hello.answer(CHALLENGE, NODE, SAMPLES.key(), Optional.empty(), Set.of(Tier.OPEN), List.of(MODEL), 4));
        refused(hello.replace("\"tiers\"", "\"sealing\":" + sealing + ",\"tiers\""), "message_malformed", text);
    }

    @Test
    void a_sealing_key_of_no_known_suite_or_of_another_length_is_refused() {
        helloRefused("{\"suite\":\"kyber\",\"key\":\"AAAA\"}", "no sealing suite that is known");
        helloRefused("{\"suite\":\"x-wing\",\"key\":\"AAAA\"}", "has 1216 bytes, this has 3");
        helloRefused("{\"suite\":\"x25519\",\"key\":\"AAAA\"}", "has 32 bytes, this has 3");
        helloRefused("{\"suite\":\"x25519\",\"key\":\"!\"}", "base64");
        helloRefused("{\"suite\":\"x25519\",\"key\":\"" + "A".repeat(43) + "=\",\"more\":1}", "not a known field");
        helloRefused("\"x25519\"", "an object");
    }

    @Test
    void what_is_wrong_is_said_with_the_place() {
        refused("{\"type\":\"dance\"}", "message_unknown", "dance");
        refused("[]", "message_malformed", "object");
        refused("{\"type\":\"attest\",\"nonce\":\"12\"}", "message_malformed", "nonce");
        refused("{\"type\":\"attest\",\"nonce\":5}", "message_malformed", "nonce must be");
        refused("{\"type\":\"attest\"}", "message_malformed", "nonce");
        refused("{\"type\":\"challenge\",\"version\":2,\"nonce\":\"" + JOB + "\",\"peer\":\"x\"}", "version_unsupported", "2");
        refused("{\"type\":\"challenge\",\"version\":1,\"nonce\":\"" + JOB + "\",\"peer\":\"0OIl\"}", "message_malformed", "peer");
        refused("{\"type\":\"delta\",\"job\":\"" + JOB + "\",\"index\":-1,\"text\":\"\",\"tokens\":0}", "message_malformed", "index");
        refused("{\"type\":\"delta\",\"job\":\"" + JOB + "\",\"index\":1.0,\"text\":\"\",\"tokens\":0}", "message_malformed", "index");
        refused("{\"type\":\"state\",\"job\":\"" + JOB + "\",\"state\":\"final\",\"reason\":null}", "message_malformed", "reason");
        refused("x".repeat(WireCodec.MAX_FRAME + 1), "message_too_large", "bytes");
        refused("[".repeat(1_000), "message_malformed", "not JSON");
        String assign = WireCodec.encode(new WireMessage.Assign(ASSIGNMENT.assignment().jobId(), ASSIGNMENT, Optional.empty(),
            new WireMessage.Ask.Clear(new WireMessage.ChatRequest(List.of(new WireMessage.ChatMessage("user", "q")), 1, Constraints.NONE), Hash.ZERO)));
        refused(assign.replace(ASSIGNMENT.assignment().jobId().hex(), JOB.hex()), "message_malformed", "assignment's");
        refused(assign.replace("\"role\"", "\"rule\""), "message_malformed", "messages[0]");
        String other = assign.replaceFirst("\\{", "{\"payment\":" + new String(VOUCHER.encode(), StandardCharsets.UTF_8) + ",");
        refused(other, "message_malformed", "voucher for the assignment's job");
    }

    private static void refused(String frame, String code, String place) {
        assertThatThrownBy(() -> WireCodec.decode(frame)).isInstanceOfSatisfying(ProtocolException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.getMessage()).contains(place);
        });
    }

    @Test
    void a_frame_that_would_be_too_large_is_not_written() {
        assertThatThrownBy(() -> WireCodec.encode(new WireMessage.Delta(JOB, 0, "x".repeat(WireCodec.MAX_FRAME), 1))).isInstanceOfSatisfying(ProtocolException.class,
            e -> assertThat(e.code()).isEqualTo("message_too_large"));
    }

    @Test
    void a_hello_answers_its_challenge_only() {
        WireMessage.Hello hello = WireMessage.Hello.answer(CHALLENGE, NODE, SAMPLES.key(), Optional.empty(), Set.of(Tier.OPEN), List.of(MODEL), 4);
        assertThat(hello.verify(CHALLENGE)).isTrue();
        assertThat(hello.verify(new WireMessage.Challenge(SAMPLES.hash(), CHALLENGE.peer()))).isFalse();
        assertThat(hello.verify(new WireMessage.Challenge(CHALLENGE.nonce(), SAMPLES.key()))).isFalse();
        var forged = new WireMessage.Hello(hello.node(), SAMPLES.key(), hello.sealing(), hello.tiers(), hello.models(), 4, hello.signature());
        assertThat(forged.verify(CHALLENGE)).isFalse();
    }

    @Test
    void prompts_and_replies_do_not_show_in_text_forms() {
        assertThat(messages().map(Object::toString)).noneMatch(text -> text.contains("naïve") || text.contains("héllo") || text.contains("49151"));
    }

    @Test
    void a_job_record_reads_back_and_its_signature_is_over_the_body() {
        Hash nonce = SAMPLES.hash();
        Keypair session = SAMPLES.keypair();
        var voucher = new Voucher(SAMPLES.key(), 500, 0);
        EscrowPayload payload = EscrowPayload.sign(voucher, nonce, SAMPLES.hash(), session);
        var byVoucher = new JobRecord(JobId.voucher(voucher.escrow(), nonce), Optional.empty(), payload.record(SAMPLES.key()), JobRecord.Outcome.FAILED, 0, "no node");
        Hash message = SAMPLES.hash();
        var exact = new JobRecord(JobId.exact(message), Optional.empty(), new PaymentRecord.Exact(NODE.sign(JOB), message, SAMPLES.key(), SAMPLES.key(), 7, Optional.of("m")),
            JobRecord.Outcome.RESERVED, 7, "");
        for (JobRecord record : List.of(byVoucher, exact)) {
            byte[] body = record.encode();
            assertThat(JobRecord.decode(body)).isEqualTo(record);
            assertThat(PaymentRecord.decode(record.payment().encode())).isEqualTo(record.payment());
            String header = JobRecord.signatureHeader(body, NODE);
            assertThat(JobRecord.verifySignatureHeader(body, header)).isEqualTo(NODE.publicKey());
            body[body.length - 2] ^= 1;
            assertThatThrownBy(() -> JobRecord.verifySignatureHeader(body, header)).isInstanceOfSatisfying(ProtocolException.class,
                e -> assertThat(e.code()).isEqualTo("signature_invalid"));
            for (String bad : List.of("", "x", "a b", NODE.publicKey() + " AAAA", header + " ")) {
                assertThatThrownBy(() -> SignatureHeader.verify(bad, Digests.jobRecord(body))).isInstanceOfSatisfying(ProtocolException.class,
                    e -> assertThat(e.code()).isEqualTo("signature_header_malformed"));
            }
        }
        assertThatThrownBy(() -> new JobRecord(JOB, Optional.empty(), exact.payment(), JobRecord.Outcome.RESERVED, 7, "")).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> new JobRecord(exact.job(), Optional.of(ASSIGNMENT), exact.payment(), JobRecord.Outcome.RESERVED, 7, "")).isInstanceOf(ProtocolException.class);
    }

    @Test
    void an_escrow_payload_reads_back_and_verifies_for_its_request_only() {
        Keypair session = SAMPLES.keypair();
        Hash request = SAMPLES.hash();
        EscrowPayload payload = EscrowPayload.sign(new Voucher(SAMPLES.key(), 9, 0), SAMPLES.hash(), request, session);
        assertThat(EscrowPayload.decode(payload.encode())).isEqualTo(payload);
        assertThat(payload.verify(session.publicKey(), request)).isTrue();
        assertThat(payload.verify(session.publicKey(), SAMPLES.hash())).isFalse();
        assertThat(payload.verify(NODE.publicKey(), request)).isFalse();
        String foreign = new String(payload.encode(), StandardCharsets.UTF_8).replace(payload.voucher().escrow().toBase58(), SAMPLES.key().toBase58());
        assertThatThrownBy(() -> EscrowPayload.decode(foreign.getBytes(StandardCharsets.UTF_8))).isInstanceOfSatisfying(ProtocolException.class,
            e -> assertThat(e.code()).isEqualTo("escrow_payload_malformed"));
    }

    @Test
    void a_proof_reads_back() {
        var proof = new ProofDocument(3, SAMPLES.key(), 1, 4, 500, List.of(new CreditNode(SAMPLES.hash(), 7), new CreditNode(SAMPLES.hash(), 0)));
        assertThat(ProofDocument.decode(proof.encode())).isEqualTo(proof);
        assertThatThrownBy(() -> ProofDocument.decode("{\"seq\":1}".getBytes(StandardCharsets.UTF_8))).isInstanceOf(ProtocolException.class);
    }
}
