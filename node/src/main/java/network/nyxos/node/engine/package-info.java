/**
 * Engines: what turns a chat into tokens.
 *
 * <p>{@link network.nyxos.node.engine.Engine} is the door; {@link network.nyxos.node.engine.DeterministicEngine} runs
 * {@code nyx-int8-v1} in this process. Files come from {@link network.nyxos.node.engine.ModelFiles}, are read by
 * {@code engine.gguf}, become text and ids in {@code engine.tokenizer}, and numbers in {@code engine.int8}.
 * {@code engine.format} holds replies to a form. {@link network.nyxos.node.engine.EmbeddingEngine} makes vectors of texts,
 * {@link network.nyxos.node.engine.ServiceEngine} calls what is no model.
 */
package network.nyxos.node.engine;
