package network.nyxos.cli.agent;

import java.util.List;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.escrow.Escrow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Gives escrows the market's present operator. */
@Command(name = "refresh-operator", mixinStandardHelpOptions = true, sortOptions = false, description = {"Gives escrows the market's present operator, so that it can settle their vouchers.",
        "Anybody may send it; --wallet pays the fee only."})
final class RefreshOperator extends Sending {

    private static final int MOST = 28;

    @Parameters(paramLabel = "ESCROW", arity = "0..*", description = "Their addresses (default: every escrow of the market that has another operator).")
    private List<String> escrows = List.of();

    @Override
    protected void run(ChainSession chain) {
        PublicKey operator = chain.market().operator();
        List<PublicKey> named = escrows.stream().map(text -> Attachment.key("ESCROW", text)).toList();
        List<PublicKey> all = chain.rpc().programAccounts(chain.programs().escrow(), List.of(new AccountFilter.Size(Escrow.SIZE), AccountFilter.key(Escrow.OFFSET_MARKET, chain.address())),
                Commitment.CONFIRMED).stream().filter(account -> named.isEmpty() ? !Escrow.decode(account.data()).operator().equals(operator) : named.contains(account.address()))
                .map(account -> account.address()).toList();
        named.stream().filter(each -> !all.contains(each)).findFirst().ifPresent(unknown -> {
            throw new StackException("escrow_unknown", unknown + " is no escrow of market " + chain.address() + " (any more)");
        });
        if (all.isEmpty()) {
            out().println("every escrow of market " + chain.address() + " has its operator " + operator);
            return;
        }
        Keypair fees = feePayer();
        for (int from = 0; from < all.size(); from += MOST) {
            List<PublicKey> some = all.subList(from, Math.min(all.size(), from + MOST));
            Signature signature = chain.send("refresh the operator", List.of(chain.calls().refreshOperator(some)), fees);
            done("escrows that " + operator + " settles from now on: " + some.size(), signature);
        }
    }
}
