package network.nyxos.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.cli.attach.CommandGroup;
import network.nyxos.cli.up.Amounts;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A wallet: a standard Solana keypair file. */
@Command(name = "wallet", mixinStandardHelpOptions = true, description = "Makes a wallet, or shows what it holds.",
    subcommands = {WalletCommand.New.class, EvmWalletCommands.Message.class, EvmWalletCommands.FromEvm.class, WalletCommand.Show.class})
final class WalletCommand extends CommandGroup {

    /**
     * Writes a wallet's file and tells its address.
     *
     * @throws StackException {@code wallet_exists}
     */
    static int write(Keypair keypair, Path file, PrintWriter out) {
        if (Files.exists(file)) {
            throw new StackException("wallet_exists", file + " exists; a keypair file is never overwritten");
        }
        keypair.write(file);
        out.println(keypair.publicKey().toBase58());
        return 0;
    }

    @Command(name = "new", mixinStandardHelpOptions = true, description = "Makes a keypair file that only you can read.")
    static final class New implements Callable<Integer> {

        @Parameters(paramLabel = "FILE", description = "The file to write; it must not exist.")
        private Path file;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            return write(Keypair.generate(), file, spec.commandLine().getOut());
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows a wallet's address and balances.")
    static final class Show implements Callable<Integer> {

        @Parameters(paramLabel = "FILE", description = "A keypair file.")
        private Path file;

        @Option(names = "--rpc", paramLabel = "URL", defaultValue = "http://127.0.0.1:8899", description = "The chain (default: ${DEFAULT-VALUE}).")
        private URI rpc;

        @Override
        public Integer call() {
            Keypair keypair = Keypair.read(file);
            System.out.println(keypair.publicKey().toBase58());
            try (SolanaRpc chain = SolanaRpc.connect(rpc)) {
                System.out.println(Amounts.text(chain.balance(keypair.publicKey(), Commitment.CONFIRMED), 9, "SOL"));
                for (Mint mint : new Mint[] {Mint.USDC, Mint.NYXOS}) {
                    System.out.println(mint.text(mint.heldBy(keypair.publicKey(), chain)));
                }
            }
            return 0;
        }
    }
}
