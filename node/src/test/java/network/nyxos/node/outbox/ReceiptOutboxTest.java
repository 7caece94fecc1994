package network.nyxos.node.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.job.Outcome;
import network.nyxos.node.job.ReceiptWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceiptOutboxTest {
    private final Keypair gateway = Keypair.generate();
    private final Keypair node = Keypair.generate();

    @TempDir
    private Path folder;

    private ReceiptOutbox.Entry entry(int job, int attempt) {
        SignedAssignment order = new Assignment(Hash.sha256(new byte[] {(byte) job}), gateway.publicKey(), node.publicKey(), Hash.ZERO, Tier.OPEN, attempt, 10,
                gateway.publicKey(), new Price(1, 1), 10, Payment.VOUCHER, Hash.ZERO, 0, Sampler.GREEDY, Hash.ZERO, Hash.ZERO, 1, 2).sign(gateway);
        Completion completion = new Completion(new int[] {1}, new int[] {2}, 1, 1, 10, Completion.Finish.STOP);
        return new ReceiptOutbox.Entry(order, new ReceiptWriter(node).write(order.assignment(), Outcome.of(completion, Hash.ZERO), "e", Hash.ZERO, 1, 2));
    }

    @Test
    void findsWhatAnEarlierRunLeft() {
        ReceiptOutbox.Entry one = entry(1, 0);
        ReceiptOutbox.Entry two = entry(2, 0);
        ReceiptOutbox outbox = new ReceiptOutbox(folder);
        outbox.add(one);
        outbox.add(two);
        outbox.add(one);
        assertThat(new ReceiptOutbox(folder).waiting()).containsExactlyInAnyOrder(one, two);
        outbox.recorded(one.job());
        assertThat(new ReceiptOutbox(folder).waiting()).containsExactly(two);
    }

    @Test
    void keepsTwoAttemptsOfOneJobApart() {
        ReceiptOutbox outbox = new ReceiptOutbox(folder);
        outbox.add(entry(1, 0));
        outbox.add(entry(1, 1));
        assertThat(outbox.waiting()).hasSize(2);
        outbox.recorded(entry(1, 0).job());
        assertThat(outbox.waiting()).isEmpty();
    }

    @Test
    void aDamagedFileStaysAndDisturbsNothing() throws IOException {
        ReceiptOutbox outbox = new ReceiptOutbox(folder);
        outbox.add(entry(1, 0));
        Path damaged = Files.writeString(folder.resolve("x.receipt.json"), "{\"assignment\":\"AA");
        Path half = Files.writeString(folder.resolve("receipt1.partial"), "{");
        assertThat(new ReceiptOutbox(folder).waiting()).hasSize(1);
        assertThat(damaged).exists();
        assertThat(half).doesNotExist();
    }
}
