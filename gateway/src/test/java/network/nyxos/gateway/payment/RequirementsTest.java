package network.nyxos.gateway.payment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import network.nyxos.escrow.crypto.Keypair;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

class RequirementsTest {
    private final PublicKey key = Keypair.generate().publicKey();

    private Requirements offer(long amount) {
        ObjectNode extra = JsonNodeFactory.instance.objectNode().put("feePayer", key.toBase58()).put("memo", "nyx1.AAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA")
            .put("recentBlockhash", key.toBase58()).put("lastValidBlockHeight", "123").put("paymentFlow", "upfront");
        return new Requirements("exact", Network.DEVNET.caip2(), amount, key, key, 60, extra);
    }

    @Test
    void comesBackFromItsOwnJson() {
        assertThat(Requirements.read(offer(5).toJson())).isEqualTo(offer(5));
    }

    @Test
    void aClientMayAddAndMayTakeAnotherBlockhash() {
        assertThat(offer(5).withExtra("more", "x").withExtra("recentBlockhash", "other").matches(offer(5))).isTrue();
    }

    @Test
    void aClientMayChangeNothingElse() {
        assertThat(offer(4).matches(offer(5))).isFalse();
        assertThat(offer(5).withExtra("memo", "x").matches(offer(5))).isFalse();
        assertThat(offer(5).withExtra("paymentFlow", "authorization").matches(offer(5))).isFalse();
        assertThat(new Requirements("exact", Network.DEVNET.caip2(), 5, key, Keypair.generate().publicKey(), 60, offer(5).extra()).matches(offer(5))).isFalse();
    }

    @Test
    void theHeaderStaysShortHoweverManyOffersThereAre() {
        List<Requirements> many = IntStream.rangeClosed(1, 12).mapToObj(this::offer).toList();

        String header = new PaymentRequired("http://localhost:1/v1/chat/completions", "Chat completion", PaymentRequired.NONE, "pay", many, List.of(), Network.DEVNET).header();

        assertThat(header).hasSizeLessThan(3_000);
        assertThat(Json.header(header).path("accepts").size()).isBetween(2, 11);
    }

    @Test
    void whatHasNoRoomInTheHeaderIsInTheBodyWhereItIsMeantForBoth() {
        ObjectNode large = JsonNodeFactory.instance.objectNode().put("info", "x".repeat(2_500));
        var both = new PaymentRequired.Extension("both", large, Optional.of(large));
        var header = new PaymentRequired.Extension("header", large);

        var required = new PaymentRequired("http://localhost:1/v1/chat/completions", "Chat completion", PaymentRequired.NONE, "pay", List.of(offer(1)), List.of(both, header), Network.DEVNET);

        assertThat(Json.header(required.header()).has("extensions")).isFalse();
        assertThat(Json.object(required.body()).path("extensions").path("both")).isEqualTo(large);
        assertThat(Json.object(required.body()).path("extensions").has("header")).isFalse();
    }

    @Test
    void anExtensionThatDoesNotFitIsLeftOutBeforeAnyOffer() {
        var small = new PaymentRequired.Extension("small", JsonNodeFactory.instance.objectNode().put("info", "x"));
        var large = new PaymentRequired.Extension("large", JsonNodeFactory.instance.objectNode().put("info", "x".repeat(2_000)));

        String header = new PaymentRequired("http://localhost:1/v1/chat/completions", "Chat completion", PaymentRequired.NONE, "pay", List.of(offer(1), offer(2)), List.of(small, large),
            Network.DEVNET).header();

        assertThat(header).hasSizeLessThan(3_000);
        assertThat(Json.header(header).path("accepts")).hasSize(2);
        assertThat(Json.header(header).path("extensions").has("small")).isTrue();
        assertThat(Json.header(header).path("extensions").has("large")).isFalse();
    }
}
