package network.nyxos.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.nvidia.DevelopmentMachine;
import network.nyxos.attestation.nvidia.Devices;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.collateral.CollateralException;
import network.nyxos.collateral.CollateralSource;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.wire.WireMessage.Challenge;
import network.nyxos.escrow.wire.WireMessage.Evidence;
import network.nyxos.escrow.wire.WireMessage.Hello;
import network.nyxos.escrow.wire.WireMessage.ModelOffer;
import org.junit.jupiter.api.Test;

/// Which evidence lets a node do confidential work, and whose collateral it is judged by.
class EvidenceGateTest {
    private static final Instant NOW = DevelopmentMachine.NOW;
    private static final Hash NONCE = Hash.sha256(new byte[] {1});
    private static final DevelopmentTee TEE = DevelopmentTee.create(NOW);
    private static final Keypair NODE = Keypair.generate();
    private static final Hello HELLO = Hello.answer(new Challenge(NONCE, Keypair.generate().publicKey()), NODE, Keypair.generate().publicKey(),
        Optional.of(SealingKey.generate(SealingSuite.X_WING).publicKey()), Set.of(Tier.CONFIDENTIAL), List.of(new ModelOffer(Hash.sha256(new byte[] {3}), "m", "engine", 100, true, true)), 1);
    private static final String CURRENT = TEE.collateral(NOW).toJson();

    private static Bytes bound(Hash nonce) {
        return ReportData.bind(NODE.publicKey().toByteArray(), HELLO.receiptKey().toByteArray(), HELLO.sealingKey().orElseThrow().toByteArray(), nonce.bytes());
    }

    private static Evidence evidence(Hash nonce, Optional<String> collateral) {
        return new Evidence(nonce, "tdx", TEE.quote(bound(nonce), DevelopmentTee.measurementOf("test")), collateral.map(json -> json.getBytes(StandardCharsets.UTF_8)), true);
    }

    private static Optional<ConnectedNode.Attested> judged(Optional<CollateralSource> source, Evidence evidence) {
        return new EvidenceGate(Optional.of(Policy.development(TEE.trustAnchor())), source, Duration.ofHours(1), InstantSource.fixed(NOW)).judge(HELLO, NONCE, evidence);
    }

    @Test
    void evidence_counts_for_a_while_with_the_collateral_that_the_node_brings() {
        assertThat(judged(Optional.empty(), evidence(NONCE, Optional.of(CURRENT)))).hasValueSatisfying(attested -> assertThat(attested.until()).isEqualTo(NOW.plus(Duration.ofHours(1))));
        assertThat(judged(Optional.empty(), evidence(Hash.sha256(new byte[] {2}), Optional.of(CURRENT)))).as("another nonce").isEmpty();
        assertThat(judged(Optional.empty(), evidence(NONCE, Optional.of("{}")))).as("no collateral").isEmpty();
        assertThat(judged(Optional.empty(), evidence(NONCE, Optional.empty()))).as("none at all").isEmpty();
    }

    @Test
    void a_guest_that_has_no_collateral_is_judged_by_what_the_gateway_fetches_and_shows() {
        assertThat(judged(Optional.of((kind, quote, brought) -> CURRENT), evidence(NONCE, Optional.empty())))
            .hasValueSatisfying(attested -> assertThat(attested.evidence().collateral().map(bytes -> new String(bytes, StandardCharsets.UTF_8))).hasValue(CURRENT));
    }

    @Test
    void a_node_does_not_choose_its_collateral_where_the_gateway_fetches_its_own() {
        String old = TEE.collateral(NOW.minus(Duration.ofDays(40))).toJson();
        assertThat(judged(Optional.of((kind, quote, brought) -> old), evidence(NONCE, Optional.of(CURRENT)))).isEmpty();
        assertThat(judged(Optional.of((kind, quote, brought) -> CURRENT), evidence(NONCE, Optional.of(old)))).isPresent();
    }

    @Test
    void what_cannot_be_fetched_refuses_the_evidence() {
        CollateralSource deaf = (kind, quote, brought) -> {
            throw new CollateralException(CollateralException.Kind.UNAVAILABLE, "no answer");
        };
        assertThat(judged(Optional.of(deaf), evidence(NONCE, Optional.of(CURRENT)))).isEmpty();
    }

