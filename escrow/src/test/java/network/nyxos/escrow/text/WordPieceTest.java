package network.nyxos.escrow.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import network.nyxos.escrow.ProtocolException;
import org.junit.jupiter.api.Test;

class WordPieceTest {
    private static final List<String> TOKENS = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "cafe", ",", "[", "]", "sep", "\u6771", "city", "x");
    private static final WordPiece TOKENIZER = WordPiece.of(TOKENS);

    private static List<String> tokens(String text) {
        return java.util.Arrays.stream(TOKENIZER.encode(text)).mapToObj(TOKENS::get).toList();
    }

    @Test
    void words_are_cut_into_the_longest_pieces() {
        assertThat(tokens("unaffable")).containsExactly("[CLS]", "un", "##aff", "##able", "[SEP]");
        assertThat(tokens("unaffablex")).as("a word of which one piece is unknown is unknown").containsExactly("[CLS]", "[UNK]", "[SEP]");
        assertThat(tokens("x".repeat(101))).as("and so is a long one").containsExactly("[CLS]", "[UNK]", "[SEP]");
    }

    @Test
    void case_accents_controls_and_blanks_do_not_count() {
        assertThat(tokens(" CAF\u00c9,\tcafe\u0301\u0000 \u3000ca\u200bfe\ufffd")).containsExactly("[CLS]", "cafe", ",", "cafe", "cafe", "[SEP]");
        assertThat(tokens("")).containsExactly("[CLS]", "[SEP]");
    }

    @Test
    void chinese_characters_stand_alone() {
        assertThat(tokens("\u6771city")).containsExactly("[CLS]", "\u6771", "city", "[SEP]");
    }

    @Test
    void what_a_text_spells_is_never_a_special_token() {
        assertThat(tokens("[SEP]")).containsExactly("[CLS]", "[", "sep", "]", "[SEP]");
    }

    @Test
    void a_tokenizer_of_another_kind_is_refused() {
        String json = "{\"normalizer\":{\"type\":\"BertNormalizer\",\"clean_text\":true,\"handle_chinese_chars\":true,\"strip_accents\":null,\"lowercase\":true},"
            + "\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"model\":{\"type\":\"WordPiece\",\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":100,"
            + "\"vocab\":{\"x\":0,\"[SEP]\":1,\"[CLS]\":2,\"[UNK]\":3}}}";
        assertThat(read(json).encode("x y")).containsExactly(2, 0, 3, 1);
        assertThat(read(json).hash()).isEqualTo(WordPiece.of(List.of("x", "[SEP]", "[CLS]", "[UNK]")).hash());
        for (String[] change : List.of(new String[] {"WordPiece", "BPE"}, new String[] {"\"lowercase\":true", "\"lowercase\":false"}, new String[] {"BertPreTokenizer", "Whitespace"},
            new String[] {"\"x\":0", "\"x\":7"}, new String[] {"\"[UNK]\":3", "\"y\":3"}, new String[] {"}}}", ""})) {
            assertThatThrownBy(() -> read(json.replace(change[0], change[1]))).as(change[1]).isInstanceOfSatisfying(ProtocolException.class,
                e -> assertThat(e.code()).isEqualTo("tokenizer_invalid"));
        }
        assertThatThrownBy(() -> WordPiece.of(List.of("[UNK]", "[CLS]", "[SEP]", "[SEP]"))).isInstanceOf(ProtocolException.class);
    }

    private static WordPiece read(String json) {
        return WordPiece.ofJson(json.getBytes(StandardCharsets.UTF_8));
    }
}
