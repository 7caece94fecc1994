package network.nyxos.cli.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.accounts.PublicKey;

class SpentBookTest {

    private static final PublicKey ESCROW = Keypair.fromSeed(new byte[32]).publicKey();

    @TempDir
    private Path folder;
    private Path session;
    private SpentBook book;

    @BeforeEach
    void open() {
        session = folder.resolve("session.json");
        book = new SpentBook(session);
    }

    @Test
    void a_gateway_is_believed_up_to_what_was_signed_for() {
        book.signed(ESCROW, 100);
        assertThatCode(() -> book.check(ESCROW, 100)).doesNotThrowAnyException();
        assertThatThrownBy(() -> book.check(ESCROW, 101)).isInstanceOfSatisfying(StackException.class, e -> assertThat(e.code()).isEqualTo("used_disputed"));
    }

    @Test
    void a_fresh_escrow_has_nothing_used() {
        book.signed(ESCROW, 0);
        assertThatThrownBy(() -> book.check(ESCROW, 1)).isInstanceOf(StackException.class);
    }

    @Test
    void an_escrow_that_it_does_not_know_is_the_gateways_to_tell() {
        assertThatCode(() -> book.check(ESCROW, 5_000)).doesNotThrowAnyException();
    }

    @Test
    void it_is_kept_and_never_lowered() {
        book.signed(ESCROW, 100);
        book.signed(ESCROW, 40);
        assertThat(new SpentBook(session).signed(ESCROW)).hasValue(100);
    }

    @Test
    void a_book_that_cannot_be_read_is_not_taken_for_an_empty_one() throws IOException {
        Files.writeString(folder.resolve("session.json.signed"), "{");
        assertThatThrownBy(() -> book.check(ESCROW, 1)).isInstanceOfSatisfying(StackException.class, e -> assertThat(e.code()).isEqualTo("book_malformed"));
    }
}
