package network.nyxos.localnet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.sava.core.accounts.PublicKey;

/** Runs the local chain alone: {@code --port --ws-port --host --data --slot-millis --finality-slots --faucet --program --mint}. */
public final class Localnet {

    private static final String USAGE = """
            Runs a Solana chain on this machine.

              --port N            JSON-RPC over HTTP, and PubSub (default 8899; 0: any free port)
              --ws-port N         PubSub alone (default: the HTTP port + 1)
              --host ADDRESS      where to listen (default 127.0.0.1)
              --data DIRECTORY    keep the chain here and go on from there (default: in memory)
              --slot-millis N     length of a slot (default 400)
              --finality-slots N  slots until a transaction is finalized, 0 to 32 (default 2)
              --faucet SOL        SOL in the faucet of a new chain; 0: no airdrops (default 100000000)
              --program ADDRESS=FILE
                                  deploy this ELF file there; may be given again
              --mint ADDRESS=AUTHORITY:DECIMALS:PROGRAM
                                  make this mint where it is missing, PROGRAM is token or token-2022; may be given again""";

    private record Program(PublicKey address, byte[] elf) {

        static Program parse(String value) {
            int at = value.indexOf('=');
            if (at < 0) {
                throw new IllegalArgumentException("--program is \"" + value + "\", must be ADDRESS=FILE");
            }
            PublicKey address = addressOf(value.substring(0, at));
            Path file = Path.of(value.substring(at + 1));
            try {
                return new Program(address, Files.readAllBytes(file));
            } catch (IOException e) {
                throw new IllegalArgumentException("--program: " + file + " cannot be read", e);
            }
        }
    }

    private record Mint(PublicKey address, PublicKey authority, int decimals, PublicKey tokenProgram) {

        private static final Pattern FORM = Pattern.compile("([^=:]+)=([^=:]+):([0-9]{1,3}):(token|token-2022)");

        static Mint parse(String value) {
            Matcher parts = FORM.matcher(value);
            if (!parts.matches()) {
                throw new IllegalArgumentException("--mint is \"" + value + "\", must be ADDRESS=AUTHORITY:DECIMALS:PROGRAM with PROGRAM token or token-2022");
            }
            return new Mint(addressOf(parts.group(1)), addressOf(parts.group(2)), number("--mint's decimals", parts.group(3)),
                    parts.group(4).equals("token") ? LocalChain.TOKEN_PROGRAM : LocalChain.TOKEN_2022_PROGRAM);
        }
    }

    private record Arguments(int port, int wsPort, String host, ChainOptions options, List<Program> programs, List<Mint> mints) {

        static Arguments parse(String[] args) {
            int port = 8899;
            int wsPort = -1;
            String host = "127.0.0.1";
            ChainOptions options = ChainOptions.defaults();
            List<Program> programs = new ArrayList<>();
            List<Mint> mints = new ArrayList<>();
            for (int i = 0; i < args.length; i += 2) {
                if (i + 1 == args.length) {
                    throw new IllegalArgumentException(args[i] + " needs a value");
                }
                String value = args[i + 1];
                switch (args[i]) {
                    case "--port" -> port = port(args[i], value);
                    case "--ws-port" -> wsPort = port(args[i], value);
                    case "--host" -> host = value;
                    case "--data" -> options = options.withData(Path.of(value));
                    case "--slot-millis" -> options = options.withSlotMillis(number(args[i], value));
                    case "--finality-slots" -> options = options.withFinalitySlots(number(args[i], value));
                    case "--faucet" -> options = options.withFaucetSol(number(args[i], value));
                    case "--program" -> programs.add(Program.parse(value));
                    case "--mint" -> mints.add(Mint.parse(value));
                    default -> throw new IllegalArgumentException("unknown option " + args[i]);
                }
            }
            return new Arguments(port, wsPort >= 0 ? wsPort : port == 0 ? 0 : port + 1, host, options, programs, mints);
        }

        private static int port(String name, String value) {
            int port = number(name, value);
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException(name + " is " + port + ", must be 0 to 65535");
            }
            return port;
        }
    }

    private static int number(String name, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " is \"" + value + "\", must be a whole number", e);
        }
    }

    private static PublicKey addressOf(String text) {
        try {
            return PublicKey.fromBase58Encoded(text);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no address", e);
        }
    }

    private Localnet() {
    }

    /** Runs until it is told to end; prints one line for each thing a user needs to know. */
    public static void main(String[] args) throws InterruptedException {
        if (args.length == 1 && (args[0].equals("--help") || args[0].equals("-h"))) {
            System.out.println(USAGE);
            return;
        }
        Arguments arguments;
        try {
            arguments = Arguments.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println("localnet: " + e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
            return;
        }
        try {
            LocalChain chain = LocalChain.start(arguments.options());
            arguments.programs().forEach(program -> chain.deploy(program.address(), program.elf()));
            arguments.mints().stream().filter(mint -> chain.account(mint.address()).isEmpty())
                    .forEach(mint -> chain.createMint(mint.address(), mint.tokenProgram(), mint.authority(), mint.decimals()));
            LocalRpcServer server = LocalRpcServer.start(chain, arguments.host(), arguments.port(), arguments.wsPort());
            CountDownLatch ended = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                server.close();
                chain.close();
                ended.countDown();
            }, "localnet-shutdown"));
            System.out.println("Local chain for development; its keys and tokens are worth nothing.");
            System.out.println("JSON-RPC: " + server.httpUrl());
            System.out.println("PubSub: " + server.wsUrl());
            System.out.println("Genesis hash: " + chain.options().genesisHash());
            System.out.println("Faucet: " + chain.faucet().toBase58());
            System.out.println("Slot: " + chain.slot());
            ended.await();
        } catch (ChainFailure | IllegalArgumentException e) {
            System.err.println("localnet: " + e.getMessage());
            System.exit(1);
        }
    }
}
