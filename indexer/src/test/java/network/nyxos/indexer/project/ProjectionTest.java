package network.nyxos.indexer.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.nyxos.escrow.program.escrow.EscrowEvent;
import network.nyxos.indexer.decode.ProgramEvent;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

class ProjectionTest {
    /// Rows in memory.
    private static final class Memory implements View {
        private final Map<String, Row> rows = new HashMap<>();

        void play(List<ProgramEvent> events) {
            var projection = new Projection(Story.PROGRAMS);
            for (ProgramEvent event : events) {
                projection.apply(this, event, 1).forEach(row -> rows.put(row.address(), row));
            }
        }

        @Override
        public <R extends Row> Optional<R> find(Class<R> kind, String address) {
            return Optional.ofNullable(rows.get(address)).map(kind::cast);
        }

        @Override
        public Optional<PoolRow> pool(String market, String mint) {
            return rows.values().stream().filter(PoolRow.class::isInstance).map(PoolRow.class::cast)
                .filter(pool -> pool.market().equals(market) && pool.mint().equals(mint)).findFirst();
        }

        @Override
        public List<ConfigRow> configs() {
            return rows.values().stream().filter(ConfigRow.class::isInstance).map(ConfigRow.class::cast).toList();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void the_sums_of_any_course_of_events_are_kept_to_the_unit(long seed) {
        var story = new Story(seed, 200);
        var memory = new Memory();
        memory.play(story.registry);
        memory.play(story.escrow);
        PoolRow pool = memory.find(PoolRow.class, story.pool.toBase58()).orElseThrow();
        assertThat(List.of(pool.deposited(), pool.settled(), pool.exited(), pool.inflow(), pool.credited(), pool.claimed())).containsExactly(
            BigInteger.valueOf(story.deposited), BigInteger.valueOf(story.settled), BigInteger.valueOf(story.exited), BigInteger.valueOf(story.inflow),
            BigInteger.valueOf(story.credited), BigInteger.valueOf(story.claimed));
        BigInteger held = BigInteger.ZERO;
        for (var entry : story.escrows.entrySet()) {
            EscrowRow escrow = memory.find(EscrowRow.class, entry.getKey()).orElseThrow();
            assertThat(escrow.deposited()).isEqualTo(BigInteger.valueOf(entry.getValue()[0]));
            assertThat(escrow.settled()).isEqualTo(BigInteger.valueOf(entry.getValue()[1]));
            assertThat(escrow.collected()).isEqualTo(BigInteger.valueOf(entry.getValue()[2]));
            held = held.add(escrow.deposited()).subtract(escrow.collected()).subtract(escrow.returned());
        }
        assertThat(pool.uncollected()).isEqualTo(BigInteger.valueOf(story.uncollected));
        // What closed escrows left behind was collected from the pool as a whole, not from their rows.
        BigInteger behind = story.escrows.keySet().stream().map(key -> memory.find(EscrowRow.class, key).orElseThrow())
            .filter(escrow -> escrow.state() == EscrowState.EXITED).map(escrow -> escrow.settled().subtract(escrow.collected())).reduce(BigInteger.ZERO, BigInteger::add);
        held = held.subtract(behind).add(pool.uncollected());
        assertThat(held).as("what all escrows hold is what the pool holds").isEqualTo(pool.deposited().subtract(pool.settled()).subtract(pool.exited()));
        story.bonds.forEach((node, bond) -> assertThat(memory.find(NodeRow.class, node).orElseThrow().bond()).isEqualTo(bond));
        assertThat(memory.configs().getFirst().nodeCount()).isEqualTo(BigInteger.valueOf(story.bonds.size()));
    }

    @Test
    void an_event_of_an_account_that_no_event_made_is_refused_and_changes_nothing() {
        var memory = new Memory();
        var orphan = new ProgramEvent.OfEscrow(new EscrowEvent.Deposited(PublicKey.NONE, PublicKey.NONE, 1, 1));
        assertThatThrownBy(() -> memory.play(List.of(orphan))).isInstanceOf(ProjectionException.class).hasMessageContaining("EscrowRow");
        assertThat(memory.rows).isEmpty();
    }

    @Test
    void a_sum_beyond_u64_is_refused_instead_of_wrapped() {
        var story = new Story(1, 0);
        var memory = new Memory();
        memory.play(story.escrow);
        PoolRow pool = memory.find(PoolRow.class, story.pool.toBase58()).orElseThrow();
        var market = PublicKey.fromBase58Encoded(pool.market());
        var mint = PublicKey.fromBase58Encoded(pool.mint());
        var most = new EscrowEvent.EscrowOpened(story.pool, market, mint, mint, mint, 0, 0, 1, mint, -1L, mint);
        var first = new EscrowEvent.EscrowOpened(mint, market, mint, mint, mint, 0, 0, 1, mint, -1L, mint);
        memory.play(List.of(new ProgramEvent.OfEscrow(first)));
        assertThat(memory.find(PoolRow.class, story.pool.toBase58()).orElseThrow().deposited()).isEqualTo(new BigInteger("18446744073709551615"));
        assertThatThrownBy(() -> memory.play(List.of(new ProgramEvent.OfEscrow(most)))).isInstanceOf(ProjectionException.class).hasMessageContaining("u64");
    }
}
