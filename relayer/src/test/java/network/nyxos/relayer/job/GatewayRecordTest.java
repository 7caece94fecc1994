package network.nyxos.relayer.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.Set;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.Papers;
import org.junit.jupiter.api.Test;

/// What a second record of a job means: records come repeated and in any order, and what is over stays over.
class GatewayRecordTest {
    private static final Papers PAPERS = new Papers(Keypair.generate().publicKey(), Keypair.generate());
    private static final Papers.NodeKeys NODE = new Papers.NodeKeys(Keypair.generate(), Keypair.generate(), SealingKey.generate(SealingSuite.X25519), Keypair.generate().publicKey(),
        Set.of(Tier.OPEN));
    private static final PaymentRecord.Exact PAYMENT = new PaymentRecord.Exact(Signature.of(new byte[64]), Hash.sha256(new byte[] {1}), NODE.key(), PAPERS.mint(), 500,
        Optional.empty());
    private static final SignedAssignment ORDER = PAPERS.assign(PAYMENT, NODE, Tier.OPEN, 500);
    private static final GatewayRecord RESERVED = record(PAPERS.reserved(PAYMENT, Optional.of(ORDER)));
    private static final GatewayRecord COMPLETED = record(PAPERS.completed(PAYMENT, PAPERS.work(ORDER, NODE, Hash.ZERO, 1)));
    private static final GatewayRecord FAILED = record(PAPERS.failed(PAYMENT, Optional.of(ORDER)));

    private static GatewayRecord record(JobRecord said) {
        return GatewayRecord.accept(PAPERS.gateway().publicKey(), said);
    }

    private static String code(GatewayRecord.Merge merge) {
        return merge instanceof GatewayRecord.Merge.Conflict(Reason reason) ? reason.code() : merge.getClass().getSimpleName();
    }

    @Test
    void an_outcome_follows_a_reservation_and_never_the_other_way() {
        assertThat(code(RESERVED.merge(COMPLETED))).isEqualTo("Newer");
        assertThat(code(RESERVED.merge(FAILED))).isEqualTo("Newer");
        assertThat(code(COMPLETED.merge(RESERVED))).isEqualTo("Known");
        assertThat(code(COMPLETED.merge(COMPLETED))).isEqualTo("Known");
        assertThat(code(FAILED.merge(COMPLETED))).isEqualTo("record_outcome");
        assertThat(code(COMPLETED.merge(FAILED))).isEqualTo("record_outcome");
    }

    @Test
    void a_job_keeps_its_payment_its_gateway_and_its_charge() {
        var other = new PaymentRecord.Exact(PAYMENT.transaction(), PAYMENT.messageHash(), PAPERS.gateway().publicKey(), PAPERS.mint(), 500, Optional.empty());
        assertThat(code(RESERVED.merge(record(PAPERS.reserved(other, Optional.empty()))))).isEqualTo("record_payment");
        Keypair stranger = Keypair.generate();
        var foreign = GatewayRecord.accept(stranger.publicKey(), PAPERS.failed(PAYMENT, Optional.empty()));
        assertThat(code(RESERVED.merge(foreign))).isEqualTo("record_gateway");
        var charged = record(new JobRecord(PAYMENT.jobId(), Optional.of(ORDER), PAYMENT, JobRecord.Outcome.COMPLETED, 1, ""));
        assertThat(code(COMPLETED.merge(charged))).isEqualTo("record_conflict");
    }

    @Test
    void a_record_must_hold_together() {
        SignedAssignment forged = new SignedAssignment(ORDER.assignment(), Signature.of(new byte[64]));
        assertThatThrownBy(() -> record(PAPERS.reserved(PAYMENT, Optional.of(forged)))).isInstanceOf(ProtocolException.class).hasMessageContaining("signature");
        assertThatThrownBy(() -> record(new JobRecord(PAYMENT.jobId(), Optional.empty(), PAYMENT, JobRecord.Outcome.COMPLETED, 0, ""))).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> GatewayRecord.accept(NODE.key(), PAPERS.reserved(PAYMENT, Optional.of(ORDER)))).isInstanceOf(ProtocolException.class);
    }
}
