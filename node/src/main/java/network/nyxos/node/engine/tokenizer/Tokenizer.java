package network.nyxos.node.engine.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.ModelId;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.gguf.GgufFile;

/**
 * Byte-level BPE as GPT-2 has it, with the pre-tokeniser of the SmolLM family: digits one by one, then GPT-2's words.
 *
 * <p>{@link #encode} never yields a control token, whatever the text spells: those come from the chat template alone.
 * Immutable and safe for use by many threads.
 */
public final class Tokenizer {
    /** Pre-tokeniser names (GGUF {@code tokenizer.ggml.pre}) that mean exactly this splitting. */
    private static final List<String> SUPPORTED_PRE = List.of("smollm", "starcoder", "refact", "command-r");
    private static final int NORMAL = 1;
    private static final int REPLACEMENT = 0xFFFD;
    private static final Pattern DIGIT = Pattern.compile("\\p{N}");
    private static final Pattern WORDS = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final char[] BYTE_TO_CHAR = byteToChar();
    private static final Map<Character, Byte> CHAR_TO_BYTE = charToByte();

    private record Merge(int rank, int result) {
    }

    private final byte[][] pieces;
    private final BitSet control = new BitSet();
    private final int[] byteTokens = new int[256];
    private final Map<String, Integer> controlIds = new HashMap<>();
    private final Map<Long, Merge> merges = new HashMap<>();
    private final BitSet endOfGeneration = new BitSet();
    private final Hash hash;

