package network.nyxos.localnet;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** Runs the local chain alone: {@code --port --ws-port --host --data --slot-millis --finality-slots --faucet}. */
public final class Localnet {

    private static final String USAGE = """
            Runs a Solana chain on this machine.

              --port N            JSON-RPC over HTTP, and PubSub (default 8899; 0: any free port)
              --ws-port N         PubSub alone (default: the HTTP port + 1)
              --host ADDRESS      where to listen (default 127.0.0.1)
              --data DIRECTORY    keep the chain here and go on from there (default: in memory)
              --slot-millis N     length of a slot (default 400)
              --finality-slots N  slots until a transaction is finalized, 0 to 32 (default 2)
              --faucet SOL        SOL in the faucet of a new chain; 0: no airdrops (default 100000000)""";

    private record Arguments(int port, int wsPort, String host, ChainOptions options) {

        static Arguments parse(String[] args) {
            int port = 8899;
            int wsPort = -1;
            String host = "127.0.0.1";
            ChainOptions options = ChainOptions.defaults();
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
                    default -> throw new IllegalArgumentException("unknown option " + args[i]);
                }
            }
            return new Arguments(port, wsPort >= 0 ? wsPort : port == 0 ? 0 : port + 1, host, options);
        }

        private static int number(String name, String value) {
            try {
                return Integer.parseInt(value);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(name + " is \"" + value + "\", must be a whole number", e);
            }
        }

        private static int port(String name, String value) {
            int port = number(name, value);
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException(name + " is " + port + ", must be 0 to 65535");
            }
            return port;
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
        } catch (ChainFailure e) {
            System.err.println("localnet: " + e.getMessage());
            System.exit(1);
        }
    }
}
