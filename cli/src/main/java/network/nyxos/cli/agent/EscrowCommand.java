package network.nyxos.cli.agent;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.Account;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.CommandGroup;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.Keys;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.gateway.client.VoucherBook;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** A payer's escrow, from its opening to its exit. Speaks with the chain alone: no operator has to agree to anything here. */
@Command(name = "escrow", mixinStandardHelpOptions = true, description = {"Opens, fills, shows and leaves an escrow.",
        "Everything goes to the chain directly; leaving needs nobody's help."},
        subcommands = {EscrowCommand.Open.class, EscrowCommand.Deposit.class, EscrowCommand.Show.class, EscrowCommand.RequestExit.class, EscrowCommand.Exit.class,
                OpenPrepaid.class, CountTransfers.class, ReturnTransfers.class, ClosePrepaid.class, RefreshOperator.class, ClosePayment.class})
public final class EscrowCommand extends CommandGroup {

    private static final int EXITING = 2;

    /** An escrow on chain. */
    record Found(PublicKey address, Escrow escrow) {

        static Found at(ChainSession chain, String text) {
            PublicKey address = Attachment.key("ESCROW", text);
            return find(chain, address).orElseThrow(() -> new StackException("escrow_unknown", address + " is no escrow of market " + chain.address() + " (any more)"));
        }

        static Optional<Found> find(ChainSession chain, PublicKey address) {
            return chain.owned(address, chain.programs().escrow()).filter(account -> Escrow.matches(account.data())).map(Found::of)
                    .filter(found -> found.escrow().market().equals(chain.address()));
        }

        static Found of(Account account) {
            return new Found(account.address(), Escrow.decode(account.data()));
        }

        long left() {
            return escrow.deposited() - escrow.settled();
        }

        boolean exiting() {
            return escrow.state() == EXITING;
        }

        boolean prepaid() {
            return escrow.prepaid() != 0;
        }
    }

    @Command(name = "open", mixinStandardHelpOptions = true, sortOptions = false,
            description = {"Opens an escrow with a deposit and prints its address.", "The session key signs vouchers; it cannot take the deposit out."})
    static final class Open extends Sending {

        @Parameters(paramLabel = "AMOUNT", description = "The first deposit, for example 1.5.")
        private String amount;

        @Option(names = "--mint", paramLabel = "MINT", defaultValue = "usdc", description = "usdc, nyxos or an address (default: ${DEFAULT-VALUE}).")
        private String mint;

        @Option(names = "--session", paramLabel = "FILE", description = "The session key, made where the file does not exist (default: WALLET-session.json beside the wallet).")
        private Optional<Path> session = Optional.empty();

        @Option(names = "--session-limit", paramLabel = "AMOUNT", defaultValue = "0", description = "The most that the session key can ever spend (default: no limit).")
        private String limit;

        @Option(names = "--session-expires", paramLabel = "TIME", description = "When the session key ends, for example 2027-01-31T12:00:00Z (default: never).")
        private Optional<Instant> expires = Optional.empty();

        @Override
        protected void run(ChainSession chain) {
            Mint paid = chain.mint(attachment().mint(mint));
            long deposit = Decimals.parsePositive(amount, paid);
            long most = Decimals.parse(limit, paid);
            expires.filter(time -> !time.isAfter(Instant.now())).ifPresent(time -> {
                throw new StackException("session_expired", "--session-expires " + time + " is over");
            });
            Keypair payer = wallet();
            PoolCalls pool = chain.pool(paid);
            chain.require(payer.publicKey(), paid, "the deposit", deposit);
            Path file = session.orElseGet(() -> SessionKeys.beside(walletFile()));
            Keypair key = Attachment.keypairOrNew(file);
            Keypair fees = feePayer();
            long slot = chain.rpc().slot(Commitment.CONFIRMED);
            PublicKey address = pool.escrow(payer.publicKey(), slot);
            // A fresh escrow has nothing signed for: from here on the book knows better than any gateway.
            VoucherBook.on(Keys.vouchers(file)).startAt(address, 0);
            Signature signature = chain.send("open escrow " + address, List.of(pool.open(fees.publicKey(), payer.publicKey(), slot, key.publicKey(),
                    expires.map(Instant::getEpochSecond).orElse(0L), most, deposit)), fees, payer);
            out().println(address.toBase58());
            done("opened with " + paid.text(deposit) + ", session key " + file, signature);
        }
    }

