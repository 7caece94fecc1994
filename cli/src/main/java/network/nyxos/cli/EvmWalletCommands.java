package network.nyxos.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import network.nyxos.cli.attach.InputFiles;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.EvmWallet;
import org.web3j.crypto.Credentials;
import org.web3j.crypto.Keys;
import org.web3j.crypto.Sign;
import org.web3j.crypto.StructuredDataEncoder;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Solana wallets that EVM wallets own: see {@link EvmWallet}. */
final class EvmWalletCommands {

    private EvmWalletCommands() {
    }

    /** Which of an EVM wallet's Solana wallets. */
    static final class Account {

        @Option(names = "--account", paramLabel = "N", defaultValue = "0", description = "Which of its Solana wallets (default: ${DEFAULT-VALUE}).")
        private int number;

        private String typedData() {
            return EvmWallet.typedData(number);
        }
    }

    @Command(name = "evm-message", mixinStandardHelpOptions = true, description = "Prints what an EVM wallet signs (eth_signTypedData_v4) to own a Solana wallet, for 'from-evm --signature'.")
    static final class Message implements Callable<Integer> {

        @Mixin
        private Account account;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            spec.commandLine().getOut().println(account.typedData());
            return 0;
        }
    }

    @Command(name = "from-evm", mixinStandardHelpOptions = true, description = "Makes the keypair file of the Solana wallet that an EVM wallet owns: always the same for the same wallet.")
    static final class FromEvm implements Callable<Integer> {

        @Parameters(paramLabel = "FILE", description = "The file to write; it must not exist.")
        private Path file;

        @Mixin
        private Account account;

        @ArgGroup(multiplicity = "1")
        private Source source;

        @Spec
        private CommandSpec spec;

        /** Where the signatures come from. */
        static final class Source {

            @Option(names = "--evm-key", paramLabel = "FILE", description = "A file with the EVM wallet's private key in hexadecimal.")
            private Path key;

            @Option(names = "--signature", paramLabel = "HEX", arity = "1",
                description = "What the wallet signed of 'wallet evm-message'; given twice, of two signings, to see that it signs the same way each time.")
            private List<String> signatures;
        }

        @Override
        public Integer call() {
            byte[] digest = digest(account.typedData());
            List<byte[]> signatures = source.key == null ? source.signatures.stream().map(FromEvm::hex).toList() : signed(digest);
            if (signatures.size() != 2) {
                throw new StackException("signature_needed_twice", "let the wallet sign twice and give both with --signature: a wallet that signs differently each time would lose this key");
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println("of EVM wallet " + signer(digest, signatures.getFirst()));
            return WalletCommand.write(EvmWallet.of(signatures.getFirst(), signatures.getLast()), file, out);
        }

        private List<byte[]> signed(byte[] digest) {
            String text = new String(InputFiles.bytes(source.key), StandardCharsets.US_ASCII).strip();
            if (!text.matches("(0x)?[0-9a-fA-F]{64}")) {
                throw new StackException("evm_key_malformed", source.key + " is no private key of an EVM wallet: 64 hexadecimal digits, with or without 0x");
            }
            Credentials wallet = Credentials.create(text);
            return List.of(sign(digest, wallet), sign(digest, wallet));
        }

        private static byte[] sign(byte[] digest, Credentials wallet) {
            return bytes(Sign.signMessage(digest, wallet.getEcKeyPair(), false));
        }

        private static byte[] bytes(Sign.SignatureData signature) {
            byte[] all = Arrays.copyOf(signature.getR(), 65);
            System.arraycopy(signature.getS(), 0, all, 32, 32);
            all[64] = signature.getV()[0];
            return all;
        }

        private static byte[] digest(String typedData) {
            try {
                return new StructuredDataEncoder(typedData).hashStructuredData();
            } catch (IOException e) {
                throw new UncheckedIOException("a text of ours is no typed data", e);
            }
        }

        private static byte[] hex(String text) {
            try {
                return HexFormat.of().parseHex(text.startsWith("0x") ? text.substring(2) : text);
            } catch (IllegalArgumentException e) {
                throw new StackException("signature_malformed", "a signature is hexadecimal: " + e.getMessage());
            }
        }

        /** Whose signature it is: a person sees from the address whether it was the right wallet, and the right text. */
        private static String signer(byte[] digest, byte[] signature) {
            if (signature.length != 65) {
                throw new StackException("signature_malformed", "a signature has 65 bytes, this has " + signature.length);
            }
            try {
                byte v = signature[64] < 27 ? (byte) (signature[64] + 27) : signature[64];
                Sign.SignatureData data = new Sign.SignatureData(v, Arrays.copyOf(signature, 32), Arrays.copyOfRange(signature, 32, 64));
                return Keys.toChecksumAddress(Keys.getAddress(Sign.signedMessageHashToKey(digest, data)));
            } catch (SignatureException | RuntimeException e) {
                throw new StackException("signature_malformed", "this is no signature of an EVM wallet: " + e.getMessage());
            }
        }
    }
}
