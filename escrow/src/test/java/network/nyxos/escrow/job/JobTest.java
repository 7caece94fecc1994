package network.nyxos.escrow.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.Samples;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import org.junit.jupiter.api.Test;

class JobTest {
    @Test
    void assignments_and_receipts_read_back() {
        for (int seed = 0; seed < 300; seed++) {
            var samples = new Samples(seed);
            Assignment assignment = samples.assignment(samples.key());
            Receipt receipt = samples.receipt();
            assertThat(Assignment.decode(assignment.encode())).isEqualTo(assignment);
            assertThat(Receipt.decode(receipt.encode())).isEqualTo(receipt);
        }
    }

    @Test
    void an_assignment_has_the_documented_bytes() {
        var samples = new Samples(1);
        Assignment a = samples.assignment(samples.key());
        byte[] bytes = a.encode();
        int head = 1 + 32 + 32 + 32 + 32 + 1 + 8 + 1 + 32;
        assertThat(bytes).hasSize(head + 32 + 1 + 4 + 8 + 8 + 8 + 12 + 32 + 32 + 8 + 8);
        assertThat(bytes[0]).isEqualTo((byte) 2);
        assertThat(Arrays.copyOfRange(bytes, 1, 33)).isEqualTo(a.jobId().bytes());
        assertThat(Arrays.copyOfRange(bytes, 33, 65)).isEqualTo(a.gateway().toByteArray());
        assertThat(Arrays.copyOfRange(bytes, 97, 129)).isEqualTo(a.mint().toByteArray());
        assertThat(bytes[129]).isEqualTo((byte) a.tier().code());
        assertThat(bytes[138]).isEqualTo((byte) a.payment().code());
        assertThat(Arrays.copyOfRange(bytes, head, head + 32)).isEqualTo(a.modelId().bytes());
        assertThat(bytes[head + 32]).isEqualTo((byte) a.attempt());
        assertThat(Arrays.copyOfRange(bytes, bytes.length - 80, bytes.length - 48)).isEqualTo(a.constraints().bytes());
        assertThat(Arrays.copyOfRange(bytes, bytes.length - 48, bytes.length - 16)).isEqualTo(a.routing().bytes());
        Hash work = Hash.domain("nyxos:assignment-work:v2", Arrays.copyOfRange(bytes, head, bytes.length));
        assertThat(a.workHash()).isEqualTo(work);
        assertThat(a.digest()).isEqualTo(Hash.domain("nyxos:assignment:v2", Arrays.copyOf(bytes, head), work.bytes()));
    }

    @Test
    void constraints_have_one_hash_each_and_none_where_there_are_none() {
        Hash salt = new Samples(7).hash();
        assertThat(Constraints.NONE.hash()).isEqualTo(Hash.ZERO);
        assertThat(new Constraints(List.of(), "", salt).hash()).as("a prompt alone is something to keep to").isNotEqualTo(Hash.ZERO);
        byte[] bytes = {2, 0, 0, 0, 1, 0, 0, 0, 'a', 2, 0, 0, 0, 'b', 'c', 1, 0, 0, 0, 'f'};
        assertThat(new Constraints(List.of("a", "bc"), "f", salt).hash()).isEqualTo(Hash.domain("nyxos:constraints:v1", salt.bytes(), bytes));
        assertThat(Set.of(new Constraints(List.of("a", "bc"), "", salt).hash(), new Constraints(List.of("ab", "c"), "", salt).hash(),
            new Constraints(List.of("abc"), "", salt).hash(), new Constraints(List.of(), "abc", salt).hash(), new Constraints(List.of("abc"), "", Hash.ZERO).hash())).hasSize(5);
        assertThat(new Constraints(List.of("secret"), "secret", salt).toString()).doesNotContain("secret");
    }

    @Test
    void every_shortened_lengthened_or_foreign_version_is_refused() {
        var samples = new Samples(2);
        byte[] assignment = samples.assignment(samples.key()).encode();
        byte[] receipt = samples.receipt().encode();
        for (int length = 0; length < assignment.length; length++) {
            byte[] cut = Arrays.copyOf(assignment, length);
            assertThatThrownBy(() -> Assignment.decode(cut)).isInstanceOf(ProtocolException.class);
        }
        for (int length = 0; length < receipt.length; length++) {
            byte[] cut = Arrays.copyOf(receipt, length);
            assertThatThrownBy(() -> Receipt.decode(cut)).isInstanceOf(ProtocolException.class);
        }
        assertThatThrownBy(() -> Assignment.decode(Arrays.copyOf(assignment, assignment.length + 1))).isInstanceOfSatisfying(ProtocolException.class,
            e -> assertThat(e.code()).isEqualTo("assignment_malformed"));
        assertThatThrownBy(() -> Receipt.decode(Arrays.copyOf(receipt, receipt.length + 1))).isInstanceOfSatisfying(ProtocolException.class,
            e -> assertThat(e.code()).isEqualTo("receipt_malformed"));
        assignment[0] = 1;
        receipt[0] = 2;
        assertThatThrownBy(() -> Assignment.decode(assignment)).hasMessageContaining("version");
        assertThatThrownBy(() -> Receipt.decode(receipt)).hasMessageContaining("version");
    }

