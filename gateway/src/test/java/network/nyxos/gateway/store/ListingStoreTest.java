package network.nyxos.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import network.nyxos.chain.Database;
import network.nyxos.gateway.discovery.Listing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ListingStoreTest {
    private static EmbeddedPostgres postgres;
    private static Database database;

    @BeforeAll
    static void open() throws IOException {
        postgres = EmbeddedPostgres.builder().start();
        database = Database.open(postgres.getJdbcUrl("postgres", "postgres"), "listings", "classpath:network/nyxos/gateway/migration");
    }

    @AfterAll
    static void close() throws IOException {
        database.close();
        postgres.close();
    }

    private static Listing listing(String resource, String payTo, String price) {
        return new Listing(resource, "http", "GET", payTo, "exact", "net", JsonNodeFactory.instance.objectNode().put("resource", resource).put("price", price));
    }

    private static List<String> shown(ListingStore store, String payTo, int limit, int offset) {
        return store.page(new ListingStore.Query(Optional.of("http"), Optional.of(payTo), Optional.empty(), Optional.empty()), limit, offset).items().stream()
            .map(item -> item.path("resource").asText() + " " + item.path("price").asText()).toList();
    }

    @Test
    void aListingIsRenewedByItsReceiverOnlyAndKeepsItsPlace() {
        var store = new ListingStore(database);
        assertThat(store.list(listing("https://one", "seller", "1"))).isTrue();
        assertThat(store.list(listing("https://two", "seller", "1"))).isTrue();

        assertThat(store.list(listing("https://one", "thief", "0"))).isTrue();
        assertThat(store.list(listing("https://one", "seller", "2"))).isTrue();

        assertThat(shown(store, "seller", 10, 0)).containsExactly("https://one 2", "https://two 1");
        assertThat(shown(store, "seller", 1, 1)).containsExactly("https://two 1");
        assertThat(shown(store, "thief", 10, 0)).containsExactly("https://one 0");
        assertThat(store.page(new ListingStore.Query(Optional.empty(), Optional.of("seller"), Optional.of("upto"), Optional.empty()), 10, 0).total()).isZero();
    }

    @Test
    void oneReceiverHasSoManyListingsAndNoMore() {
        var store = new ListingStore(database);
        for (int i = 0; i < ListingStore.MOST_OF_ONE; i++) {
            assertThat(store.list(listing("https://many/" + i, "many", "1"))).isTrue();
        }

        assertThat(store.list(listing("https://many/more", "many", "1"))).isFalse();
        assertThat(store.list(listing("https://many/0", "many", "2"))).as("one that is there is renewed").isTrue();
        assertThat(store.page(new ListingStore.Query(Optional.empty(), Optional.of("many"), Optional.empty(), Optional.empty()), 0, 0).total()).isEqualTo(ListingStore.MOST_OF_ONE);
    }
}
