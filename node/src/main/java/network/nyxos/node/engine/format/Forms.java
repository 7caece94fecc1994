package network.nyxos.node.engine.format;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.format.Format;
import network.nyxos.escrow.format.FormatException;
import network.nyxos.escrow.format.Grammar;
import network.nyxos.escrow.format.Recogniser;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.tokenizer.Tokenizer;

/**
 * The forms that replies of one model are held to. What was worked out for a form is kept for the next reply of the same form. Safe for use by many threads.
 */
public final class Forms {
    private static final int MOST_FORMS = 16;
    /** Masks kept for a form, each of a bit a token. */
    private static final int MOST_MASKS = 512;

    private final Tokenizer tokenizer;
    private final Vocabulary vocabulary;
    private final boolean able;
    private final Map<String, Form> known = new LinkedHashMap<>(MOST_FORMS, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Form> eldest) {
            return size() > MOST_FORMS;
        }
    };

    /** @param tokenizer the model's */
    public Forms(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        this.vocabulary = new Vocabulary(tokenizer);
        this.able = vocabulary.spellsForms();
    }

    /** Whether this vocabulary can spell whatever a form asks for; otherwise no form is held to. */
    public boolean able() {
        return able;
    }

    /**
     * Begins a reply.
     *
     * @param format {@link Format#text}; empty: the reply may say anything
     * @throws EngineException {@code INVALID_REQUEST} for a format that is none, or that cannot be held to
     */
    public Guide guide(String format) {
        if (format.isEmpty()) {
            return Guide.FREE;
        }
        if (!able) {
            throw new EngineException(EngineException.Code.INVALID_REQUEST, "this model's vocabulary cannot spell every form, so its replies are held to none");
        }
        Form form;
        synchronized (known) {
            form = known.computeIfAbsent(format, this::read);
        }
        return form.begin();
    }

    private Form read(String format) {
        try {
            return new Form(new Recogniser(Grammar.of(Format.parse(format))));
        } catch (ProtocolException | FormatException e) {
            throw new EngineException(EngineException.Code.INVALID_REQUEST, e.getMessage(), e);
        }
    }

    /** A form with what was worked out of it. */
    private final class Form {
        private final Recogniser recogniser;
        private final Map<Recogniser.State, TokenMask> masks = new IdentityHashMap<>();

        Form(Recogniser recogniser) {
            this.recogniser = recogniser;
        }

        Guide begin() {
            return new Guide() {
                private Recogniser.State state = recogniser.start();

                @Override
                public TokenMask mask() {
                    return Form.this.mask(state);
                }

                @Override
                public void took(int id) {
                    state = after(state, id);
                }
            };
        }

        private synchronized TokenMask mask(Recogniser.State state) {
            if (masks.size() >= MOST_MASKS) {
                masks.clear();
            }
            return masks.computeIfAbsent(state, each -> vocabulary.mask(recogniser, each));
        }

        private synchronized Recogniser.State after(Recogniser.State state, int id) {
            Recogniser.State now = state;
            for (byte b : tokenizer.bytes(id)) {
                now = recogniser.next(now, b & 0xff);
            }
            return now;
        }
    }
}
