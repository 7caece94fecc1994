/** Text to token ids and back: byte-level BPE, the chat template, streaming UTF-8, stop texts. */
package network.nyxos.node.engine.tokenizer;
