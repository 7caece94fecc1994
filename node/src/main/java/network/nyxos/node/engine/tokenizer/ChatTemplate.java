package network.nyxos.node.engine.tokenizer;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.ModelId;
import network.nyxos.node.engine.ChatMessage;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.gguf.GgufFile;

/**
 * Chat to prompt ids, for models with a ChatML template.
 *
 * <p>The template's control tokens are put in by id; roles and contents are encoded as plain text. A message that spells
 * {@code <|im_end|>} therefore stays inside its message.
 */
public final class ChatTemplate {
    private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool");
    private static final Pattern DEFAULT_SYSTEM = Pattern.compile("<\\|im_start\\|>system\\n([^<']+)<\\|im_end\\|>");

    private final Tokenizer tokenizer;
    private final Optional<String> defaultSystem;
    private final int start;
    private final int end;

    private ChatTemplate(Tokenizer tokenizer, Optional<String> defaultSystem) {
        this.tokenizer = tokenizer;
        this.defaultSystem = defaultSystem;
        this.start = tokenizer.control("<|im_start|>");
        this.end = tokenizer.control("<|im_end|>");
    }

    /** Reads the template of a GGUF file; one that is not ChatML is refused rather than guessed at. */
    public static ChatTemplate of(GgufFile file, Tokenizer tokenizer) {
        String template = file.requireText("tokenizer.chat_template").replace("\\n", "\n");
        if (!template.contains("<|im_start|>") || !template.contains("<|im_end|>") || !template.contains("<|im_start|>assistant")) {
            throw new EngineException(EngineException.Code.MODEL_FILE_INVALID, "the chat template is not ChatML, the one kind supported");
        }
        Matcher matcher = DEFAULT_SYSTEM.matcher(template);
        return new ChatTemplate(tokenizer, matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty());
    }

    /** The system prompt used where the chat does not begin with one. */
    public Optional<String> defaultSystem() {
        return defaultSystem;
    }

    /** The tokenizer's and the template's part of the model id: the same chat is the same ids wherever it is the same. */
    public Hash hash() {
        return ModelId.template(tokenizer.hash(), defaultSystem);
    }

    /** The prompt's ids, ending where the assistant's reply begins. */
    public int[] encode(List<ChatMessage> messages) {
        IntStream.Builder ids = IntStream.builder();
        int[] newline = tokenizer.encode("\n");
        if (defaultSystem.isPresent() && !messages.getFirst().role().equals("system")) {
            append(ids, new ChatMessage("system", defaultSystem.get()), newline);
        }
        for (ChatMessage message : messages) {
            if (!ROLES.contains(message.role())) {
                throw new EngineException(EngineException.Code.INVALID_REQUEST, "a message's role must be system, user, assistant or tool");
            }
            append(ids, message, newline);
        }
        ids.add(start);
        add(ids, tokenizer.encode("assistant\n"));
        return ids.build().toArray();
    }

    private void append(IntStream.Builder ids, ChatMessage message, int[] newline) {
        ids.add(start);
        add(ids, tokenizer.encode(message.role() + "\n" + message.content()));
        ids.add(end);
        add(ids, newline);
    }

    private static void add(IntStream.Builder ids, int[] more) {
        for (int id : more) {
            ids.add(id);
        }
    }
}
