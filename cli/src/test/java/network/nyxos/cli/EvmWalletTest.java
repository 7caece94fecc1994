package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import network.nyxos.escrow.crypto.EvmWallet;
import network.nyxos.escrow.crypto.Keypair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.web3j.crypto.Credentials;
import org.web3j.crypto.Sign;

/** Solana wallets of EVM wallets, from the EVM wallet's key or from what it signed. */
class EvmWalletTest {

    /** A key of nobody: its address and its Solana wallet are those of {@code clients/ts/test/evm.test.mjs} too, where another library signs. */
    private static final String EVM_KEY = "0x" + "46".repeat(32);
    private static final String EVM_ADDRESS = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F";
    private static final String SOLANA_ADDRESS = "FELtpBXa5cWttDwAomZADoAqh3qfxJGvYEpiduESsAYy";

    @TempDir
    private Path folder;

    @Test
    void is_always_the_same_for_the_same_key() throws IOException {
        Ran ran = fromKey("wallet.json", EVM_KEY).done();
        assertThat(ran.out()).isEqualToNormalizingNewlines("of EVM wallet " + EVM_ADDRESS + "\n" + SOLANA_ADDRESS + "\n");
        assertThat(Keypair.read(folder.resolve("wallet.json")).publicKey().toBase58()).isEqualTo(SOLANA_ADDRESS);
        assertThat(fromKey("again.json", EVM_KEY.substring(2) + "\n").done().out()).contains(SOLANA_ADDRESS);
        assertThat(fromKey("other.json", "0x" + "47".repeat(32)).done().out()).doesNotContain(SOLANA_ADDRESS);
        assertThat(fromKey("second.json", EVM_KEY, "--account", "1").done().out()).contains(EVM_ADDRESS).doesNotContain(SOLANA_ADDRESS);
    }

    @Test
    void is_made_of_what_the_wallet_signed_elsewhere() throws IOException {
        String message = Ran.command("wallet", "evm-message").done().out().strip();
        assertThat(message).isEqualTo(EvmWallet.typedData(0));
        String signature = signed(EVM_KEY);
        String ofHardware = signature.substring(0, 130) + "%02x".formatted(Integer.parseInt(signature.substring(130), 16) - 27);
        assertThat(Ran.command("wallet", "from-evm", file("wallet.json"), "--signature", signature, "--signature", ofHardware).done().out()).contains(EVM_ADDRESS, SOLANA_ADDRESS);
    }

    @Test
    void is_refused_with_a_reason() throws IOException {
        String signature = signed(EVM_KEY);
        String another = signed("0x" + "47".repeat(32));
        for (List<String> wrong : List.of(
                List.of("signature_needed_twice", "--signature", signature),
                List.of("signature_varies", "--signature", signature, "--signature", another),
                List.of("signature_malformed", "--signature", "0x12", "--signature", "0x12"),
                List.of("signature_malformed", "--signature", "signed", "--signature", "signed"),
                List.of("account_invalid", "--signature", signature, "--signature", signature, "--account", "-1"),
                List.of("file_unreadable", "--evm-key", file("nowhere")))) {
            var arguments = new ArrayList<>(List.of("wallet", "from-evm", file("never.json")));
            arguments.addAll(wrong.subList(1, wrong.size()));
            Ran ran = Ran.command(arguments.toArray(String[]::new));
            assertThat(ran.code()).as(ran.out() + ran.err()).isNotZero();
            assertThat(ran.err()).contains(wrong.getFirst()).doesNotContain("\tat ");
        }
        Ran malformed = fromKey("never.json", "not a key");
        assertThat(malformed.code()).isNotZero();
        assertThat(malformed.err()).contains("evm_key_malformed").doesNotContain("not a key");
        assertThat(folder.resolve("never.json")).doesNotExist();
        fromKey("wallet.json", EVM_KEY).done();
        assertThat(fromKey("wallet.json", EVM_KEY).err()).contains("wallet_exists");
    }

    private static String signed(String key) throws IOException {
        Sign.SignatureData signed = Sign.signTypedData(EvmWallet.typedData(0), Credentials.create(key).getEcKeyPair());
        return "0x%064x%064x%02x".formatted(new BigInteger(1, signed.getR()), new BigInteger(1, signed.getS()), signed.getV()[0]);
    }

    private Ran fromKey(String wallet, String key, String... more) throws IOException {
        Path secret = Files.writeString(folder.resolve("evm.key"), key);
        var arguments = new ArrayList<>(List.of("wallet", "from-evm", file(wallet), "--evm-key", secret.toString()));
        arguments.addAll(List.of(more));
        return Ran.command(arguments.toArray(String[]::new));
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }
}
