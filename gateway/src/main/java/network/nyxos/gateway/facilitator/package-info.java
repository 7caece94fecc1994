/// Settling `exact` transfers, for this gateway's own requests and, over x402's facilitator interface, for others.
package network.nyxos.gateway.facilitator;
