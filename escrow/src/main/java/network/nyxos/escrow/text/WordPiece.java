package network.nyxos.escrow.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.ModelId;

/// BERT's uncased tokenizer: text without accents and case, cut at blanks and around punctuation and Chinese characters, each word into the longest pieces of the vocabulary.
///
/// What a text spells is never a special token: `[SEP]` is a bracket, a word and a bracket. So a text cannot end itself, and the ids of several texts, one after another,
/// say where each begins. Immutable and safe for use by many threads.
public final class WordPiece {
    private static final String INVALID = "tokenizer_invalid";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONTINUES = "##";
    /// A longer word is unknown as a whole.
    private static final int LONGEST_WORD = 100;

    private final Map<String, Integer> ids;
    private final Hash hash;
    private final int begin;
    private final int end;
    private final int unknown;

    private WordPiece(Map<String, Integer> ids, Hash hash) {
        this.ids = ids;
        this.hash = hash;
        this.begin = special("[CLS]");
        this.end = special("[SEP]");
        this.unknown = special("[UNK]");
    }

    private int special(String token) {
        Integer id = ids.get(token);
        if (id == null) {
            throw new ProtocolException(INVALID, "the vocabulary has no " + token);
        }
        return id;
    }

    /// A tokenizer of this vocabulary.
    ///
    /// @param tokens in the order of their ids
    /// @throws ProtocolException `tokenizer_invalid` when one is there twice, or `[CLS]`, `[SEP]` or `[UNK]` is not
    public static WordPiece of(List<String> tokens) {
        Map<String, Integer> ids = HashMap.newHashMap(tokens.size());
        for (String token : tokens) {
            if (ids.put(token, ids.size()) != null) {
                throw new ProtocolException(INVALID, "a token of the vocabulary is there twice");
            }
        }
        return new WordPiece(ids, ModelId.tokenizer(tokens.stream().map(token -> token.getBytes(StandardCharsets.UTF_8)).toList(), List.of()));
    }

    /// Reads Hugging Face's `tokenizer.json`, of a tokenizer that is this one.
    ///
    /// @throws ProtocolException `tokenizer_invalid` saying what is other
    public static WordPiece ofJson(byte[] json) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (IOException e) {
            throw new ProtocolException(INVALID, "the tokenizer is not JSON", e);
        }
        JsonNode model = root.path("model");
        JsonNode normalizer = root.path("normalizer");
        require(model.path("type").asText().equals("WordPiece") && model.path("continuing_subword_prefix").asText().equals(CONTINUES)
            && model.path("max_input_chars_per_word").asInt() == LONGEST_WORD, "its model is not WordPiece as BERT has it");
        require(normalizer.path("type").asText().equals("BertNormalizer") && normalizer.path("clean_text").asBoolean() && normalizer.path("handle_chinese_chars").asBoolean()
            && normalizer.path("lowercase").asBoolean() && normalizer.path("strip_accents").asBoolean(true), "its normalizer is not that of BERT without case");
        require(root.path("pre_tokenizer").path("type").asText().equals("BertPreTokenizer"), "it does not cut text as BERT does");
        JsonNode vocabulary = model.path("vocab");
        var tokens = new String[vocabulary.size()];
        vocabulary.properties().forEach(entry -> {
            int id = entry.getValue().asInt(-1);
            require(id >= 0 && id < tokens.length && tokens[id] == null, "the ids of its vocabulary are not 0 to " + (tokens.length - 1));
            tokens[id] = entry.getKey();
        });
        return of(Arrays.asList(tokens));
    }

    private static void require(boolean holds, String wrong) {
        if (!holds) {
            throw new ProtocolException(INVALID, "this tokenizer cannot be used: " + wrong);
        }
    }

    /// {@link ModelId#tokenizer} of its vocabulary.
    public Hash hash() {
        return hash;
    }

    /// The ids of a text, with `[CLS]` before and `[SEP]` behind them.
    public int[] encode(String text) {
        var found = new ArrayList<Integer>();
        found.add(begin);
        words(normal(text)).forEach(word -> pieces(word, found));
        found.add(end);
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    /// Without controls, accents and case; every blank is a space, and Chinese characters stand between spaces.
    private static String normal(String text) {
        var cleaned = new StringBuilder(text.length());
        text.codePoints().filter(each -> each != 0 && each != 0xFFFD && !control(each)).forEach(each -> {
            if (blank(each)) {
                cleaned.append(' ');
            } else if (chinese(each)) {
                cleaned.append(' ').appendCodePoint(each).append(' ');
            } else {
                cleaned.appendCodePoint(each);
            }
        });
        var plain = new StringBuilder(cleaned.length());
        Normalizer.normalize(cleaned, Normalizer.Form.NFD).codePoints().filter(each -> Character.getType(each) != Character.NON_SPACING_MARK)
            .forEach(each -> plain.appendCodePoint(Character.toLowerCase(each)));
        return plain.toString();
    }

    private static boolean control(int point) {
        if (point == '\t' || point == '\n' || point == '\r') {
            return false;
        }
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE, Character.UNASSIGNED -> true;
            default -> false;
        };
    }

    /// Unicode's White_Space, without the controls among it that are dropped.
    private static boolean blank(int point) {
        return point == '\t' || point == '\n' || point == '\r' || Character.isSpaceChar(point);
    }

    private static boolean chinese(int point) {
        return point >= 0x4E00 && point <= 0x9FFF || point >= 0x3400 && point <= 0x4DBF || point >= 0x20000 && point <= 0x2A6DF || point >= 0x2A700 && point <= 0x2B73F
            || point >= 0x2B740 && point <= 0x2B81F || point >= 0x2B920 && point <= 0x2CEAF || point >= 0xF900 && point <= 0xFAFF || point >= 0x2F800 && point <= 0x2FA1F;
    }

    private static boolean punctuation(int point) {
        if (point >= 33 && point <= 47 || point >= 58 && point <= 64 || point >= 91 && point <= 96 || point >= 123 && point <= 126) {
            return true;
        }
        return switch (Character.getType(point)) {
            case Character.CONNECTOR_PUNCTUATION, Character.DASH_PUNCTUATION, Character.START_PUNCTUATION, Character.END_PUNCTUATION, Character.INITIAL_QUOTE_PUNCTUATION,
                Character.FINAL_QUOTE_PUNCTUATION, Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }

    private static List<String> words(String normal) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        normal.codePoints().forEach(each -> {
            boolean alone = punctuation(each);
            if (alone || blank(each)) {
                end(word, words);
            }
            if (alone) {
                words.add(Character.toString(each));
            } else if (!blank(each)) {
                word.appendCodePoint(each);
            }
        });
        end(word, words);
        return words;
    }

    private static void end(StringBuilder word, List<String> words) {
        if (!word.isEmpty()) {
            words.add(word.toString());
            word.setLength(0);
        }
    }

    private void pieces(String word, List<Integer> found) {
        int[] points = word.codePoints().toArray();
        int before = found.size();
        int from = 0;
        while (points.length <= LONGEST_WORD && from < points.length) {
            int to = points.length;
            Integer id = piece(points, from, to);
            while (id == null && --to > from) {
                id = piece(points, from, to);
            }
            if (id == null) {
                break;
            }
            found.add(id);
            from = to;
        }
        if (from < points.length) {
            found.subList(before, found.size()).clear();
            found.add(unknown);
        }
    }

    private Integer piece(int[] points, int from, int to) {
        String part = new String(points, from, to - from);
        return ids.get(from == 0 ? part : CONTINUES + part);
    }
}
