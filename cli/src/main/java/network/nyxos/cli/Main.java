package network.nyxos.cli;

import java.io.PrintWriter;
import network.nyxos.chain.DatabaseException;
import network.nyxos.attestation.AttestationException;
import network.nyxos.chain.RpcException;
import network.nyxos.cli.agent.CreditsCommand;
import network.nyxos.cli.agent.CallCommand;
import network.nyxos.cli.agent.EmbedCommand;
import network.nyxos.cli.agent.EscrowCommand;
import network.nyxos.cli.agent.PayCommand;
import network.nyxos.cli.agent.ProxyCommand;
import network.nyxos.cli.attest.AttestCommand;
import network.nyxos.cli.check.ClaimCommand;
import network.nyxos.cli.check.VerifyCommand;
import network.nyxos.cli.deploy.DeployCommand;
import network.nyxos.cli.direct.DirectCommand;
import network.nyxos.cli.dispute.DisputeCommand;
import network.nyxos.cli.governance.MarketCommand;
import network.nyxos.cli.governance.RegistryCommand;
import network.nyxos.cli.job.JobCommand;
import network.nyxos.cli.model.ModelCommand;
import network.nyxos.cli.poster.PosterCommand;
import network.nyxos.cli.provider.NodeCommand;
import network.nyxos.cli.up.StackException;
import network.nyxos.cli.up.DemoCommand;
import network.nyxos.cli.up.UpCommand;
import network.nyxos.cli.upkeep.BatchCommand;
import network.nyxos.cli.serve.ServeCommand;
import network.nyxos.cli.validator.ValidatorCommand;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.localnet.ChainFailure;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code nyxos}. */
@Command(name = "nyxos", mixinStandardHelpOptions = true, version = Main.VERSION, synopsisSubcommandLabel = "COMMAND",
        description = "Settles decentralised AI inference on Solana.",
        subcommands = {UpCommand.class, DemoCommand.class, PayCommand.class, EmbedCommand.class, CallCommand.class, ProxyCommand.class, CreditsCommand.class, EscrowCommand.class, JobCommand.class, NodeCommand.class, ServeCommand.class, ModelCommand.class, ClaimCommand.class, VerifyCommand.class, AttestCommand.class, WalletCommand.class,
                DeployCommand.class, MarketCommand.class, RegistryCommand.class, BatchCommand.class, ValidatorCommand.class, PosterCommand.class, DirectCommand.class, DisputeCommand.class, LocalnetCommand.class, CommandLine.HelpCommand.class},
        footer = {"", "From a clone, ./nyxos also knows:", "  build   build what has changed", "  test    run every test", "  bench   measure this machine", "  fuzz    feed every decoder with bytes that a fuzzer makes up"})
public final class Main implements Runnable {

    static final String VERSION = "nyxos 0.1.0";

    @Spec
    private CommandSpec spec;

    private Main() {
    }

    /** Runs a command and exits with its code: 0 done, 1 a step did not hold, 2 wrong usage, 70 a fault of ours. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command line, as tests use it too. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main()).setOverwrittenOptionsAllowed(true).setCaseInsensitiveEnumValuesAllowed(true).setExecutionExceptionHandler((failure, command, parsed) -> explain(failure, command.getErr()));
        return sameVersion(line);
    }

    // Every command answers --version, also those below others.
    private static CommandLine sameVersion(CommandLine line) {
        line.getCommandSpec().version(VERSION);
        line.getSubcommands().values().forEach(Main::sameVersion);
        return line;
    }

    // A person gets one line that says what was wrong; the whole story goes to the log of whoever asks for it.
    private static int explain(Exception failure, PrintWriter err) {
        switch (failure) {
            case StackException known -> err.println("nyxos: " + known.getMessage() + " [" + known.code() + "]");
            case ProtocolException known -> err.println("nyxos: " + known.getMessage() + " [" + known.code() + "]");
            case AttestationException known -> err.println("nyxos: " + known.getMessage() + " [" + known.code() + "]");
            case RpcException.Unreachable chain -> err.println("nyxos: the chain cannot be asked: " + chain.getMessage().replace(": " + chain.getCause(), "")
                    + "; check its address (--rpc) and that it runs [" + chain.code() + "]");
            case RpcException chain -> err.println("nyxos: the chain cannot be asked: " + chain.getMessage() + " [" + chain.code() + "]");
            case DatabaseException database -> err.println("nyxos: " + database.getMessage() + " [" + database.code() + "]");
            case ChainFailure chain -> err.println("nyxos: " + chain.getMessage());
            default -> {
                err.println("nyxos: " + (failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage()));
                if (System.getenv("NYXOS_TRACE") != null) {
                    failure.printStackTrace(err);
                } else {
                    err.println("       Set NYXOS_TRACE=1 to see where it happened.");
                }
                return 70;
            }
        }
        return 1;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command");
    }
}