    @Test
    void whatever_bytes_come_decoding_either_refuses_or_gives_what_encodes_to_the_same_bytes() {
        for (int seed = 0; seed < 3_000; seed++) {
            var samples = new Samples(seed);
            byte[] bytes = seed % 2 == 0 ? samples.receipt().encode() : samples.assignment(samples.key()).encode();
            for (int i = 0; i < 1 + samples.below(3); i++) {
                bytes[samples.below(bytes.length)] = (byte) samples.below(256);
            }
            try {
                byte[] again = seed % 2 == 0 ? Receipt.decode(bytes).encode() : Assignment.decode(bytes).encode();
                assertThat(again).isEqualTo(bytes);
            } catch (ProtocolException e) {
                assertThat(e.code()).isNotEmpty();
            }
        }
    }

    @Test
    void an_assignment_is_signed_by_the_gateway_it_names() {
        var samples = new Samples(3);
        Keypair gateway = samples.keypair();
        SignedAssignment signed = samples.assignment(gateway.publicKey()).sign(gateway);
        assertThat(signed.verify()).isTrue();
        assertThat(new SignedAssignment(samples.assignment(gateway.publicKey()), signed.signature()).verify()).isFalse();
        assertThatThrownBy(() -> samples.assignment(samples.key()).sign(gateway)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_receipt_is_signed_by_the_receipt_key() {
        var samples = new Samples(4);
        Keypair key = samples.keypair();
        SignedReceipt signed = samples.receipt().sign(key);
        assertThat(signed.verify(key.publicKey())).isTrue();
        assertThat(signed.verify(samples.keypair().publicKey())).isFalse();
        assertThat(new SignedReceipt(samples.receipt(), signed.signature()).verify(key.publicKey())).isFalse();
        assertThat(new SignedReceipt(signed.receipt(), Signature.of(new byte[64])).verify(key.publicKey())).isFalse();
    }

    @Test
    void a_payment_has_one_job() {
        var samples = new Samples(5);
        byte[] message = samples.bytes(200);
        assertThat(JobId.exact(message)).isEqualTo(Hash.sha256("nyxos:job:v1".getBytes(StandardCharsets.US_ASCII), new byte[] {1}, Hash.sha256(message).bytes()));
        var escrow = samples.key();
        Hash nonce = samples.hash();
        assertThat(JobId.voucher(escrow, nonce)).isEqualTo(
            Hash.sha256("nyxos:job:v1".getBytes(StandardCharsets.US_ASCII), new byte[] {2}, escrow.toByteArray(), nonce.bytes()));
    }

    @Test
    void token_hashes_are_over_little_endian_ids() {
        Hash salt = new Samples(6).hash();
        byte[] ids = {1, 0, 0, 0, 0, 1, 0, 0};
        assertThat(TokenHash.prompt(salt, new int[] {1, 256})).isEqualTo(Hash.domain("nyxos:prompt:v1", salt.bytes(), ids));
        assertThat(TokenHash.output(new int[] {1, 256})).isEqualTo(Hash.domain("nyxos:output:v1", ids));
        assertThat(TokenHash.output(new int[0])).isEqualTo(Hash.domain("nyxos:output:v1"));
    }

    @Test
    void several_choices_have_one_output_hash_that_tells_each_of_them_their_order_and_how_they_ended() {
        Hash first = TokenHash.output(new int[] {1, 256});
        Hash second = TokenHash.output(new int[] {7});
        var whole = new ReplyChoice(first, Finish.STOP, 2);
        var cut = new ReplyChoice(second, Finish.LENGTH, 1);
        assertThat(ReplyChoice.hash(List.of(whole, cut))).isEqualTo(Hash.domain("nyxos:choices:v1", new byte[] {2, 0, 0, 0}, first.bytes(), new byte[] {1, 2, 0, 0, 0}, second.bytes(),
            new byte[] {2, 1, 0, 0, 0}));
        assertThat(Set.of(ReplyChoice.hash(List.of(whole, cut)), ReplyChoice.hash(List.of(cut, whole)), ReplyChoice.hash(List.of(whole, cut, cut)),
            ReplyChoice.hash(List.of(whole, new ReplyChoice(second, Finish.STOP, 1))), ReplyChoice.hash(List.of(whole, new ReplyChoice(second, Finish.LENGTH, 2))),
            TokenHash.output(new int[] {1, 256, 7}))).hasSize(6);
        assertThat(ReplyChoice.tokens(List.of(whole, cut))).isEqualTo(3);
        assertThat(ReplyChoice.finish(List.of(whole, whole))).isEqualTo(Finish.STOP);
        assertThat(ReplyChoice.finish(List.of(cut, whole))).isEqualTo(Finish.LENGTH);
        assertThat(ReplyChoice.finish(List.of(cut, new ReplyChoice(second, Finish.CANCELLED, 0), whole))).isEqualTo(Finish.CANCELLED);
        assertThatThrownBy(() -> new ReplyChoice(first, Finish.STOP, -1)).isInstanceOf(ProtocolException.class).hasMessageContaining("0 or more");
    }

    @Test
    void the_first_choice_has_the_jobs_own_seed_and_every_other_one_of_its_own() {
        assertThat(ReplyChoice.seed(42, 0)).isEqualTo(42);
        assertThat(ReplyChoice.seed(-1, 0)).isEqualTo(-1);
        byte[] digest = Hash.domain("nyxos:choice-seed:v1", new byte[] {42, 0, 0, 0, 0, 0, 0, 0}, new byte[] {3, 0, 0, 0}).bytes();
        assertThat(ReplyChoice.seed(42, 3)).isEqualTo(ByteBuffer.wrap(digest).order(ByteOrder.LITTLE_ENDIAN).getLong());
        assertThat(LongStream.range(0, 100).boxed().flatMap(seed -> IntStream.range(0, ReplyChoice.MAX).mapToObj(choice -> ReplyChoice.seed(seed, choice))).distinct()).hasSize(100 * ReplyChoice.MAX);
    }

    @Test
    void a_tokenizer_hash_tells_where_tokens_end() {
        byte[] ab = {'a', 'b'};
        byte[] a = {'a'};
        byte[] b = {'b'};
        assertThat(ModelId.tokenizer(List.of(ab), List.of())).isNotEqualTo(ModelId.tokenizer(List.of(a, b), List.of()));
        assertThat(ModelId.tokenizer(List.of(a), List.of(b))).isEqualTo(Hash.sha256(new byte[] {1, 0, 0, 0, 'a', 1, 0, 0, 0, 'b'}));
        Hash read = ModelId.reading(Hash.ZERO, "smollm", List.of(1L, 3L), 1);
        assertThat(read).isEqualTo(Hash.domain("nyxos:reading:v1", new byte[32], new byte[] {6, 0, 0, 0, 's', 'm', 'o', 'l', 'l', 'm', 1, 0, 0, 0, 1, 3}));
        assertThat(Set.of(read, ModelId.reading(Hash.ZERO, "smollm", List.of(1L, 3L), 0), ModelId.reading(Hash.ZERO, "smollm", List.of(1L, 1L), 1), ModelId.template(read, Optional.empty()),
            ModelId.template(read, Optional.of("")), ModelId.template(read, Optional.of("Be brief")))).hasSize(6);
        assertThat(ModelId.template(read, Optional.of("x"))).isEqualTo(Hash.domain("nyxos:template:v1", read.bytes(), new byte[] {'=', 'x'}));
        Hash weights = Hash.sha256(a);
        assertThat(ModelId.of(weights, weights, "x")).isEqualTo(Hash.domain("nyxos:model:v1", weights.bytes(), weights.bytes(), new byte[] {'x'}));
    }

    @Test
    void tiers_are_bits() {
        for (int mask = 0; mask < 8; mask++) {
            assertThat(Tier.mask(Tier.ofMask(mask))).isEqualTo(mask);
        }
        assertThat(Tier.mask(Set.of(Tier.OPEN, Tier.CONFIDENTIAL))).isEqualTo(5);
        assertThatThrownBy(() -> Tier.ofMask(8)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> Tier.ofCode(3)).isInstanceOf(ProtocolException.class);
        assertThat(EnumSet.allOf(Tier.class)).allSatisfy(tier -> assertThat(Tier.ofWireName(tier.wireName())).isSameAs(tier));
    }

    @Test
    void samplers_outside_their_ranges_are_refused() {
        assertThatThrownBy(() -> new Sampler(-1, 1, 0)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> new Sampler(0, 0, 0)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> new Sampler(0, 1_000_001, 0)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> new Sampler(0, 1, -1)).isInstanceOf(ProtocolException.class);
    }
}
