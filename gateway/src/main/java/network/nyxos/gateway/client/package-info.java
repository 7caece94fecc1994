/// For agents in Java: {@link network.nyxos.gateway.client.AgentClient}, chats, embeddings and calls of services paid with vouchers ({@link network.nyxos.gateway.client.EscrowClient}) or transfers
/// ({@link network.nyxos.gateway.client.ExactClient}), and {@link network.nyxos.gateway.client.PayingProxy} for clients that know nothing of payments. Knows the gateway over HTTP only and depends on none of its packages.
package network.nyxos.gateway.client;