    private Tokenizer(String pre, List<String> tokens, List<Long> types, List<String> mergeList, int endToken) {
        if (tokens.isEmpty() || types.size() != tokens.size()) {
            throw invalid("the tokenizer has " + tokens.size() + " tokens and " + types.size() + " token types");
        }
        pieces = new byte[tokens.size()][];
        Map<String, Integer> ids = HashMap.newHashMap(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id);
            if (ids.put(token, id) != null) {
                throw invalid("token " + id + " of the tokenizer appears twice");
            }
            if (types.get(id) == NORMAL) {
                pieces[id] = bytesOf(token);
            } else {
                pieces[id] = new byte[0];
                control.set(id);
                controlIds.put(token, id);
            }
        }
        for (int b = 0; b < 256; b++) {
            Integer id = ids.get(String.valueOf(BYTE_TO_CHAR[b]));
            byteTokens[b] = id == null ? -1 : id;
        }
        for (byte b : Character.toString(REPLACEMENT).getBytes(StandardCharsets.UTF_8)) {
            if (byteTokens[b & 0xff] < 0) {
                throw invalid("the tokenizer has no token for the bytes of U+FFFD");
            }
        }
        for (int rank = 0; rank < mergeList.size(); rank++) {
            String merge = mergeList.get(rank);
            int space = merge.indexOf(' ', 1);
            if (space < 0) {
                throw invalid("merge " + rank + " of the tokenizer is not two parts");
            }
            Integer left = ids.get(merge.substring(0, space));
            Integer right = ids.get(merge.substring(space + 1));
            Integer result = ids.get(merge.substring(0, space) + merge.substring(space + 1));
            // A merge towards a control token would let plain text become one.
            if (left != null && right != null && result != null && !control.get(result)) {
                merges.putIfAbsent(key(left, right), new Merge(rank, result));
            }
        }
        if (endToken >= tokens.size()) {
            throw invalid("the tokenizer's end token " + endToken + " is not one of its tokens");
        }
        endOfGeneration.set(endToken);
        for (String name : List.of("<|im_end|>", "<|endoftext|>")) {
            if (controlIds.containsKey(name)) {
                endOfGeneration.set(controlIds.get(name));
            }
        }
        hash = ModelId.reading(ModelId.tokenizer(utf8(tokens), utf8(mergeList)), pre, types, endToken);
    }

    /** Reads the tokenizer of a GGUF file. */
    public static Tokenizer of(GgufFile file) {
        String model = file.requireText("tokenizer.ggml.model");
        String pre = file.requireText("tokenizer.ggml.pre");
        if (!model.equals("gpt2") || !SUPPORTED_PRE.contains(pre)) {
            throw new EngineException(EngineException.Code.MODEL_FILE_INVALID,
                    "tokenizer " + model + "/" + pre + " is not supported (gpt2 with one of " + SUPPORTED_PRE + " is)");
        }
        return new Tokenizer(pre, file.texts("tokenizer.ggml.tokens"), file.integers("tokenizer.ggml.token_type"),
                file.texts("tokenizer.ggml.merges"), file.integer("tokenizer.ggml.eos_token_id"));
    }

    /** How many tokens there are. */
    public int size() {
        return pieces.length;
    }

    /** Names all that decides how texts become ids, and where replies end. */
    public Hash hash() {
        return hash;
    }

    /** Whether a reply ends with this token. */
    public boolean endsGeneration(int id) {
        return endOfGeneration.get(id);
    }

    /** Whether this is a control token, which has no text. */
    public boolean isControl(int id) {
        return control.get(id);
    }

    /** The id of a control token. */
    public int control(String name) {
        Integer id = controlIds.get(name);
        if (id == null) {
            throw invalid("the tokenizer has no control token " + name);
        }
        return id;
    }

    /** The bytes a token stands for; none for a control token. */
    public byte[] bytes(int id) {
        return pieces[id].clone();
    }

    byte[] rawBytes(int id) {
        return pieces[id];
    }

    /**
     * The ids of plain text. What the vocabulary cannot spell becomes U+FFFD: unpaired surrogates, and characters with a
     * byte that has no token (SmolLM2 lacks some control characters and unassigned planes).
     */
    public int[] encode(String original) {
        String text = spellable(original);
        IntList ids = new IntList();
        Matcher digits = DIGIT.matcher(text);
        int from = 0;
        while (digits.find()) {
            encodeWords(text.substring(from, digits.start()), ids);
            encodeWords(digits.group(), ids);
            from = digits.end();
        }
        encodeWords(text.substring(from), ids);
        return ids.toArray();
    }

    private String spellable(String text) {
        StringBuilder result = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            boolean known = !(point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
            if (known) {
                for (byte b : Character.toString(point).getBytes(StandardCharsets.UTF_8)) {
                    known &= byteTokens[b & 0xff] >= 0;
                }
            }
            result.appendCodePoint(known ? point : REPLACEMENT);
        });
        return result.toString();
    }

    /** The text of ids, malformed bytes as U+FFFD; control tokens have no text. */
    public String decode(int[] ids) {
        int length = 0;
        for (int id : ids) {
            length += pieces[id].length;
        }
        ByteBuffer buffer = ByteBuffer.allocate(length);
        for (int id : ids) {
            buffer.put(pieces[id]);
        }
        return new String(buffer.array(), StandardCharsets.UTF_8);
    }

    private void encodeWords(String text, IntList ids) {
        Matcher words = WORDS.matcher(text);
        while (words.find()) {
            encodeWord(words.group().getBytes(StandardCharsets.UTF_8), ids);
        }
    }

    /**
     * Merges by rank, lowest first and leftmost among equals, over a linked list with a heap: a hostile word of any
     * length costs n·log n.
     */
    private void encodeWord(byte[] word, IntList ids) {
        int n = word.length;
        int[] id = new int[n];
        int[] next = new int[n];
        int[] previous = new int[n];
        for (int i = 0; i < n; i++) {
            id[i] = byteTokens[word[i] & 0xff];
            next[i] = i + 1 < n ? i + 1 : -1;
            previous[i] = i - 1;
        }
        record Candidate(int rank, int left, int leftId, int rightId, int result) { }
        PriorityQueue<Candidate> heap = new PriorityQueue<>((a, b) -> a.rank != b.rank ? Integer.compare(a.rank, b.rank) : Integer.compare(a.left, b.left));
        for (int i = 0; i + 1 < n; i++) {
            Merge merge = merges.get(key(id[i], id[i + 1]));
            if (merge != null) {
                heap.add(new Candidate(merge.rank, i, id[i], id[i + 1], merge.result));
            }
        }
        while (!heap.isEmpty()) {
            Candidate best = heap.poll();
            int left = best.left;
            int right = id[left] < 0 ? -1 : next[left];
            if (right < 0 || id[left] != best.leftId || id[right] != best.rightId) {
                continue;
            }
            id[left] = best.result;
            id[right] = -1;
            next[left] = next[right];
            if (next[right] >= 0) {
                previous[next[right]] = left;
            }
            int before = previous[left];
            if (before >= 0) {
                Merge merge = merges.get(key(id[before], id[left]));
                if (merge != null) {
                    heap.add(new Candidate(merge.rank, before, id[before], id[left], merge.result));
                }
            }
            int after = next[left];
            if (after >= 0) {
                Merge merge = merges.get(key(id[left], id[after]));
                if (merge != null) {
                    heap.add(new Candidate(merge.rank, left, id[left], id[after], merge.result));
                }
            }
        }
        for (int i = n == 0 ? -1 : 0; i >= 0; i = next[i]) {
            ids.add(id[i]);
        }
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    private static byte[] bytesOf(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            Byte b = CHAR_TO_BYTE.get(token.charAt(i));
            if (b == null) {
                // Added tokens may be plain text outside the byte alphabet.
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = b;
        }
        return bytes;
    }

    /** GPT-2's alphabet: printable bytes stand for themselves, the others for the characters from U+0100 on. */
    private static char[] byteToChar() {
        char[] map = new char[256];
        int extra = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE && b <= 0xFF;
            map[b] = (char) (printable ? b : extra++);
        }
        return map;
    }

    private static Map<Character, Byte> charToByte() {
        Map<Character, Byte> map = new HashMap<>();
        for (int b = 0; b < 256; b++) {
            map.put(BYTE_TO_CHAR[b], (byte) b);
        }
        return Map.copyOf(map);
    }

    private static List<byte[]> utf8(List<String> texts) {
        return texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.MODEL_FILE_INVALID, message);
    }

    private static final class IntList {
        private int[] values = new int[64];
        private int size;

        void add(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size * 2);
            }
            values[size++] = value;
        }

        int[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }
}
