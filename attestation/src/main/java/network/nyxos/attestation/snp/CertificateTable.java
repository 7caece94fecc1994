package network.nyxos.attestation.snp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The certificates that a host gives its SEV-SNP guests beside a report: the table of GHCB's extended guest request, which Linux hands out as
 * {@code auxblob}. All of it is the host's word; what is in it proves itself or is refused with the report.
 * <pre>
 * entry 24: 0 GUID 16, 16 offset u32 from the table's start, 20 length u32 (little-endian); an entry of zeros ends them
 * </pre>
 *
 * @param certificates DER by kind
 * @param skipped      how many entries are of no kind that is known here
 */
public record CertificateTable(Map<Kind, Bytes> certificates, int skipped) {
    /** Longest table that is read, in bytes. */
    public static final int MAX_LENGTH = 1 << 17;

    private static final String CODE = "snp.certificate-table";
    private static final int ENTRY = 24;
    private static final int GUID = 16;
    private static final int MAX_ENTRIES = 64;

    /** What a certificate is of. */
    public enum Kind {
        /** A chip's own key. */
        VCEK("63da758de6644564adc5f4b93be8accd"),
        /** A cloud's key. */
        VLEK("a8074bc2a25a483eaae639c045a0b8a1"),
        /** The CA of the keys. */
        ASK("4ab7b379bbac4fe4a02f05aef327c782"),
        /** The root. */
        ARK("c0b406a4a803495297433fb6014cd0ae"),
        /** AMD's revocation list. */
        CRL("92f81bc358114d3d97ffd19f88dc67ea");

        private final Bytes guid;

        Kind(String guid) {
            this.guid = Bytes.fromHex(guid);
        }

        /** Its GUID in the order in which it is written as text: what Linux's and AMD's tools put into a table. */
        public Bytes guid() {
            return guid;
        }

        /** Hosts write GUIDs as text orders them, and some as Microsoft does: the first three groups reversed. */
        private static Optional<Kind> of(Bytes raw) {
            Bytes reversed = reversed(raw);
            return List.of(values()).stream().filter(kind -> kind.guid.equals(raw) || kind.guid.equals(reversed)).findFirst();
        }

        private static Bytes reversed(Bytes raw) {
            byte[] from = raw.toArray();
            byte[] to = from.clone();
            int[] order = {3, 2, 1, 0, 5, 4, 7, 6};
            for (int i = 0; i < order.length; i++) {
                to[i] = from[order[i]];
            }
            return Bytes.of(to);
        }
    }

    /** Copies. */
    public CertificateTable {
        Map<Kind, Bytes> copy = new EnumMap<>(Kind.class);
        copy.putAll(certificates);
        certificates = Collections.unmodifiableMap(copy);
    }

    /**
     * Reads a table. No bytes are a table without entries: a host need not give one.
     *
     * @throws AttestationException {@code snp.certificate-table} when an entry lies outside, one kind is there twice, or nothing ends the entries
     */
    public static CertificateTable parse(Bytes raw) {
        if (raw.size() > MAX_LENGTH) {
            throw refused("the table has " + raw.size() + " bytes, at most " + MAX_LENGTH + " are read");
        }
        Map<Kind, Bytes> found = new EnumMap<>(Kind.class);
        int skipped = 0;
        if (raw.isEmpty()) {
            return new CertificateTable(found, skipped);
        }
        List<Entry> entries = entries(raw);
        long after = (entries.size() + 1L) * ENTRY;
        for (Entry entry : entries) {
            if (entry.offset < after || entry.offset + entry.length > raw.size()) {
                throw refused("an entry names bytes " + entry.offset + " to " + (entry.offset + entry.length) + " of a table of " + raw.size() + ", whose entries end at " + after);
            }
            Optional<Kind> kind = Kind.of(entry.guid);
            if (kind.isEmpty()) {
                skipped++;
            } else if (found.put(kind.get(), raw.slice((int) entry.offset, (int) entry.length)) != null) {
                throw refused(kind.get() + " is there twice");
            }
        }
        return new CertificateTable(found, skipped);
    }

    private record Entry(Bytes guid, long offset, long length) {
    }

    private static List<Entry> entries(Bytes raw) {
        List<Entry> entries = new ArrayList<>();
        for (int at = 0; at + ENTRY <= raw.size() && entries.size() <= MAX_ENTRIES; at += ENTRY) {
            Bytes guid = raw.slice(at, GUID);
            if (guid.isZero()) {
                return entries;
            }
            entries.add(new Entry(guid, raw.u32(at + GUID), raw.u32(at + GUID + 4)));
        }
        throw refused("no entry of zeros ends the first " + entries.size() + " entries");
    }

    /** A table of these certificates, as a host would give it. */
    public static Bytes encode(Map<Kind, Bytes> certificates) {
        Bytes entries = Bytes.EMPTY;
        Bytes content = Bytes.EMPTY;
        int start = (certificates.size() + 1) * ENTRY;
        for (Map.Entry<Kind, Bytes> certificate : certificates.entrySet()) {
            Bytes der = certificate.getValue();
            entries = entries.concat(certificate.getKey().guid).concat(u32(start + content.size())).concat(u32(der.size()));
            content = content.concat(der);
        }
        return entries.concat(Bytes.zeros(ENTRY)).concat(content);
    }

    private static Bytes u32(int value) {
        return Bytes.of(new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)});
    }

    /**
     * What the table holds of a report's endorsements, as {@link Endorsements} are written: all of them, or the key's certificate alone, which is what
     * only a host has of a cloud's key. Empty when no key's certificate is there.
     */
    public Optional<String> endorsements() {
        return Optional.ofNullable(certificates.getOrDefault(Kind.VCEK, certificates.get(Kind.VLEK))).map(key -> {
            var json = JsonNodeFactory.instance.objectNode().put("endorsement_key", key.hex());
            if (certificates.containsKey(Kind.ASK) && certificates.containsKey(Kind.ARK)) {
                json.put("authority", certificates.get(Kind.ASK).hex()).put("root", certificates.get(Kind.ARK).hex());
                Optional.ofNullable(certificates.get(Kind.CRL)).ifPresent(list -> json.put("revocation_list", list.hex()));
            }
            return json.toString();
        });
    }

    private static AttestationException refused(String why) {
        return new AttestationException(CODE, why);
    }
}
