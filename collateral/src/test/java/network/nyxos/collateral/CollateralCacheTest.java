package network.nyxos.collateral;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.development.DevelopmentSnp;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.nvidia.Devices;
import network.nyxos.attestation.nvidia.GpuChallenge;
import network.nyxos.attestation.nvidia.GpuEvidence;
import network.nyxos.attestation.nvidia.GpuPolicy;
import network.nyxos.attestation.nvidia.GpuReport;
import network.nyxos.attestation.nvidia.GpuVerifier;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.snp.Endorsements;
import network.nyxos.attestation.verdict.Verdict;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Collateral fetched from services of the makers' form, kept in PostgreSQL, and given out to the library that judges. */
@Timeout(120)
class CollateralCacheTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final DevelopmentTee TEE = DevelopmentTee.create(NOW);
    private static final Bytes QUOTE = Bytes.of(TEE.quote(Bytes.zeros(64), DevelopmentTee.measurementOf("test")));
    private static final String FMSPC = fmspc(TEE.collateral(NOW).toJson());
    private static final DevelopmentSnp MILAN = DevelopmentSnp.create(Product.MILAN, NOW);
    private static final AtomicInteger SCHEMAS = new AtomicInteger();

    private static EmbeddedPostgres postgres;
    private final MakersServices makers = new MakersServices();
    private final AtomicReference<Instant> clock = new AtomicReference<>(NOW);
    private final List<CollateralCache> caches = new ArrayList<>();
    private final String schema = "collateral" + SCHEMAS.incrementAndGet();
    private CollateralSettings.Timing timing = new CollateralSettings.Timing(Duration.ofDays(2), Duration.ZERO, Duration.ofMinutes(1), Duration.ofDays(14), Duration.ofMillis(50), 30);

    @BeforeAll
    static void startDatabase() throws IOException {
        postgres = EmbeddedPostgres.builder().start();
    }

    @AfterAll
    static void stopDatabase() throws IOException {
        postgres.close();
    }

    @AfterEach
    void stop() {
        caches.forEach(CollateralCache::close);
        makers.close();
    }

    private static Bytes report(DevelopmentSnp chip) {
        return Bytes.of(chip.report(Bytes.zeros(64), DevelopmentSnp.measurementOf("test")));
    }

    private static String fmspc(String collateral) {
        return MakersServices.json(MakersServices.json(collateral).path("tcb_info").asText()).path("fmspc").asText().toLowerCase(java.util.Locale.ROOT);
    }

    private CollateralCache cache(List<TrustAnchor> roots) {
        CollateralSettings settings = CollateralSettings.MAKERS.withPccs(makers.url()).withKds(makers.url()).withRims(makers.url()).withTiming(timing);
        CollateralCache cache = CollateralCache.start(postgres.getJdbcUrl("postgres", "postgres"),
                new CollateralSettings(settings.pccs(), settings.rootCrl(), settings.kds(), settings.rims(), schema, timing), roots, clock::get);
        caches.add(cache);
        return cache;
    }

    private CollateralCache cache() {
        return cache(List.of(TEE.trustAnchor()));
    }

    private Verdict judged(String collateral, Instant at) {
        return Evidence.of("tdx", QUOTE, collateral).verify(Policy.development(TEE.trustAnchor()), at);
    }

    private static void assertRefused(CollateralException.Kind kind, String word, Callable<String> asking) {
        assertThatThrownBy(asking::call).isInstanceOfSatisfying(CollateralException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e).hasMessageContaining(word);
        });
    }

    @Test
    void it_is_fetched_once_and_then_given_out_until_it_is_due_also_after_a_restart() {
        makers.sayIntel(FMSPC, "platform", TEE.collateral(NOW).toJson());
        CollateralCache cache = cache();
        String collateral = cache.collateral("tdx", QUOTE, Optional.empty());
        assertThat(judged(collateral, NOW).accepted()).isTrue();
        assertThat(makers.asked()).containsExactlyInAnyOrder("/tdx/certification/v4/tcb?fmspc=" + FMSPC, "/tdx/certification/v4/qe/identity",
                "/sgx/certification/v4/pckcrl?ca=platform&encoding=der", "/sgx/certification/v4/rootcacrl");
        assertThat(cache.collateral("tdx", QUOTE, Optional.empty())).isEqualTo(collateral);
        cache.close();
        makers.failWith(500);
        assertThat(cache().collateral("tdx", QUOTE, Optional.empty())).isEqualTo(collateral);
        assertThat(makers.asked()).isEmpty();
    }

    @Test
    void callers_of_one_platform_wait_for_one_fetch() throws Exception {
        makers.sayIntel(FMSPC, "platform", TEE.collateral(NOW).toJson());
        CollateralCache cache = cache();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> all = threads.invokeAll(java.util.Collections.nCopies(20, () -> cache.collateral("tdx", QUOTE, Optional.empty())));
            for (Future<String> each : all) {
                assertThat(each.get()).isEqualTo(all.getFirst().get());
            }
        }
        assertThat(makers.asked()).hasSize(4);
    }

    @Test
    void it_is_fetched_anew_in_the_background_before_it_expires_while_somebody_asks_for_it() {
        makers.sayIntel(FMSPC, "platform", TEE.collateral(NOW).toJson());
        CollateralCache cache = cache();
        String first = cache.collateral("tdx", QUOTE, Optional.empty());
        Instant expires = expires(first);
        makers.asked();
        Instant due = expires.minus(Duration.ofDays(1));
        makers.sayIntel(FMSPC, "platform", TEE.collateral(due).toJson());
        clock.set(due);
        // What is there still holds, so nobody waits.
        await().atMost(SOON).until(() -> !cache.collateral("tdx", QUOTE, Optional.empty()).equals(first));
        assertThat(judged(cache.collateral("tdx", QUOTE, Optional.empty()), expires.plus(Duration.ofDays(1))).accepted()).isTrue();
        assertThat(makers.asked()).hasSize(4);
    }

    private static Instant expires(String collateral) {
        var parts = MakersServices.json(collateral);
        return List.of("tcb_info", "qe_identity").stream().map(part -> Instant.parse(MakersServices.json(parts.path(part).asText()).path("nextUpdate").asText())).min(Instant::compareTo)
                .orElseThrow();
    }

    @Test
    void what_nobody_has_asked_for_in_a_while_is_not_fetched_anew() {
        makers.sayIntel(FMSPC, "platform", TEE.collateral(NOW).toJson());
        timing = new CollateralSettings.Timing(Duration.ofDays(2), Duration.ZERO, Duration.ofMinutes(1), Duration.ofDays(3), Duration.ofMillis(20), 30);
        CollateralCache cache = cache();
        Instant due = expires(cache.collateral("tdx", QUOTE, Optional.empty())).minus(Duration.ofDays(1));
        // Another platform, used lately, shows that the background work goes on.
        Bytes report = report(MILAN);
        clock.set(due.minus(Duration.ofHours(1)));
        sayAmd(Product.MILAN, report, MILAN.endorsements(due.minus(Duration.ofHours(1))).toJson(), false);
        cache.collateral("snp", report, Optional.empty());
        makers.asked();
        clock.set(due);
        await().atMost(SOON).until(() -> {
            clock.updateAndGet(now -> now.plus(Duration.ofHours(1)));
            return makers.asked().stream().anyMatch(path -> path.startsWith("/vcek"));
        });
        assertThat(makers.asked()).noneMatch(path -> path.contains("tcb"));
    }

    @Test
    void what_has_expired_is_given_out_only_as_long_as_the_settings_say() {
        makers.sayIntel(FMSPC, "platform", TEE.collateral(NOW).toJson());
        CollateralCache strict = cache();
        String collateral = strict.collateral("tdx", QUOTE, Optional.empty());
        Instant expires = expires(collateral);
        makers.failWith(503);
        clock.set(expires.plusSeconds(1));
        assertRefused(CollateralException.Kind.UNAVAILABLE, "answered 503", () -> strict.collateral("tdx", QUOTE, Optional.empty()));
        strict.close();
        timing = new CollateralSettings.Timing(Duration.ofDays(2), Duration.ofDays(1), Duration.ofMinutes(1), Duration.ofDays(14), Duration.ofMinutes(1), 30);
        CollateralCache lenient = cache();
        assertThat(lenient.collateral("tdx", QUOTE, Optional.empty())).isEqualTo(collateral);
        assertThat(judged(collateral, clock.get()).accepted()).as("whether it is good enough is for the policy to say; the strict one refuses it").isFalse();
        clock.set(expires.plus(Duration.ofDays(1)).plusSeconds(1));
        assertRefused(CollateralException.Kind.UNAVAILABLE, "answered 503", () -> lenient.collateral("tdx", QUOTE, Optional.empty()));
    }

    @Test
    void a_service_that_failed_for_a_platform_is_left_alone_for_a_while() {
        CollateralCache cache = cache();
        assertRefused(CollateralException.Kind.UNKNOWN, "answered 404", () -> cache.collateral("tdx", QUOTE, Optional.empty()));
        assertThat(makers.asked()).hasSize(1);
        assertRefused(CollateralException.Kind.UNKNOWN, "answered 404", () -> cache.collateral("tdx", QUOTE, Optional.empty()));
        assertThat(makers.asked()).isEmpty();
        makers.sayIntel(FMSPC, "platform", TEE.collateral(NOW).toJson());
        clock.set(NOW.plus(Duration.ofMinutes(2)));
        assertThat(judged(cache.collateral("tdx", QUOTE, Optional.empty()), clock.get()).accepted()).isTrue();
    }

    @Test
    void older_collateral_than_before_is_not_taken() {
        makers.sayIntel(FMSPC, "platform", TEE.collateral(NOW).toJson());
        CollateralCache cache = cache();
        String collateral = cache.collateral("tdx", QUOTE, Optional.empty());
        makers.asked();
        makers.sayIntel(FMSPC, "platform", TEE.collateral(NOW.minus(Duration.ofDays(3))).toJson());
        clock.set(expires(collateral).minus(Duration.ofDays(1)));
        assertThat(cache.collateral("tdx", QUOTE, Optional.empty())).isEqualTo(collateral);
        await().atMost(SOON).until(() -> makers.asked().stream().anyMatch(path -> path.contains("rootcacrl")));
        assertThat(cache.collateral("tdx", QUOTE, Optional.empty())).isEqualTo(collateral);
    }

    @Test
    void what_cannot_be_used_is_not_kept() {
        String good = TEE.collateral(NOW).toJson();
        CollateralCache cache = cache();
        for (var bad : List.of(new String[] {"does not cover", "tcb_info", "UpToDate", "Revoked"}, new String[] {"does not cover", "qe_identity", "UpToDate", "Revoked"},
                new String[] {"neither DER nor hexadecimal", "pck_crl", "30", "ff"})) {
            ObjectNode parts = (ObjectNode) MakersServices.json(good);
            parts.put(bad[1], parts.path(bad[1]).asText().replaceFirst(java.util.regex.Pattern.quote(bad[2]), bad[3]));
            makers.sayIntel(FMSPC, "platform", parts.toString());
            assertRefused(CollateralException.Kind.UNAVAILABLE, bad[0], () -> cache.collateral("tdx", QUOTE, Optional.empty()));
            clock.updateAndGet(now -> now.plus(Duration.ofMinutes(2)));
        }
        makers.sayIntel(FMSPC, "platform", TEE.collateral(NOW.minus(Duration.ofDays(60))).toJson());
        assertRefused(CollateralException.Kind.UNAVAILABLE, "expired", () -> cache.collateral("tdx", QUOTE, Optional.empty()));
        clock.updateAndGet(now -> now.plus(Duration.ofMinutes(2)));
        makers.says("/tdx/certification/v4/tcb?fmspc=" + FMSPC, "{}".getBytes(StandardCharsets.UTF_8));
        assertRefused(CollateralException.Kind.UNAVAILABLE, "without the header TCB-Info-Issuer-Chain", () -> cache.collateral("tdx", QUOTE, Optional.empty()));
        clock.updateAndGet(now -> now.plus(Duration.ofMinutes(2)));
        makers.says("/tdx/certification/v4/tcb?fmspc=" + FMSPC, new byte[5 << 20], "TCB-Info-Issuer-Chain", "x");
        assertRefused(CollateralException.Kind.UNAVAILABLE, "did not answer", () -> cache.collateral("tdx", QUOTE, Optional.empty()));
        clock.updateAndGet(now -> now.plus(Duration.ofMinutes(2)));
        makers.sayIntel(FMSPC, "platform", good);
        assertThat(judged(cache.collateral("tdx", QUOTE, Optional.empty()), clock.get()).accepted()).isTrue();
    }

    @Test
    void nobody_is_asked_about_evidence_that_somebody_made_up() {
        CollateralCache cache = cache(TrustAnchor.hardwareRoots());
        assertRefused(CollateralException.Kind.EVIDENCE, "hang on no root", () -> cache.collateral("tdx", QUOTE, Optional.empty()));
        assertRefused(CollateralException.Kind.EVIDENCE, "cannot be read", () -> cache.collateral("tdx", QUOTE.slice(0, 100), Optional.empty()));
        assertRefused(CollateralException.Kind.EVIDENCE, "cannot be read", () -> cache.collateral("snp", QUOTE, Optional.empty()));
        assertRefused(CollateralException.Kind.EVIDENCE, "'sgx'", () -> cache.collateral("sgx", QUOTE, Optional.empty()));
        assertThat(makers.asked()).isEmpty();
    }

    @Test
    void more_platforms_than_the_settings_allow_wait_a_minute() {
        timing = new CollateralSettings.Timing(Duration.ofDays(2), Duration.ZERO, Duration.ZERO, Duration.ofDays(14), Duration.ofMinutes(1), 2);
        CollateralCache cache = cache();
        for (int i = 0; i < 2; i++) {
            assertRefused(CollateralException.Kind.UNKNOWN, "404", () -> cache.collateral("tdx", QUOTE, Optional.empty()));
        }
        assertRefused(CollateralException.Kind.BUSY, "within a minute", () -> cache.collateral("tdx", QUOTE, Optional.empty()));
        clock.set(NOW.plus(Duration.ofMinutes(1)));
        assertRefused(CollateralException.Kind.UNKNOWN, "404", () -> cache.collateral("tdx", QUOTE, Optional.empty()));
    }

    // --- AMD -----------------------------------------------------------------------------------------------------------

    private void sayAmd(Product product, Bytes report, String endorsements, boolean withList) {
        var parts = MakersServices.json(endorsements);
        var parsed = network.nyxos.attestation.snp.AttestationReport.parse(report);
        var tcb = network.nyxos.attestation.sev.TcbVersion.of(parsed.reportedTcb(), product).orElseThrow();
        makers.says("/vcek/v1/" + product.label() + "/" + parsed.chipId().slice(0, product.hardwareIdBytes()).hex() + "?" + (product.hasFmc() ? "fmcSPL=" + tcb.fmc() + "&" : "") + "blSPL="
                + tcb.bootLoader() + "&teeSPL=" + tcb.tee() + "&snpSPL=" + tcb.snp() + "&ucodeSPL=" + tcb.microcode(), Bytes.fromHex(parts.path("endorsement_key").asText()).toArray());
        String chain = TrustAnchor.toPem(Bytes.fromHex(parts.path("authority").asText()).toArray()) + TrustAnchor.toPem(Bytes.fromHex(parts.path("root").asText()).toArray());
        makers.says("/vcek/v1/" + product.label() + "/cert_chain", chain.getBytes(StandardCharsets.US_ASCII));
        if (withList) {
            makers.says("/vcek/v1/" + product.label() + "/crl", Bytes.fromHex(parts.path("revocation_list").asText()).toArray());
        }
    }

    @Test
    void a_chips_certificates_and_amds_revocation_list_are_fetched_and_kept() {
        for (Product product : List.of(Product.MILAN, Product.TURIN)) {
            DevelopmentSnp chip = product == Product.MILAN ? MILAN : DevelopmentSnp.create(product, NOW);
            Bytes report = report(chip);
            sayAmd(product, report, chip.endorsements(NOW).toJson(), true);
            CollateralCache cache = cache();
            String collateral = cache.collateral("snp", report, Optional.empty());
            assertThat(Evidence.of("snp", report, collateral).verify(Policy.development(chip.trustAnchor()), NOW).accepted()).as(product.label()).isTrue();
            assertThat(MakersServices.json(collateral).hasNonNull("revocation_list")).isTrue();
            makers.asked();
            assertThat(cache.collateral("snp", report, Optional.empty())).isEqualTo(collateral);
            assertThat(makers.asked()).isEmpty();
        }
    }

    @Test
    void a_service_that_does_not_answer_for_the_revocation_list_is_no_product_without_one() {
        Bytes report = report(MILAN);
        sayAmd(Product.MILAN, report, MILAN.endorsements(NOW).toJson(), false);
        makers.says("/vcek/v1/Milan/crl", new MakersServices.Answer(503, new byte[0], List.of()));
        assertRefused(CollateralException.Kind.UNAVAILABLE, "/crl answered 503", () -> cache().collateral("snp", report, Optional.empty()));
    }

    // --- recorded evidence of real machines ------------------------------------------------------------------------------

    private static Path recorded() {
        Optional<Path> found = Optional.ofNullable(System.getenv("NYXOS_SHARED")).map(Path::of).or(() -> Optional.of(Path.of("../../shared")))
                .map(folder -> folder.resolve("attestation")).filter(folder -> Files.isRegularFile(folder.resolve("manifest.json")));
        if (found.isEmpty() && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("recorded evidence is missing: neither NYXOS_SHARED nor ../shared has attestation/manifest.json");
        }
        assumeTrue(found.isPresent(), "recorded evidence is absent: set NYXOS_SHARED or put it at ../shared");
        return found.orElseThrow();
    }

    @Test
    void real_quotes_and_reports_are_accepted_with_what_is_fetched() throws IOException {
        Path folder = recorded();
        int judged = 0;
        for (var vector : MakersServices.json(Files.readString(folder.resolve("manifest.json"))).path("vectors")) {
            if (!vector.path("expected").asText().startsWith("ACCEPT") || !List.of("tdx-quote", "snp-report").contains(vector.path("kind").asText())) {
                continue;
            }
            boolean tdx = vector.path("kind").asText().equals("tdx-quote");
            Bytes evidence = Bytes.of(Files.readAllBytes(folder.resolve(vector.path(tdx ? "quote" : "report").asText())));
            if (tdx) {
                String collateral = Files.readString(folder.resolve(vector.path("collateral").asText()));
                for (String authority : List.of("platform", "processor")) {
                    makers.sayIntel(vector.path("fmspc").asText(), authority, collateral);
                }
            } else {
                var endorsements = network.nyxos.attestation.snp.Endorsements.of(der(folder, vector.path("endorsementKey")), der(folder, vector.path("ask")), der(folder, vector.path("ark")),
                        Bytes.EMPTY);
                sayAmd(vector.path("ark").asText().contains("genoa") ? Product.GENOA : Product.MILAN, evidence, endorsements.toJson(), false);
            }
            clock.set(Instant.ofEpochSecond(vector.path("now").asLong()));
            String kind = tdx ? "tdx" : "snp";
            try (CollateralCache cache = CollateralCache.start(postgres.getJdbcUrl("postgres", "postgres"), new CollateralSettings(makers.url(),
                    URI.create(makers.url() + "/sgx/certification/v4/rootcacrl"), makers.url(), makers.url(), schema + "_" + judged++, timing), TrustAnchor.hardwareRoots(), clock::get)) {
                Verdict verdict = Evidence.of(kind, evidence, cache.collateral(kind, evidence, Optional.empty())).verify(Policy.strict(), clock.get());
                assertThat(verdict.accepted()).as(vector.path("id").asText() + ": " + verdict.summary()).isTrue();
            }
        }
        assertThat(judged).isGreaterThan(20);
    }

    private static Bytes der(Path folder, com.fasterxml.jackson.databind.JsonNode file) throws IOException {
        return Bytes.of(Files.readAllBytes(folder.resolve(file.asText())));
    }

    // --- keys of clouds --------------------------------------------------------------------------------------------------

    private void sayCloud(Product product, Endorsements endorsements) {
        var parts = MakersServices.json(endorsements.toJson());
        String chain = TrustAnchor.toPem(Bytes.fromHex(parts.path("authority").asText()).toArray()) + TrustAnchor.toPem(Bytes.fromHex(parts.path("root").asText()).toArray());
        makers.says("/vlek/v1/" + product.label() + "/cert_chain", chain.getBytes(StandardCharsets.US_ASCII));
        if (endorsements.hasRevocationList()) {
            makers.says("/vlek/v1/" + product.label() + "/crl", Bytes.fromHex(parts.path("revocation_list").asText()).toArray());
        }
    }

    /** What a node brings that would hide what has come out since: no list, and whatever authorities it likes. */
    private static String brought(Endorsements endorsements) {
        return ((ObjectNode) MakersServices.json(endorsements.toJson())).without("revocation_list").toString();
    }

    @Test
    void of_what_a_node_under_a_clouds_key_brings_only_that_keys_certificate_counts() {
        DevelopmentSnp cloud = DevelopmentSnp.createCloud(Product.MILAN, NOW);
        Policy policy = Policy.fromJson("{\"snp\": {\"keyKinds\": [\"vlek\"]}}").withOwnRoot(cloud.trustAnchor());
        Bytes report = report(cloud);
        Endorsements own = cloud.endorsements(NOW);
        sayCloud(Product.MILAN, own);
        CollateralCache cache = cache();
        String collateral = cache.collateral("snp", report, Optional.of(brought(own)));
        assertThat(collateral).as("with AMD's list, which the node left out").isEqualTo(own.toJson());
        assertThat(Evidence.of("snp", report, collateral).verify(policy, NOW).accepted()).isTrue();
        assertThat(makers.asked()).containsExactlyInAnyOrder("/vlek/v1/Milan/cert_chain", "/vlek/v1/Milan/crl");
        assertThat(cache.collateral("snp", report, Optional.of(brought(own)))).as("kept for all guests of all clouds").isEqualTo(collateral);
        assertThat(makers.asked()).isEmpty();
        String alone = ((ObjectNode) MakersServices.json(own.toJson())).retain("endorsement_key").toString();
        assertThat(cache.collateral("snp", report, Optional.of(alone))).as("a host that gives the key's certificate alone").isEqualTo(collateral);

        DevelopmentSnp stranger = DevelopmentSnp.createCloud(Product.MILAN, NOW);
        String other = cache.collateral("snp", report(stranger), Optional.of(brought(stranger.endorsements(NOW))));
        assertThat(Evidence.of("snp", report(stranger), other).verify(policy, NOW).accepted()).as("a key of another root").isFalse();
        assertRefused(CollateralException.Kind.EVIDENCE, "the node must bring it", () -> cache.collateral("snp", report, Optional.empty()));
        assertRefused(CollateralException.Kind.EVIDENCE, "cannot be read", () -> cache.collateral("snp", report, Optional.of("{}")));
    }

    @Test
    void authorities_of_another_kind_product_or_time_are_not_kept() {
        DevelopmentSnp cloud = DevelopmentSnp.createCloud(Product.MILAN, NOW);
        Bytes report = report(cloud);
        Endorsements own = cloud.endorsements(NOW);
        CollateralCache cache = cache();
        sayCloud(Product.MILAN, MILAN.endorsements(NOW));
        assertRefused(CollateralException.Kind.UNAVAILABLE, "is not the CA of clouds' keys", () -> cache.collateral("snp", report, Optional.of(brought(own))));
        clock.updateAndGet(now -> now.plus(Duration.ofMinutes(2)));
        sayCloud(Product.MILAN, cloud.endorsements(NOW.minus(Duration.ofDays(800))));
        assertRefused(CollateralException.Kind.UNAVAILABLE, "expired", () -> cache.collateral("snp", report, Optional.of(brought(own))));
        clock.updateAndGet(now -> now.plus(Duration.ofMinutes(2)));
        makers.says("/vlek/v1/Milan/cert_chain", "none".getBytes(StandardCharsets.US_ASCII));
        assertRefused(CollateralException.Kind.UNAVAILABLE, "cannot be used", () -> cache.collateral("snp", report, Optional.of(brought(own))));
        clock.updateAndGet(now -> now.plus(Duration.ofMinutes(2)));
        sayCloud(Product.MILAN, own);
        assertThat(cache.collateral("snp", report, Optional.of(brought(own)))).isEqualTo(own.toJson());
    }

    @Test
    void real_reports_under_a_clouds_key_are_judged_with_amds_own_authorities() throws IOException {
        Path folder = recorded();
        int judged = 0;
        for (var vector : MakersServices.json(Files.readString(folder.resolve("manifest.json"))).path("vectors")) {
            if (!vector.path("keyKind").asText().equals("vlek")) {
                continue;
            }
            Bytes report = Bytes.of(Files.readAllBytes(folder.resolve(vector.path("report").asText())));
            Endorsements own = Endorsements.of(der(folder, vector.path("endorsementKey")), der(folder, vector.path("ask")), der(folder, vector.path("ark")), Bytes.EMPTY);
            sayCloud(Product.MILAN, own);
            clock.set(Instant.ofEpochSecond(vector.path("now").asLong()));
            Policy policy = Policy.fromJson("{\"snp\": {\"keyKinds\": [\"vlek\"], \"vmpls\": [1]}}");
            try (CollateralCache cache = CollateralCache.start(postgres.getJdbcUrl("postgres", "postgres"), new CollateralSettings(makers.url(),
                    URI.create(makers.url() + "/none"), makers.url(), makers.url(), schema + "_vlek" + judged++, timing), TrustAnchor.hardwareRoots(), clock::get)) {
                Verdict verdict = Evidence.of("snp", report, cache.collateral("snp", report, Optional.of(own.toJson()))).verify(policy, clock.get());
                assertThat(verdict.accepted()).as(vector.path("id").asText() + ": " + verdict.summary()).isTrue();
                assertThat(Evidence.of("snp", report, own.toJson()).verify(Policy.strict(), clock.get()).accepted()).as("the strict policy takes chips' own keys only").isFalse();
            }
        }
        assertThat(judged).isEqualTo(2);
    }

    // --- NVIDIA's reference manifests --------------------------------------------------------------------------------------

    private static final String DRIVER = "NV_GPU_DRIVER_GH100_545.00";
    private static final String VBIOS = "NV_GPU_VBIOS_1010_0200_882_96005E0001";

    private void sayRim(String id, byte[] xml) {
        makers.says("/v1/rim/" + id, ("{\"id\":\"" + id + "\",\"rim\":\"" + Base64.getEncoder().encodeToString(xml) + "\",\"sha256\":\"" + Bytes.of(xml).sha256().hex()
                + "\",\"rim_format\":\"SWID\"}").getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] rim(String name) throws IOException {
        return Files.readAllBytes(recorded().resolve("nvgpu/rims/" + name + ".xml"));
    }

    private static Devices recordedGpu() throws IOException {
        Path gpu = recorded().resolve("nvgpu");
        return Devices.shown(List.of(new Devices.Device(Bytes.of(Files.readAllBytes(gpu.resolve("h100-545.00-full.report.bin"))),
                Files.readString(gpu.resolve("h100-545.00-full.chain.pem")))), List.of());
    }

    private static void assertNoManifests(CollateralException.Kind kind, String word, CollateralCache cache, Devices devices) {
        assertRefused(kind, word, () -> String.valueOf(cache.manifests(devices)));
    }

    @Test
    void the_manifests_of_a_real_gpu_are_fetched_by_their_ids_and_it_is_accepted_with_them() throws IOException {
        Devices devices = recordedGpu();
        clock.set(Instant.ofEpochSecond(1717200000));
        sayRim(DRIVER, rim("driver-gh100-545.00"));
        sayRim(VBIOS, rim("vbios-1010_0200_882-96005E0001-testnogpu"));
        CollateralCache cache = cache();
        List<Bytes> manifests = cache.manifests(devices);
        assertThat(makers.asked()).containsExactly("/v1/rim/" + DRIVER, "/v1/rim/" + VBIOS);
        Devices.Device gpu = devices.gpus().getFirst();
        var nonce = new GpuChallenge.Fresh(GpuReport.parse(gpu.report()).nonce());
        Verdict verdict = GpuVerifier.verify(GpuEvidence.of(gpu.report(), gpu.certificates(), manifests), nonce, GpuPolicy.strict(), clock.get());
        assertThat(verdict.accepted()).as(verdict.summary()).isTrue();
        assertThat(cache.manifests(devices)).as("kept").isEqualTo(manifests);
        assertThat(makers.asked()).isEmpty();
    }

    @Test
    void a_manifest_that_is_not_there_not_whole_not_signed_not_current_or_of_another_version_is_not_given_out() throws IOException {
        Devices devices = recordedGpu();
        CollateralCache cache = cache();
        clock.set(Instant.ofEpochSecond(1717200000));
        assertNoManifests(CollateralException.Kind.UNKNOWN, "answered 404", cache, devices);
        sayRim(VBIOS, rim("vbios-1010_0200_882-96005E0001-testnogpu"));
        Map<String, byte[]> bad = Map.of("signature", rim("driver-gh100-550.144.03-badsig"), "of version 97.00.83.00.09", rim("driver-gb100-debugroot"), "not plain XML", new byte[] {1});
        for (Map.Entry<String, byte[]> each : bad.entrySet()) {
            clock.set(each.getKey().startsWith("of") ? Instant.ofEpochSecond(1740977624) : clock.get().plus(Duration.ofMinutes(2)));
            sayRim(DRIVER, each.getValue());
            assertNoManifests(CollateralException.Kind.UNAVAILABLE, each.getKey(), cache, devices);
        }
        clock.set(Instant.ofEpochSecond(1717300000));
        byte[] good = rim("driver-gh100-545.00");
        makers.says("/v1/rim/" + DRIVER, ("{\"rim\":\"" + Base64.getEncoder().encodeToString(good) + "\",\"sha256\":\"00\"}").getBytes(StandardCharsets.UTF_8));
        clock.set(Instant.parse("2025-06-01T00:00:00Z"));
        assertNoManifests(CollateralException.Kind.UNAVAILABLE, "hash", cache, devices);
        sayRim(DRIVER, good);
        clock.set(Instant.parse("2025-07-01T00:00:00Z"));
        assertNoManifests(CollateralException.Kind.UNAVAILABLE, "cannot be used", cache, devices);
    }
}
