package network.nyxos.node.engine;

import network.nyxos.escrow.job.ModelKind;

/**
 * What an engine serves, as it is told to gateways and relayers.
 *
 * @param id            the model id as 64 hex digits (docs/protocol.md §6)
 * @param name          the name clients use, for example {@code smollm2-135m-instruct}
 * @param engine        the engine spec, for example {@code nyx-int8-v1}
 * @param context       prompt and output tokens together, at most; of an embedding model the tokens of one input, of a service the bytes of a request
 * @param deterministic whether the same ids, sampler and seed give the same output ids on every machine
 * @param kind          what the model does
 */
public record ModelCard(String id, String name, String engine, int context, boolean deterministic, ModelKind kind) {
    public ModelCard {
        if (!id.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("id must be 64 hex digits: " + id);
        }
        if (context < 1) {
            throw new IllegalArgumentException("context must be positive: " + context);
        }
    }

    /**
     * Of a model that continues chats.
     *
     * @param formats whether replies can be held to a form
     */
    public ModelCard(String id, String name, String engine, int context, boolean deterministic, boolean formats) {
        this(id, name, engine, context, deterministic, new ModelKind.Chat(formats, false));
    }

    /** Whether it continues chats and its replies can be held to a form. */
    public boolean formats() {
        return kind instanceof ModelKind.Chat chat && chat.formats();
    }
}
