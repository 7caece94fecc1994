package network.nyxos.gateway.offer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.text.WordPiece;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.openai.EmbeddingRequest;
import network.nyxos.gateway.route.Preferences;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

/// What embeddings cost.
class CatalogueTest {
    private static final PublicKey MINT = PublicKey.NONE;
    private static final WordPiece TOKENIZER = WordPiece.of(List.of("[UNK]", "[CLS]", "[SEP]", "a"));
    private static final Price PRICE = new Price(2_500_000, 0);

    private static Catalogue selling(Optional<WordPiece> tokenizer) {
        var model = new ModelTerms("vectors", Optional.empty(), 512, new Product.Vectors(384, tokenizer), Map.of(Tier.OPEN, Map.of(MINT, PRICE)));
        return new Catalogue(List.of(model), List.of(new MintTerms(MINT, MINT, 6, "USDC")));
    }

    private static EmbeddingRequest of(List<String> inputs) {
        return new EmbeddingRequest("vectors", inputs, Tier.OPEN, OptionalInt.empty(), false, Preferences.NONE);
    }

    @Test
    void tokensAreCountedAndRoundedUpOnce() {
        Catalogue.Priced priced = selling(Optional.of(TOKENIZER)).price(of(List.of("a", "a a b")));
        assertThat(priced.work()).isEqualTo(new Work.Vectors(2, 384, 8, 5, true));
        assertThat(priced.quotes().getFirst().ceiling()).isEqualTo(20);
        assertThat(selling(Optional.of(TOKENIZER)).price(of(List.of("a"))).quotes().getFirst().ceiling()).as("7.5").isEqualTo(8);
    }

    @Test
    void withoutATokenizerThePriceIsABound() {
        Catalogue.Priced priced = selling(Optional.empty()).price(of(List.of("a", "é")));
        assertThat(priced.work()).isEqualTo(new Work.Vectors(2, 384, 1 + 32 + 2 + 32 + 64, 0, false));
    }

    @Test
    void allInputsOfARequestTogetherAreBounded() {
        List<String> fits = Collections.nCopies(1_000, "a ".repeat(98));
        assertThat(selling(Optional.of(TOKENIZER)).price(of(fits)).work().promptTokens()).isEqualTo(Catalogue.MAX_EMBEDDED);
        assertThatThrownBy(() -> selling(Optional.of(TOKENIZER)).price(of(Collections.nCopies(1_001, "a ".repeat(98))))).isInstanceOfSatisfying(ApiException.class, e -> {
            assertThat(e.status()).isEqualTo(400);
            assertThat(e.code()).isEqualTo("max_tokens_per_request");
        });
    }

    @Test
    void noGatewaySellsVectorsAsVerified() {
        assertThatThrownBy(() -> new ModelTerms("vectors", Optional.empty(), 512, new Product.Vectors(384, Optional.empty()), Map.of(Tier.VERIFIED, Map.of(MINT, PRICE))))
            .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("no replay can check");
    }
}
