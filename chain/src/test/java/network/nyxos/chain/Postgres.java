package network.nyxos.chain;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;

/// One PostgreSQL for all tests of this JVM; each asks for a schema of its own.
final class Postgres {
    static final String NO_MIGRATIONS = "classpath:network/nyxos/chain/nomigrations";
    private static final AtomicInteger SCHEMAS = new AtomicInteger();

    private Postgres() {
    }

    private static final class Running {
        private static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder().start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static String url() {
        return Running.SERVER.getJdbcUrl("postgres", "postgres");
    }

    static String schema() {
        return "test" + SCHEMAS.incrementAndGet();
    }

    static Database open() {
        return Database.open(url(), schema(), NO_MIGRATIONS);
    }
}
