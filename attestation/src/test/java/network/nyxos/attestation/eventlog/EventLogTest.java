package network.nyxos.attestation.eventlog;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.RecordedEvidence;
import network.nyxos.attestation.tdx.Quote;
import network.nyxos.attestation.tdx.QuoteBody;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@DisplayName("An event log")
class EventLogTest {
    private static Measurement quoted(String id) {
        Quote quote = Quote.parse(Bytes.of(RecordedEvidence.read(RecordedEvidence.vector(id).path("quote").asText())));
        return ((QuoteBody.TrustDomain) quote.body()).report().measurement();
    }

    private static byte[] log(String id) {
        return RecordedEvidence.read(RecordedEvidence.vector(id).path("eventlog").asText());
    }

    private static String dstack() {
        return new String(log("eventlog-nearai-model"), StandardCharsets.UTF_8);
    }

    @Test
    @DisplayName("of every recorded TD replays to the registers of its quote")
    void recordedLogsReplay() {
        assertThat(RecordedEvidence.vectors(Set.of("rtmr-replay"))).extracting(vector -> vector.path("id").asText())
                .containsExactly("eventlog-nearai-model", "eventlog-cos113-ccel");
        assertThat(EventLog.parseDstack(dstack()).mismatch(quoted("eventlog-nearai-model"))).isEmpty();
        EventLog ccel = EventLog.parseCcel(Bytes.of(log("eventlog-cos113-ccel")));
        assertThat(ccel.events()).hasSize(43);
        assertThat(ccel.mismatch(quoted("eventlog-cos113-ccel"))).isEmpty();
    }

    @Test
    @DisplayName("gives out what a runtime event states only after its digest was recomputed")
    void statements() {
        assertThat(EventLog.parseDstack(dstack()).events()).filteredOn(event -> event.statement().isPresent()).hasSize(10)
                .extracting(event -> event.statement().orElseThrow().name()).contains("system-preparing", "app-id");
        String changed = dstack().replace("2c0a0c96cb6dbd659bf1446e2f3fce58172ff91b", "2c0a0c96cb6dbd659bf1446e2f3fce58172ff91c");
        assertThatThrownBy(() -> EventLog.parseDstack(changed)).isInstanceOf(AttestationException.class).hasMessageContaining("app-id");
    }

    @Test
    @DisplayName("with an event removed, swapped or in another register does not replay")
    void tampered() {
        Measurement quoted = quoted("eventlog-nearai-model");
        List<EventLog.Event> events = EventLog.parseDstack(dstack()).events();

        assertThat(new EventLog(events.subList(1, events.size())).mismatch(quoted)).isPresent();
        List<EventLog.Event> swapped = new ArrayList<>(events);
        swapped.set(0, events.get(1));
        swapped.set(1, events.get(0));
        assertThat(new EventLog(swapped).mismatch(quoted)).isPresent();
        List<EventLog.Event> moved = new ArrayList<>(events);
        EventLog.Event first = events.get(0);
        moved.set(0, new EventLog.Event(Measurement.Register.RTMR2, first.type(), first.digest(), first.statement()));
        assertThat(new EventLog(moved).mismatch(quoted)).isPresent();
    }

    @Test
    @DisplayName("does not extend EV_NO_ACTION, and starts every register at zero")
    void rules() {
        Bytes digest = Bytes.zeros(47).concat(Bytes.fromHex("01"));
        EventLog log = new EventLog(List.of(new EventLog.Event(Measurement.Register.RTMR1, 3, digest, java.util.Optional.empty())));
        assertThat(log.replay().get(Measurement.Register.RTMR1)).isEqualTo(Bytes.zeros(48));
    }

    @Test
    @DisplayName("that is cut off or no log at all is refused")
    void malformed() {
        byte[] specification = HexFormat.of().parseHex("0100000003000000" + "00".repeat(20) + "10000000" + HexFormat.of().formatHex("Spec ID Event03\0".getBytes(StandardCharsets.US_ASCII)));
        byte[] event = HexFormat.of().parseHex("0400000001000000" + "01000000" + "0c00" + "11".repeat(48) + "02000000" + "aabb");
        byte[] whole = java.util.Arrays.copyOf(specification, specification.length + event.length);
        System.arraycopy(event, 0, whole, specification.length, event.length);

        assertThat(EventLog.parseCcel(Bytes.of(whole)).events()).hasSize(1).first()
                .returns(Measurement.Register.RTMR3, EventLog.Event::register);
        for (int length = 0; length < whole.length; length++) {
            if (length != specification.length) {
                Bytes cut = Bytes.of(java.util.Arrays.copyOf(whole, length));
                assertThatThrownBy(() -> EventLog.parseCcel(cut)).isInstanceOf(AttestationException.class);
            }
        }
        for (String bad : List.of("", "{}", "[1]", "[{\"imr\":4}]", "[{\"imr\":0,\"event_type\":1,\"digest\":\"00\"}]", "nonsense")) {
            assertThatThrownBy(() -> EventLog.parseDstack(bad)).isInstanceOf(AttestationException.class);
        }
    }
}
