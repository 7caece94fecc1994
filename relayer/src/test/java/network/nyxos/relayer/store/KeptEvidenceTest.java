package network.nyxos.relayer.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.Optional;
import network.nyxos.chain.Database;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.wire.EvidenceJson;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// Evidence in PostgreSQL: nothing that a verifier judges it by is lost.
class KeptEvidenceTest {
    private static Evidence evidence(int number, Optional<String> devices) {
        return new Evidence(Hash.sha256(new byte[] {(byte) number}), Keypair.generate().publicKey(), Keypair.generate().publicKey(), PublicKey.NONE, "snp", Hash.sha256(new byte[] {9, (byte) number}).bytes(), new byte[1184],
            "{\"endorsement_key\":\"\"}", 1_000, 2_000, false, new Measurement(new byte[48]), "{\"accepted\":true}", devices);
    }

    @Test
    void evidence_of_a_machine_and_of_a_cpu_alone_come_back_whole() throws IOException {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
             Database database = Database.open(postgres.getJdbcUrl("postgres", "postgres"), "kept", "classpath:network/nyxos/relayer/store")) {
            var jobs = new JdbcJobs(new Transactions(database));
            for (Evidence kept : new Evidence[] {evidence(1, Optional.of("{\"gpus\":[],\"switches\":[],\"manifests\":[],\"revocation_lists\":[]}")), evidence(2, Optional.empty())}) {
                jobs.keep(kept);
                assertThat(jobs.evidence(kept.hash())).hasValueSatisfying(read -> assertThat(EvidenceJson.write(read)).isEqualTo(EvidenceJson.write(kept)));
            }
            assertThat(jobs.currentEvidence(1_500)).hasSize(2);
        }
    }
}
