package network.nyxos.node.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.ModelKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** all-MiniLM-L6-v2 as it comes with the program, against what others make of it. */
class OnnxEmbeddingEngineTest {
    /** The example of the model's authors, who publish its similarities: 0.6660, 0.1046 and 0.1411 for the model before it was quantised. */
    private static final List<String> EXAMPLE = List.of("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.");

    private static OnnxEmbeddingEngine engine;

    @BeforeAll
    static void load() {
        engine = OnnxEmbeddingEngine.miniLm();
    }

    @AfterAll
    static void close() {
        if (engine != null) {
            engine.close();
        }
    }

    private static EmbeddingEngine.Embedded embed(List<String> inputs) {
        return engine.embed(inputs, vector -> { }, new Cancellation());
    }

    private static double similarity(Embedding a, Embedding b) {
        float[] left = a.values();
        float[] right = b.values();
        return IntStream.range(0, left.length).mapToDouble(i -> (double) left[i] * right[i]).sum();
    }

    @Test
    void similaritiesAreThoseThatTheModelsAuthorsPublish() {
        List<Embedding> vectors = embed(EXAMPLE).vectors();
        assertThat(similarity(vectors.get(0), vectors.get(1))).isCloseTo(0.6660, within(0.03));
        assertThat(similarity(vectors.get(0), vectors.get(2))).isCloseTo(0.1046, within(0.03));
        assertThat(similarity(vectors.get(1), vectors.get(2))).isCloseTo(0.1411, within(0.03));
        assertThat(vectors).allSatisfy(vector -> assertThat(similarity(vector, vector)).isCloseTo(1, within(1e-5)));
    }

    /** Of the same file in ONNX Runtime for Python, tokenised by Hugging Face's tokenizers, mean and length by NumPy. */
    @Test
    void vectorsAreThoseOfTheReference() {
        double[][] reference = {{0.0211023, 0.1143138, 0.1579018, 0.0631014, 0.0519014, -0.0250495, 0.0581261, -0.0962485},
                {-0.0119968, 0.0453465, 0.0654990, 0.0805716, 0.0676348, -0.0221784, 0.1049317, -0.0718924},
                {0.1371451, 0.0958492, -0.0287680, 0.0357853, 0.0524030, 0.0425635, 0.0943635, 0.1035142}};
        List<Embedding> vectors = embed(EXAMPLE).vectors();
        for (int i = 0; i < reference.length; i++) {
            for (int j = 0; j < reference[i].length; j++) {
                assertThat((double) vectors.get(i).values()[j]).isCloseTo(reference[i][j], within(0.005));
            }
        }
    }

    /** By Hugging Face's tokenizers, but for the last: a text spells no special tokens here. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, value = {
        "The weather is lovely today. | 1996 4633 2003 8403 2651 1012",
        "It's so sunny outside! | 2009 1005 1055 2061 11559 2648 999",
        "Crème BRÛLÉE, naïve café! | 13675 21382 7987 9307 2063 1010 15743 7668 999",
        "東京は大きい city | 1879 1755 1672 1810 1652 30173 2103",
        "ΟΔΥΣΣΕΥΣ Ünïcödé İstanbul | 1169 29722 29735 29733 29733 29723 29735 29733 27260 9960",
        "don't $5.00 e=mc^2 #tag | 2123 1005 1056 1002 1019 1012 4002 1041 1027 11338 1034 1016 1001 6415",
        "emoji 😀 end | 7861 29147 2072 100 2203",
        "ﬁne ½ ① | 1984 2638 1092 100",
        "हिन्दी | 1339 29877 29863 29861 29878",
        "[SEP] hi | 1031 19802 1033 7632"})
    void tokensAreThoseOfTheReference(String text, String ids) {
        assertThat(IntStream.of(embed(List.of(text)).promptIds()).mapToObj(Integer::toString)).containsExactly(("101 " + ids + " 102").split(" "));
    }

    @Test
    void aVectorIsTheSameWheneverAndBesideWhateverItIsMade() {
        Embedding alone = embed(List.of(EXAMPLE.getFirst())).vectors().getFirst();
        assertThat(embed(List.of("word ".repeat(200), EXAMPLE.getFirst())).vectors().getLast()).isEqualTo(alone);
        assertThat(IntStream.range(0, 16).parallel().mapToObj(i -> embed(EXAMPLE).vectors())).allSatisfy(vectors -> assertThat(vectors.getFirst()).isEqualTo(alone));
    }

    @Test
    void countsComeBeforehandAndAreExact() {
        EmbeddingEngine.Embedded embedded = embed(EXAMPLE);
        assertThat(engine.tokensAtMost(EXAMPLE)).isEqualTo(embedded.tokensIn()).isEqualTo(embedded.promptIds().length).isEqualTo(25);
        assertThat(engine.model().kind()).isEqualTo(new ModelKind.Embedding(384));
        assertThat(engine.model().deterministic()).isFalse();
        assertThat(embedded.vectors()).allSatisfy(vector -> assertThat(vector.dimensions()).isEqualTo(384));
    }

    @Test
    void whatIsTooLongIsRefusedAndNeverCut() {
        assertThat(embed(List.of("word ".repeat(510))).tokensIn()).isEqualTo(512);
        assertThatThrownBy(() -> engine.tokensAtMost(List.of("fine", "word ".repeat(511)))).isInstanceOfSatisfying(EngineException.class,
                e -> assertThat(e.code()).isEqualTo(EngineException.Code.CONTEXT_EXCEEDED)).hasMessageContaining("513 tokens").hasMessageContaining("512");
        List<Embedding> seen = new ArrayList<>();
        assertThatThrownBy(() -> engine.embed(List.of("fine", "word ".repeat(511)), seen::add, new Cancellation())).isInstanceOf(EngineException.class);
        assertThat(seen).as("nor is it begun").isEmpty();
    }

    @Test
    void whatIsGivenUpEnds() {
        var cancellation = new Cancellation();
        List<Embedding> seen = new ArrayList<>();
        assertThatThrownBy(() -> engine.embed(EXAMPLE, vector -> {
            seen.add(vector);
            cancellation.cancel();
        }, cancellation)).isInstanceOf(CancellationException.class);
        assertThat(seen).hasSize(1);
    }

    @Test
    void aClosedEngineSaysSo() {
        OnnxEmbeddingEngine other = OnnxEmbeddingEngine.miniLm();
        assertThat(other.model()).isEqualTo(engine.model());
        other.close();
        other.close();
        assertThatThrownBy(() -> other.embed(EXAMPLE, vector -> { }, new Cancellation())).isInstanceOfSatisfying(EngineException.class,
                e -> assertThat(e.code()).isEqualTo(EngineException.Code.ENGINE_CLOSED));
    }
}
