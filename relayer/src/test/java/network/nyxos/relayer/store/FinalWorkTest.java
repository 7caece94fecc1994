package network.nyxos.relayer.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import network.nyxos.chain.Database;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.standing.BatchWork;
import network.nyxos.escrow.standing.Enrolment;
import network.nyxos.escrow.standing.Standing;
import network.nyxos.relayer.gate.FinalWork;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// What final batches say, in PostgreSQL: told day by day it counts for what it counts for batch by batch, at a relayer as at a verifier.
class FinalWorkTest {
    private static final PublicKey MINT = Keypair.generate().publicKey();
    private static final PublicKey OTHER = Keypair.generate().publicKey();
    private static final List<PublicKey> NODES = List.of(Keypair.generate().publicKey(), Keypair.generate().publicKey());

    @Test
    void what_is_told_day_by_day_counts_as_batch_by_batch_for_relayers_and_verifiers_alike() throws IOException {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start()) {
            for (String schema : List.of("store", "verifier")) {
                try (Database database = Database.open(postgres.getJdbcUrl("postgres", "postgres"), schema, "classpath:network/nyxos/relayer/" + schema)) {
                    counts(new JdbcFinalWork(new Transactions(database)));
                }
            }
        }
    }

    private static void counts(FinalWork work) {
        var random = new SplittableRandom(1);
        var batches = new ArrayList<BatchWork>();
        assertThat(work.known(MINT)).isZero();
        long slot = 0;
        for (long seq = 1; seq <= 300; seq++) {
            slot += 1 + random.nextLong(2 * Standing.DAY_SLOTS);
            // Other nodes' and other pools' work is none of it, and batches without any leave a gap.
            long jobs = random.nextLong(4);
            batches.add(new BatchWork(slot, slot + 200, jobs));
            Map<PublicKey, Long> said = jobs == 0 ? Map.of(NODES.getLast(), 5L) : Map.of(NODES.getFirst(), jobs, NODES.getLast(), 5L);
            work.keep(MINT, seq, slot, slot + 200, said);
            work.keep(MINT, seq, slot, slot + 200, Map.of(NODES.getFirst(), 1_000L));
            work.keep(OTHER, seq, slot, slot + 200, Map.of(NODES.getFirst(), 7L));
            assertThat(work.known(MINT)).isEqualTo(seq);
            slot += 200;
        }
        for (int look = 0; look < 100; look++) {
            var enrolment = new Enrolment(random.nextLong(slot / 2), true, false);
            long asOf = random.nextLong(slot + 100 * Standing.DAY_SLOTS);
            assertThat(Standing.of(enrolment, work.of(MINT, NODES.getFirst(), enrolment.registeredSlot(), asOf), asOf)).isEqualTo(Standing.of(enrolment, batches, asOf));
        }
    }
}
