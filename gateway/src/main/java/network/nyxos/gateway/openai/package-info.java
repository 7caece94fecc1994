/// OpenAI's chat API: requests read and checked, replies and errors written. Knows nothing of payments or nodes.
package network.nyxos.gateway.openai;
