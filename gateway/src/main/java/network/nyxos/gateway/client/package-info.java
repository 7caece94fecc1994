/**
 * The agent's side: pays for a request and reads the reply. It knows the wire (x402 v2, the scheme {@code escrow}, the OpenAI API) and nothing of the
 * gateway's own classes, so that an agent can depend on it alone.
 *
 * <p>{@link network.nyxos.gateway.client.AgentClient} sends; a {@link network.nyxos.gateway.client.Payer} answers the 402:
 * {@link network.nyxos.gateway.client.ExactPayer} with a transfer, {@link network.nyxos.gateway.client.VoucherPayer} with a voucher.
 */
package network.nyxos.gateway.client;
