/// x402 in both versions: the 402 challenge, what clients send to pay, and the rules of the `exact` scheme that need no chain. Nothing here moves money.
package network.nyxos.gateway.payment;