    @Command(name = "deposit", mixinStandardHelpOptions = true, sortOptions = false, description = "Adds to an escrow.")
    static final class Deposit extends Sending {

        @Parameters(index = "0", paramLabel = "ESCROW", description = "Its address.")
        private String escrow;

        @Parameters(index = "1", paramLabel = "AMOUNT", description = "For example 1.5.")
        private String amount;

        @Override
        protected void run(ChainSession chain) {
            Found found = Found.at(chain, escrow);
            Mint paid = chain.mint(found.escrow().mint());
            long more = Decimals.parsePositive(amount, paid);
            if (found.exiting()) {
                throw new StackException("escrow_exiting", "escrow " + found.address() + " is on its way out and takes no deposit");
            }
            Keypair depositor = wallet();
            chain.require(depositor.publicKey(), paid, "the deposit", more);
            Signature signature = chain.send("deposit to " + found.address(), List.of(chain.pool(paid).deposit(depositor.publicKey(), found.address(), more)), feePayer(),
                    depositor);
            done(paid.text(more) + " deposited", signature);
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows an escrow, or all of a wallet's.")
    static final class Show extends Sending {

        @Parameters(paramLabel = "ESCROW", arity = "0..1", description = "Its address (default: every escrow of the wallet in this market).")
        private Optional<String> escrow = Optional.empty();

        @Override
        protected void run(ChainSession chain) {
            List<Found> all = escrow.map(text -> List.of(Found.at(chain, text))).orElseGet(() -> of(chain, wallet().publicKey()));
            if (all.isEmpty()) {
                out().println("no escrow of " + wallet().publicKey() + " in market " + chain.address());
            }
            long slot = chain.rpc().slot(Commitment.CONFIRMED);
            all.forEach(found -> show(chain, found, slot));
        }

        private static List<Found> of(ChainSession chain, PublicKey payer) {
            return chain.rpc().programAccounts(chain.programs().escrow(), List.of(new AccountFilter.Size(Escrow.SIZE),
                    AccountFilter.key(Escrow.OFFSET_MARKET, chain.address()), AccountFilter.key(Escrow.OFFSET_PAYER, payer)), Commitment.CONFIRMED).stream()
                    .map(Found::of).sorted(Comparator.comparingLong(found -> found.escrow().openSlot())).toList();
        }

        private void show(ChainSession chain, Found found, long slot) {
            Escrow its = found.escrow();
            Mint mint = chain.mint(its.mint());
            PrintWriter out = out();
            out.println(found.address().toBase58());
            out.println("  state        " + state(found, slot));
            out.println("  deposited    " + mint.text(its.deposited()));
            out.println("  settled      " + mint.text(its.settled()) + ", " + mint.text(found.left()) + " left on chain");
            long uncounted = chain.balance(found.address(), mint);
            if (uncounted > 0) {
                out.println("  transferred  " + mint.text(uncounted) + " more, " + (found.exiting() ? "which goes back with the rest" : "a deposit once somebody sends `nyxos escrow count`"));
            }
            reported(found).ifPresent(told -> out.println("  gateway      " + mint.text(told.path("used").asLong()) + " used, " + mint.text(told.path("reserved").asLong())
                    + " reserved, " + mint.text(told.path("spendable").asLong()) + " spendable"));
            out.println("  payer        " + its.payer().toBase58() + (found.prepaid() ? "; prepaid, opened by " + its.rentPayer().toBase58() : ""));
            out.println("  session key  " + its.sessionKey().toBase58() + (its.sessionExpires() == 0 ? "" : ", until " + Instant.ofEpochSecond(its.sessionExpires()))
                    + (its.sessionLimit() == 0 ? "" : ", at most " + mint.text(its.sessionLimit())));
        }

        private static String state(Found found, long slot) {
            if (!found.exiting()) {
                return "open";
            }
            long exit = found.escrow().exitSlot();
            return slot >= exit ? "exiting: `nyxos escrow exit` pays out now" : "exiting: pays out from slot " + exit + ", in " + (exit - slot) + " slots";
        }

        // The chain's account is what holds; what a gateway adds is shown where one answers.
        private Optional<JsonNode> reported(Found found) {
            return attachment().findGateway().flatMap(url -> {
                try (Service gateway = new Service("gateway", url)) {
                    return gateway.json("/v1/escrows/" + found.address().toBase58());
                } catch (StackException e) {
                    out().println("  gateway      no word: " + e.getMessage());
                    return Optional.empty();
                }
            });
        }
    }

    @Command(name = "request-exit", mixinStandardHelpOptions = true, sortOptions = false,
            description = {"Starts leaving an escrow.", "What was used until then can still be settled; when the market's exit time is over, `exit` pays out the rest."})
    static final class RequestExit extends Sending {

        @Parameters(paramLabel = "ESCROW", description = "Its address.")
        private String escrow;

        @Override
        protected void run(ChainSession chain) {
            Found found = Found.at(chain, escrow);
            if (found.exiting()) {
                out().println("asked for already; pays out from slot " + found.escrow().exitSlot());
                return;
            }
            Keypair payer = wallet();
            if (!payer.publicKey().equals(found.escrow().payer())) {
                throw new StackException("payer_other", "escrow " + found.address() + " is " + found.escrow().payer() + "'s, the wallet is " + payer.publicKey());
            }
            Signature signature = chain.send("exit request of " + found.address(), List.of(chain.calls().requestExit(payer.publicKey(), found.address())), feePayer(), payer);
            long exit = Found.at(chain, escrow).escrow().exitSlot();
            out().println("pays out from slot " + exit);
            done("exit requested, in " + Math.max(0, exit - chain.rpc().slot(Commitment.CONFIRMED)) + " slots", signature);
        }
    }

    @Command(name = "exit", mixinStandardHelpOptions = true, sortOptions = false,
            description = {"Pays out what an escrow has left, to its payer, and closes it.", "Anybody may send it; --wallet pays the fee only."})
    static final class Exit extends Sending {

        @Parameters(paramLabel = "ESCROW", description = "Its address.")
        private String escrow;

        @Option(names = "--wait", description = "Wait until the exit time is over.")
        private boolean wait;

        @Override
        protected void run(ChainSession chain) {
            Found found = Found.at(chain, escrow);
            if (!found.exiting()) {
                throw new StackException("exit_not_requested", "escrow " + found.address() + " is open: `nyxos escrow request-exit` comes first");
            }
            long exit = found.escrow().exitSlot();
            long slot = chain.rpc().slot(Commitment.CONFIRMED);
            if (slot < exit && !wait) {
                throw new StackException("exit_too_early", "escrow " + found.address() + " pays out from slot " + exit + ", in " + (exit - slot) + " slots (--wait waits)");
            }
            while (slot < exit) {
                pause();
                slot = chain.rpc().slot(Commitment.CONFIRMED);
            }
            // What was used may have been settled in the meantime.
            Found now = Found.at(chain, escrow);
            Mint paid = chain.mint(now.escrow().mint());
            Keypair fees = feePayer();
            long left = Math.addExact(now.left(), chain.balance(now.address(), paid));
            Signature signature = chain.send("exit of " + now.address(), chain.pool(paid).prepaid().exit(fees.publicKey(), now.escrow()), fees);
            out().println(paid.text(left) + " paid to " + now.escrow().payer().toBase58());
            done("escrow closed", signature);
        }

        private static void pause() {
            try {
                Thread.sleep(400);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StackException("interrupted", "interrupted while waiting for the exit");
            }
        }
    }
}
