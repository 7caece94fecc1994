package network.nyxos.bench.stack;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import network.nyxos.bench.programs.Ground;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import network.nyxos.node.engine.ModelFiles;
import software.sava.core.accounts.PublicKey;

/** A local chain with the built programs behind its JSON-RPC, and a PostgreSQL that syncs its commits to disk: what services are measured on. */
public final class LocalGround implements AutoCloseable {

    private static final long DEPOSIT = 1_000_000_000_000L;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Ground ground;
    private final LocalRpcServer rpc;
    private final EmbeddedPostgres postgres;

    /**
     * An open escrow.
     *
     * @param address its account
     * @param payer   whose it is
     * @param session signs its vouchers
     */
    record Escrow(PublicKey address, Keypair payer, Keypair session) {
    }

    private LocalGround(int slotMillis) {
        try {
            ground = add(new Ground(LocalChain.TOKEN_PROGRAM, ChainOptions.defaults().withSlotMillis(slotMillis)));
            rpc = add(LocalRpcServer.start(ground.chain, 0));
            postgres = add(start());
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * Starts it.
     *
     * @param slotMillis length of a slot, at least 10
     */
    public static LocalGround start(int slotMillis) {
        return new LocalGround(slotMillis);
    }

    private static EmbeddedPostgres start() {
        // Beside the models, where `nyxos up` unpacks the server's programs, too.
        Path cache = ModelFiles.standard().path(ModelFiles.SMOLLM2_135M).getParent().resolveSibling("postgres");
        try {
            return EmbeddedPostgres.builder().setOverrideWorkingDirectory(cache.toFile()).setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on").setServerConfig("max_connections", "100").setPGStartupWait(Duration.ofSeconds(60)).start();
        } catch (IOException e) {
            throw new UncheckedIOException("the embedded PostgreSQL did not start: " + e.getMessage(), e);
        }
    }

    Ground ground() {
        return ground;
    }

    LocalRpcServer rpc() {
        return rpc;
    }

    String jdbcUrl() {
        return postgres.getJdbcUrl("postgres", "postgres");
    }

    /** Opens an escrow with a deposit that a measurement cannot spend. */
    Escrow escrow() {
        Keypair payer = ground.wallet(2 * DEPOSIT);
        Keypair session = Keypair.generate();
        long slot = ground.chain.slot();
        ground.send(ground.pool.open(ground.operator.publicKey(), payer.publicKey(), slot, session.publicKey(), 0, 0, DEPOSIT), ground.operator, payer);
        return new Escrow(ground.pool.escrow(payer.publicKey(), slot), payer, session);
    }

    private <T extends AutoCloseable> T add(T part) {
        open.push(part);
        return part;
    }

    @Override
    public void close() {
        Closing.all(open);
    }
}
