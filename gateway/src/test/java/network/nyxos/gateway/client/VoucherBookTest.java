package network.nyxos.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.accounts.PublicKey;

class VoucherBookTest {
    private static final PublicKey ESCROW = Keypair.fromSeed(new byte[32]).publicKey();
    private static final Instant NOW = Instant.ofEpochMilli(1_000);

    @TempDir
    private Path folder;

    private static Hash job(int number) {
        return Hash.sha256(new byte[] {(byte) number});
    }

    @Test
    void aVoucherIsOverWhatIsUsedWhatIsOpenAndThisRequest() {
        VoucherBook book = VoucherBook.inMemory();

        assertThat(book.reserve(ESCROW, job(1), 100, NOW)).isEqualTo(100);
        assertThat(book.reserve(ESCROW, job(2), 100, NOW)).isEqualTo(200);
        assertThat(book.end(ESCROW, job(1), 30)).isEqualTo(30);
        assertThat(book.reserve(ESCROW, job(3), 100, NOW)).isEqualTo(230);
    }

    @Test
    void aRequestEndsOnce() {
        VoucherBook book = VoucherBook.inMemory();
        book.reserve(ESCROW, job(1), 100, NOW);

        book.end(ESCROW, job(1), 30);

        assertThat(book.end(ESCROW, job(1), 30)).isEqualTo(30);
    }

    @Test
    void aBookOnDiskGoesOnAfterARestart() {
        Path file = folder.resolve("book");
        VoucherBook before = VoucherBook.on(file);
        before.reserve(ESCROW, job(1), 100, NOW);
        before.end(ESCROW, job(1), 30);
        before.reserve(ESCROW, job(2), 50, NOW);

        VoucherBook after = VoucherBook.on(file);

        assertThat(after.used(ESCROW)).isEqualTo(30);
        assertThat(after.open(ESCROW)).containsExactly(new VoucherBook.Open(job(2), 50, NOW));
        assertThat(after.reserve(ESCROW, job(3), 1, NOW)).isEqualTo(81);
    }

    @Test
    void requestsSideBySideSignForRisingAmounts() {
        Path file = folder.resolve("book");
        var signed = new ConcurrentSkipListSet<Long>();
        try (ExecutorService side = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                int number = i;
                side.execute(() -> signed.add(VoucherBook.on(file).reserve(ESCROW, job(number), 10, NOW)));
            }
        }

        assertThat(new TreeSet<>(signed)).containsExactlyElementsOf(LongStream.rangeClosed(1, 20).map(n -> 10 * n).boxed().toList());
    }

    @Test
    void whatWasUsedElsewhereIsTakenOverAndNeverLowered() {
        VoucherBook book = VoucherBook.inMemory();
        book.startAt(ESCROW, 70);
        book.startAt(ESCROW, 20);

        assertThat(book.used(ESCROW)).isEqualTo(70);
    }

    @Test
    void aBookThatCannotBeReadIsNotTakenForAnEmptyOne() throws Exception {
        Path file = Files.writeString(folder.resolve("book"), "{");

        assertThatThrownBy(() -> VoucherBook.on(file).reserve(ESCROW, job(1), 1, NOW))
            .isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("book_malformed"));
    }
}
