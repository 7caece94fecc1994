package network.nyxos.cli.agent;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.CommandGroup;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.CreditClient;
import network.nyxos.gateway.credit.BearerKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import software.sava.core.accounts.PublicKey;

/** Credits: prepaid inference for clients that know nothing but a base URL and an API key. */
@Command(name = "credits", mixinStandardHelpOptions = true, description = {"Prepaid inference for clients that know only an API key.",
        "Credits are cents in an escrow of your wallet's own; whoever holds the bearer key spends them, your wallet alone takes them out."},
        subcommands = {CreditsCommand.Key.class, CreditsCommand.Buy.class, CreditsCommand.Balance.class, CreditsCommand.History.class, CreditsCommand.CashOut.class})
public final class CreditsCommand extends CommandGroup {

    /** What these commands share: a bearer key, and a gateway beside the chain. */
    abstract static class Keyed extends Sending {

        @Mixin
        private BearerKeyChoice key;

        final Path keyFile() {
            return key.file(walletFile());
        }

        final BearerKey bearer() {
            return BearerKeyFile.read(keyFile());
        }

        final CreditClient client(ChainSession chain) {
            return new CreditClient(attachment().gateway(), chain.calls());
        }

        @Override
        protected final void run(ChainSession chain) {
            try {
                act(chain);
            } catch (AgentException e) {
                throw new StackException(e.code(), e.getMessage());
            }
        }

        abstract void act(ChainSession chain);
    }

    @Command(name = "key", mixinStandardHelpOptions = true, sortOptions = false,
            description = {"Makes a bearer key, or shows the public half of one that is there.", "The key stays in its file: use it as the API key of OpenAI's clients."})
    static final class Key implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Mixin
        private Attachment attachment;

        @Option(names = "--wallet", paramLabel = "FILE", description = "The wallet beside which it lies (default: the stack's agent).")
        private Optional<Path> wallet = Optional.empty();

        @Mixin
        private BearerKeyChoice key;

        @Override
        public Integer call() {
            Path file = key.file(attachment.walletFile(wallet));
            PrintWriter out = spec.commandLine().getOut();
            out.println(BearerKeyFile.readOrMake(file).publicKey().toBase58());
            out.println("bearer key " + file + "; who holds it can spend what is bought for it, and nothing else");
            out.flush();
            return 0;
        }
    }

    @Command(name = "buy", mixinStandardHelpOptions = true, sortOptions = false,
            description = {"Buys credits for a bearer key.", "The payment goes to an escrow whose address is derived here from wallet, key and market; anything else is not paid."})
    static final class Buy extends Keyed {

        @Parameters(paramLabel = "CREDITS", description = "How many; each is a cent.")
        private long credits;

        @Option(names = "--mint", paramLabel = "MINT", defaultValue = "usdc", description = "The dollar mint (default: ${DEFAULT-VALUE}).")
        private String mint;

        @Override
        void act(ChainSession chain) {
            if (credits < 1) {
                throw new StackException("credits_range", "at least one credit is bought, not " + credits);
            }
            Mint dollars = chain.mint(attachment().mint(mint));
            Path file = keyFile();
            BearerKey key = BearerKeyFile.readOrMake(file);
            Keypair wallet = wallet();
            CreditClient.Bought bought = client(chain).buy(wallet, wallet.publicKey(), key.publicKey(), credits,
                    new CreditClient.Dollars(dollars.address(), dollars.tokenProgram(), dollars.decimals()));
            PrintWriter out = out();
            out.println("bought       " + credits + " credits for " + dollars.text(bought.amount()));
            out.println("balance      " + bought.balance() + " credits");
            out.println("escrow       " + bought.escrow().toBase58());
            out.println("bearer key   " + file);
            out.println("transaction  " + bought.transaction());
        }
    }

    @Command(name = "balance", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows what a bearer key has left.")
    static final class Balance extends Keyed {

        @Override
        void act(ChainSession chain) {
            JsonNode told = client(chain).balance(bearer());
            Mint dollars = chain.mint(Attachment.key("mint", told.path("mint").asText()));
            PrintWriter out = out();
            out.println(told.path("balance").asText() + " credits, " + dollars.text(told.path("spendable").asLong()));
            for (JsonNode account : told.path("accounts")) {
                Mint mint = chain.mint(Attachment.key("mint", account.path("mint").asText()));
                out.println(account.path("escrow").asText());
                out.println("  state        " + account.path("state").asText());
                out.println("  wallet       " + account.path("wallet").asText());
                out.println("  deposited    " + mint.text(account.path("deposited").asLong()) + (account.path("inbox").asLong() == 0 ? ""
                        : ", and " + mint.text(account.path("inbox").asLong()) + " transferred and not counted yet"));
                out.println("  used         " + mint.text(account.path("used").asLong()) + ", " + mint.text(account.path("settled").asLong()) + " of it settled on chain, "
                        + mint.text(account.path("reserved").asLong()) + " reserved");
                out.println("  spendable    " + mint.text(account.path("spendable").asLong()));
            }
        }
    }

    @Command(name = "history", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows what was bought and spent, the newest first.")
    static final class History extends Keyed {

        @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "How many, 1 to 100 (default: ${DEFAULT-VALUE}).")
        private int limit;

        @Option(names = "--after", paramLabel = "PLACE", description = "Where the page before ended.")
        private Optional<String> after = Optional.empty();

        @Override
        void act(ChainSession chain) {
            if (limit < 1 || limit > 100) {
                throw new StackException("limit_range", "--limit is 1 to 100, not " + limit);
            }
            JsonNode told = client(chain).history(bearer(), limit, after);
            PrintWriter out = out();
            told.path("history").forEach(each -> out.println(Instant.ofEpochMilli(each.path("atMs").asLong()) + "  " + "%-15s".formatted(each.path("kind").asText()) + " "
                    + each.path("credits").asText() + " credits" + (each.has("job") ? ", job " + each.path("job").asText() : "")
                    + (each.has("transaction") ? ", transaction " + each.path("transaction").asText() : "")));
            if (told.has("after")) {
                out.println("more: --after " + told.path("after").asText());
            }
        }
    }

    @Command(name = "cash-out", mixinStandardHelpOptions = true, sortOptions = false,
            description = {"Takes unspent credits out: the wallet asks the program, the gateway pays the fee.",
                    "When the market's exit time is over, the rest comes to the wallet by itself. Without the gateway: `nyxos escrow request-exit` and `exit`."})
    static final class CashOut extends Keyed {

        @Option(names = "--escrow", paramLabel = "ADDRESS", description = "Which account, where the key has several.")
        private Optional<String> escrow = Optional.empty();

        @Override
        void act(ChainSession chain) {
            Optional<PublicKey> named = escrow.map(text -> Attachment.key("--escrow", text));
            CreditClient.Leaving leaving = client(chain).cashOut(bearer(), wallet(), named);
            long slots = Math.max(0, leaving.exitSlot() - chain.rpc().slot(Commitment.CONFIRMED));
            out().println(leaving.escrow().toBase58() + " pays out to " + wallet().publicKey() + " from slot " + leaving.exitSlot() + ", in " + slots + " slots");
        }
    }
}