    // --- GPUs ------------------------------------------------------------------------------------------------------------

    private static Optional<ConnectedNode.Attested> judgedAsMachine(Optional<CollateralSource> source, Evidence evidence) {
        Policy policy = Policy.development(TEE.trustAnchor()).withGpuRequired(true);
        return new EvidenceGate(Optional.of(policy), source, Duration.ofHours(1), InstantSource.fixed(NOW)).judge(HELLO, NONCE, evidence);
    }

    private static Evidence withGpu(Evidence cpu, byte[] report) {
        return withGpu(cpu, new Devices.Device(Bytes.of(report), "certificates"));
    }

    @Test
    void a_policy_that_asks_for_gpus_refuses_a_node_that_shows_none_or_one_that_does_not_hold() {
        Evidence cpu = evidence(NONCE, Optional.of(CURRENT));
        assertThat(judged(Optional.empty(), cpu)).isPresent();
        assertThat(judgedAsMachine(Optional.empty(), cpu)).isEmpty();
        assertThat(judgedAsMachine(Optional.empty(), withGpu(cpu, new byte[40]))).isEmpty();
    }

    /// @param published what it gives for the devices that it is asked about
    private static CollateralSource manifests(Function<Devices, List<Bytes>> published) {
        return new CollateralSource() {
            @Override
            public String collateral(String kind, Bytes quote, Optional<String> brought) {
                return CURRENT;
            }

            @Override
            public List<Bytes> manifests(Devices devices) {
                return published.apply(devices);
            }
        };
    }

    @Test
    void a_machine_is_let_in_when_its_gpu_answered_for_this_quote_and_runs_what_its_maker_published() {
        var machine = new DevelopmentMachine();
        var gate = new EvidenceGate(Optional.of(machine.policy(Policy.development(TEE.trustAnchor()))), Optional.of(manifests(_ -> machine.manifests())), Duration.ofHours(1), InstantSource.fixed(NOW));
        Devices.Device gpu = machine.answering(bound(NONCE));
        Evidence cpu = evidence(NONCE, Optional.empty());

        assertThat(gate.judge(HELLO, NONCE, withGpu(cpu, gpu))).hasValueSatisfying(attested ->
            assertThat(attested.devices().map(Devices::fromJson)).as("what others judge it again by").hasValue(Devices.shown(List.of(gpu), List.of()).withManifests(machine.manifests())));
        assertThat(gate.judge(HELLO, NONCE, withGpu(cpu, machine.answering(bound(Hash.sha256(new byte[] {2})))))).as("answered for another quote").isEmpty();
        assertThat(gate.judge(HELLO, NONCE, withGpu(cpu, new DevelopmentMachine().answering(bound(NONCE))))).as("of another root").isEmpty();
        var unpublished = new EvidenceGate(Optional.of(machine.policy(Policy.development(TEE.trustAnchor()))), Optional.of(manifests(_ -> List.of())), Duration.ofHours(1), InstantSource.fixed(NOW));
        assertThat(unpublished.judge(HELLO, NONCE, withGpu(cpu, gpu))).as("no manifests").isEmpty();
    }

    private static Evidence withGpu(Evidence cpu, Devices.Device gpu) {
        return new Evidence(cpu.nonce(), cpu.kind(), cpu.quote(), cpu.collateral(), cpu.development(),
            List.of(new Evidence.Device(gpu.report().toArray(), gpu.certificates().getBytes(StandardCharsets.US_ASCII))), List.of());
    }

    @Test
    void manifests_of_the_gpus_shown_are_asked_of_the_source_where_the_policy_asks_for_gpus_and_nowhere_else() {
        var asked = new ArrayList<Devices>();
        CollateralSource source = manifests(devices -> {
            asked.add(devices);
            return List.of();
        });
        Evidence shown = withGpu(evidence(NONCE, Optional.empty()), new byte[] {1, 2, 3});
        assertThat(judged(Optional.of(source), shown)).hasValueSatisfying(attested -> assertThat(attested.devices()).as("not looked at, not kept").isEmpty());
        assertThat(asked).isEmpty();
        assertThat(judgedAsMachine(Optional.of(source), shown)).isEmpty();
        assertThat(asked).containsExactly(Devices.shown(List.of(new Devices.Device(Bytes.of(new byte[] {1, 2, 3}), "certificates")), List.of()));
    }
}
