/// What the gateway follows on chain: the market's escrows, the registry's nodes, recent blockhashes. Requests read the mirrors and never the chain.
package network.nyxos.gateway.chain;
