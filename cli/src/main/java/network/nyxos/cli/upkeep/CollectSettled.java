package network.nyxos.cli.upkeep;

import java.util.List;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.Pool;
import picocli.CommandLine.Command;
import software.sava.core.accounts.PublicKey;

/** Moves what was settled to where claims are paid from. */
@Command(name = "collect", mixinStandardHelpOptions = true, sortOptions = false, description = "Moves what was settled of every escrow from the deposits to the vault that claims are paid from.")
final class CollectSettled extends Upkeep {

    @Override
    void run(PoolAt pool) {
        ChainSession chain = pool.chain();
        List<PublicKey> escrows = chain.rpc().programAccounts(chain.programs().escrow(), List.of(new AccountFilter.Size(Escrow.SIZE), AccountFilter.key(Escrow.OFFSET_MARKET, chain.address()),
                AccountFilter.key(Escrow.OFFSET_MINT, pool.mint().address())), Commitment.CONFIRMED).stream().filter(account -> {
                    Escrow escrow = Escrow.decode(account.data());
                    return escrow.settled() > escrow.collected();
                }).map(account -> account.address()).toList();
        if (escrows.isEmpty() && pool.account().uncollected() == 0) {
            out().println("nothing to collect: what was settled in " + pool.mint().symbol() + " is in the vault");
            return;
        }
        Keypair fees = feePayer();
        long before = pool.account().settled();
        int from = 0;
        do {
            List<PublicKey> some = escrows.subList(from, Math.min(escrows.size(), from + PoolCalls.MAX_COLLECTED));
            Signature signature = chain.send("collect", List.of(pool.calls().collect(some)), fees);
            long now = chain.owned(pool.calls().pool(), chain.programs().escrow()).map(account -> Pool.decode(account.data()).settled()).orElseThrow();
            done(pool.mint().text(now - before) + " collected, escrows: " + some.size(), signature);
            before = now;
            from += PoolCalls.MAX_COLLECTED;
        } while (from < escrows.size());
    }
}
