package network.nyxos.bench.programs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import network.nyxos.bench.programs.Bindings.Call;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.localnet.ChainAccount;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.ExecutedTransaction;
import network.nyxos.localnet.LocalChain;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/**
 * Every account, instruction, event, type and error of the IDLs there and back: Java makes each call of the story that `onchain/tests` tells from nothing but
 * its arguments and accounts, the built program takes it on the local chain, and Java reads the accounts and events that the program then writes. What the
 * IDL has and the story does not tell fails here.
 */
class RoundTripTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final Path ONCHAIN = Path.of("..", "onchain");
    private static final JsonNode GOLDEN = read("artifacts/golden.json");
    private static final JsonNode STORY = read("artifacts/story.json");
    private static final List<Bindings> PROGRAMS = List.of(new Bindings("registry", read("idl/registry.json")), new Bindings("escrow", read("idl/escrow.json")));

    /** A call of the story with the chain that it was made on. */
    private record Step(JsonNode call, JsonNode before) {

        @Override
        public String toString() {
            return before.path("step").asText();
        }
    }

    static Stream<Step> steps() {
        return IntStream.range(0, STORY.path("steps").size()).mapToObj(i -> new Step(GOLDEN.path("instructions").get(i), STORY.path("steps").get(i)));
    }

    private static JsonNode read(String file) {
        try {
            return new ObjectMapper().readTree(ONCHAIN.resolve(file).toFile());
        } catch (IOException e) {
            throw new IllegalStateException(file, e);
        }
    }

    private static Bindings program(JsonNode entry) {
        return PROGRAMS.stream().filter(program -> program.id().toBase58().equals(entry.path("program").asText())).findFirst().orElseThrow();
    }

    private static byte[] bytes(JsonNode entry) {
        return HEX.parseHex(entry.path("data").asText());
    }

    private static Stream<JsonNode> each(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static PublicKey key(String base58) {
        return PublicKey.fromBase58Encoded(base58);
    }

    @ParameterizedTest
    @MethodSource("steps")
    void java_makes_the_call_the_program_takes_it_and_java_reads_what_it_wrote(Step step) {
        assertThat(step.call().path("step")).as("the two files are of one story").isEqualTo(step.before().path("step"));
        Bindings program = program(step.call());
        Call call = program.call(step.call().path("instruction").asText(), step.call().path("arguments"));
        assertThat(call.data()).isEqualTo(bytes(step.call()));
        assertThat(program.decodeInstruction(call.data())).isEqualTo(call.record());
        Instruction instruction = call.instruction(each(step.call().path("accounts"))
                .map(meta -> AccountMeta.createMeta(key(meta.path("address").asText()), meta.path("writable").asBoolean(), meta.path("signer").asBoolean())).toList());

        try (LocalChain chain = chain(step.before())) {
            ExecutedTransaction sent = send(chain, step.before(), instruction);
            assertThat(sent.execution().failure()).as(String.join("\n", sent.execution().logs())).isEmpty();

            List<JsonNode> expected = each(GOLDEN.path("events")).filter(event -> event.path("step").equals(step.before().path("step"))).toList();
            List<byte[]> events = events(sent, program);
            assertThat(events).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(events.get(i)).isEqualTo(bytes(expected.get(i)));
                assertThat(program.encodeEvent(program.decodeEvent(events.get(i)))).isEqualTo(events.get(i));
            }
            for (AccountMeta meta : instruction.accounts()) {
                chain.account(meta.publicKey()).filter(account -> account.owner().equals(program.id()) && account.data().length > 0)
                        .ifPresent(account -> assertThat(program.encodeAccount(program.decodeAccount(account.data()))).isEqualTo(account.data()));
            }
        }
    }

    private static LocalChain chain(JsonNode before) {
        Instant time = Instant.ofEpochSecond(before.path("unix_time").asLong());
        LocalChain chain = LocalChain.start(ChainOptions.defaults().withManualSlots().withClock(() -> time));
        PROGRAMS.forEach(program -> chain.deploy(program.id(), Ground.artifact(program.name())));
        before.path("accounts").properties().forEach(entry -> {
            JsonNode state = STORY.path("states").get(entry.getValue().asInt());
            chain.setAccount(key(entry.getKey()), ChainAccount.of(Long.parseUnsignedLong(state.path("lamports").asText()), key(state.path("owner").asText()), bytes(state)));
        });
        chain.advanceSlots(before.path("slot").asLong() - chain.slot());
        return chain;
    }

    private static ExecutedTransaction send(LocalChain chain, JsonNode before, Instruction call) {
        List<Keypair> signers = each(before.path("signers")).map(seed -> Keypair.fromSeed(HEX.parseHex(seed.asText()))).toList();
        List<Instruction> instructions = Stream.concat(each(before.path("preparing"))
                .map(other -> Instruction.createInstruction(key(other.path("program").asText()), List.of(), bytes(other))), Stream.of(call)).toList();
        return chain.send(TransactionBuilder.legacy(signers.getFirst().publicKey()).addAll(instructions)
                .compile(Hash.of(key(chain.latestBlockhash()).toByteArray())).sign(signers).bytes());
    }

    private static List<byte[]> events(ExecutedTransaction sent, Bindings program) {
        List<PublicKey> keys = WireTransaction.decode(sent.wire()).accounts();
        return sent.execution().inner().stream().flatMap(List::stream).filter(inner -> keys.get(inner.program()).equals(program.id())).map(inner -> inner.data()).toList();
    }

    @Test
    void java_reads_the_fields_that_were_written() {
        fields("instructions", "arguments", (program, entry) -> program.decodeInstruction(bytes(entry)));
        fields("events", "fields", (program, entry) -> program.decodeEvent(bytes(entry)));
        fields("accounts", "fields", (program, entry) -> program.decodeAccount(bytes(entry)));
    }

    private interface Decoder {
        Object decode(Bindings program, JsonNode entry);
    }

    private static void fields(String section, String member, Decoder decoder) {
        for (JsonNode entry : GOLDEN.path(section)) {
            assertThat(Bindings.fields(decoder.decode(program(entry), entry))).as(entry.path("data").asText()).isEqualTo(Bindings.withoutRoom(entry.path(member)));
        }
    }

    @Test
    void the_story_tells_of_everything_that_the_idl_has() {
        for (Bindings program : PROGRAMS) {
            var told = new HashSet<String>();
            BiConsumer<String, Decoder> tell = (section, decoder) -> each(GOLDEN.path(section)).filter(entry -> program(entry) == program)
                    .forEach(entry -> Bindings.types(decoder.decode(program, entry), told));
            tell.accept("instructions", (own, entry) -> own.decodeInstruction(bytes(entry)));
            tell.accept("events", (own, entry) -> own.decodeEvent(bytes(entry)));
            tell.accept("accounts", (own, entry) -> own.decodeAccount(bytes(entry)));
            var missing = new ArrayList<>(program.declared());
            missing.removeAll(told);
            assertThat(missing).as("in %s's IDL and in no step of onchain/tests/src/story.rs that succeeds, or in no account that `found` there lists: add it, then run "
                    + "NYXOS_WRITE=1 onchain/test", program.name()).isEmpty();
        }
    }

    @Test
    void every_error_has_its_number_name_and_message() {
        for (Bindings program : PROGRAMS) {
            Set<List<Object>> declared = new HashSet<>();
            each(program.idl().path("errors")).forEach(error -> declared.add(List.of(error.path("code").asLong(), error.path("name").asText(), error.path("msg").asText())));
            assertThat(program.errors()).containsExactlyInAnyOrderElementsOf(declared);
        }
    }
}
