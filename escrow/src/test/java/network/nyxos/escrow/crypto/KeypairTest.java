package network.nyxos.escrow.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.Samples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeypairTest {
    @TempDir
    private Path folder;

    @Test
    void a_written_file_reads_back_and_only_its_owner_may_read_it() throws IOException {
        Path file = folder.resolve("keys/id.json");
        Keypair keypair = Keypair.generate();
        keypair.write(file);
        assertThat(Keypair.read(file).bytes()).isEqualTo(keypair.bytes());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(Files.readString(file)).matches("\\[(\\d{1,3},){63}\\d{1,3}]\n");
    }

    @Test
    void a_file_is_never_overwritten() {
        Path file = folder.resolve("id.json");
        Keypair first = Keypair.readOrCreate(file);
        assertThatThrownBy(() -> Keypair.generate().write(file)).isInstanceOf(UncheckedIOException.class).hasMessageContaining("not overwritten");
        assertThat(Keypair.readOrCreate(file).publicKey()).isEqualTo(first.publicKey());
    }

    @Test
    void a_malformed_file_is_named_and_its_content_is_not_shown() throws IOException {
        Path file = folder.resolve("id.json");
        String secret = "[17,18,19";
        Files.writeString(file, secret);
        assertThatThrownBy(() -> Keypair.read(file)).isInstanceOfSatisfying(ProtocolException.class, e -> {
            assertThat(e.code()).isEqualTo("keypair_malformed");
            assertThat(e.getMessage()).contains("id.json").doesNotContain("17,18");
            assertThat(e.getCause()).isNull();
        });
        Files.writeString(file, "[1,2,3]");
        assertThatThrownBy(() -> Keypair.read(file)).hasMessageContaining("64 bytes");
        Files.writeString(file, "[256" + ",0".repeat(63) + "]");
        assertThatThrownBy(() -> Keypair.read(file)).hasMessageContaining("no byte");
    }

    @Test
    void halves_that_do_not_belong_together_are_refused() {
        byte[] bytes = new Samples(1).keypair().bytes();
        bytes[40] ^= 1;
        assertThatThrownBy(() -> Keypair.fromBytes(bytes)).isInstanceOf(ProtocolException.class).hasMessageContaining("belong");
    }

    @Test
    void the_text_form_shows_the_public_key_only() {
        Keypair keypair = new Samples(2).keypair();
        assertThat(keypair.toString()).isEqualTo(keypair.publicKey().toBase58());
    }
}
