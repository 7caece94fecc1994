/** GGUF files, read as hostile input: every count, offset and length is checked before it is used. */
package network.nyxos.node.engine.gguf;
