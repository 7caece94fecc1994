package network.nyxos.cli.upkeep;

import java.util.List;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.escrow.Pool;
import picocli.CommandLine.Command;

/** Counts what came in. */
@Command(name = "sync", mixinStandardHelpOptions = true, sortOptions = false, description = "Counts what came into the vault by plain transfers, such as x402's exact scheme; a batch's posting does the same.")
final class SyncInflow extends Upkeep {

    @Override
    void run(PoolAt pool) {
        Signature signature = pool.chain().send("count the inflow", List.of(pool.calls().syncInflow()), feePayer());
        long now = pool.chain().owned(pool.calls().pool(), pool.chain().programs().escrow()).map(account -> Pool.decode(account.data()).inflow()).orElseThrow();
        done(pool.mint().text(now - pool.account().inflow()) + " came in, " + pool.mint().text(now) + " in all", signature);
    }
}
