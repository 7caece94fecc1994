/// Tokenizers that more than the engine needs: what a gateway sells by the token before any node has read it, it counts as the node does.
package network.nyxos.escrow.text;
