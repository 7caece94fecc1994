package network.nyxos.attestation.eventlog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.Measurement.Register;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a TD says was extended into RTMR0 to RTMR3. The log itself is unsigned: it is worth something only when its replay equals the
 * registers of a verified quote, see {@link #mismatch}. And a digest does not prove the data beside it, so only data whose digest was
 * recomputed is given out.
 *
 * @param events in order
 */
public record EventLog(List<Event> events) {
    /** The check that {@link #judged} adds. */
    public static final String CHECK = "tdx.event-log";

    private static final String CODE = "eventlog.format";
    private static final int DIGEST = Measurement.REGISTER_BYTES;
    private static final long EV_NO_ACTION = 3;
    private static final int ALGORITHM_SHA384 = 0x000c;
    private static final long RUNTIME_EVENT = 0x08000001L;
    private static final byte[] SPEC_ID = "Spec ID Event03\0".getBytes(StandardCharsets.US_ASCII);
    private static final List<Register> RTMRS = List.of(Register.RTMR0, Register.RTMR1, Register.RTMR2, Register.RTMR3);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * One event.
     *
     * @param register what was extended
     * @param type     TCG event type, unsigned 32 bits
     * @param digest   48 bytes
     * @param statement what the event states, where its digest was recomputed from it; empty otherwise
     */
    public record Event(Register register, long type, Bytes digest, Optional<Statement> statement) {
    }

    /**
     * A runtime event of dstack.
     *
     * @param name    such as {@code compose-hash}
     * @param payload of the event
     */
    public record Statement(String name, Bytes payload) {
    }

    /** Copies. */
    public EventLog {
        events = List.copyOf(events);
    }

    /**
     * Reads a log of either form: dstack's is JSON.
     *
     * @throws AttestationException {@code eventlog.format}
     */
    public static EventLog parse(Bytes raw) {
        boolean json = raw.size() > 0 && raw.u8(0) == '[';
        return json ? parseDstack(new String(raw.toArray(), StandardCharsets.UTF_8)) : parseCcel(raw);
    }

    /**
     * Reads a CCEL (TCG2 crypto-agile log, SHA-384 only). The first record has the old form and names the specification; then follow
     * {@code index u32 (1..4 = RTMR0..3), type u32, count u32 = 1, algorithm u16 = 0x000C, digest 48, size u32, data}; the rest is 0xFF.
     *
     * @throws AttestationException {@code eventlog.format} when it is anything else
     */
    public static EventLog parseCcel(Bytes raw) {
        ByteBuffer log = ByteBuffer.wrap(raw.toArray()).order(ByteOrder.LITTLE_ENDIAN);
        readSpecification(log);
        List<Event> events = new ArrayList<>();
        while (log.hasRemaining() && !isFiller(log)) {
            need(log, 4 + 4 + 4 + 2 + DIGEST + 4);
            long index = Integer.toUnsignedLong(log.getInt());
            long type = Integer.toUnsignedLong(log.getInt());
            if (index < 1 || index > RTMRS.size()) {
                throw refused("event " + (events.size() + 1) + " is of measurement register " + index + ", only 1 to 4 can be replayed");
            }
            if (log.getInt() != 1 || log.getShort() != ALGORITHM_SHA384) {
                throw refused("event " + (events.size() + 1) + " has other digests than one of SHA-384");
            }
            byte[] digest = new byte[DIGEST];
            log.get(digest);
            skip(log, Integer.toUnsignedLong(log.getInt()));
            events.add(new Event(RTMRS.get((int) index - 1), type, Bytes.of(digest), Optional.empty()));
        }
        return new EventLog(events);
    }

    /**
     * Reads dstack's log: an array of {@code {imr, event_type, digest, event, event_payload}}, hexadecimal. The digest of a runtime event
     * (type 0x08000001) must be {@code SHA-384(type u32 LE ‖ ":" ‖ event ‖ ":" ‖ payload)}.
     *
     * @throws AttestationException {@code eventlog.format} when it is anything else, or a runtime event does not have its own digest
     */
    public static EventLog parseDstack(String json) {
        List<Event> events = new ArrayList<>();
        for (JsonNode node : array(json)) {
            long type = integer(node, "event_type", 0xffffffffL);
            Register register = RTMRS.get((int) integer(node, "imr", RTMRS.size() - 1L));
            Bytes digest = Bytes.fromHex(text(node, "digest"));
            if (digest.size() != DIGEST) {
                throw refused("event " + (events.size() + 1) + " has a digest of " + digest.size() + " bytes");
            }
            Optional<Statement> statement = Optional.empty();
            if (type == RUNTIME_EVENT) {
                Statement stated = new Statement(text(node, "event"), Bytes.fromHex(text(node, "event_payload")));
                if (!runtimeDigest(stated).equals(digest)) {
                    throw refused("event " + (events.size() + 1) + " (" + stated.name() + ") does not have the digest of its own content");
                }
                statement = Optional.of(stated);
            }
            events.add(new Event(register, type, digest, statement));
        }
        return new EventLog(events);
    }

    /** RTMR0 to RTMR3 after all events: each starts at zero and becomes SHA-384(register ‖ digest). */
    public Measurement replay() {
        Map<Register, Bytes> registers = new EnumMap<>(Register.class);
        RTMRS.forEach(register -> registers.put(register, Bytes.zeros(DIGEST)));
        events.stream()
                .filter(event -> event.type() != EV_NO_ACTION)
                .forEach(event -> registers.merge(event.register(), event.digest(), (value, digest) -> sha384(value.concat(digest).toArray())));
        return new Measurement(registers);
    }

    /** Why this log is not that of a TD with these registers; empty when the replay equals all four. */
    public Optional<String> mismatch(Measurement quoted) {
        Measurement replayed = replay();
        return RTMRS.stream()
                .filter(register -> !replayed.get(register).equals(quoted.get(register)))
                .findFirst()
                .map(register -> register.label() + " replays to " + replayed.get(register) + ", the quote says " + quoted.get(register));
    }

    /**
     * A verdict with this log as one more check, {@value #CHECK}: it fails unless the replay equals the registers that the evidence shows.
     *
     * @param verdict on the quote that the log belongs to
     */
    public Verdict judged(Verdict verdict) {
        Check check = verdict.measurement().map(quoted -> mismatch(quoted)
                        .map(why -> new Check(CHECK, Check.Outcome.FAILED, why))
                        .orElseGet(() -> new Check(CHECK, Check.Outcome.PASSED, "replays to RTMR0 to RTMR3, events: " + events.size() + stated())))
                .orElseGet(() -> new Check(CHECK, Check.Outcome.NOT_REACHED, "not judged: the evidence shows no registers"));
        return verdict.with(check);
    }

    /** What the events state whose digests were recomputed from it. */
    private String stated() {
        String all = events.stream().flatMap(event -> event.statement().stream())
                .map(statement -> statement.name() + " " + statement.payload().hex()).collect(Collectors.joining(", "));
        return all.isEmpty() ? "" : "; proven: " + all;
    }

    private static void readSpecification(ByteBuffer log) {
        need(log, 4 + 4 + 20 + 4);
        log.getInt();
        long type = Integer.toUnsignedLong(log.getInt());
        log.position(log.position() + 20);
        long size = Integer.toUnsignedLong(log.getInt());
        int start = log.position();
        skip(log, size);
        if (type != EV_NO_ACTION || size < SPEC_ID.length || log.slice(start, SPEC_ID.length).compareTo(ByteBuffer.wrap(SPEC_ID)) != 0) {
            throw refused("the log does not begin with the specification id");
        }
    }

    private static boolean isFiller(ByteBuffer log) {
        for (int i = log.position(); i < log.limit(); i++) {
            if (log.get(i) != (byte) 0xff) {
                return false;
            }
        }
        return true;
    }

    private static void skip(ByteBuffer log, long length) {
        need(log, length);
        log.position(log.position() + (int) length);
    }

    private static void need(ByteBuffer log, long length) {
        if (length > log.remaining()) {
            throw refused("the log ends inside an event: " + length + " bytes are needed, " + log.remaining() + " are there");
        }
    }

    private static JsonNode array(String json) {
        try {
            JsonNode node = JSON.readTree(json);
            if (node == null || !node.isArray()) {
                throw refused("not a JSON array");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new AttestationException(CODE, "not JSON", e);
        }
    }

    private static long integer(JsonNode node, String name, long maximum) {
        JsonNode value = node.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0 || value.longValue() > maximum) {
            throw refused("member \"" + name + "\" is missing or not an integer from 0 to " + maximum);
        }
        return value.longValue();
    }

    private static String text(JsonNode node, String name) {
        JsonNode value = node.path(name);
        if (!value.isTextual()) {
            throw refused("member \"" + name + "\" is missing or not text");
        }
        return value.textValue();
    }

    private static Bytes runtimeDigest(Statement statement) {
        byte[] name = statement.name().getBytes(StandardCharsets.UTF_8);
        ByteBuffer content = ByteBuffer.allocate(4 + 1 + name.length + 1 + statement.payload().size()).order(ByteOrder.LITTLE_ENDIAN);
        content.putInt((int) RUNTIME_EVENT).put((byte) ':').put(name).put((byte) ':').put(statement.payload().toArray());
        return sha384(content.array());
    }

    private static Bytes sha384(byte[] content) {
        try {
            return Bytes.of(MessageDigest.getInstance("SHA-384").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has SHA-384", e);
        }
    }

    private static AttestationException refused(String message) {
        return new AttestationException(CODE, message);
    }
}
