/// What can be bought where: the resources that x402's `bazaar` extension makes known. Pure.
package network.nyxos.gateway.discovery;
