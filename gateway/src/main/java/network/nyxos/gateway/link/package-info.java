/// The nodes' side: their WebSocket connections, what the chain and their evidence say of them, and who can take a job.
package network.nyxos.gateway.link;
