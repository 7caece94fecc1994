package network.nyxos.node.engine;

import java.nio.file.Path;
import network.nyxos.escrow.job.ModelId;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.node.engine.format.Forms;
import network.nyxos.node.engine.gguf.GgufFile;
import network.nyxos.node.engine.int8.Decoder;
import network.nyxos.node.engine.tokenizer.ChatTemplate;
import network.nyxos.node.engine.tokenizer.Tokenizer;

/**
 * A loaded model: weights, tokenizer, chat template and the threads that run it. Nodes in one process share one.
 */
public final class Model implements AutoCloseable {
    /** The spec this model runs under: the exact arithmetic, in docs/engine-nyx-int8-v1.md. */
    public static final String ENGINE = "nyx-int8-v1";

    /**
     * How a model is run.
     *
     * @param name    what clients call it
     * @param threads how many compute, 1 to 256
     * @param simd    whether the Vector API is used
     * @param context most tokens of prompt and reply together; cut to the model's own; a token costs its keys and values
     *                (47 kB for SmolLM2-135M)
     */
    public record Options(String name, int threads, Decoder.Simd simd, int context) {
        /** All cores, the Vector API where it is present (system property {@code nyxos.engine.simd}: auto, on, off), the model's own context. */
        public static Options named(String name) {
            String simd = System.getProperty("nyxos.engine.simd", "auto").toUpperCase(java.util.Locale.ROOT);
            return new Options(name, Runtime.getRuntime().availableProcessors(), Decoder.Simd.valueOf(simd), Integer.MAX_VALUE);
        }

        /** With another number of threads. */
        public Options withThreads(int value) {
            return new Options(name, value, simd, context);
        }

        /** With another use of SIMD. */
        public Options withSimd(Decoder.Simd value) {
            return new Options(name, threads, value, context);
        }

        /** With another bound on the context. */
        public Options withContext(int value) {
            return new Options(name, threads, simd, value);
        }
    }

    private final ModelCard card;
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final Forms forms;
    private final Decoder decoder;

    private Model(ModelCard card, Tokenizer tokenizer, ChatTemplate template, Forms forms, Decoder decoder) {
        this.card = card;
        this.tokenizer = tokenizer;
        this.template = template;
        this.forms = forms;
        this.decoder = decoder;
    }

    /** Loads a GGUF file; it is not needed afterwards. */
    public static Model load(Path weights, Options options) {
        try (GgufFile file = GgufFile.open(weights)) {
            Tokenizer tokenizer = Tokenizer.of(file);
            ChatTemplate template = ChatTemplate.of(file, tokenizer);
            Decoder decoder = new Decoder(file, tokenizer.size(), options.threads(), options.simd());
            String id = ModelId.of(decoder.weightsRoot(), template.hash(), ENGINE).hex();
            Forms forms = new Forms(tokenizer);
            ModelCard card = new ModelCard(id, options.name(), ENGINE, Math.min(options.context(), decoder.context()), true, new ModelKind.Chat(forms.able(), true));
            return new Model(card, tokenizer, template, forms, decoder);
        }
    }

    /** What this model is. */
    public ModelCard card() {
        return card;
    }

    /** Its tokenizer. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Its chat template. */
    public ChatTemplate template() {
        return template;
    }

    /** The forms that its replies are held to. */
    public Forms forms() {
        return forms;
    }

    /** What runs it. */
    public Decoder decoder() {
        return decoder;
    }

    @Override
    public void close() {
        decoder.close();
    }
}
